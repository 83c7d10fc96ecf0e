/**
 * What players have used up, added up from the log: every amount with the time of its record.
 *
 * @module
 */
import {
  LimitKind,
  LimitPeriod,
  type VelocitySubject,
} from "../wire/gen/countroom/v1/event_limits_pb.ts";
import {
  add,
  beyond,
  type Beyond,
  type Counters,
  takeBack,
  type Window,
  worst,
} from "./counter.ts";
import type { Limit, Rules, Velocity } from "./objects.ts";

const HOUR = 3_600_000_000;
const DAY = 24 * HOUR;
const MONTH: Window = { us: 30 * DAY, cell: DAY };

const PERIODS: Readonly<Record<number, Window>> = {
  [LimitPeriod.DAY]: { us: DAY, cell: HOUR },
  [LimitPeriod.WEEK]: { us: 7 * DAY, cell: 6 * HOUR },
  [LimitPeriod.MONTH]: MONTH,
};

/** Counted bets that a player's usage remembers. */
const BETS_KEPT = 64;
/** A session ends with a break of 15 minutes. */
const SESSION_BREAK = HOUR / 4;
const VELOCITY_CELLS = 64;

/** An open bet whose cash was counted. */
export interface CountedBet {
  readonly key: string;
  readonly currency: string;
  readonly at: number;
}

/** What a player has used up. */
export interface Usage {
  readonly counters: Counters;
  bets: CountedBet[];
  sessionFrom: number;
  sessionLast: number;
}

export function newUsage(): Usage {
  return { counters: new Map(), bets: [], sessionFrom: 0, sessionLast: 0 };
}

/** Whether it says nothing. */
export function isUnused({ counters, bets, sessionLast }: Usage): boolean {
  return counters.size === 0 && bets.length === 0 && sessionLast === 0;
}

/** A limit as it stands, with a change whose time has come made. */
export function limitAt(limit: Limit, now: number): Limit | undefined {
  const { pendingAt, pendingRemoval, pendingValue: value } = limit;
  if (pendingAt === 0n || BigInt(now) < pendingAt) return limit;
  const nothing = { pendingValue: 0n, pendingAt: 0n, pendingRemoval: false };
  return pendingRemoval ? undefined : { ...limit, value, ...nothing };
}

const NAMES: Readonly<Record<number, string>> = {
  [LimitKind.DEPOSIT]: "deposit",
  [LimitKind.WAGER]: "wager",
  [LimitKind.LOSS]: "loss",
};

/** Whether limits of a kind would be exceeded. */
export function beyondLimits(
  rules: Rules,
  usage: Usage | undefined,
  kind: LimitKind,
  currency: string,
  more: bigint,
  now: number,
): Beyond {
  let result: Beyond = "no";
  for (const one of rules.limits) {
    if (one.kind !== kind || one.currency !== currency) continue;
    const limit = limitAt(one, now);
    const window = limit === undefined ? undefined : PERIODS[limit.period];
    if (limit === undefined || window === undefined) continue;
    const name = `${NAMES[kind]} ${currency}`;
    result = worst(result, beyond(usage?.counters.get(name), window, more, limit.value, now));
  }
  return result;
}

/** Whether a stake comes later in its session than the limit says. */
export function isSessionOver(rules: Rules, usage: Usage | undefined, now: number): boolean {
  if (usage === undefined || usage.sessionLast === 0) return false;
  if (now - usage.sessionLast >= SESSION_BREAK) return false;
  const length = BigInt(now - usage.sessionFrom);
  return rules.limits.some((one) => {
    const limit = one.kind === LimitKind.SESSION ? limitAt(one, now) : undefined;
    return limit !== undefined && length > limit.value * 1_000_000n;
  });
}

/** Whether velocity rules would be broken. */
export function beyondVelocity(
  rules: readonly Velocity[] | undefined,
  usage: Usage | undefined,
  subject: VelocitySubject,
  currency: string,
  minor: bigint,
  now: number,
): Beyond {
  let result: Beyond = "no";
  for (const rule of rules ?? []) {
    if (rule.subject !== subject) continue;
    const window = windowOf(rule);
    const { countMax, amountMax } = rule;
    if (countMax !== 0) {
      const count = usage?.counters.get(countName(rule));
      result = worst(result, beyond(count, window, 1n, BigInt(countMax), now));
    }
    if (rule.currency !== currency) continue;
    const amount = usage?.counters.get(amountName(rule));
    result = worst(result, beyond(amount, window, minor, amountMax, now));
  }
  return result;
}

