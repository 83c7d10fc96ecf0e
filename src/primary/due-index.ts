/**
 * What ends by itself and when: bonuses and withdrawals that have a time.
 *
 * @module
 */
import {
  BonusStage,
  operatorOfObject,
  type Bonus,
  type Change,
  type Hold,
  type LedgerState,
} from "../ledger/index.ts";

/** An object that may end at a time. Whether it does is asked of the state then. */
export interface Due {
  /** Microseconds since 1970. */
  readonly at: number;
  readonly object: "bonus" | "hold";
  readonly operatorId: string;
  readonly ref: string;
  readonly key: string;
}

/**
 * The objects of a book in the order of their times. It holds every object that could end, and
 * perhaps some that can't any more: nothing is taken out when an object changes.
 */
export class DueIndex {
  /** A binary heap: no entry is before the one at (index - 1) >> 1. */
  readonly #heap: Due[] = [];
  readonly #known = new Set<string>();

  /** Times that are waiting. */
  get size(): number {
    return this.#heap.length;
  }

  /** The earliest time; Infinity when there is none. */
  get next(): number {
    return this.#heap[0]?.at ?? Infinity;
  }

  /** Puts in everything in a state that could end by itself. */
  load(state: LedgerState): void {
    for (const { operatorId, extras } of state.players()) {
      if (extras === undefined) continue;
      for (const bonus of extras.bonuses) this.note(operatorId, bonus);
    }
    for (const [key, object] of state.objects()) this.note(operatorOfObject(key), object);
  }

  /** Puts an object in as a record leaves it, if it could end by itself. */
  note(operatorId: string, change: Change): void {
    if (change.object !== "bonus" && change.object !== "hold") return;
    if (change.expiresAt !== 0 && canEnd(change)) {
      const { object, ref, key } = change;
      this.put({ at: change.expiresAt, object, operatorId, ref, key });
    }
  }

  /** Puts a time in, once. */
  put(due: Due): void {
    const name = nameOf(due);
    if (this.#known.has(name)) return;
    this.#known.add(name);
    const heap = this.#heap;
    let at = heap.length;
    heap.push(due);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]!.at <= due.at) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = due;
  }

  /** Takes the earliest out; undefined when there is none. */
  take(): Due | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return undefined;
    this.#known.delete(nameOf(first));
    if (heap.length > 0) this.#sink(last);
    return first;
  }

  /** Gives the place at the top to an entry, or one further down. */
  #sink(due: Due): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && right.at < heap[child]!.at) child += 1;
      if (heap[child]!.at >= due.at) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = due;
  }
}

/** Whether an object could end when its time comes. While bets from it are open, a bonus can't. */
export function canEnd(object: Bonus | Hold): boolean {
  if (object.object === "hold") return object.remaining > 0n;
  return object.stage === BonusStage.ACTIVE && object.staked === 0n;
}

function nameOf({ at, object, operatorId, ref, key }: Due): string {
  return `${object}|${at}|${operatorId}|${ref}|${key}`;
}
