/**
 * The primary: the one writer of a book, from its start to its end.
 *
 * @module
 */
import { loadKeys, SigningFiles } from "../access/index.ts";
import { listenerTls, type RoleConfig } from "../config/index.ts";
import type { Logger, OperatorError } from "../ops/index.ts";
import {
  serve,
  systemClock,
  type Clock,
  type FetchHandler,
  type Server,
} from "../runtime/index.ts";
import { FileGuard } from "../store/file-guard.ts";
import type { Receipt } from "../wire/gen/countroom/v1/record_pb.ts";
import { BODY_BYTES_MAX } from "../wire/index.ts";
import { AppendQueue } from "./append-queue.ts";
import { openBook, type Book } from "./book.ts";
import { Checkpointer } from "./checkpointer.ts";
import { ClockGuard } from "./clock-guard.ts";
import { commitFailure } from "./commit-failure.ts";
import { FenceFile } from "./fence-file.ts";
import { Fence } from "./fence.ts";
import type { AppendEvent } from "./group-decider.ts";
import { finishRotation } from "./key-rotation.ts";
import { FENCE_EXIT_MS, TEND_MS } from "./limits.ts";
import { primaryMetrics } from "./metrics.ts";
import { Ring } from "./ring.ts";
import { primarySurface } from "./surface.ts";
import { startSweeper } from "./sweeper.ts";
import { Tails } from "./tail.ts";

/** What a primary needs from its process. */
export interface PrimaryOptions {
  readonly config: RoleConfig;
  readonly log: Logger;
  readonly clock?: Clock;
  /**
   * The primary can't go on: a commit failed, the fence closed, damage was found. It takes nothing
   * more and answers nothing more; the process ends with the error's exit code.
   */
  readonly onFatal: (error: OperatorError) => void;
}

/** A running primary. */
export interface Primary extends AsyncDisposable {
  readonly url: string;
  readonly epoch: number;
  readonly reign: string;
  /** Settles events as `Append` does, without the network. See {@link AppendQueue.append}. */
  append(events: readonly AppendEvent[], deadlineMs?: number): Promise<readonly Receipt[]>;
  /** Takes nothing more, answers what waits, makes the last checkpoint, closes. Idempotent. */
  stop(): Promise<void>;
}

/** Starts a primary. It resolves when it serves, and its book is covered by a checkpoint. */
export async function startPrimary(options: PrimaryOptions): Promise<Primary> {
  const { config, log } = options;
  const clock = options.clock ?? systemClock;
  const keys = loadKeys(config.keysDir);
  const guard = new ClockGuard(clock, config.clockGuard, log);
  await finishKeyRotation(config, clock, log);
  const book = await openBook({
    dataDir: config.dataDir,
    deployment: config.deployment,
    keys,
    clock,
    log,
    clockTrusted: () => guard.check(),
    clockAheadUs: () => guard.aheadUs,
    currencies: config.currencies,
  });
  // Nobody else writes there while the book is locked.
  new SigningFiles(config.keysDir).sweep();
  const running = new RunningPrimary(options, clock, guard, book);
  try {
    await running.start();
  } catch (error) {
    await running.abandon();
    throw error;
  }
  return running;
}

/** What an operator began must not stay half done: one of two keys would sign. */
async function finishKeyRotation(config: RoleConfig, clock: Clock, log: Logger): Promise<void> {
  const done = await finishRotation({ ...config, reason: "planned", clock, log });
  if (done !== undefined) log.info("finished the key rotation that was begun", { ...done });
}

class RunningPrimary implements Primary {
  readonly #config: RoleConfig;
  readonly #log: Logger;
  readonly #onFatal: (error: OperatorError) => void;
  readonly #clock: Clock;
  readonly #guard: ClockGuard;
  readonly #book: Book;
  readonly #queue: AppendQueue;
  readonly #ring: Ring;
  readonly #tails: Tails;
  readonly #fence: Fence;
  readonly #checkpointer: Checkpointer;
  readonly #shutdown = new AbortController();
  readonly #timers: ReturnType<typeof setInterval>[] = [];
  readonly #metrics: ReturnType<typeof primaryMetrics>;
  #server: Server | undefined;
  #failed: OperatorError | undefined;
  #stopping: Promise<void> | undefined;
  #onFailed: (error: OperatorError) => void = () => {};

