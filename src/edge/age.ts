/**
 * The age of what a replica shows: never stated lower than it is.
 *
 * A head carries the primary's clock of when its rows were current. With the primary's clock
 * bounded (see `primary-clock.ts`) the age follows from it, a backlog of the publisher included.
 * Without, it is the time since this process saw the head change plus the round trips to publisher
 * and primary; and before a change was seen, the difference of wall clocks plus an allowance.
 *
 * @module
 */
import { watchClock, type Clock, type ClockWatch } from "../runtime/index.ts";
import { SLEEP_MS, WALL_ALLOWANCE_MS } from "./limits.ts";
import type { PrimaryClock } from "./primary-clock.ts";

/** Tells the age of one replica's newest head. */
export class ReplicaAge {
  readonly #clock: Clock;
  readonly #primary: PrimaryClock;
  readonly #publisherTripMs: () => number;
  readonly #watch: ClockWatch;
  #headMs = 0;
  #witnessedMs: number | undefined;
  #sleptMs = 0;

  /** The head is this old now: `monotonicMs - anchorMs`. */
  anchorMs = 0;

  constructor(clock: Clock, primary: PrimaryClock, publisherTripMs: () => number) {
    this.#clock = clock;
    this.#primary = primary;
    this.#publisherTripMs = publisherTripMs;
    this.#watch = watchClock(clock);
  }

  /** A head is in force; `witnessed` says that it replaced another before this process's eyes. */
  sawHead(timeUs: number, witnessed: boolean): void {
    this.#headMs = timeUs / 1000;
    if (witnessed) {
      this.#witnessedMs = this.#clock.monotonicMs();
      this.#sleptMs = 0;
    }
    this.#settle();
  }

  /** Takes newer probes into account; called about once a second. */
  refresh(): void {
    const jumpMs = this.#watch.clockJumpMs();
    if (Math.abs(jumpMs) > SLEEP_MS) {
      // The wall clock was set, or the machine slept and the monotonic clock with it. Taking the
      // second for granted can only state an age too high.
      this.#watch.accept();
      this.#primary.forget();
      if (jumpMs > 0) this.#sleptMs += jumpMs;
    }
    this.#settle();
  }

  ageMs(): number {
    return this.#clock.monotonicMs() - this.anchorMs;
  }

  #settle(): void {
    const nowMs = this.#clock.monotonicMs();
    const seenMs = this.#witnessedMs === undefined ? undefined : this.#witnessedMs - this.#sleptMs;
    const ahead = this.#primary.aheadMs(nowMs);
    // A head from the primary's future means that its clock was set back: it says nothing then.
    if (ahead !== undefined && this.#headMs <= nowMs + ahead) {
      this.anchorMs = Math.min(this.#headMs - ahead, seenMs ?? nowMs);
    } else if (seenMs !== undefined) {
      this.anchorMs = seenMs - this.#publisherTripMs() - this.#primary.tripMs;
    } else {
      const wallAgeMs = Math.max(0, this.#clock.nowUs() / 1000 - this.#headMs);
      this.anchorMs = nowMs - wallAgeMs - WALL_ALLOWANCE_MS;
    }
  }
}
