/**
 * Amounts over time, and how much of them lies in a window.
 *
 * The writer joins old amounts into cells once there are many, in such a way that it never counts
 * too little. So what exceeds a bound by the exact sum must not have been accepted; what was
 * refused must exceed it by the sum over a window that is longer by one cell, or by the exact one
 * where nothing was joined.
 *
 * @module
 */

/** Entries up to which the writer joins nothing. */
const EXACT_ENTRIES = 192;

/** A rolling window, microseconds. */
export interface Window {
  readonly us: number;
  /** How much longer the writer may count something, once it has joined. */
  readonly cell: number;
}

/** Amounts over time; those that were taken back are negative. */
export interface Counter {
  readonly at: number[];
  readonly minor: bigint[];
  /** The writer has dropped what isn't later than this. */
  droppedTo: number;
  /** The writer may have joined some. */
  joined: boolean;
}

/** Counters by what they count. */
export type Counters = Map<string, Counter>;

/** Adds an amount; what is older than the longest window that asks for it goes. */
export function add(
  counters: Counters,
  name: string,
  at: number,
  minor: bigint,
  longest: Window,
): void {
  if (minor === 0n) return;
  let counter = counters.get(name);
  if (counter === undefined) {
    counter = { at: [], minor: [], droppedTo: 0, joined: false };
    counters.set(name, counter);
  }
  counter.droppedTo = at - longest.us;
  // What the writer has joined lives on for up to a cell.
  drop(counter, counter.droppedTo - longest.cell);
  counter.at.push(at);
  counter.minor.push(minor);
  if (counter.at.length > EXACT_ENTRIES) counter.joined = true;
}

function drop(counter: Counter, to: number): void {
  let old = 0;
  while (old < counter.at.length && (counter.at[old] as number) <= to) old += 1;
  if (old === 0) return;
  counter.at.splice(0, old);
  counter.minor.splice(0, old);
}

/** Takes back what was added at a time, if it still counts. */
export function takeBack(
  counters: Counters,
  name: string,
  at: number,
  minor: bigint,
  now: number,
  longest: Window,
): void {
  const counter = counters.get(name);
  if (counter === undefined || minor === 0n || now - at >= longest.us) return;
  const place = counter.at.indexOf(at);
  const left = place < 0 ? -1n : (counter.minor[place] as bigint) - minor;
  if (left < 0n) return;
  if (left > 0n) {
    counter.minor[place] = left;
    return;
  }
  counter.at.splice(place, 1);
  counter.minor.splice(place, 1);
  if (isEmpty(counter)) counters.delete(name);
}

function isEmpty({ at, droppedTo }: Counter): boolean {
  return (at.at(-1) ?? -1) <= droppedTo;
}

/** Whether so much more goes beyond a bound: surely, or at least as the writer may count. */
export type Beyond = "no" | "perhaps" | "surely";

/** Asks a counter, which may not be there. */
export function beyond(
  counter: Counter | undefined,
  { us, cell }: Window,
  more: bigint,
  bound: bigint,
  now: number,
): Beyond {
  let least = more;
  let most = more;
  const slack = counter?.joined === true ? cell : 0;
  for (let index = (counter?.at.length ?? 0) - 1; index >= 0; index -= 1) {
    const age = now - (counter?.at[index] as number);
    if (age >= us + slack) break;
    const minor = counter?.minor[index] as bigint;
    if (age < us) least += minor;
    if (minor > 0n ? age < us + slack : age < us - slack) most += minor;
  }
  if (least > bound) return "surely";
  return most > bound ? "perhaps" : "no";
}

/** Of two answers the one that forbids more. */
export function worst(one: Beyond, other: Beyond): Beyond {
  if (one === "surely" || other === "surely") return "surely";
  return one === "perhaps" ? one : other;
}
