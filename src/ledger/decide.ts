/**
 * Deciding: what a command means for the book.
 *
 * @module
 */
import { claimsOf } from "./claims-of.ts";
import { Code } from "./codes.ts";
import { LedgerError } from "./errors.ts";
import { ruleOf } from "./rules.ts";
import type { StateView } from "./state-view.ts";
import type { Command, Context, Decision } from "./types.ts";

/**
 * Decides one command that is valid, allowed, and whose key is unused. Pure: the same view,
 * command and context give the same record. The order in which refusals are found is in
 * `precedence.ts`.
 */
export function decide(view: StateView, command: Command, context: Context): Decision {
  const { payload } = command;
  const rule = ruleOf(payload.type);
  if (rule === undefined) throw new LedgerError("COMMAND_UNVALIDATED", `no rule: ${payload.type}`);
  const outcome = rule.decide(view, command, payload, context);
  const registered = payload.type === "player_registered" && outcome.code === Code.OK;
  return {
    outcome,
    claims: claimsOf(view, command, outcome, context.keyHash),
    bindsIdentity: registered && context.identity !== undefined,
  };
}
