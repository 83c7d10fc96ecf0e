/**
 * Velocity rules of an operator: how often, and how much, each of its players may within a rolling
 * window.
 *
 * @module
 */
import { Code } from "./codes.ts";
import { idFault, invalid, missing, ownMoneyFault } from "./faults.ts";
import { objectKey } from "./keys.ts";
import { VELOCITY_CELLS, VELOCITY_RULES_MAX, VELOCITY_WINDOW_SECONDS_MAX } from "./limits.ts";
import { type Usage, type VelocityRule, VelocitySubject } from "./objects.ts";
import type { StateView } from "./state-view.ts";
import type { Command, Context, Fault, Outcome, VelocityRuleSet } from "./types.ts";
import { type Span, entriesOf, usedWithin, withEntry } from "./usage.ts";
import { effective, unchanged } from "./verdict.ts";

const NOTHING: readonly never[] = Object.freeze([]);
const SUBJECTS: ReadonlySet<number> = new Set(Object.values(VelocitySubject));
const PREFIX = "velocity ";

/** The first fault. A removal asks for nothing but the rule's id and subject. */
export function velocityFault(set: VelocityRuleSet): Fault | undefined {
  const id = idFault(set.ruleId, "velocity_rule_set.rule_id");
  if (id !== undefined) return id;
  if (!SUBJECTS.has(set.subject)) return invalid("velocity_rule_set.subject");
  if (set.remove) return undefined;
  const { windowSeconds, countMax, amountMax } = set;
  if (windowSeconds === 0) return missing("velocity_rule_set.window_seconds");
  if (!(windowSeconds > 0 && windowSeconds <= VELOCITY_WINDOW_SECONDS_MAX)) {
    return invalid("velocity_rule_set.window_seconds");
  }
  if (amountMax !== undefined) return ownMoneyFault(amountMax, "velocity_rule_set.amount_max", 1n);
  return countMax === 0 ? missing("velocity_rule_set.count_max") : undefined;
}

/**
 * Sets, changes or removes a rule. Removing one that isn't there is LIMIT_UNKNOWN, a new one
 * beyond 32 of the operator LIMIT_TOO_MANY.
 *
 * Players are counted while the rule is there. What was counted stays when only the bounds change;
 * another subject, window or currency, or a bound that is new, counts anew.
 */
export function decideVelocityRule(
  view: StateView,
  command: Command,
  set: VelocityRuleSet,
  context: Context,
): Outcome {
  const { operatorId } = command;
  const { ruleId: key, subject, remove } = set;
  const known = view.object(objectKey("velocity", operatorId, key));
  const isNew = known === undefined;
  if (isNew && remove) return unchanged(command, context, Code.LIMIT_UNKNOWN, undefined, "");
  if (isNew && view.velocityRules(operatorId).length >= VELOCITY_RULES_MAX) {
    return unchanged(command, context, Code.LIMIT_TOO_MANY, undefined, "");
  }
  const rule: VelocityRule = {
    object: "velocity",
    key,
    version: (known?.version ?? 0) + 1,
    subject,
    windowSeconds: remove ? 0 : set.windowSeconds,
    countMax: remove ? 0 : set.countMax,
    currency: remove ? "" : (set.amountMax?.currency ?? ""),
    amountMax: remove ? 0n : (set.amountMax?.minor ?? 0n),
  };
  const effect = { postings: NOTHING, balances: NOTHING, changes: [rule] };
  return effective(command, context, Code.OK, "", effect);
}

/**
 * Whether one more of the subject would go beyond some rule, which are asked in the order of their
 * ids: the count of those in the window and this one above count_max, or the sum of their amounts
 * in the rule's currency and this one above amount_max. What was refused isn't counted, and what is
 * rolled back later stays counted.
 */
export function velocityRefuses(
  rules: readonly VelocityRule[],
  subject: VelocitySubject,
  usage: Usage | undefined,
  currency: string,
  minor: bigint,
  now: number,
): boolean {
  for (const rule of rules) {
    if (rule.subject !== subject) continue;
    const window = windowUs(rule);
    if (rule.countMax !== 0) {
      const count = usedWithin(entriesOf(usage, countName(rule)), window, now);
      if (count >= BigInt(rule.countMax)) return true;
    }
    if (rule.currency === currency) {
      const amount = usedWithin(entriesOf(usage, amountName(rule)), window, now);
      if (amount + minor > rule.amountMax) return true;
    }
  }
  return false;
}

/**
 * Adds one of the subject. With it, counters of rules that are gone go: a rule that comes back
 * unchanged before that finds what it counted.
 */
export function withVelocity(
  usage: Usage,
  rules: readonly VelocityRule[],
  subject: VelocitySubject,
  currency: string,
  minor: bigint,
  at: number,
): Usage {
  const names = new Set(rules.flatMap(namesOf));
  let counters = usage.counters;
  if (counters.some(({ name }) => name.startsWith(PREFIX) && !names.has(name))) {
    counters = counters.filter(({ name }) => !name.startsWith(PREFIX) || names.has(name));
  }
  for (const rule of rules) {
    if (rule.subject !== subject) continue;
    const span = spanOf(rule);
    if (rule.countMax !== 0) {
      counters = withEntry(counters, countName(rule), { at, minor: 1n }, span);
    }
    if (rule.currency === currency) {
      counters = withEntry(counters, amountName(rule), { at, minor }, span);
    }
  }
  return { ...usage, counters };
}

function windowUs(rule: VelocityRule): number {
  return rule.windowSeconds * 1_000_000;
}

function spanOf(rule: VelocityRule): Span {
  const windowMax = windowUs(rule);
  const cell = Math.ceil(windowMax / VELOCITY_CELLS);
  return { windowMax, cellOf: () => cell };
}

function namesOf(rule: VelocityRule): string[] {
  const names = rule.countMax === 0 ? [] : [countName(rule)];
  return rule.currency === "" ? names : [...names, amountName(rule)];
}

function countName({ subject, windowSeconds, key }: VelocityRule): string {
  return `${PREFIX}count ${subject} ${windowSeconds} ${key}`;
}

function amountName({ subject, windowSeconds, currency, key }: VelocityRule): string {
  return `${PREFIX}${currency} ${subject} ${windowSeconds} ${key}`;
}
