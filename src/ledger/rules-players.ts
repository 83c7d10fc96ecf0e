/**
 * Players joining, their standing and seeds, and the primary's own records.
 *
 * @module
 */
import { applyRegistration } from "./apply-registration.ts";
import { Code } from "./codes.ts";
import { decideRegistration } from "./decide-registration.ts";
import {
  applySeeds,
  applyStatus,
  decideFreeze,
  decideSeeds,
  decideStatus,
  decideUnfreeze,
  seedsFault,
  statusFault,
} from "./decide-status.ts";
import type { EventRule, EventRules } from "./event-rule.ts";
import { unchanged } from "./verdict.ts";

const ownRecord: EventRule = {
  subject: "none",
  codes: [Code.OK],
  decide: (_view, command, _payload, context) =>
    unchanged(command, context, Code.OK, undefined, ""),
};

type PlayerType =
  | "player_registered"
  | "player_status_changed"
  | "player_frozen"
  | "player_unfrozen"
  | "seeds_rotated"
  | "epoch_started"
  | "key_rotated";

export const playerRules: EventRules<PlayerType> = {
  player_registered: {
    subject: "none",
    codes: [Code.PLAYER_ALREADY_REGISTERED, Code.OK],
    accepts: [Code.PLAYER_ALREADY_REGISTERED],
    decide: (view, command, _payload, context) => decideRegistration(view, command, context),
    apply: (state, command, _payload, outcome, identity) =>
      applyRegistration(state, command, outcome, identity),
  },
  player_status_changed: {
    subject: "named",
    codes: [Code.PLAYER_UNKNOWN, Code.PLAYER_CLOSED, Code.OK],
    fault: statusFault,
    decide: decideStatus,
    apply: applyStatus,
  },
  player_frozen: {
    subject: "named",
    codes: [Code.PLAYER_UNKNOWN, Code.OK],
    decide: decideFreeze,
  },
  player_unfrozen: {
    subject: "named",
    codes: [Code.PLAYER_UNKNOWN, Code.OK],
    decide: decideUnfreeze,
  },
  seeds_rotated: {
    subject: "named",
    codes: [Code.PLAYER_UNKNOWN, Code.OK],
    fault: seedsFault,
    decide: decideSeeds,
    apply: applySeeds,
  },
  epoch_started: ownRecord,
  key_rotated: ownRecord,
};
