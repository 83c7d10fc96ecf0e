/**
 * Deciding: what a command means for the book.
 *
 * @module
 */
import { claimsOf } from "./claims-of.ts";
import { Code } from "./codes.ts";
import { decideBet } from "./decide-bet.ts";
import { decideDeposit } from "./decide-deposit.ts";
import { decideHouseRound } from "./decide-house-round.ts";
import { decideRegistration } from "./decide-registration.ts";
import { decideRollback } from "./decide-rollback.ts";
import { decideSettlement } from "./decide-settlement.ts";
import type { StateView } from "./state-view.ts";
import type { Command, Context, Decision, Outcome } from "./types.ts";
import { unchanged } from "./verdict.ts";

/**
 * Decides one command that is valid, allowed, and whose key is unused. Pure: the same view,
 * command and context give the same record. The order in which refusals are found is in
 * `precedence.ts`.
 */
export function decide(view: StateView, command: Command, context: Context): Decision {
  const outcome = outcomeOf(view, command, context);
  const registered = command.payload.type === "player_registered" && outcome.code === Code.OK;
  return {
    outcome,
    claims: claimsOf(view, command, outcome, context.keyHash),
    bindsIdentity: registered && context.identity !== undefined,
  };
}

function outcomeOf(view: StateView, command: Command, context: Context): Outcome {
  const { payload } = command;
  switch (payload.type) {
    case "player_registered":
      return decideRegistration(view, command, context);
    case "deposit_captured":
      return decideDeposit(view, command, payload, context);
    case "bet_placed":
      return decideBet(view, command, payload, context);
    case "round_settled":
      return decideSettlement(view, command, payload, context);
    case "bet_rolled_back":
      return decideRollback(view, command, payload, context);
    case "house_round":
      return decideHouseRound(view, command, payload, context);
    case "epoch_started":
      return unchanged(command, context, Code.OK, undefined, "");
    default:
      return payload satisfies never;
  }
}
