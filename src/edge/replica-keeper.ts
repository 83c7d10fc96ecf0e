/**
 * Keeps a good replica in service: builds one per feed, watches it, replaces it.
 *
 * A repair is always a new folder. The replica in service keeps serving, older by the moment, until
 * its successor is complete and audited; only one that an audit found wrong is withdrawn at once.
 *
 * @module
 */
import type { Logger } from "../ops/index.ts";
import { jitter, type Clock } from "../runtime/index.ts";
import { openReplicaReader, type ReplicaReader } from "../store/replica.ts";
import { audit } from "./auditor.ts";
import {
  AUDIT_EVERY_MS,
  FEED_POLL_EAGER_MS,
  FEED_POLL_GAP_MS,
  FEED_POLL_MS,
  REBUILD_MS,
  REBUILD_MS_MAX,
  RESUME_AFTER_MS,
  STUCK_MS,
} from "./limits.ts";
import type { KeeperStatus } from "./keeper-status.ts";
import type { Feed, PublisherClient } from "./publisher-client.ts";
import { ReplicaBuilder } from "./replica-builder.ts";
import type { ReplicaFolders, ReplicaPlace } from "./replica-folder.ts";
import { sleep } from "./sleep.ts";
import type { Syncer } from "./syncer.ts";

/** Whoever answers requests from the replica. */
export interface ReplicaUser {
  /**
   * Switches to this replica, or to none. Resolves when the former one is let go of; rejects when
   * the new one can't be read, and then still serves the former.
   */
  use(place: ReplicaPlace | undefined): Promise<void>;
}

/** Options of {@link ReplicaKeeper}. */
export interface ReplicaKeeperOptions {
  readonly folders: ReplicaFolders;
  readonly publisher: PublisherClient;
  readonly user: ReplicaUser;
  /** The edge's own token, for the syncer. */
  readonly token: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly auditEveryMs?: number;
}

interface Replica {
  readonly place: ReplicaPlace;
  readonly reader: ReplicaReader;
  /** Undefined for one that was found at start: it is served, but nobody feeds it. */
  syncer: Syncer | undefined;
  tick: number;
  movedMs: number;
  auditedMs: number;
  /** It must be replaced. */
  condemned: boolean;
}

/** Pause between slices of a background audit: it takes a few percent of one processor. */
const AUDIT_PAUSE_MS = 100;

/** See the module. */
export class ReplicaKeeper implements AsyncDisposable {
  readonly #options: ReplicaKeeperOptions;
  readonly #builder: ReplicaBuilder;
  readonly #stop = new AbortController();
  readonly #counts = { builds: 0, failedBuilds: 0, resumes: 0, condemned: 0 };
  #current: Replica | undefined;
  #running: Promise<void> = Promise.resolve();
  #auditing = false;
  #complained = false;
  #woken = new AbortController();
  #pauseMs = REBUILD_MS;
  #notBeforeMs = -Infinity;

