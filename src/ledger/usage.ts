/**
 * Counters of what was used up: exact amounts at the times of their records, made coarser when
 * there are too many, and then never counting too little.
 *
 * An entry made at t counts while now - t is less than the window.
 *
 * @module
 */
import { USAGE_ENTRIES_EXACT, USAGE_ENTRIES_MAX } from "./limits.ts";
import type { Usage, UsageCounter, UsageEntry } from "./objects.ts";

const NO_ENTRIES: readonly UsageEntry[] = Object.freeze([]);

/** Nothing used up yet. */
export const NO_USAGE: Usage = Object.freeze({
  counters: Object.freeze([]),
  bets: Object.freeze([]),
  sessionFrom: 0,
  sessionLast: 0,
});

/** What a counter counts for how long, and how coarse it may become. */
export interface Span {
  /** Longest window that asks, microseconds; older entries are dropped when one is added. */
  readonly windowMax: number;
  /** Width of the cells for entries of this age, microseconds. A multiple of finer ones. */
  cellOf(age: number): number;
}

/** The entries of a counter. */
export function entriesOf(usage: Usage | undefined, name: string): readonly UsageEntry[] {
  if (usage === undefined) return NO_ENTRIES;
  for (const counter of usage.counters) if (counter.name === name) return counter.entries;
  return NO_ENTRIES;
}

/** What counts in the window that ends now. */
export function usedWithin(entries: readonly UsageEntry[], window: number, now: number): bigint {
  let sum = 0n;
  for (let index = entries.length - 1; index >= 0; index -= 1) {
    const { at, minor } = entries[index]!;
    if (now - at >= window) break;
    sum += minor;
  }
  return sum;
}

/** The counters with one more entry in one of them; an amount of zero adds none. */
export function withEntry(
  counters: readonly UsageCounter[],
  name: string,
  entry: UsageEntry,
  span: Span,
): readonly UsageCounter[] {
  if (entry.minor === 0n) return counters;
  const known = counters.findIndex((counter) => counter.name === name);
  if (known < 0) return [...counters, { name, entries: [entry] }];
  const entries = [...recent(counters[known]!.entries, span, entry.at), entry];
  return counters.with(known, { name, entries: bounded(entries, span, entry.at) });
}

/**
 * The counters with a stake taken back from where it was counted: the first stake at its time or
 * later, which is its own, or the cell that holds it.
 */
export function withoutStake(
  counters: readonly UsageCounter[],
  name: string,
  stake: UsageEntry,
  span: Span,
  now: number,
): readonly UsageCounter[] {
  const known = counters.findIndex((counter) => counter.name === name);
  if (known < 0 || stake.minor === 0n || now - stake.at >= span.windowMax) return counters;
  const { entries } = counters[known]!;
  const place = entries.findIndex(({ at, minor }) => at >= stake.at && minor > 0n);
  const counted = entries[place];
  if (counted === undefined || counted.minor < stake.minor) return counters;
  const left = counted.minor - stake.minor;
  const after =
    left === 0n
      ? entries.toSpliced(place, 1)
      : entries.with(place, { at: counted.at, minor: left });
  return after.length === 0
    ? counters.toSpliced(known, 1)
    : counters.with(known, { name, entries: after });
}

function recent(entries: readonly UsageEntry[], span: Span, now: number): readonly UsageEntry[] {
  const first = entries.findIndex(({ at }) => now - at < span.windowMax);
  if (first === 0) return entries;
  return first < 0 ? NO_ENTRIES : entries.slice(first);
}

/**
 * Beyond {@link USAGE_ENTRIES_MAX} entries, all but the newest {@link USAGE_ENTRIES_EXACT} are
 * joined cell by cell: stakes at the time of the cell's last one, give-backs at that of its first.
 * So a sum over any window is never less than the exact one.
 */
function bounded(entries: readonly UsageEntry[], span: Span, now: number): readonly UsageEntry[] {
  if (entries.length <= USAGE_ENTRIES_MAX) return entries;
  const cut = entries.length - USAGE_ENTRIES_EXACT;
  const joined: UsageEntry[] = [];
  let width = 0;
  let start = 0;
  let given: UsageEntry | undefined;
  let taken: UsageEntry | undefined;
  const close = (): void => {
    const isGivenFirst = given !== undefined && (taken === undefined || given.at < taken.at);
    for (const one of isGivenFirst ? [given, taken] : [taken, given]) {
      if (one !== undefined) joined.push(one);
    }
    given = taken = undefined;
  };
  for (let index = 0; index < cut; index += 1) {
    const { at, minor } = entries[index]!;
    const cell = span.cellOf(now - at);
    const from = at - (at % cell);
    if (cell !== width || from !== start) close();
    width = cell;
    start = from;
    if (minor > 0n) taken = { at, minor: minor + (taken?.minor ?? 0n) };
    else given = { at: given?.at ?? at, minor: minor + (given?.minor ?? 0n) };
  }
  close();
  return [...joined, ...entries.slice(cut)];
}
