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
 * Counting stakes for everybody, limits or not, would add 0.9 us and 250 bytes of state row to
 * every bet (measured).
 *
 * @module
 */
import { PLAY_MONEY } from "../money/index.ts";
import { SESSION_BREAK_US, USAGE_BETS_MAX } from "./limits.ts";
import { LimitKind, type PlayerRules, type Usage } from "./objects.ts";
import type { OpenBet } from "./state-view.ts";
import { DAY_US, HOUR_US, MONTH_US, WEEK_US } from "./times.ts";
import { type Span, withEntry, withoutStake } from "./usage.ts";

const NAMES = {
  [LimitKind.DEPOSIT]: "deposit",
  [LimitKind.WAGER]: "wager",
  [LimitKind.LOSS]: "loss",
};

/** Entries live as long as the longest window. A window is at most a 24th too long for stakes. */
export const LIMIT_SPAN: Span = {
  windowMax: MONTH_US,
  cellOf: (age) => (age < DAY_US ? HOUR_US : age < WEEK_US ? 6 * HOUR_US : DAY_US),
};

/** Name of the counter of a kind in a currency. */
export function counterName(kind: LimitKind, currency: string): string {
  return kind === LimitKind.SESSION ? "session" : `${NAMES[kind]} ${currency}`;
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

/** Adds a deposit. */
export function withDeposit(usage: Usage, currency: string, minor: bigint, at: number): Usage {
  const name = counterName(LimitKind.DEPOSIT, currency);
  return { ...usage, counters: withEntry(usage.counters, name, { at, minor }, LIMIT_SPAN) };
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
  return { ...usage, counters: withEntry(wagered, loss, { at, minor: lost }, LIMIT_SPAN) };
}

/** Remembers when an open bet was counted. */
export function withBet(usage: Usage, key: string, currency: string, at: number): Usage {
  const bets = [...usage.bets, { key, currency, at }];
  return { ...usage, bets: bets.length > USAGE_BETS_MAX ? bets.slice(1) : bets };
}

/** Forgets a bet that isn't open any more. */
export function withoutBet(usage: Usage, key: string): Usage {
  const place = usage.bets.findIndex((bet) => bet.key === key);
  return place < 0 ? usage : { ...usage, bets: usage.bets.toSpliced(place, 1) };
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
  return { ...withoutBet(usage, bet.key), counters };
}

function cashOf(bet: OpenBet): bigint {
  let cash = bet.amount;
  for (const { minor } of bet.parts ?? []) cash -= minor;
  return cash;
}

/** Moves the session on by a stake. */
export function withSession(usage: Usage, now: number): Usage {
  const goesOn = usage.sessionLast !== 0 && now - usage.sessionLast < SESSION_BREAK_US;
  return { ...usage, sessionFrom: goesOn ? usage.sessionFrom : now, sessionLast: now };
}

/** Drops what no limit of these asks for any more. Velocity rules are not a player's. */
export function withoutUnasked(usage: Usage, rules: PlayerRules): Usage {
  const isAsked = (name: string): boolean => {
    const [what, currency = ""] = name.split(" ");
    if (what === NAMES[LimitKind.DEPOSIT]) return countsDeposits(rules, currency);
    const isPlay = what === NAMES[LimitKind.WAGER] || what === NAMES[LimitKind.LOSS];
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
