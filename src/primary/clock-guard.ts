/**
 * Watches for a wall clock that jumps: times in the book, expiries and limits depend on it.
 *
 * @module
 */
import type { Logger } from "../ops/index.ts";
import { watchClock, type Clock, type ClockWatch } from "../runtime/index.ts";
import { CLOCK_JUMP_MS_MAX } from "./limits.ts";

/** Strictly rising record times. */
export class RecordClock {
  readonly #clock: Clock;
  readonly #aheadUs: () => number;
  #last: number;

  /**
   * `last` is the time of the newest record; `aheadUs` how far the wall clock has jumped without
   * being believed. Times in the book end exclusions and notices: a wrong one can't be taken back.
   */
  constructor(clock: Clock, last: number, aheadUs: () => number = () => 0) {
    this.#clock = clock;
    this.#aheadUs = aheadUs;
    this.#last = last;
  }

  /** The time of the next record: now, or one microsecond after the last record. */
  next(): number {
    this.#last = Math.max(this.#clock.nowUs() - this.#aheadUs(), this.#last + 1);
    return this.#last;
  }

  /** Takes back the times of a group that was not recorded. */
  rewind(last: number): void {
    this.#last = last;
  }

  get last(): number {
    return this.#last;
  }
}

/** Says whether the clock may be trusted with a bet. */
export class ClockGuard {
  readonly #watch: ClockWatch;
  readonly #mode: "refuse" | "warn";
  readonly #log: Logger;
  #trusted = true;

  constructor(clock: Clock, mode: "refuse" | "warn", log: Logger) {
    this.#watch = watchClock(clock);
    this.#mode = mode;
    this.#log = log;
  }

  /** False once the clock has jumped, until the process is started again. */
  get trusted(): boolean {
    return this.#trusted;
  }

  /** How far the wall clock has jumped, in microseconds, while that isn't believed; else 0. */
  get aheadUs(): number {
    return this.#trusted ? 0 : Math.round(this.#watch.clockJumpMs() * 1_000);
  }

  /** Compares the clocks. In "warn" mode a jump is told and accepted. */
  check(): boolean {
    if (!this.#trusted) return false;
    const jumpMs = Math.round(this.#watch.clockJumpMs());
    if (Math.abs(jumpMs) <= CLOCK_JUMP_MS_MAX) return true;
    if (this.#mode === "warn") {
      this.#log.warn("the wall clock jumped", { jump_ms: jumpMs });
      this.#watch.accept();
      return true;
    }
    this.#trusted = false;
    this.#log.error("the wall clock jumped: bets are refused", {
      code: "CLOCK_UNTRUSTED",
      jump_ms: jumpMs,
      hint: "Check the clock, then restart the primary to confirm it.",
    });
    return false;
  }
}
