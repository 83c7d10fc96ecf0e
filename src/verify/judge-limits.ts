/**
 * What players may not: limits, time-out, exclusion, bounds, velocity rules.
 *
 * @module
 */
import {
  type AccountBoundsSet,
  LimitKind,
  LimitPeriod,
  type LimitSet,
  type SelfExcluded,
  type TimeOutSet,
  type VelocityRuleSet,
  VelocitySubject,
} from "../wire/gen/countroom/v1/event_limits_pb.ts";
import { Code } from "../wire/gen/countroom/v1/record_pb.ts";
import type { Entry } from "./entry.ts";
import { ruled, rulesOf } from "./judge-players.ts";
import type { Limit, Velocity } from "./objects.ts";
import { isExcluded, isTimedOut } from "./standing.ts";
import type { DerivedState } from "./state.ts";
import { limitAt } from "./usage.ts";
import {
  absurd,
  FACT_ONLY,
  isOneOf,
  no,
  playerOf,
  unknownPlayer,
  type Verdict,
  yes,
} from "./verdict.ts";

const DAY = 86_400_000_000;
/** Limits of one player, and accounts with bounds. */
const LIMITS_MAX = 64;
/** Velocity rules of one operator. */
const VELOCITY_MAX = 32;
const VELOCITY_SECONDS_MAX = 30 * 86_400;

const NOT_PENDING = { pendingValue: 0n, pendingAt: 0n, pendingRemoval: false };

/** Why a limit makes no sense. */
function limitFault({
  kind,
  period,
  amount,
  sessionSeconds,
  remove,
}: LimitSet): string | undefined {
  if (!isOneOf(LimitKind, kind)) return "there is no such kind of limit";
  if (kind === LimitKind.SESSION) {
    const isBare = period === 0 && amount === undefined;
    return isBare && remove === (sessionSeconds === 0) ? undefined : "it is no limit of a session";
  }
  if (!isOneOf(LimitPeriod, period)) return "there is no such period";
  if (amount === undefined || amount.minor < 0n || amount.currency === "")
    return "it has no amount";
  if (remove && amount.minor !== 0n) return "it removes a limit and gives one";
  return sessionSeconds === 0 ? undefined : "it is no limit of a session";
}

export function judgeLimit(
  state: DerivedState,
  entry: Entry,
  value: LimitSet,
  now: number,
): Verdict {
  const wrong = limitFault(value);
  if (wrong !== undefined) return absurd(wrong);
  const player = playerOf(state, entry);
  if (player === undefined) return unknownPlayer(entry);
  const rules = rulesOf(player);
  const { kind, period, amount, sessionSeconds, remove } = value;
  const currency = amount?.currency ?? "";
  const limits = rules.limits.flatMap((limit) => limitAt(limit, now) ?? []);
  const at = limits.findIndex(
    (one) => one.kind === kind && one.period === period && one.currency === currency,
  );
  const known = limits[at];
  const asked = amount === undefined ? BigInt(sessionSeconds) : amount.minor;
  if (known === undefined) {
    if (remove) return no(Code.LIMIT_UNKNOWN, "there is no such limit");
    if (limits.length >= LIMITS_MAX) {
      return no(Code.LIMIT_TOO_MANY, `the player has ${limits.length} limits`);
    }
    const limit: Limit = { kind, period, currency, value: asked, ...NOT_PENDING };
    return ruled(entry, { ...rules, limits: [...limits, limit] });
  }
  limits[at] = remove ? removed(known, now) : changedTo(known, asked, now);
  return ruled(entry, { ...rules, limits });
}

function removed(limit: Limit, now: number): Limit {
  if (limit.pendingRemoval) return limit;
  return { ...limit, pendingValue: 0n, pendingAt: BigInt(now + DAY), pendingRemoval: true };
}

/** Tightening counts at once, loosening a day later. */
function changedTo(limit: Limit, value: bigint, now: number): Limit {
  if (value <= limit.value) return { ...limit, value, ...NOT_PENDING };
  const { pendingAt, pendingRemoval, pendingValue } = limit;
  if (pendingAt !== 0n && !pendingRemoval && pendingValue === value) return limit;
  return { ...limit, pendingValue: value, pendingAt: BigInt(now + DAY), pendingRemoval: false };
}

export function judgeTimeOut(
  state: DerivedState,
  entry: Entry,
  { until }: TimeOutSet,
  now: number,
): Verdict {
  if (until === 0n) return absurd("it has no end");
  const player = playerOf(state, entry);
  if (player === undefined) return unknownPlayer(entry);
  const rules = rulesOf(player);
  if (isTimedOut(rules, now) && until < rules.timeOutUntil) {
    return no(Code.EXCLUSION_ACTIVE, "a longer time-out lasts");
  }
  return ruled(entry, { ...rules, timeOutUntil: until });
}