/** Counts one more of the subject. Counters of rules that are gone go with it. */
export function addVelocity(
  usage: Usage,
  rules: readonly Velocity[],
  subject: VelocitySubject,
  currency: string,
  minor: bigint,
  now: number,
): void {
  const asked = new Set(rules.flatMap((rule) => [countName(rule), amountName(rule)]));
  for (const name of usage.counters.keys()) {
    if (name.startsWith("velocity ") && !asked.has(name)) usage.counters.delete(name);
  }
  for (const rule of rules) {
    if (rule.subject !== subject) continue;
    const window = windowOf(rule);
    if (rule.countMax !== 0) add(usage.counters, countName(rule), now, 1n, window);
    if (rule.currency === currency) add(usage.counters, amountName(rule), now, minor, window);
  }
}

function windowOf({ windowSeconds }: Velocity): Window {
  const us = windowSeconds * 1_000_000;
  return { us, cell: Math.ceil(us / VELOCITY_CELLS) };
}

/** The empty name, which no counter has, where the rule doesn't count. */
function countName({ subject, windowSeconds, countMax, key }: Velocity): string {
  return countMax === 0 ? "" : `velocity count ${subject} ${windowSeconds} ${key}`;
}

function amountName({ subject, windowSeconds, currency, key }: Velocity): string {
  return currency === "" ? "" : `velocity ${currency} ${subject} ${windowSeconds} ${key}`;
}

/** Whether stakes and wins in a currency are counted. */
export function countsPlay(rules: Rules | undefined, currency: string): boolean {
  return (rules?.limits ?? []).some(
    (one) =>
      one.currency === currency && (one.kind === LimitKind.WAGER || one.kind === LimitKind.LOSS),
  );
}

/** Whether stakes make sessions. */
export function countsSessions(rules: Rules | undefined): boolean {
  return (rules?.limits ?? []).some(({ kind }) => kind === LimitKind.SESSION);
}

/** Whether deposits in a currency are counted: always, but for play money that has no limit. */
export function countsDeposits(rules: Rules | undefined, currency: string): boolean {
  if (currency !== "FUN") return true;
  const limits = rules?.limits ?? [];
  return limits.some((one) => one.kind === LimitKind.DEPOSIT && one.currency === currency);
}

export function addDeposit(usage: Usage, currency: string, minor: bigint, now: number): void {
  add(usage.counters, `deposit ${currency}`, now, minor, MONTH);
}

/** Counts what a record staked, and what it lost, which a win makes negative. */
export function addPlay(
  usage: Usage,
  currency: string,
  staked: bigint,
  lost: bigint,
  now: number,
): void {
  add(usage.counters, `wager ${currency}`, now, staked, MONTH);
  add(usage.counters, `loss ${currency}`, now, lost, MONTH);
}

export function addBet(usage: Usage, bet: CountedBet): void {
  usage.bets.push(bet);
  if (usage.bets.length > BETS_KEPT) usage.bets.shift();
}

export function forgetBet(usage: Usage, key: string): void {
  usage.bets = usage.bets.filter((bet) => bet.key !== key);
}

/** Takes the cash of an open bet back from where it was counted. */
export function takeBetBack(usage: Usage, key: string, cash: bigint, now: number): void {
  const bet = usage.bets.find((one) => one.key === key);
  if (bet === undefined) return;
  takeBack(usage.counters, `wager ${bet.currency}`, bet.at, cash, now, MONTH);
  takeBack(usage.counters, `loss ${bet.currency}`, bet.at, cash, now, MONTH);
  forgetBet(usage, key);
}

export function addSession(usage: Usage, now: number): void {
  const goesOn = usage.sessionLast !== 0 && now - usage.sessionLast < SESSION_BREAK;
  if (!goesOn) usage.sessionFrom = now;
  usage.sessionLast = now;
}

/** What nobody asks for any more goes. */
export function dropUnasked(usage: Usage, rules: Rules): void {
  for (const name of usage.counters.keys()) {
    const [what, currency = ""] = name.split(" ");
    const isAsked =
      what === "velocity" ||
      (what === "deposit" ? countsDeposits(rules, currency) : countsPlay(rules, currency));
    if (!isAsked) usage.counters.delete(name);
  }
  usage.bets = usage.bets.filter(({ currency }) => countsPlay(rules, currency));
  if (countsSessions(rules)) return;
  usage.sessionFrom = 0;
  usage.sessionLast = 0;
}
