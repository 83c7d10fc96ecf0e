/**
 * Claims of settlements and rollbacks.
 *
 * @module
 */
import { ClaimKind, claim } from "./claims.ts";
import { Code } from "./codes.ts";
import { betKey, roundIdOf } from "./keys.ts";
import type { StateView } from "./state-view.ts";
import { txnClaims } from "./txn-ids.ts";
import type { BetRolledBack, Claim, Command, Outcome, RoundSettled } from "./types.ts";

/** The bet is resolved, and perhaps its round closed: an event needn't name the round it closes. */
export function resolutionClaims(
  view: StateView,
  command: Command,
  payload: RoundSettled | BetRolledBack,
  outcome: Outcome,
): Claim[] {
  const { operatorId, source } = command;
  const claims = txnClaims(command, outcome);
  if (payload.type === "round_settled" && outcome.code === Code.OK) {
    claims.push(claim(ClaimKind.RESOLVED, operatorId, source, payload.betTxnId));
  } else if (payload.type === "bet_rolled_back" && isTombstone(outcome.code)) {
    claims.push(claim(ClaimKind.TOMBSTONE, operatorId, source, payload.betTxnId));
  }
  if (outcome.roundClosed) {
    const bet = view.bet(betKey(operatorId, source, payload.betTxnId));
    const roundId = bet === undefined ? "" : roundIdOf(bet.roundKey);
    claims.push(claim(ClaimKind.ROUND_CLOSED, operatorId, source, roundId));
  }
  return claims;
}

function isTombstone(code: Code): boolean {
  return code === Code.OK || code === Code.BET_TOMBSTONED;
}