  constructor(options: ReplicaKeeperOptions) {
    this.#options = options;
    this.#builder = new ReplicaBuilder({
      ...options,
      signal: this.#stop.signal,
      onComplaint: () => {
        if (this.#complained) return;
        this.#complained = true;
        this.#woken.abort();
      },
      onExit: () => this.#woken.abort(),
    });
  }

  /** Process id of the syncer at work. */
  get syncerPid(): number | undefined {
    return this.#current?.syncer?.alive === true ? this.#current.syncer.pid : undefined;
  }

  get status(): KeeperStatus {
    const isFed = this.syncerPid !== undefined && this.#current?.condemned === false;
    return { isFed, ...this.#counts };
  }

  /** Serves what is left of the last run, if anything, and begins to keep. */
  async start(): Promise<void> {
    const { folders, log } = this.#options;
    const left = await folders.remembered();
    await folders.keepOnly([left]);
    if (left !== undefined) {
      try {
        await this.#serve(left, undefined);
        log.info("serving the last replica until the publisher answers", { feed: left.feed });
      } catch (error) {
        log.warn("the last replica can't be read", { error });
        await folders.keepOnly([]);
      }
    }
    this.#running = this.#run();
  }

  /** Stops syncing. The folder stays, so that the next start can serve it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#woken.abort();
    await this.#running;
    await this.#current?.syncer?.kill();
    this.#current?.reader.close();
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#woken = new AbortController();
      try {
        const feed = await this.#options.publisher.feed();
        if (feed === undefined) await this.#park();
        else await this.#reconcile(feed);
      } catch (error) {
        this.#options.log.error("keeping the replica failed; trying again", { error });
        this.#failed();
      }
      // Something that wakes this loop all the time must not turn it into a storm of questions.
      await sleep(FEED_POLL_GAP_MS, this.#stop.signal);
      const calm = this.status.isFed && !this.#complained;
      await sleep(calm ? FEED_POLL_MS : FEED_POLL_EAGER_MS, this.#woken.signal);
    }
  }

  /** A syncer that can't reach its publisher would poll it a thousand times a second. */
  async #park(): Promise<void> {
    if (!this.#complained) return;
    this.#complained = false;
    await this.#current?.syncer?.kill();
  }

  async #reconcile(feed: Feed): Promise<void> {
    const current = this.#current;
    const same = current?.place.epoch === feed.epoch && current.place.feed === feed.feed;
    this.#complained = false;
    if (current === undefined || !same || current.condemned) {
      await this.#build(feed);
    } else if (current.syncer?.alive === true) {
      this.#watch(current, feed);
    } else if (!(await this.#resume(current, feed))) {
      await this.#build(feed);
    }
  }

  async #build(feed: Feed): Promise<void> {
    const { folders, log, clock } = this.#options;
    const startedMs = clock.monotonicMs();
    if (startedMs < this.#notBeforeMs) return;
    const old = this.#current;
    // A syncer of a dead feed only repeats questions; one of this feed serves until the swap.
    if (old !== undefined && old.place.feed !== feed.feed) await old.syncer?.kill();
    const built = await this.#builder.build(feed);
    try {
      if (built === undefined) throw new TypeError("the replica is not complete and good");
      await this.#serve(built.place, built.syncer);
    } catch (error) {
      await built?.syncer.kill();
      await folders.keepOnly([this.#current?.place]);
      if (!this.#stop.signal.aborted) log.warn("no replica could be built", { error });
      return this.#failed();
    }
    this.#counts.builds += 1;
    this.#pauseMs = REBUILD_MS;
    const tookMs = Math.round(clock.monotonicMs() - startedMs);
    log.info("serving a new replica", { epoch: feed.epoch, feed: feed.feed, took_ms: tookMs });
  }

  /** Swaps: the new one serves, then the old one is let go. */
  async #serve(place: ReplicaPlace, syncer: Syncer | undefined): Promise<void> {
    const { folders, user, clock } = this.#options;
    const reader = await openReplicaReader(place.path);
    const tick = reader.head()?.tick;
    try {
      if (tick === undefined) throw new TypeError("the replica has no head");
      await user.use(place);
    } catch (error) {
      reader.close();
      throw error;
    }
    const old = this.#current;
    const nowMs = clock.monotonicMs();
    const fresh = { tick, movedMs: nowMs, auditedMs: nowMs, condemned: false };
    this.#current = { place, reader, syncer, ...fresh };
    await old?.syncer?.kill();
    old?.reader.close();
    if (syncer === undefined) return;
    await folders.remember(place);
    await folders.keepOnly([place]);
  }

  /** Takes up a folder whose syncer died or was parked. One that dies young gets a new folder. */
  async #resume(current: Replica, feed: Feed): Promise<boolean> {
    const { clock, log } = this.#options;
    const dead = current.syncer;
    if (dead === undefined || clock.monotonicMs() - dead.startedMs < RESUME_AFTER_MS) return false;
    const syncer = await this.#builder.resume(current.place, feed);
    if (syncer === undefined) return false;
    current.syncer = syncer;
    current.movedMs = clock.monotonicMs();
    // Whatever the interruption did to the file, the next audit is due now.
    current.auditedMs = -Infinity;
    this.#counts.resumes += 1;
    log.info("the syncer was restarted on its replica", { feed: feed.feed });
    return true;
  }

  #watch(current: Replica, feed: Feed): void {
    const { clock, auditEveryMs = AUDIT_EVERY_MS } = this.#options;
    const head = current.reader.head();
    const nowMs = clock.monotonicMs();
    if (head === undefined || head.feed !== feed.feed || head.epoch !== feed.epoch) {
      return this.#condemn(current, "its head belongs to another feed");
    }
    if (head.tick !== current.tick) {
      current.tick = head.tick;
      current.movedMs = nowMs;
    }
    const behind = feed.tick === undefined ? feed.seq > head.seq : feed.tick > head.tick;
    if (behind && nowMs - current.movedMs > STUCK_MS) this.#condemn(current, "it stands still");
    else if (nowMs - current.auditedMs > auditEveryMs) void this.#auditInBackground(current);
  }

  async #auditInBackground(current: Replica): Promise<void> {
    if (this.#auditing) return;
    this.#auditing = true;
    const { clock, log, user } = this.#options;
    current.auditedMs = clock.monotonicMs();
    const { place } = current;
    try {
      const verdict = await audit({
        place,
        pauseMs: AUDIT_PAUSE_MS,
        log,
        signal: this.#stop.signal,
      });
      if (verdict !== "bad" || current !== this.#current) return;
      await user.use(undefined);
      this.#condemn(current, "its rows differ from its head");
    } catch (error) {
      log.warn("an audit of the replica failed", { error });
    } finally {
      this.#auditing = false;
    }
  }

  #condemn(current: Replica, why: string): void {
    if (current.condemned) return;
    current.condemned = true;
    this.#counts.condemned += 1;
    this.#options.log.error("the replica must be replaced", { why });
    this.#woken.abort();
  }

  #failed(): void {
    this.#counts.failedBuilds += 1;
    const pauseMs = this.#pauseMs * (0.5 + jitter());
    this.#notBeforeMs = this.#options.clock.monotonicMs() + pauseMs;
    this.#pauseMs = Math.min(this.#pauseMs * 2, REBUILD_MS_MAX);
  }
}
