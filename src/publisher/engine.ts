/**
 * The publisher's life: find a standing, follow the Tail, and react to whatever goes wrong without
 * leaving the replicas alone.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../ops/index.ts";
import { jitter, randomHex, type Clock } from "../runtime/index.ts";
import type { WalletDb, WalletHead } from "../store/wallet.ts";
import { TailFault, type CheckpointFile, type LedgerClient } from "../wire/index.ts";
import { PublisherError, TAIL_FAULTS, type Reaction } from "./errors.ts";
import { Feed } from "./feed.ts";
import { Follower, type Standing, type TickReport } from "./follower.ts";
import { FollowLoop } from "./follow-loop.ts";
import {
  FEED_ID_BYTES,
  REBUILDS_UNNOTICED,
  RETRY_MS_MAX,
  RETRY_MS_MIN,
  SAY_AGAIN_MS,
  STEADY_MS,
  WITHHELD_RETRY_MS,
} from "./limits.ts";
import type { PageLogOptions } from "./page-log.ts";
import { rebuild, standingOf, standOnFile } from "./standing.ts";

/** What an engine runs on. */
export interface EngineOptions {
  /** Path of `wallet.db`. */
  readonly path: string;
  readonly client: LedgerClient;
  readonly checkpoints: CheckpointFile;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tickMs: number;
  readonly pageLog: PageLogOptions;
  readonly withheldRetryMs?: number;
  readonly onFeed: (feed: Feed) => void;
  readonly onTick: (report: TickReport) => void;
  readonly onFailure: (failure: PublisherError) => void;
}

/** What the engine is doing, for people. */
export type EngineState = "starting" | "following" | "disconnected" | "alarmed" | "stopped";

