/**
 * Time-out, self-exclusion and its revocation. Both stop bets and deposits, and nothing else.
 *
 * @module
 */
import { Code } from "./codes.ts";
import type { PlayerRules } from "./objects.ts";
import { rulesOf } from "./player-extras.ts";
import { namedPlayer } from "./players.ts";
import { changesRules } from "./rules-change.ts";
import type { StateView } from "./state-view.ts";
import { DAY_US, WEEK_US } from "./times.ts";
import type {
  Command,
  Context,
  Outcome,
  SelfExcluded,
  SelfExclusionRevoked,
  TimeOutSet,
} from "./types.ts";
import { unchanged } from "./verdict.ts";

/** Excluded until a revocation has taken effect: the end alone doesn't let the player back in. */
export function isExcluded(rules: PlayerRules, now: number): boolean {
  return rules.excluded && (rules.exclusionEndsAt === 0 || now < rules.exclusionEndsAt);
}

/** Until, not including, the end. */
export function isTimedOut(rules: PlayerRules, now: number): boolean {
  return now < rules.timeOutUntil;
}

/**
 * A player takes time out. While one lasts, another that ends earlier is EXCLUSION_ACTIVE. An end
 * in the past takes effect for no time.
 */
export function decideTimeOut(
  view: StateView,
  command: Command,
  timeOut: TimeOutSet,
  context: Context,
): Outcome {
  const player = namedPlayer(view, command, context.identity);
  if (player === undefined) return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, "");
  const rules = rulesOf(player);
  if (isTimedOut(rules, context.recordedAt) && timeOut.until < rules.timeOutUntil) {
    return unchanged(command, context, Code.EXCLUSION_ACTIVE, player, "");
  }
  return changesRules(command, context, { ...rules, timeOutUntil: timeOut.until });
}

/**
 * A player excludes itself: until 0 for indefinitely. While an exclusion lasts, one that is
 * shorter is EXCLUSION_ACTIVE: an earlier end, or any end after an indefinite one. The same or a
 * longer one is taken, and cancels a revocation that hasn't taken effect. When a dated exclusion
 * becomes indefinite, its end stays the earliest that there can be (not_before_at).
 */
export function decideExclusion(
  view: StateView,
  command: Command,
  exclusion: SelfExcluded,
  context: Context,
): Outcome {
  const player = namedPlayer(view, command, context.identity);
  if (player === undefined) return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, "");
  const rules = rulesOf(player);
  const { until } = exclusion;
  const lasts = isExcluded(rules, context.recordedAt);
  if (lasts && isShorter(until, rules.excludedUntil)) {
    return unchanged(command, context, Code.EXCLUSION_ACTIVE, player, "");
  }
  const promised = lasts ? Math.max(rules.excludedUntil, rules.notBeforeAt) : 0;
  const notBeforeAt = until === 0 ? promised : 0;
  const excluded = { excluded: true, excludedUntil: until, exclusionEndsAt: 0, notBeforeAt };
  return changesRules(command, context, { ...rules, ...excluded });
}

function isShorter(until: number, present: number): boolean {
  if (until === 0) return false;
  return present === 0 || until < present;
}

/**
 * An exclusion is to end. With an end: at that end, and not before 24 hours from now. Indefinite:
 * 7 x 24 hours from now, and not before the end that it had before it became indefinite. Once
 * revoked, asking again changes nothing. EXCLUSION_UNKNOWN when the player isn't excluded, or not
 * any more.
 */
export function decideRevocation(
  view: StateView,
  command: Command,
  _revocation: SelfExclusionRevoked,
  context: Context,
): Outcome {
  const player = namedPlayer(view, command, context.identity);
  if (player === undefined) return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, "");
  const rules = rulesOf(player);
  const { recordedAt } = context;
  if (!isExcluded(rules, recordedAt)) {
    return unchanged(command, context, Code.EXCLUSION_UNKNOWN, player, "");
  }
  const { excludedUntil, exclusionEndsAt, notBeforeAt } = rules;
  const earliest =
    excludedUntil === 0
      ? Math.max(recordedAt + WEEK_US, notBeforeAt)
      : Math.max(recordedAt + DAY_US, excludedUntil);
  const endsAt = exclusionEndsAt === 0 ? earliest : exclusionEndsAt;
  return changesRules(command, context, { ...rules, exclusionEndsAt: endsAt });
}
