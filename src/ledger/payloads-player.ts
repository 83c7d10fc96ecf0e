/**
 * Events of players and of what they may. Fields are those of the contract.
 *
 * @module
 */
import type { Money } from "./money.ts";
import type { LimitKind, LimitPeriod, VelocitySubject } from "./objects.ts";
import type { PlayerStatus } from "./state-view.ts";

/** A player joins; the primary mints the reference. */
export interface PlayerRegistered {
  readonly type: "player_registered";
}

export interface PlayerStatusChanged {
  readonly type: "player_status_changed";
  readonly status: PlayerStatus;
  readonly reason: string;
}

export interface PlayerFrozen {
  readonly type: "player_frozen";
  readonly reason: string;
  readonly withdrawalsToo: boolean;
}

export interface PlayerUnfrozen {
  readonly type: "player_unfrozen";
  readonly reason: string;
}

/** The next pair of seeds, from nonce 0; "" keeps the client seed. */
export interface SeedsRotated {
  readonly type: "seeds_rotated";
  readonly clientSeed: string;
}

export interface LimitSet {
  readonly type: "limit_set";
  readonly kind: LimitKind;
  readonly period: LimitPeriod | 0;
  readonly amount: Money | undefined;
  readonly sessionSeconds: number;
  readonly remove: boolean;
}

export interface TimeOutSet {
  readonly type: "time_out_set";
  readonly until: number;
}

export interface SelfExcluded {
  readonly type: "self_excluded";
  readonly until: number;
  readonly reason: string;
}

export interface SelfExclusionRevoked {
  readonly type: "self_exclusion_revoked";
  readonly reason: string;
}

export interface AccountBoundsSet {
  readonly type: "account_bounds_set";
  readonly currency: string;
  readonly floorMinor: bigint;
  readonly ceilingMinor: bigint;
  readonly reason: string;
}

export interface VelocityRuleSet {
  readonly type: "velocity_rule_set";
  readonly ruleId: string;
  readonly subject: VelocitySubject;
  readonly windowSeconds: number;
  readonly countMax: number;
  readonly amountMax: Money | undefined;
  readonly remove: boolean;
}
