/**
 * Bounds what strangers may ask for: so many calls at once, and so many a second.
 *
 * @module
 */

/** Options of {@link Budget}. */
export interface BudgetOptions {
  readonly callsMax: number;
  readonly perSecond: number;
  readonly monotonicMs: () => number;
}

/** Calls that may begin. Not per caller: a sum that the writer's machine can always bear. */
export class Budget {
  readonly #options: BudgetOptions;
  #calls = 0;
  #left: number;
  #filledMs: number;

  constructor(options: BudgetOptions) {
    this.#options = options;
    this.#left = options.perSecond;
    this.#filledMs = options.monotonicMs();
  }

  /** Runs `work` within the budget; undefined when there is none left. */
  async spend<T>(work: () => Promise<T>): Promise<T | undefined> {
    const { callsMax, perSecond, monotonicMs } = this.#options;
    const nowMs = monotonicMs();
    this.#left = Math.min(perSecond, this.#left + ((nowMs - this.#filledMs) * perSecond) / 1000);
    this.#filledMs = nowMs;
    if (this.#calls >= callsMax || this.#left < 1) return undefined;
    this.#left -= 1;
    this.#calls += 1;
    try {
      return await work();
    } finally {
      this.#calls -= 1;
    }
  }
}
