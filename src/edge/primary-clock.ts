/**
 * Bounds the primary's clock from outside, and the distance to it.
 *
 * A question sent at t0 and answered at t1 with the primary's clock P says that the primary read P
 * at some moment in between, so that its clock now reads at most P + (now - t0).
 *
 * @module
 */
import { CLOCK_DRIFT_RATIO, PROBES_KEPT, UNKNOWN_TRIP_MS } from "./limits.ts";

interface Sample {
  /** Primary's clock minus the local monotonic one, milliseconds: not more, not less than. */
  readonly upper: number;
  readonly lower: number;
  readonly atMs: number;
}

/** What the probes of one worker say about the primary's clock. */
export class PrimaryClock {
  #samples: Sample[] = [];
  #tripsMs: number[] = [];

  /** The primary told its clock, in microseconds, between two local monotonic times. */
  told(sentMs: number, heardMs: number, primaryUs: number): void {
    const clockMs = primaryUs / 1000;
    const told: Sample = { upper: clockMs - sentMs, lower: clockMs - heardMs, atMs: heardMs };
    // A clock that was set makes what was known before wrong, in either direction.
    this.#samples = this.#samples.filter((old) => {
      const drift = (heardMs - old.atMs) * CLOCK_DRIFT_RATIO;
      return old.upper + drift >= told.lower && old.lower - drift <= told.upper;
    });
    this.#samples.push(told);
    if (this.#samples.length > PROBES_KEPT) this.#samples.shift();
  }

  /** A round trip to the primary, whether it told its clock or not. */
  tookMs(tripMs: number): void {
    this.#tripsMs.push(tripMs);
    if (this.#tripsMs.length > PROBES_KEPT) this.#tripsMs.shift();
  }

  /** The longest round trip lately. */
  get tripMs(): number {
    return this.#tripsMs.length === 0 ? UNKNOWN_TRIP_MS : Math.max(...this.#tripsMs);
  }

  /**
   * The most that the primary's clock can be ahead of the local monotonic one at `nowMs`,
   * milliseconds; undefined before the primary has told.
   */
  aheadMs(nowMs: number): number | undefined {
    let least: number | undefined;
    for (const { upper, atMs } of this.#samples) {
      const bound = upper + Math.max(0, nowMs - atMs) * CLOCK_DRIFT_RATIO;
      if (least === undefined || bound < least) least = bound;
    }
    return least;
  }

  /** The local monotonic clock stood still for a while: nothing that was heard holds any more. */
  forget(): void {
    this.#samples = [];
  }
}
