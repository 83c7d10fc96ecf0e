import type { Clock } from "../runtime/index.ts";
import { MARKS_MAX } from "./limits.ts";

/** A moment at which the book was known to end at a seq. */
interface Mark {
  readonly seq: number;
  /** The primary's clock, microseconds. */
  readonly timeUs: number;
  /** This process's clock, milliseconds. */
  readonly heardMs: number;
}

/**
 * How old the rows are at most. They are as of the newest moment at which the book ended at or
 * before their seq; without such a moment, as of their newest record.
 */
export class Freshness {
  readonly #clock: Clock;
  #ahead: Mark[] = [];
  #current: Mark | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The primary said at `timeUs` that the book ends at `seq`; the file stands at `written`. */
  heard(seq: number, timeUs: number, written: number): void {
    const mark = { seq, timeUs, heardMs: this.#clock.monotonicMs() };
    const last = this.#ahead.at(-1);
    // The same end, or too many to keep: the later moment stands for both.
    if (last?.seq === seq || this.#ahead.length >= MARKS_MAX) this.#ahead.pop();
    this.#ahead.push(mark);
    this.reached(written);
  }

  /** The file stands at `seq`. */
  reached(seq: number): void {
    let count = 0;
    while (count < this.#ahead.length && this.#ahead[count]!.seq <= seq) count += 1;
    if (count === 0) return;
    this.#current = this.#ahead[count - 1];
    this.#ahead = this.#ahead.slice(count);
  }

  /** The book is another one. */
  forget(): void {
    this.#ahead = [];
    this.#current = undefined;
  }

  /** Milliseconds; `recordedAt` is of the newest record in the file. */
  ageMs(recordedAt: number): number {
    const byRecord = (this.#clock.nowUs() - recordedAt) / 1000;
    const mark = this.#current;
    if (mark === undefined) return Math.max(0, byRecord);
    const waited = this.#clock.monotonicMs() - mark.heardMs;
    const byClock = (this.#clock.nowUs() - mark.timeUs) / 1000;
    return Math.max(0, waited, Math.min(byClock, Math.max(byRecord, 0)));
  }
}
