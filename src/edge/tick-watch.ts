/**
 * Notices that a replica has moved on.
 *
 * While little happens the file system tells, which lags 0.4 ms at the median. Under load it tells
 * of every page, a hundred times more than there is to know, and a timer is cheaper.
 *
 * @module
 */
import { watch, type FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";
import type { Logger } from "../ops/index.ts";
import type { Clock } from "../runtime/index.ts";
import { BUSY_LOOK_MS, BUSY_TICKS, CALM_LOOK_MS, CALM_MS, CALM_TICKS, PACE_MS } from "./limits.ts";

/** Options of {@link TickWatch}. */
export interface TickWatchOptions {
  /** The database file. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Looks for a new tick; true when there was one. Must not throw. */
  readonly look: () => boolean;
}

/** Calls `look` whenever there may be a new tick. */
export class TickWatch {
  readonly #options: TickWatchOptions;
  readonly #info: string;
  readonly #pace: ReturnType<typeof setInterval>;
  #timer: ReturnType<typeof setInterval>;
  #watcher: FSWatcher | undefined;
  #isBusy = false;
  #ticks = 0;
  #tickMs = 0;

  constructor(options: TickWatchOptions) {
    this.#options = options;
    this.#info = `${basename(options.path)}-info`;
    this.#watcher = this.#watch();
    this.#timer = setInterval(() => this.#look(), CALM_LOOK_MS);
    this.#pace = setInterval(() => this.#setPace(), PACE_MS);
  }

  close(): void {
    this.#watcher?.close();
    clearInterval(this.#timer);
    clearInterval(this.#pace);
  }

  #look(): void {
    if (!this.#options.look()) return;
    this.#ticks += 1;
    this.#tickMs = this.#options.clock.monotonicMs();
  }

  #setPace(): void {
    const ticks = this.#ticks;
    this.#ticks = 0;
    const isBusy = this.#isBusy ? ticks > CALM_TICKS : ticks >= BUSY_TICKS;
    if (isBusy === this.#isBusy) return;
    this.#isBusy = isBusy;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#look(), isBusy ? BUSY_LOOK_MS : CALM_LOOK_MS);
    this.#watcher?.close();
    this.#watcher = isBusy ? undefined : this.#watch();
  }

  /**
   * The syncer renames its `-info` file into place after each commit. The log grows just before,
   * once per page: that is worth a look only after a calm.
   */
  #watch(): FSWatcher | undefined {
    const { path, clock, log } = this.#options;
    try {
      const watcher = watch(dirname(path), (_, file) => {
        const isCalm = clock.monotonicMs() - this.#tickMs > CALM_MS;
        if (isCalm || file === null || String(file) === this.#info) this.#look();
      });
      watcher.on("error", () => {});
      return watcher;
    } catch (error) {
      log.warn("the replica's folder can't be watched; a timer looks instead", { error });
      return undefined;
    }
  }
}
