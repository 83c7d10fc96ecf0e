/**
 * Records that end a round with all that is open in it.
 *
 * @module
 */
import { AccountKind } from "./accounts.ts";
import { applyMovement } from "./apply-movement.ts";
import { roundSourceOf } from "./decide-round.ts";
import { LedgerError } from "./errors.ts";
import { roundKey, txnIdOf } from "./keys.ts";
import { openBetsOf } from "./round-sweep.ts";
import type { MutableState, OpenBet } from "./state-view.ts";
import type { Command, Outcome, RoundClosed, RoundVoided } from "./types.ts";

/** Applies the end of a round: its bets leave with their escrow, then the round does. */
export function applyRoundEnd(
  state: MutableState,
  command: Command,
  payload: RoundClosed | RoundVoided,
  outcome: Outcome,
): void {
  const source = roundSourceOf(command, payload);
  const round = state.round(roundKey(command.operatorId, source, command.roundId));
  const bets = round === undefined ? [] : openBetsOf(state, round);
  if (!outcome.roundClosed || (round !== undefined && round.ref !== outcome.playerRef)) {
    const message = `doesn't close round ${command.roundId} of its player`;
    throw new LedgerError("RECORD_INCONSISTENT", message, outcome.seq);
  }
  checkEscrow(bets, outcome);
  applyMovement(state, command, outcome);
  for (const { key } of bets) state.dropBet(key);
  if (round !== undefined) state.dropRound(round.key);
}

/** A closed round holds no escrow: each of its bets has a line that takes all of it out. */
function checkEscrow(bets: readonly OpenBet[], outcome: Outcome): void {
  const lines = outcome.postings.filter(({ account }) => account === AccountKind.ROUND_ESCROW);
  const leavesNothing =
    lines.length === bets.length &&
    bets.every((bet) => {
      const line = lines.find(({ qualifier }) => qualifier === txnIdOf(bet.key));
      return line !== undefined && line.minor === -bet.amount && line.currency === bet.currency;
    });
  if (leavesNothing) return;
  throw new LedgerError("POSTINGS_WRONG", "a closed round holds escrow", outcome.seq);
}