  constructor(options: PrimaryOptions, clock: Clock, guard: ClockGuard, book: Book) {
    this.#config = options.config;
    this.#log = options.log;
    this.#onFatal = options.onFatal;
    this.#clock = clock;
    this.#guard = guard;
    this.#book = book;
    const { log, epoch, paths, decider } = book;
    const keys = loadKeys(options.config.keysDir);
    this.#ring = new Ring(log.head().size + 1);
    this.#metrics = this.#measure();
    this.#queue = new AppendQueue({
      decider,
      log,
      monotonicMs: () => clock.monotonicMs(),
      onCommit: (group, seconds) => {
        this.#ring.push(group);
        this.#metrics.committed(group, seconds);
        this.#tails.wake();
      },
      onReceipts: (receipts) => this.#metrics.answered(receipts),
      onEventFault: (error) => {
        this.#metrics.faulted();
        this.#log.error("an event was given up", { error });
      },
      onFatal: (error) => this.#fail(commitFailure(error, paths.ledger)),
    });
    this.#tails = new Tails({
      log,
      ring: this.#ring,
      epoch: epoch.epoch,
      clock,
      checkpoint: () => this.#checkpointer.latest.note,
    });
    this.#fence = new Fence({
      deployment: options.config.deployment,
      epoch: epoch.epoch,
      reign: epoch.reign,
      publicKeys: () => keys.ownSigners(),
      headSeq: () => this.#ring.head,
      file: new FenceFile(paths.fence),
      log: options.log,
      onFenced: (error) => this.#fail(error, FENCE_EXIT_MS),
    });
    this.#checkpointer = new Checkpointer(
      {
        ledgerPath: paths.ledger,
        statePath: paths.state,
        treePath: paths.tree,
        keysDir: options.config.keysDir,
        deployment: options.config.deployment,
      },
      {
        onCheckpoint: () => this.#tails.wake(),
        onFault: (error) => this.#fail(error),
        log: options.log,
      },
    );
  }

  get url(): string {
    return this.#server?.url ?? "";
  }

  get epoch(): number {
    return this.#book.epoch.epoch;
  }

  get reign(): string {
    return this.#book.epoch.reign;
  }

  append(events: readonly AppendEvent[], deadlineMs?: number): Promise<readonly Receipt[]> {
    return this.#queue.append(events, deadlineMs);
  }

  async start(): Promise<void> {
    const failure = new Promise<never>((_, reject) => {
      this.#onFailed = reject;
    });
    this.#fence.recall();
    await Promise.race([this.#checkpointer.flush(), failure]);
    this.#onFailed = () => {};
    this.#watch();
    this.#server = serve({
      fetch: this.#surface(),
      hostname: this.#config.host,
      port: this.#config.port,
      tls: listenerTls(this.#config),
      bodyBytesMax: BODY_BYTES_MAX,
    });
    const { epoch, reign } = this;
    this.#log.info("the primary serves", { epoch, reign, head_seq: this.#ring.head });
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Gives up a start that failed. */
  async abandon(): Promise<void> {
    this.#queue.halt();
    await this.#checkpointer.kill();
    await this.#book.close();
  }

  async #stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#queue.drain();
    this.#shutdown.abort();
    await this.#server?.stop();
    await this.#checkpointer.stop();
    await this.#book.close();
    this.#log.info("the primary has stopped", { head_seq: this.#ring.head });
  }

  /** Nothing is answered from here on: what is unclear stays unclear, and is asked again. */
  #fail(error: OperatorError, delayMs = 0): void {
    this.#queue.halt();
    if (this.#failed !== undefined) return;
    this.#failed = error;
    for (const timer of this.#timers) clearInterval(timer);
    const { code, hint, cause } = error;
    this.#log.error(error.message, { code, hint, cause });
    this.#onFailed(error);
    if (delayMs === 0) this.#onFatal(error);
    else setTimeout(() => this.#onFatal(error), delayMs);
  }

  #watch(): void {
    const { paths } = this.#book;
    const files = new FileGuard(paths.ledger);
    const tend = (): void => {
      try {
        this.#guard.check();
        files.check();
      } catch (error) {
        this.#fail(commitFailure(error, paths.ledger));
      }
    };
    const clockTrusted = () => this.#guard.check();
    const append: typeof this.append = (events) => this.#queue.append(events);
    const sweeping = startSweeper({ ...this.#book, clock: this.#clock, clockTrusted, append });
    this.#timers.push(setInterval(tend, TEND_MS), sweeping);
  }

  #surface(): FetchHandler {
    return primarySurface({
      config: this.#config,
      clock: this.#clock,
      book: this.#book,
      queue: this.#queue,
      tails: this.#tails,
      fence: this.#fence,
      checkpointer: this.#checkpointer,
      metrics: this.#metrics.registry,
      shutdown: this.#shutdown.signal,
      headSeq: () => this.#ring.head,
      notReady: () => this.#notReady(),
    });
  }

  #notReady(): string | undefined {
    if (this.#failed !== undefined) return this.#failed.code;
    if (this.#stopping !== undefined) return "STOPPING";
    return this.#guard.trusted ? undefined : "CLOCK_UNTRUSTED";
  }

  #measure(): ReturnType<typeof primaryMetrics> {
    return primaryMetrics({
      queueEvents: () => this.#queue.length,
      headSeq: () => this.#ring.head,
      checkpointSeq: () => this.#checkpointer.latest.size,
      tails: () => this.#tails.open,
      invalidCheckpoints: () => this.#fence.invalid,
      clockTrusted: () => this.#guard.trusted,
    });
  }
}
