/**
 * Outcomes that leave a player with other rules, and nothing else.
 *
 * @module
 */
import { Code } from "./codes.ts";
import type { PlayerRules } from "./objects.ts";
import type { Command, Context, Outcome } from "./types.ts";
import { effective } from "./verdict.ts";

const NOTHING: readonly never[] = Object.freeze([]);

/** The player's rules are these from here on. No balance is told: none has to do with it. */
export function changesRules(command: Command, context: Context, rules: PlayerRules): Outcome {
  const effect = { postings: NOTHING, balances: NOTHING, changes: [rules] };
  return effective(command, context, Code.OK, rules.ref, effect);
}
