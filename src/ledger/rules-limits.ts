/**
 * What players may not: limits, time-out, self-exclusion, bounds of accounts, velocity rules.
 *
 * @module
 */
import { applyMovement } from "./apply-movement.ts";
import { boundsFault, decideBounds } from "./bounds.ts";
import { Code } from "./codes.ts";
import type { EventRules } from "./event-rule.ts";
import { decideExclusion, decideRevocation, decideTimeOut } from "./exclusion.ts";
import { missing } from "./faults.ts";
import { withoutUnasked } from "./limits-count.ts";
import { decideLimitSet, limitFault } from "./limits-set.ts";
import { extrasWith, rulesOf } from "./player-extras.ts";
import { decideVelocityRule, velocityFault } from "./velocity.ts";

type LimitType =
  | "limit_set"
  | "time_out_set"
  | "self_excluded"
  | "self_exclusion_revoked"
  | "account_bounds_set"
  | "velocity_rule_set";

export const limitRules: EventRules<LimitType> = {
  limit_set: {
    subject: "named",
    codes: [Code.PLAYER_UNKNOWN, Code.LIMIT_UNKNOWN, Code.LIMIT_TOO_MANY, Code.OK],
    fault: limitFault,
    decide: decideLimitSet,
    apply: (state, command, _set, outcome) => {
      const player = applyMovement(state, command, outcome);
      if (player?.extras?.usage === undefined) return;
      const usage = withoutUnasked(player.extras.usage, rulesOf(player));
      player.extras = extrasWith(player.extras, { usage });
    },
  },
  time_out_set: {
    subject: "named",
    codes: [Code.PLAYER_UNKNOWN, Code.EXCLUSION_ACTIVE, Code.OK],
    fault: ({ until }) => (until === 0 ? missing("time_out_set.until") : undefined),
    decide: decideTimeOut,
  },
  self_excluded: {
    subject: "named",
    codes: [Code.PLAYER_UNKNOWN, Code.EXCLUSION_ACTIVE, Code.OK],
    decide: decideExclusion,
  },
  self_exclusion_revoked: {
    subject: "named",
    codes: [Code.PLAYER_UNKNOWN, Code.EXCLUSION_UNKNOWN, Code.OK],
    decide: decideRevocation,
  },
  account_bounds_set: {
    subject: "named",
    codes: [Code.PLAYER_UNKNOWN, Code.LIMIT_TOO_MANY, Code.OK],
    fault: boundsFault,
    decide: decideBounds,
  },
  velocity_rule_set: {
    subject: "none",
    codes: [Code.LIMIT_UNKNOWN, Code.LIMIT_TOO_MANY, Code.OK],
    fault: velocityFault,
    decide: decideVelocityRule,
  },
};
