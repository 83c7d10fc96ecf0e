/**
 * The life of `search.db`: follow the Tail, answer for what is proven, and start over by itself
 * when the book turns out to be another one.
 *
 * @module
 */
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import type { Currencies } from "../money/index.ts";
import { OperatorError, type Logger } from "../ops/index.ts";
import { jitter, type Clock } from "../runtime/index.ts";
import { openTail, type CheckpointFile, type LedgerClient } from "../wire/index.ts";
import { SearchError, toSearchError } from "./errors.ts";
import { Follower } from "./follower.ts";
import { Freshness } from "./freshness.ts";
import {
  FOLLOW_TURN_MS,
  RETRY_MS_MAX,
  RETRY_MS_MIN,
  SAY_AGAIN_MS,
  STEADY_MS,
  WITHHELD_RETRY_MS,
} from "./limits.ts";
import { Scrubber } from "./scrubber.ts";
import { SearchIndex } from "./search-index.ts";
import { SearchView } from "./search-view.ts";

/** What an engine runs on. */
export interface EngineOptions {
  /** Path of `search.db`. */
  readonly path: string;
  readonly client: LedgerClient;
  readonly checkpoints: CheckpointFile;
  readonly clock: Clock;
  readonly log: Logger;
  readonly withheldRetryMs?: number | undefined;
  /** Between two readings of the whole file. */
  readonly scrubEveryMs?: number | undefined;
  readonly currencies?: Currencies | undefined;
  readonly onWritten: (records: number) => void;
  /** Rows that the background check has read. */
  readonly onScrubbed: (rows: number) => void;
  readonly onFailure: (failure: SearchError) => void;
}

/** What the engine is doing, for people. */
export type EngineState = "starting" | "following" | "disconnected" | "alarmed" | "stopped";

