/**
 * Brings events to the primary, batching by itself.
 *
 * What gathers while calls are under way goes with the next one: no timer, no latency when idle.
 * A key is never in two calls at once. A call without a clear outcome is repeated with the same
 * bytes until its callers' deadlines, then they hear UNAVAILABLE, which promises nothing: the
 * event may be in the book, and the same key will tell.
 *
 * @module
 */
import { Code } from "../ledger/index.ts";
import type { Logger } from "../ops/index.ts";
import { jitter, type Clock } from "../runtime/index.ts";
import { BATCH_EVENTS_MAX, receiptWithoutRecord, type ReceiptIds } from "../wire/index.ts";
import { append, AppendError, type AppendItem, type AppendTarget } from "./append-call.ts";
import type { CheckpointKeeper } from "./checkpoint-keeper.ts";
import {
  RETRY_MS,
  RETRY_MS_MAX,
  SUBMIT_MS,
  SUBMIT_MS_MAX,
  UPLINK_CALL_BYTES_MAX,
  UPLINK_QUEUE_BYTES_MAX,
  UPLINK_QUEUE_MAX,
} from "./limits.ts";
import { ReceiptBytes } from "./receipt-bytes.ts";
import { UplinkQueue, type Waiting } from "./uplink-queue.ts";

/** Options of {@link Uplink}. */
export interface UplinkOptions {
  readonly target: AppendTarget;
  readonly checkpoints: CheckpointKeeper;
  readonly clock: Clock;
  readonly log: Logger;
  /** Calls in flight; an edge's workers share its number. */
  readonly callsMax: number;
}

/** One event for the primary. */
export interface Submission extends AppendItem {
  /** Operator, source and idempotency key in one: what may not be in two calls. */
  readonly key: string;
  /** Ids for a receipt that is made here. */
  readonly ids: Partial<ReceiptIds>;
  readonly deadlineMs?: number | undefined;
  /** The same object for all events of one request, whose order counts. */
  readonly request?: object | undefined;
}

/** Counts for metrics. */
export interface UplinkCounts {
  calls: number;
  events: number;
  retries: number;
  expired: number;
  overloaded: number;
}

/** How often overdue events are looked for. */
const SWEEP_MS = 25;

/** See the module. */
export class Uplink implements AsyncDisposable {
  readonly #options: UplinkOptions;
  readonly #queue = new UplinkQueue(BATCH_EVENTS_MAX, UPLINK_CALL_BYTES_MAX);
  readonly #pending = new Set<Waiting>();
  readonly counts: UplinkCounts = { calls: 0, events: 0, retries: 0, expired: 0, overloaded: 0 };
  #calls = 0;
  #scheduled = false;
  #sweeper: ReturnType<typeof setInterval> | undefined;
  #idle: (() => void)[] = [];

  constructor(options: UplinkOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#pending.size;
  }

  get callsInFlight(): number {
    return this.#calls;
  }

  /** Settles one event. Never rejects. */
  submit(submission: Submission): Promise<ReceiptBytes> {
    const full =
      this.#pending.size >= UPLINK_QUEUE_MAX || this.#queue.bytes >= UPLINK_QUEUE_BYTES_MAX;
    if (full) {
      this.counts.overloaded += 1;
      const receipt = receiptWithoutRecord({ code: Code.OVERLOADED }, submission.ids);
      return Promise.resolve(ReceiptBytes.of(receipt));
    }
    const limitMs = Math.min(submission.deadlineMs ?? SUBMIT_MS, SUBMIT_MS_MAX);
    return new Promise((resolve) => {
      const waiting: Waiting = {
        ...submission,
        dueMs: this.#options.clock.monotonicMs() + limitMs,
        settled: false,
        resolve,
      };
      this.#pending.add(waiting);
      this.#queue.push(waiting);
      this.#schedule();
    });
  }

  /** Waits until everything taken has been answered. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#pending.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    clearInterval(this.#sweeper);
  }

  #schedule(): void {
    this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_MS);
    if (this.#scheduled || this.#calls >= this.#options.callsMax) return;
    this.#scheduled = true;
    // After the requests that the event loop has at hand, so that they go together.
    setImmediate(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#calls < this.#options.callsMax) {
      const batch = this.#queue.take();
      if (batch.length === 0) return;
      this.#calls += 1;
      void this.#settle(batch).finally(() => {
        this.#queue.release(batch);
        this.#calls -= 1;
        this.#pump();
      });
    }
  }

  /** Repeats one batch until it is clear, or nobody waits for it any more. */
  async #settle(batch: readonly Waiting[]): Promise<void> {
    const { target, checkpoints, clock } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      const live = batch.filter(({ settled }) => !settled);
      if (live.length === 0) return;
      const dueMs = live.reduce((latest, one) => Math.max(latest, one.dueMs), 0);
      const leftMs = Math.max(1, dueMs - clock.monotonicMs());
      this.counts.calls += 1;
      this.counts.events += live.length;
      try {
        const answer = await append(target, live, checkpoints.note, leftMs);
        checkpoints.offer(answer.checkpoint);
        live.forEach((one, index) => this.#answer(one, answer.receipts[index]!));
        return;
      } catch (error) {
        if (this.#isFinal(error, attempt)) return live.forEach((one) => this.#fail(one));
      }
      this.counts.retries += 1;
      const pauseMs = Math.min(RETRY_MS * 2 ** attempt, RETRY_MS_MAX) * (0.5 + jitter());
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  #isFinal(error: unknown, attempt: number): boolean {
    const { log } = this.#options;
    if (!(error instanceof AppendError)) {
      log.error("a batch could not be brought to the primary", { error });
      return true;
    }
    if (error.final) log.error("the primary refuses this edge's calls", { error });
    else if (attempt === 0) log.debug("a call of unclear outcome is repeated", { error });
    return error.final;
  }

  #answer(waiting: Waiting, receipt: ReceiptBytes): void {
    if (waiting.settled) return;
    waiting.settled = true;
    this.#pending.delete(waiting);
    waiting.resolve(receipt);
    if (this.#pending.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #fail(waiting: Waiting): void {
    const receipt = receiptWithoutRecord({ code: Code.UNAVAILABLE }, waiting.ids);
    this.#answer(waiting, ReceiptBytes.of(receipt));
  }

  #sweep(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const waiting of this.#pending) {
      if (waiting.dueMs > nowMs) continue;
      this.counts.expired += 1;
      this.#fail(waiting);
    }
  }
}
