/**
 * Wall clock and monotonic clock, the only ones in the project.
 *
 * @module
 */
import { CLOCK_DRIFT_MS_MAX } from "./limits.ts";

/** Injected wherever time matters; tests bring their own. */
export interface Clock {
  /** Wall clock, whole microseconds since 1970. */
  nowUs(): number;
  /** Milliseconds since an arbitrary start, never set back, with fractions. */
  monotonicMs(): number;
}

/**
 * The system's clock in microseconds. JavaScript tells wall time in milliseconds only, so the
 * microseconds come from the monotonic clock; the pair is set anew whenever they disagree.
 */
class SystemClock implements Clock {
  #wallMs = Date.now();
  #atMs = performance.now();

  nowUs(): number {
    const wall = Date.now();
    const at = performance.now();
    const told = this.#wallMs + (at - this.#atMs);
    if (Math.abs(told - wall) <= CLOCK_DRIFT_MS_MAX) return Math.floor(told * 1000);
    this.#wallMs = wall;
    this.#atMs = at;
    return wall * 1000;
  }

  monotonicMs(): number {
    return performance.now();
  }
}

export const systemClock: Clock = new SystemClock();

/**
 * Watches the wall clock against the monotonic one.
 *
 * Each call answers how many milliseconds the wall clock ran ahead (positive) or was set back
 * (negative) since the watch began or was last told to accept.
 */
export interface ClockWatch {
  clockJumpMs(): number;
  /** Takes the present difference as right: an operator has confirmed it. */
  accept(): void;
}

/** Begins a watch. */
export function watchClock(clock: Clock): ClockWatch {
  const difference = (): number => clock.nowUs() / 1000 - clock.monotonicMs();
  let accepted = difference();
  return {
    clockJumpMs: () => difference() - accepted,
    accept: () => {
      accepted = difference();
    },
  };
}