export function judgeExclusion(
  state: DerivedState,
  entry: Entry,
  { until }: SelfExcluded,
  now: number,
): Verdict {
  const player = playerOf(state, entry);
  if (player === undefined) return unknownPlayer(entry);
  const rules = rulesOf(player);
  const { excludedUntil: present } = rules;
  const isShorter = until !== 0n && (present === 0n || until < present);
  if (isExcluded(rules, now) && isShorter) {
    return no(Code.EXCLUSION_ACTIVE, "a longer exclusion lasts");
  }
  // What was promised before stays promised.
  const { notBeforeAt: before } = rules;
  const promised = before > present ? before : present;
  const notBeforeAt = until === 0n && isExcluded(rules, now) ? promised : 0n;
  const excluded = { excluded: true, excludedUntil: until, exclusionEndsAt: 0n, notBeforeAt };
  return ruled(entry, { ...rules, ...excluded });
}

export function judgeRevocation(
  state: DerivedState,
  entry: Entry,
  _value: unknown,
  now: number,
): Verdict {
  const player = playerOf(state, entry);
  if (player === undefined) return unknownPlayer(entry);
  const rules = rulesOf(player);
  if (!isExcluded(rules, now)) return no(Code.EXCLUSION_UNKNOWN, "the player isn't excluded");
  const { excludedUntil, exclusionEndsAt, notBeforeAt } = rules;
  if (exclusionEndsAt !== 0n) return ruled(entry, rules);
  const day = BigInt(now + DAY);
  const inWeek = BigInt(now + 7 * DAY);
  const week = notBeforeAt > inWeek ? notBeforeAt : inWeek;
  const later = excludedUntil > day ? excludedUntil : day;
  return ruled(entry, { ...rules, exclusionEndsAt: excludedUntil === 0n ? week : later });
}

export function judgeBounds(
  state: DerivedState,
  entry: Entry,
  { currency, floorMinor: floor, ceilingMinor: ceiling }: AccountBoundsSet,
): Verdict {
  if (currency === "" || floor < 0n || ceiling < 0n || (ceiling > 0n && ceiling < floor)) {
    return absurd("its bounds can't be");
  }
  const player = playerOf(state, entry);
  if (player === undefined) return unknownPlayer(entry);
  const rules = rulesOf(player);
  const bounds = [...rules.bounds];
  const at = bounds.findIndex((one) => one.currency === currency);
  const isNone = floor === 0n && ceiling === 0n;
  if (at >= 0) bounds.splice(at, 1, ...(isNone ? [] : [{ currency, floor, ceiling }]));
  else if (!isNone) {
    if (bounds.length >= LIMITS_MAX) {
      return no(Code.LIMIT_TOO_MANY, `the player has ${bounds.length} bounds`);
    }
    bounds.push({ currency, floor, ceiling });
  }
  return ruled(entry, { ...rules, bounds });
}

function velocityFault(value: VelocityRuleSet): string | undefined {
  const { ruleId, subject, windowSeconds, countMax, amountMax, remove } = value;
  if (ruleId === "" || !isOneOf(VelocitySubject, subject)) {
    return "it has no id or no subject";
  }
  if (remove) return undefined;
  if (windowSeconds === 0 || windowSeconds > VELOCITY_SECONDS_MAX) return "its window can't be";
  if (amountMax === undefined) return countMax === 0 ? "it bounds nothing" : undefined;
  return amountMax.minor < 1n || amountMax.currency === "" ? "its amount can't be" : undefined;
}

export function judgeVelocityRule(
  state: DerivedState,
  entry: Entry,
  value: VelocityRuleSet,
): Verdict {
  const wrong = velocityFault(value);
  if (wrong !== undefined || entry.ref !== "") return absurd(wrong ?? "it names a player");
  const { ruleId: key, subject, windowSeconds, countMax, amountMax, remove } = value;
  const rules = state.velocity.get(entry.operator) ?? [];
  const known = rules.find((rule) => rule.key === key);
  if (known === undefined && remove) return no(Code.LIMIT_UNKNOWN, "there is no such rule");
  if (known === undefined && rules.length >= VELOCITY_MAX) {
    return no(Code.LIMIT_TOO_MANY, `the operator has ${rules.length} rules`);
  }
  const version = (known?.version ?? 0n) + 1n;
  const nothing = { windowSeconds: 0, countMax: 0, currency: "", amountMax: 0n };
  const bounds = {
    windowSeconds,
    countMax,
    currency: amountMax?.currency ?? "",
    amountMax: amountMax?.minor ?? 0n,
  };
  const rule: Velocity = { key, version, subject, ...(remove ? nothing : bounds) };
  return yes({ ref: "", lines: FACT_ONLY, changes: [{ case: "velocityRule", value: rule }] });
}
