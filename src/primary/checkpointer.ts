/**
 * The checkpointer as the writer sees it.
 *
 * @module
 */
import { Worker } from "node:worker_threads";
import { EXIT, OperatorError, type ExitCode, type Logger } from "../ops/index.ts";
import type { DerivedPaths } from "./derived-files.ts";
import { CHECKPOINT_STOP_MS } from "./limits.ts";
import type { ProofAnswer, ProofQuestion } from "./proof-messages.ts";

/** What the thread is given. */
export type CheckpointerOptions = DerivedPaths;

/** To the thread: catch up with the log, and then perhaps end; or answer a question. */
export type ToWorker =
  | { readonly type: "flush" | "stop"; readonly id: number }
  | { readonly type: "ask"; readonly id: number; readonly question: ProofQuestion };

/** From the thread. */
export type FromWorker =
  | { readonly type: "checkpoint"; readonly size: number; readonly note: string }
  | { readonly type: "done"; readonly id: number }
  | { readonly type: "answer"; readonly id: number; readonly answer: ProofAnswer }
  | {
      readonly type: "log";
      readonly level: "info" | "warn";
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    }
  | { readonly type: "fault"; readonly fault: Readonly<Record<string, unknown>> };

/** A signed checkpoint, and the size of its tree. */
export interface LatestCheckpoint {
  readonly size: number;
  readonly note: string;
}

/** What happens in the thread. */
export interface CheckpointerEvents {
  readonly onCheckpoint: (checkpoint: LatestCheckpoint) => void;
  /** The thread has found damage or has died: the primary has to end. */
  readonly onFault: (error: OperatorError) => void;
  readonly log: Logger;
}

/** Keeps `state.db` in a thread of its own. */
export class Checkpointer {
  readonly #worker: Worker;
  readonly #events: CheckpointerEvents;
  readonly #waiting = new Map<number, () => void>();
  readonly #asked = new Map<number, (answer: ProofAnswer | undefined) => void>();
  #latest: LatestCheckpoint = { size: 0, note: "" };
  #ids = 0;
  #stopping = false;

  constructor(options: CheckpointerOptions, events: CheckpointerEvents) {
    this.#events = events;
    const file = new URL("./checkpoint-worker.ts", import.meta.url);
    this.#worker = new Worker(file, { workerData: options });
    this.#worker.on("message", (message: FromWorker) => this.#hear(message));
    this.#worker.on("error", (cause) => this.#fail("the checkpointer failed", cause));
    this.#worker.on("exit", () => {
      if (!this.#stopping) this.#fail("the checkpointer has ended");
    });
  }

  /** The newest signed checkpoint; its note is "" before the first. */
  get latest(): LatestCheckpoint {
    return this.#latest;
  }

  /** Resolves when every record that is durable now is covered by a checkpoint. */
  flush(): Promise<void> {
    return this.#ask("flush");
  }

  /**
   * Asks about the tree. A record that no checkpoint covers yet gets one. Undefined when there is
   * no answer within `waitMs`.
   */
  prove(question: ProofQuestion, waitMs: number): Promise<ProofAnswer | undefined> {
    if (this.#stopping) return Promise.resolve(undefined);
    this.#ids += 1;
    const id = this.#ids;
    return new Promise((resolve) => {
      const settle = (answer: ProofAnswer | undefined): void => {
        clearTimeout(timer);
        this.#asked.delete(id);
        resolve(answer);
      };
      const timer = setTimeout(() => settle(undefined), waitMs);
      this.#asked.set(id, settle);
      this.#worker.postMessage({ type: "ask", id, question } satisfies ToWorker);
    });
  }

  /** Makes the last checkpoint and ends the thread. */
  async stop(): Promise<void> {
    this.#stopping = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CHECKPOINT_STOP_MS);
    });
    await Promise.race([this.#ask("stop"), late]);
    clearTimeout(timer);
    await this.#worker.terminate();
  }

  /** Ends the thread as it is. */
  async kill(): Promise<void> {
    this.#stopping = true;
    await this.#worker.terminate();
  }

  #ask(type: "flush" | "stop"): Promise<void> {
    this.#ids += 1;
    const id = this.#ids;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#worker.postMessage({ type, id } satisfies ToWorker);
    });
  }

  #hear(message: FromWorker): void {
    switch (message.type) {
      case "checkpoint":
        this.#latest = { size: message.size, note: message.note };
        return this.#events.onCheckpoint(this.#latest);
      case "done":
        this.#waiting.get(message.id)?.();
        this.#waiting.delete(message.id);
        return;
      case "answer":
        this.#asked.get(message.id)?.(message.answer);
        return;
      case "log":
        this.#events.log[message.level](message.message, message.fields);
        return;
      case "fault":
        return this.#events.onFault(faultFrom(message.fault));
      default:
        return message satisfies never;
    }
  }

  #fail(message: string, cause?: unknown): void {
    if (this.#stopping) return;
    this.#events.onFault(new OperatorError("CHECKPOINTER_FAILED", message, { cause }));
  }
}

/** Errors lose their class on the way between threads. */
function faultFrom(fault: Readonly<Record<string, unknown>>): OperatorError {
  const { message, code, hint, exitCode } = fault;
  const known = Object.values(EXIT).find((one) => one === exitCode);
  return new OperatorError(
    typeof code === "string" ? code : "CHECKPOINTER_FAILED",
    `the checkpointer stopped: ${String(message)}`,
    {
      hint: typeof hint === "string" ? hint : "Start again: the state is checked and rebuilt.",
      exitCode: (known ?? EXIT.failed) as ExitCode,
    },
  );
}
