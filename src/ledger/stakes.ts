/**
 * Where stakes come from and what they turn into: cash, bonus money, free bets.
 *
 * Each function is one step of a {@link Purse}; a record of several steps makes a purse itself.
 *
 * @module
 */
import { AccountKind } from "./accounts.ts";
import { hasBonuses, inSpendOrder, isDue } from "./bonus-order.ts";
import { Code } from "./codes.ts";
import type { Change } from "./objects.ts";
import { Purse } from "./purse.ts";
import { accountOf } from "./state.ts";
import { type Account, Funding, type OpenBet, type Player } from "./state-view.ts";
import type { Balance, Posting } from "./types.ts";

/** A movement of one player's money in one currency, with what it leaves bonuses as. */
export interface Movement {
  readonly postings: readonly Posting[];
  /** Undefined when no bonus has a part in it. */
  readonly changes: readonly Change[] | undefined;
  readonly available: bigint;
  readonly bonus: bigint;
  readonly held: bigint;
}

/** A win and who pays which part of it. */
export interface Win {
  readonly minor: bigint;
  /** Part of the win, paid by the pool. */
  readonly jackpotMinor: bigint;
  readonly jackpotPool: string;
}

/**
 * What a stake asks of cash: all of it, or nothing when its funding is BONUS or FREE. Funding 0
 * asks for less where cash doesn't suffice and bonus money that may be staked makes up for it.
 */
export function cashAsked(
  player: Player,
  currency: string,
  minor: bigint,
  funding: Funding | 0,
  recordedAt: number,
): bigint {
  if (funding > Funding.CASH) return 0n;
  if (funding === Funding.CASH || !hasBonuses(player)) return minor;
  const cash = accountOf(player.accounts, currency)?.available ?? 0n;
  let asked = minor;
  for (const bonus of inSpendOrder(player, currency)) {
    if (asked <= cash) return asked;
    if (isDue(bonus, recordedAt)) continue;
    const short = asked - cash;
    asked -= bonus.remaining < short ? bonus.remaining : short;
  }
  return asked;
}

/** Takes a stake into escrow, or says why it can't. */
export function takeStake(
  player: Player,
  currency: string,
  minor: bigint,
  funding: Funding | 0,
  recordedAt: number,
): Movement | Code {
  const purse = new Purse(player, currency, recordedAt);
  const stake = purse.divide(minor, funding);
  if (stake === undefined) return Code.FUNDS_INSUFFICIENT;
  purse.take(stake);
  return purse.movement();
}

/** Returns the stake of an open bet to where it came from, whatever the time. */
export function returnStake(player: Player, bet: OpenBet): Movement {
  if (bet.parts === undefined) return returnCash(bet);
  const purse = new Purse(player, bet.currency, 0);
  purse.giveBack(bet);
  return purse.movement();
}

/** Most stakes: no purse is needed. */
function returnCash({ amount, currency }: OpenBet): Movement {
  return {
    postings: [
      { account: AccountKind.ROUND_ESCROW, qualifier: "", minor: -amount, currency },
      { account: AccountKind.PLAYER_CASH, qualifier: "", minor: amount, currency },
    ],
    changes: undefined,
    available: amount,
    bonus: 0n,
    held: -amount,
  };
}

/** Recognises the stake of an open bet, pays its win, which may be zero, and counts wagering. */
export function settleStake(player: Player, bet: OpenBet, win: Win, recordedAt: number): Movement {
  const purse = new Purse(player, bet.currency, recordedAt);
  purse.settle(bet, win);
  return purse.movement();
}

/** The balance after a movement. */
export function balanceAfter(account: Account, movement: Movement): Balance {
  return {
    currency: account.currency,
    available: account.available + movement.available,
    bonus: account.bonus + movement.bonus,
    held: account.held + movement.held,
    version: account.version + 1,
  };
}
