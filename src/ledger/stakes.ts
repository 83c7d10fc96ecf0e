/**
 * Where stakes come from and what they turn into: cash, bonus money, free bets.
 *
 * @module
 */
import { AccountKind } from "./accounts.ts";
import { Code } from "./codes.ts";
import type { Change } from "./objects.ts";
import { accountOf } from "./state.ts";
import { Funding, type OpenBet, type Player } from "./state-view.ts";
import type { Posting } from "./types.ts";

/** A movement of one player's money in one currency, with what it leaves bonuses as. */
export interface Movement {
  readonly postings: readonly Posting[];
  /** Undefined when no bonus has a part in it. */
  readonly changes: readonly Change[] | undefined;
  readonly available: bigint;
  readonly bonus: bigint;
  readonly held: bigint;
}

/** Takes a stake into escrow, or says why it can't. */
export function takeStake(
  player: Player,
  currency: string,
  minor: bigint,
  _funding: Funding | 0,
  _recordedAt: number,
): Movement | Code {
  const account = accountOf(player.accounts, currency);
  if (account === undefined || account.available < minor) return Code.FUNDS_INSUFFICIENT;
  return {
    postings: [
      { account: AccountKind.PLAYER_CASH, qualifier: "", minor: -minor, currency },
      { account: AccountKind.ROUND_ESCROW, qualifier: "", minor, currency },
    ],
    changes: undefined,
    available: -minor,
    bonus: 0n,
    held: minor,
  };
}

/** Returns the stake of an open bet to where it came from. */
export function returnStake(_player: Player, bet: OpenBet): Movement {
  const { amount, currency } = bet;
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

/** A win and who pays which part of it. */
export interface Win {
  readonly minor: bigint;
  /** Part of the win, paid by the pool. */
  readonly jackpotMinor: bigint;
  readonly jackpotPool: string;
}

/** Recognises the stake of an open bet and pays its win, which may be zero. */
export function settleStake(_player: Player, bet: OpenBet, win: Win): Movement {
  const { amount, currency } = bet;
  const postings: Posting[] = [
    { account: AccountKind.ROUND_ESCROW, qualifier: "", minor: -amount, currency },
    { account: AccountKind.REV_BETS, qualifier: "", minor: amount, currency },
  ];
  if (win.minor > 0n) {
    postings.push(
      { account: AccountKind.REV_WINS, qualifier: "", minor: -win.minor, currency },
      { account: AccountKind.PLAYER_CASH, qualifier: "", minor: win.minor, currency },
    );
  }
  return { postings, changes: undefined, available: win.minor, bonus: 0n, held: -amount };
}