/** Keeps `wallet.db` and its feed in step with the book. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #stop = new AbortController();
  #feed: Feed | undefined;
  #db: WalletDb | undefined;
  #follower: Follower | undefined;
  #mustRebuild = false;
  #attempts = 0;
  #state: EngineState = "starting";
  #alarm: PublisherError | undefined;
  #said = { code: "", ms: 0 };

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** What replicas are served from; undefined before the first standing. */
  get feed(): Feed | undefined {
    return this.#feed;
  }

  get state(): EngineState {
    return this.#state;
  }

  /** Why nothing new is published. */
  get alarm(): PublisherError | undefined {
    return this.#alarm;
  }

  /** Runs until {@link stop}. Rejects when the evidence contradicts itself. */
  async run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        this.#follower ??= await this.#stand();
        await this.#follow(this.#follower);
      } catch (error) {
        if (this.#stop.signal.aborted) break;
        await this.#react(toFailure(error));
      }
    }
    this.#state = "stopped";
  }

  /** Ends {@link run}; the feed is served on until {@link close}. */
  stop(): void {
    this.#stop.abort();
  }

  /** Turns replicas away and closes the file. */
  close(): void {
    this.#feed?.close();
    this.#db?.close();
    this.#db = undefined;
  }

  async #stand(): Promise<Follower> {
    if (this.#mustRebuild) return this.#standOnState();
    if (this.#db !== undefined) {
      const standing = standingOf(this.#db);
      if (standing !== undefined) return this.#newFollower(standing);
      throw new PublisherError("WALLET_DOUBTFUL", "wallet.db doesn't fit its own head");
    }
    const standing = await standOnFile(this.#standingOptions());
    if (standing === undefined) return this.#standOnState();
    this.#db = standing.db;
    return this.#newFollower(standing);
  }

  async #standOnState(): Promise<Follower> {
    // Replicas of the old feed are served from memory until the new one exists.
    this.#db?.close();
    this.#db = undefined;
    this.#mustRebuild = true;
    const standing = await rebuild(this.#standingOptions());
    this.#db = standing.db;
    this.#mustRebuild = false;
    this.#options.checkpoints.save();
    const { seq } = standing.book;
    this.#options.log.info("wallet.db was built from the primary's state", { seq });
    return this.#newFollower(standing);
  }

  #standingOptions() {
    const { path, client, checkpoints } = this.#options;
    return { path, client, checkpoints, stop: this.#stop.signal };
  }

  #newFollower(standing: Standing): Follower {
    const { checkpoints } = this.#options;
    const onTick = (report: TickReport): void => {
      // Something new is published, so nothing is withheld any more.
      this.#alarm = undefined;
      this.#state = "following";
      this.#options.onTick(report);
    };
    // A feed on this very file goes on; it was closed when the file was given up.
    const feed = this.#feed?.db === standing.db ? this.#feed : undefined;
    const openFeed = (from: Standing, head: WalletHead) => this.#beginFeed(from.db, head);
    return new Follower(standing, { checkpoints, onTick, openFeed, feed });
  }

  #beginFeed(db: WalletDb, head: WalletHead): Feed {
    const id = randomHex(FEED_ID_BYTES);
    const feed = Feed.open(db, { ...head, feed: id }, this.#options.pageLog);
    this.#feed?.close();
    this.#feed = feed;
    this.#options.log.info("a feed begins", { feed: feed.segment, seq: head.seq });
    this.#options.onFeed(feed);
    return feed;
  }

  async #follow(follower: Follower): Promise<void> {
    const { client, checkpoints, clock, tickMs } = this.#options;
    const loop = new FollowLoop(follower, { client, checkpoints, clock, tickMs });
    const sinceMs = clock.monotonicMs();
    try {
      await loop.run(this.#stop.signal, () => {
        if (this.#alarm === undefined) this.#state = "following";
      });
    } finally {
      if (clock.monotonicMs() - sinceMs >= STEADY_MS) this.#attempts = 0;
    }
  }

  async #react(failure: PublisherError): Promise<void> {
    const reaction = this.#reactionTo(failure);
    this.#report(failure);
    const lasting = reaction !== "rebuild" || this.#attempts >= REBUILDS_UNNOTICED;
    if (failure.code !== "TAIL_LOST" && lasting) this.#alarm = failure;
    this.#state = this.#alarm === undefined ? "disconnected" : "alarmed";
    if (reaction === "stop") throw failure;
    this.#mustRebuild ||= reaction === "rebuild";
    if (this.#mustRebuild || this.#follower?.broken !== false) this.#follower = undefined;
    await this.#pause(reaction);
  }

  /** A file that was never proven deserves no benefit of the doubt. */
  #reactionTo(failure: PublisherError): Reaction {
    const served = this.#db === undefined || this.#feed?.db === this.#db;
    const proven = served || this.#follower?.proven === true;
    return proven || failure.reaction === "retry" ? failure.reaction : "rebuild";
  }

  /** Says a lasting failure once in a while, not at every attempt. */
  #report(failure: PublisherError): void {
    const { log, clock, onFailure } = this.#options;
    const { code, hint, message, cause } = failure;
    onFailure(failure);
    const now = clock.monotonicMs();
    if (this.#said.code === code && now - this.#said.ms < SAY_AGAIN_MS) return;
    this.#said = { code, ms: now };
    const level = code === "TAIL_LOST" ? "warn" : "error";
    log[level](message, { code, hint, cause: cause instanceof Error ? cause.message : cause });
  }

  /** Waits twice as long each time, but for the first rebuild, which can't wait. */
  async #pause(reaction: Reaction): Promise<void> {
    const { withheldRetryMs = WITHHELD_RETRY_MS } = this.#options;
    const doubled = Math.min(RETRY_MS_MIN * 2 ** this.#attempts, RETRY_MS_MAX);
    const wait = reaction === "withhold" ? withheldRetryMs : doubled * (0.5 + jitter() / 2);
    this.#attempts += 1;
    await sleep(wait, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}

function toFailure(error: unknown): PublisherError {
  if (error instanceof PublisherError) return error;
  if (error instanceof TailFault) {
    return new PublisherError(TAIL_FAULTS[error.code], error.message, error.cause);
  }
  // Nobody foresaw it, so nothing in memory or on disk can be relied on.
  return new PublisherError("WALLET_DOUBTFUL", "an unforeseen failure", error);
}
