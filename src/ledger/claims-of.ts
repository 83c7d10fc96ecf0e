/**
 * The claims that a record makes.
 *
 * @module
 */
import { ClaimKind, keyHash } from "./claims.ts";
import { changeClaims } from "./object-life.ts";
import { ruleOf } from "./rules.ts";
import type { StateView } from "./state-view.ts";
import type { Claim, Command, Outcome } from "./types.ts";

/**
 * Claims of a record, the key first, from the state just before it. Used to decide, and to rebuild
 * an index of claims from records.
 */
export function claimsOf(
  view: StateView,
  command: Command,
  outcome: Outcome,
  hash: Uint8Array = keyHash(command),
): Claim[] {
  const claims: Claim[] = [{ kind: ClaimKind.KEY, hash }];
  const { payload } = command;
  const more = ruleOf(payload.type)?.claims?.(view, command, payload, outcome);
  if (more !== undefined) claims.push(...more);
  if (outcome.changes !== undefined) claims.push(...changeClaims(command.operatorId, outcome));
  return claims;
}
