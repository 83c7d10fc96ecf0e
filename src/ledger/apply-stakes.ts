/**
 * What records do to bonuses in bets, found from what they leave the bonuses as.
 *
 * @module
 */
import { applyChanges } from "./apply-changes.ts";
import { LedgerError } from "./errors.ts";
import { type RowChange, post } from "./post.ts";
import type { BonusPart, MutablePlayer, MutableState, OpenBet } from "./state-view.ts";
import type { Command, Outcome } from "./types.ts";

/** What a record's changes give to the player's bonuses, negative when they take it. */
export interface BonusMoves {
  /** Bonus money, on the account. */
  readonly money: bigint;
  /** In open bets, by bonus, in the order of the changes; those that aren't zero. */
  readonly staked: readonly BonusPart[];
}

const NO_MOVES: BonusMoves = Object.freeze({ money: 0n, staked: [] });

/** @throws LedgerError when a bonus of another currency or one that isn't there is changed */
export function bonusMoves(state: MutableState, outcome: Outcome, currency: string): BonusMoves {
  const { changes, playerRef, seq } = outcome;
  if (changes === undefined) return NO_MOVES;
  const bonuses = state.player(playerRef)?.extras?.bonuses;
  let money = 0n;
  const staked: BonusPart[] = [];
  for (const change of changes) {
    if (change.object !== "bonus") continue;
    const before = bonuses?.find((bonus) => bonus.key === change.key);
    if (before === undefined || change.currency !== currency || before.currency !== currency) {
      throw new LedgerError("RECORD_INCONSISTENT", `bonus ${change.key} can't be in this bet`, seq);
    }
    money += change.remaining - before.remaining;
    const minor = change.staked - before.staked;
    if (minor !== 0n) staked.push({ bonus: change.key, minor });
  }
  return { money, staked };
}

/** Checks that exactly the parts of an open bet leave it. */
export function checkPartsLeave(bet: OpenBet, staked: readonly BonusPart[], seq: number): void {
  const { parts } = bet;
  if (parts === undefined && staked.length === 0) return;
  const leave =
    staked.length === parts?.length &&
    parts.every(({ bonus, minor }) =>
      staked.some((one) => one.bonus === bonus && one.minor === -minor),
    );
  if (leave) return;
  throw new LedgerError("RECORD_INCONSISTENT", "other bonuses than the bet's are resolved", seq);
}

/** Moves the player's row and, when the record has them, the bonuses. */
export function postStake(
  state: MutableState,
  command: Command,
  outcome: Outcome,
  change: RowChange,
): MutablePlayer {
  const player = post(state, command, outcome, change);
  if (outcome.changes !== undefined) applyChanges(state, command, outcome, player);
  return player;
}

/** Sum of the parts. */
export function sumOfParts(parts: readonly BonusPart[]): bigint {
  let sum = 0n;
  for (const { minor } of parts) sum += minor;
  return sum;
}
