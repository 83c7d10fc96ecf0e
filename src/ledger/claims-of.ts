/**
 * The claims that a record makes.
 *
 * @module
 */
import { ClaimKind, claim, keyHash } from "./claims.ts";
import { Code } from "./codes.ts";
import { betKey, roundIdOf } from "./keys.ts";
import type { StateView } from "./state-view.ts";
import type { Claim, Command, Outcome } from "./types.ts";

/**
 * Claims of a record, the key first, from the state just before it: a settlement needn't name the
 * round it closes. Used to decide, and to rebuild an index of claims from records.
 */
export function claimsOf(
  view: StateView,
  command: Command,
  outcome: Outcome,
  hash: Uint8Array = keyHash(command),
): Claim[] {
  const claims: Claim[] = [{ kind: ClaimKind.KEY, hash }];
  const { payload, operatorId, source } = command;
  if (payload.type === "round_settled" && outcome.code === Code.OK) {
    claims.push(claim(ClaimKind.RESOLVED, operatorId, source, payload.betTxnId));
  } else if (payload.type === "bet_rolled_back" && isTombstone(outcome.code)) {
    claims.push(claim(ClaimKind.TOMBSTONE, operatorId, source, payload.betTxnId));
  } else {
    return claims;
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
