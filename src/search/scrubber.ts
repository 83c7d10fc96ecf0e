/**
 * Has `search.db` read again in the background, slowly, as long as questions are answered from it.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { SearchScan } from "../store/search-scan.ts";
import { SCRUB_EVERY_MS, SCRUB_PAUSE_MS } from "./limits.ts";

/** Options of {@link Scrubber}. */
export interface ScrubberOptions {
  readonly path: string;
  /** Whether the file is in service. */
  readonly inService: () => boolean;
  readonly onRows: (rows: number) => void;
  /** Called with whatever a reading ran into. */
  readonly onDamage: (error: unknown) => void;
  readonly everyMs?: number | undefined;
}

/** Reads the file from end to end, rests, and begins again. */
export class Scrubber {
  readonly #options: ScrubberOptions;
  #scan: SearchScan | undefined;

  constructor(options: ScrubberOptions) {
    this.#options = options;
  }

  /** Runs until `stop`. */
  async run(stop: AbortSignal): Promise<void> {
    const { inService, onDamage, everyMs = SCRUB_EVERY_MS } = this.#options;
    while (!stop.aborted) {
      try {
        if (inService()) await this.#read(stop);
      } catch (error) {
        if (inService()) onDamage(error);
      } finally {
        this.letGo();
      }
      await pause(inService() ? everyMs : Math.min(everyMs, SCRUB_PAUSE_MS * 10), stop);
    }
  }

  /** Closes the file: somebody is about to move it. */
  letGo(): void {
    this.#scan?.close();
    this.#scan = undefined;
  }

  async #read(stop: AbortSignal): Promise<void> {
    const { path, onRows } = this.#options;
    const scan = SearchScan.open(path);
    this.#scan = scan;
    for (const rows of scan.rows()) {
      onRows(rows);
      await pause(SCRUB_PAUSE_MS, stop);
      if (stop.aborted || this.#scan !== scan) return;
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