/** Keeps `search.db` in step with the book. */
export class Engine {
  readonly view: SearchView;
  readonly #options: EngineOptions;
  readonly #freshness: Freshness;
  readonly #stop = new AbortController();
  readonly #scrubber: Scrubber;
  #index: SearchIndex | undefined;
  /** What was found wrong with the file; nobody is answered from it any more. */
  #damage: SearchError | undefined;
  /** Ends whatever goes on when damage is found. */
  #interrupt = new AbortController();
  /** Of that, or of {@link stop}. */
  #ends: AbortSignal;
  #attempts = 0;
  /** The file was begun anew and no checkpoint has covered it yet. */
  #fresh = false;
  #state: EngineState = "starting";
  #alarm: SearchError | undefined;
  #headSeq = 0;
  #said = { code: "", ms: 0 };

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#ends = this.#either();
    this.#freshness = new Freshness(options.clock);
    this.view = new SearchView(
      () => (this.#damage === undefined ? this.#index : undefined),
      () => this.headSeq,
      this.#freshness,
      options.currencies,
    );
    this.#scrubber = new Scrubber({
      path: options.path,
      everyMs: options.scrubEveryMs,
      inService: () => this.view.snapshot() !== undefined,
      onRows: options.onScrubbed,
      onDamage: (error) => this.damaged(error),
    });
  }

  get state(): EngineState {
    return this.#state;
  }

  /** Why nothing new is taken in. */
  get alarm(): SearchError | undefined {
    return this.#alarm;
  }

  /** Newest record of the book, as far as it was heard. */
  get headSeq(): number {
    return Math.max(this.#headSeq, this.#index?.seq ?? 0);
  }

  /** Runs until {@link stop}. Rejects when the evidence contradicts itself. */
  async run(): Promise<void> {
    const scrubbing = this.#scrubber.run(this.#stop.signal);
    try {
      await this.#runOn();
    } finally {
      this.#stop.abort();
      await scrubbing;
    }
  }

  /** Whoever reads the file found it damaged: it is set aside, and made anew from the book. */
  damaged(error: unknown): void {
    if (this.#damage !== undefined || this.#index === undefined) return;
    this.#damage = toSearchError(error);
    this.#interrupt.abort();
  }

  async #runOn(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#follow((this.#index ??= this.#open()));
      } catch (error) {
        if (this.#stop.signal.aborted) break;
        await this.#react(this.#judge(this.#damage ?? toSearchError(error)));
      }
    }
    this.#state = "stopped";
  }

  /** Ends {@link run}; questions are answered until {@link close}. */
  stop(): void {
    this.#stop.abort();
  }

  /** Closes the file. */
  close(): void {
    this.#scrubber.letGo();
    this.#index?.close();
    this.#index = undefined;
    this.view.changed();
  }

  #open(): SearchIndex {
    const index = openIndex(this.#options.path, this.#options.log);
    const { seq, proven } = index.head();
    this.#fresh = proven === 0;
    this.#options.log.info("search.db is open", { seq, proven });
    return index;
  }

  async #follow(index: SearchIndex): Promise<void> {
    const { client, checkpoints, clock, onWritten } = this.#options;
    this.#ends.throwIfAborted();
    const sinceMs = clock.monotonicMs();
    const follower = new Follower({
      index,
      checkpoints,
      freshness: this.#freshness,
      onWritten: (records) => {
        if (index.head().proven > 0) this.#fresh = false;
        onWritten(records);
        this.view.changed();
      },
    });
    const request = { fromSeq: follower.seq + 1, checkpoint: checkpoints.note };
    let turnMs = clock.monotonicMs();
    try {
      for await (const message of openTail(client, request, this.#ends)) {
        follower.accept(message);
        this.#headSeq = Number(message.headSeq);
        this.#state = "following";
        this.#alarm = undefined;
        // Nothing more is read meanwhile: the Tail waits.
        while (follower.write()) turnMs = await this.#turn(turnMs);
        turnMs = await this.#turn(turnMs);
      }
    } finally {
      if (clock.monotonicMs() - sinceMs >= STEADY_MS) this.#attempts = 0;
    }
  }

  /** Lets requests pass when following has gone on for a while. */
  async #turn(sinceMs: number): Promise<number> {
    const { clock } = this.#options;
    if (clock.monotonicMs() - sinceMs < FOLLOW_TURN_MS) return sinceMs;
    await turn();
    this.#ends.throwIfAborted();
    return clock.monotonicMs();
  }

  async #react(failure: SearchError): Promise<void> {
    const { reaction } = failure;
    this.#report(failure);
    if (failure.code !== "TAIL_LOST") this.#alarm = failure;
    this.#state = failure.code === "TAIL_LOST" ? "disconnected" : "alarmed";
    if (reaction === "stop") throw failure;
    if (reaction === "rebuild") this.#startOver(failure.code === "SEARCH_DB_DAMAGED");
    const { withheldRetryMs = WITHHELD_RETRY_MS } = this.#options;
    const doubled = Math.min(RETRY_MS_MIN * 2 ** this.#attempts, RETRY_MS_MAX);
    this.#attempts += 1;
    await this.#pause(reaction === "withhold" ? withheldRetryMs : doubled * (0.5 + jitter() / 2));
  }

  /** What was built from the first record on can't be helped by building it again. */
  #judge(failure: SearchError): SearchError {
    const { code, message, cause } = failure;
    if (code !== "TREE_MISMATCH" || !this.#fresh) return failure;
    return new SearchError(code, message, { cause, reaction: "stop" });
  }

  #startOver(damaged: boolean): void {
    const { path, log } = this.#options;
    this.close();
    if (damaged)
      log.warn("search.db is set aside", { aside: SearchIndex.setAside(path, "damaged") });
    SearchIndex.delete(path);
    this.#damage = undefined;
    this.#interrupt = new AbortController();
    this.#ends = this.#either();
    this.#freshness.forget();
    this.#headSeq = 0;
  }

  /** Says a lasting failure once in a while, not at every attempt. */
  #report(failure: SearchError): void {
    const { log, clock, onFailure } = this.#options;
    const { code, hint, message, cause } = failure;
    onFailure(failure);
    const now = clock.monotonicMs();
    if (this.#said.code === code && now - this.#said.ms < SAY_AGAIN_MS) return;
    this.#said = { code, ms: now };
    const level = code === "TAIL_LOST" ? "warn" : "error";
    log[level](message, { code, hint, cause: cause instanceof Error ? cause.message : cause });
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#ends }).catch(() => undefined);
  }

  #either(): AbortSignal {
    return AbortSignal.any([this.#stop.signal, this.#interrupt.signal]);
  }
}

/** Whatever lies there and can't be read as ours is kept, but not in the way. */
function openIndex(path: string, log: Logger): SearchIndex {
  try {
    return SearchIndex.open(path);
  } catch (cause) {
    if (!(cause instanceof OperatorError) || cause.code !== "DATABASE_FOREIGN") throw cause;
    const aside = SearchIndex.setAside(path, "foreign");
    log.warn("a file that isn't search.db was set aside", { why: cause.message, aside });
    return SearchIndex.open(path);
  }
}
