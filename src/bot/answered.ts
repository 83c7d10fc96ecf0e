/**
 * Remembers which updates this edge has answered, so that a re-sent one isn't answered twice.
 *
 * It is a courtesy in memory: what protects the money is the update's key at the ledger.
 *
 * @module
 */
import { BoundedMap } from "./bounded-map.ts";
import { ANSWERED_MAX } from "./limits.ts";

export class AnsweredUpdates {
  readonly #runs = new BoundedMap<string, Promise<void>>(ANSWERED_MAX);

  /**
   * Runs `answer` unless this update is answered already or just now; whoever comes second shares
   * the first one's end. A run that fails may be repeated.
   */
  once(key: string, answer: () => Promise<void>): Promise<void> {
    const known = this.#runs.get(key);
    if (known !== undefined) return known;
    const run = answer();
    this.#runs.set(key, run);
    run.catch(() => this.#runs.delete(key));
    return run;
  }
}
