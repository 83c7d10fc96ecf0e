/**
 * Records that correct bets.
 *
 * @module
 */
import { AccountKind } from "./accounts.ts";
import { applyMovement } from "./apply-movement.ts";
import { applyReturn } from "./apply-rounds.ts";
import { LedgerError } from "./errors.ts";
import { betKey } from "./keys.ts";
import type { MutableState } from "./state-view.ts";
import type { BetResettled, BetVoided, Command, Outcome, WinRolledBack } from "./types.ts";

/** Applies a void, of an open bet or of a settled one. */
export function applyVoid(
  state: MutableState,
  command: Command,
  { betTxnId, betSource }: BetVoided,
  outcome: Outcome,
): void {
  const source = betSource === "" ? command.source : betSource;
  const key = betKey(command.operatorId, source, betTxnId);
  if (state.bet(key) === undefined) {
    applyCorrection(state, command, undefined, outcome);
    return;
  }
  if (outcome.correction !== undefined) {
    throw new LedgerError("RECORD_INCONSISTENT", "mirrors an open bet", outcome.seq);
  }
  applyReturn(state, command, key, outcome);
}

/** Applies a correction of what is settled. No bet leaves escrow by it. */
export function applyCorrection(
  state: MutableState,
  command: Command,
  _payload: BetResettled | WinRolledBack | undefined,
  outcome: Outcome,
): void {
  const { correction, postings, seq } = outcome;
  const isPlaced =
    correction !== undefined &&
    correction.of > 0 &&
    correction.of < seq &&
    correction.mirrored <= postings.length;
  if (!isPlaced || outcome.roundClosed) {
    throw new LedgerError("RECORD_INCONSISTENT", "corrects no earlier record", seq);
  }
  let escrow = 0n;
  for (const { account, minor } of postings) {
    if (account === AccountKind.ROUND_ESCROW) escrow += minor;
  }
  if (escrow !== 0n) {
    throw new LedgerError("POSTINGS_WRONG", "a correction leaves money in escrow", seq);
  }
  applyMovement(state, command, outcome);
}
