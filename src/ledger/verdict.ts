/**
 * Outcomes in the making: what the deciders have in common.
 *
 * @module
 */
import { I64_MAX } from "../money/index.ts";
import type { Code } from "./codes.ts";
import { accountOf } from "./state.ts";
import type { Change } from "./objects.ts";
import type { Account, Player } from "./state-view.ts";
import type {
  Balance,
  Command,
  Context,
  Correction,
  HouseRoundResult,
  Outcome,
  Posting,
} from "./types.ts";

/** Version of the rules in this folder; recorded in every outcome. */
export const LOGIC_VERSION = 1;

const NOTHING: readonly never[] = Object.freeze([]);

/** What a record does to the books. */
export interface Effect {
  readonly postings: readonly Posting[];
  readonly balances: readonly Balance[];
  readonly roundClosed?: boolean | undefined;
  readonly changes?: readonly Change[] | undefined;
  readonly correction?: Correction | undefined;
  readonly houseRound?: HouseRoundResult | undefined;
}

/** An outcome with an effect. */
export function effective(
  command: Command,
  context: Context,
  code: Code,
  playerRef: string,
  effect: Effect,
): Outcome {
  return {
    seq: context.seq,
    epoch: context.epoch,
    recordedAt: context.recordedAt,
    code,
    operatorId: command.operatorId,
    source: command.source,
    playerRef,
    logicVersion: LOGIC_VERSION,
    postings: effect.postings,
    balances: effect.balances,
    roundClosed: effect.roundClosed ?? false,
    changes: effect.changes,
    correction: effect.correction,
    houseRound: effect.houseRound,
  };
}

/**
 * An outcome that changes nothing: a refusal, or an acceptance of what is so already. It carries
 * the player's current balances in the event's currency, or in all of them when it names none.
 */
export function unchanged(
  command: Command,
  context: Context,
  code: Code,
  player: Player | undefined,
  currency: string,
): Outcome {
  const playerRef = player === undefined ? command.playerRef : player.ref;
  const balances = player === undefined ? NOTHING : currentBalances(player, currency);
  return effective(command, context, code, playerRef, { postings: NOTHING, balances });
}

function currentBalances(player: Player, currency: string): readonly Balance[] {
  if (currency === "") return player.accounts.map(balanceOf);
  const account = accountOf(player.accounts, currency);
  return account === undefined ? NOTHING : [balanceOf(account)];
}

function balanceOf(account: Account): Balance {
  const { currency, available, bonus, held, version } = account;
  return { currency, available, bonus, held, version };
}

/** A row before its first record. */
export function emptyAccount(currency: string): Account {
  return { currency, available: 0n, bonus: 0n, held: 0n, version: 0, seq: 0 };
}

/** The balance after a change of available and held. */
export function movedBalance(account: Account, available: bigint, held: bigint): Balance {
  return {
    currency: account.currency,
    available: account.available + available,
    bonus: account.bonus,
    held: account.held + held,
    version: account.version + 1,
  };
}

/**
 * Whether a player's money in a currency would still fit an int64 after growing by this much. The
 * bound is on available, bonus and held together, so that returning a stake can never overflow.
 */
export function fits(account: Account, growth: bigint): boolean {
  return account.available + account.bonus + account.held + growth <= I64_MAX;
}
