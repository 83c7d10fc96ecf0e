/**
 * A running syncer process, as the supervisor handles it.
 *
 * @module
 */
import { join } from "node:path";
import type { Logger } from "../ops/index.ts";
import { scriptCommand, spawn, type Child, type Clock } from "../runtime/index.ts";
import type { SyncOrder } from "./child-messages.ts";

const SCRIPT = join(import.meta.dirname, "syncer-child.ts");

/** What the native client prints about a failed pull; JavaScript never sees it. */
const COMPLAINT = /sync|locked|corrupt|malformed/i;
/** Complaints come by the hundred; this many of them are repeated in the log per syncer. */
const COMPLAINTS_LOGGED_MAX = 3;

/** Options of {@link Syncer.start}. */
export interface SyncerOptions {
  readonly order: SyncOrder;
  readonly log: Logger;
  readonly clock: Clock;
  /** The native client failed to pull. */
  readonly onComplaint: () => void;
  /** The process is gone, whoever ended it. */
  readonly onExit: () => void;
}

/** One process that holds one replica. */
export class Syncer {
  readonly #child: Child;
  readonly #options: SyncerOptions;
  readonly startedMs: number;
  #alive = true;
  #complaints = 0;

  private constructor(child: Child, options: SyncerOptions) {
    this.#child = child;
    this.#options = options;
    this.startedMs = options.clock.monotonicMs();
  }

  /** Starts the process and gives it its order. Rejects when it can't be started. */
  static async start(options: SyncerOptions): Promise<Syncer> {
    let hear: (line: string) => void = () => {};
    const child = await spawn({
      command: scriptCommand(SCRIPT, []),
      env: environment(),
      stdin: true,
      onStdout: (line) => hear(line),
      onStderr: (line) => options.log.warn("syncer", { line }),
    });
    const syncer = new Syncer(child, options);
    hear = (line) => syncer.#hear(line);
    void child.exited.then(() => syncer.#gone());
    child.write(`${JSON.stringify(options.order)}\n`);
    return syncer;
  }

  get pid(): number {
    return this.#child.pid;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Kills the process; a replica survives that at any moment. Resolves when it is gone. */
  async kill(): Promise<void> {
    if (this.#alive) this.#child.kill("SIGKILL");
    await this.#child.exited;
  }

  #hear(line: string): void {
    if (!COMPLAINT.test(line)) return;
    this.#complaints += 1;
    if (this.#complaints <= COMPLAINTS_LOGGED_MAX) {
      this.#options.log.warn("the syncer could not pull", { line });
    }
    this.#options.onComplaint();
  }

  #gone(): void {
    this.#alive = false;
    this.#options.onExit();
  }
}

/**
 * What the client needs of the environment: it has no business with the edge's secrets. Its log
 * goes to standard output, and errors are all that is wanted of it.
 */
function environment(): Record<string, string | undefined> {
  const { PATH, HOME, LD_LIBRARY_PATH } = process.env;
  return { PATH, HOME, LD_LIBRARY_PATH, RUST_LOG: "error", NO_COLOR: "1" };
}
