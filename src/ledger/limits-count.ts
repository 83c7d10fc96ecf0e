/**
 * What counts against a player's limits.
 *
 * | counter | counts | from |
 * | --- | --- | --- |
 * | deposit CUR | deposits, never less for refunds | always; play money: while limited |
 * | wager CUR | cash staked | while there is a WAGER or a LOSS limit in CUR |
 * | loss CUR | cash staked less cash won | like wager |
 * | session | first and last stake | while there is a SESSION limit |
 *
 * A limit is there from the record that sets it to the limit_set that finds it gone; what was
 * counted for it goes then. Bonus money and free bets don't count. The stake of a bet that is
 * rolled back or voided while it is open is taken back from where it was counted, as if it had
 * never come. Whatever else corrects a bet or a win counts as won or lost at its own time, debts
 * included, and leaves what was wagered.
 *
 * Stakes aren't counted for everybody: that would double the rules' part of every bet (3.5 to 6.5
 * us, measured) and rewrite a state row of kilobytes for each player who bets.
 *
 * @module
 */
import { PLAY_MONEY } from "../money/index.ts";
import { SESSION_BREAK_US, USAGE_BETS_MAX } from "./limits.ts";
import {
  type CountedBet,
  LimitKind,
  type PlayerRules,
  type Usage,
  type UsageCounter,
} from "./objects.ts";
import type { OpenBet } from "./state-view.ts";
import { DAY_US, HOUR_US, MONTH_US, WEEK_US } from "./times.ts";
import { type Span, withEntry, withoutStake } from "./usage.ts";

const KINDS = {
  [LimitKind.DEPOSIT]: "deposit",
  [LimitKind.WAGER]: "wager",
  [LimitKind.LOSS]: "loss",
};

/** Entries live as long as the longest window. A window is at most a 24th too long for stakes. */
export const LIMIT_SPAN: Span = {
  windowMax: MONTH_US,
  cellOf: (age) => (age < DAY_US ? HOUR_US : age < WEEK_US ? 6 * HOUR_US : DAY_US),
};

/** Names made before: making one costs more than finding it. */
const NAMES: Readonly<Record<keyof typeof KINDS, Map<string, string>>> = {
  [LimitKind.DEPOSIT]: new Map(),
  [LimitKind.WAGER]: new Map(),
  [LimitKind.LOSS]: new Map(),
};
const NAMES_KEPT_MAX = 64;

/** Name of the counter of a kind in a currency. */
export function counterName(kind: LimitKind, currency: string): string {
  if (kind === LimitKind.SESSION) return "session";
  const names = NAMES[kind];
  const known = names.get(currency);
  if (known !== undefined) return known;
  const name = `${KINDS[kind]} ${currency}`;
  // Currencies come from the configuration; this keeps a stranger from filling memory.
  if (names.size < NAMES_KEPT_MAX) names.set(currency, name);
  return name;
}

/** Whether stakes and wins in this currency are counted. */
export function countsPlay(rules: PlayerRules | undefined, currency: string): boolean {
  if (rules === undefined) return false;
  return rules.limits.some(({ kind, currency: other }) => {
    return other === currency && (kind === LimitKind.WAGER || kind === LimitKind.LOSS);
  });
}

/** Whether stakes make sessions. */
export function countsSessions(rules: PlayerRules | undefined): boolean {
  return rules !== undefined && rules.limits.some(({ kind }) => kind === LimitKind.SESSION);
}

/** Whether deposits in this currency are counted. */
export function countsDeposits(rules: PlayerRules | undefined, currency: string): boolean {
  if (currency !== PLAY_MONEY) return true;
  if (rules === undefined) return false;
  return rules.limits.some((one) => one.kind === LimitKind.DEPOSIT && one.currency === currency);
}

function counting(usage: Usage, counters: readonly UsageCounter[]): Usage {
  const { bets, sessionFrom, sessionLast } = usage;
  return { counters, bets, sessionFrom, sessionLast };
}

function remembering(usage: Usage, bets: readonly CountedBet[]): Usage {
  const { counters, sessionFrom, sessionLast } = usage;
  return { counters, bets, sessionFrom, sessionLast };
}

/** Adds a deposit. */
export function withDeposit(usage: Usage, currency: string, minor: bigint, at: number): Usage {
  const name = counterName(LimitKind.DEPOSIT, currency);
  return counting(usage, withEntry(usage.counters, name, { at, minor }, LIMIT_SPAN));
}

/** Adds what was staked, and what was lost by the same record. */
export function withPlay(
  usage: Usage,
  currency: string,
  staked: bigint,
  lost: bigint,
  at: number,
): Usage {
  const wager = counterName(LimitKind.WAGER, currency);
  const loss = counterName(LimitKind.LOSS, currency);
  const wagered = withEntry(usage.counters, wager, { at, minor: staked }, LIMIT_SPAN);
  return counting(usage, withEntry(wagered, loss, { at, minor: lost }, LIMIT_SPAN));
}

/** Remembers when an open bet was counted. */
export function withBet(usage: Usage, key: string, currency: string, at: number): Usage {
  const bets = [...usage.bets, { key, currency, at }];
  return remembering(usage, bets.length > USAGE_BETS_MAX ? bets.slice(1) : bets);
}

/** Forgets a bet that isn't open any more. */
export function withoutBet(usage: Usage, key: string): Usage {
  const place = usage.bets.findIndex((bet) => bet.key === key);
  return place < 0 ? usage : remembering(usage, usage.bets.toSpliced(place, 1));
}

/** Takes the stake of an open bet back. A bet that isn't remembered stays counted, if it is. */
export function withoutStakeOf(usage: Usage, bet: OpenBet, now: number): Usage {
  const counted = usage.bets.find(({ key }) => key === bet.key);
  if (counted === undefined) return usage;
  const { currency } = bet;
  const stake = { at: counted.at, minor: cashOf(bet) };
  const wager = counterName(LimitKind.WAGER, currency);
  const loss = counterName(LimitKind.LOSS, currency);
  const wagered = withoutStake(usage.counters, wager, stake, LIMIT_SPAN, now);
  const counters = withoutStake(wagered, loss, stake, LIMIT_SPAN, now);
  return counting(withoutBet(usage, bet.key), counters);
}

function cashOf(bet: OpenBet): bigint {
  let cash = bet.amount;
  for (const { minor } of bet.parts ?? []) cash -= minor;
  return cash;
}

/** Moves the session on by a stake. */
export function withSession(usage: Usage, now: number): Usage {
  const goesOn = usage.sessionLast !== 0 && now - usage.sessionLast < SESSION_BREAK_US;
  const sessionFrom = goesOn ? usage.sessionFrom : now;
  return { counters: usage.counters, bets: usage.bets, sessionFrom, sessionLast: now };
}

/** Drops what no limit of these asks for any more. Velocity rules are not a player's. */
export function withoutUnasked(usage: Usage, rules: PlayerRules): Usage {
  const isAsked = (name: string): boolean => {
    const [what, currency = ""] = name.split(" ");
    if (what === KINDS[LimitKind.DEPOSIT]) return countsDeposits(rules, currency);
    const isPlay = what === KINDS[LimitKind.WAGER] || what === KINDS[LimitKind.LOSS];
    return !isPlay || countsPlay(rules, currency);
  };
  const session = countsSessions(rules) ? usage : { sessionFrom: 0, sessionLast: 0 };
  return {
    counters: usage.counters.filter(({ name }) => isAsked(name)),
    bets: usage.bets.filter(({ currency }) => countsPlay(rules, currency)),
    sessionFrom: session.sessionFrom,
    sessionLast: session.sessionLast,
  };
}
