/**
 * Players joining, and the primary's own records.
 *
 * @module
 */
import { applyRegistration } from "./apply-registration.ts";
import { Code } from "./codes.ts";
import { decideRegistration } from "./decide-registration.ts";
import type { EventRule, EventRules } from "./event-rule.ts";
import { unchanged } from "./verdict.ts";

const ownRecord: EventRule = {
  subject: "none",
  codes: [Code.OK],
  decide: (_view, command, _payload, context) =>
    unchanged(command, context, Code.OK, undefined, ""),
};

export const playerRules: EventRules<"player_registered" | "epoch_started" | "key_rotated"> = {
  player_registered: {
    subject: "none",
    codes: [Code.PLAYER_ALREADY_REGISTERED, Code.OK],
    accepts: [Code.PLAYER_ALREADY_REGISTERED],
    decide: (view, command, _payload, context) => decideRegistration(view, command, context),
    apply: (state, command, _payload, outcome, identity) =>
      applyRegistration(state, command, outcome, identity),
  },
  epoch_started: ownRecord,
  key_rotated: ownRecord,
};
