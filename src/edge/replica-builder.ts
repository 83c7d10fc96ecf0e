/**
 * Builds a replica of one feed in a new folder: preflight, syncer, first copy, audit.
 *
 * @module
 */
import { statSync } from "node:fs";
import type { Logger } from "../ops/index.ts";
import type { Clock } from "../runtime/index.ts";
import { openReplicaReader, type ReplicaHead, type ReplicaReader } from "../store/replica.ts";
import { audit } from "./auditor.ts";
import { BOOTSTRAP_MS_MAX, FEED_POLL_MS, READY_CHECK_MS } from "./limits.ts";
import type { Feed, PublisherClient } from "./publisher-client.ts";
import type { ReplicaFolders, ReplicaPlace } from "./replica-folder.ts";
import { sleep } from "./sleep.ts";
import { Syncer } from "./syncer.ts";

/** Options of {@link ReplicaBuilder}. */
export interface ReplicaBuilderOptions {
  readonly folders: ReplicaFolders;
  readonly publisher: PublisherClient;
  /** The edge's own token, for the syncer. */
  readonly token: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Ends everything under way. */
  readonly signal: AbortSignal;
  /** The native client failed to pull. */
  readonly onComplaint: () => void;
  /** A syncer is gone. */
  readonly onExit: () => void;
}

/** A replica that is complete and good, and the process that feeds it. */
export interface BuiltReplica {
  readonly place: ReplicaPlace;
  readonly syncer: Syncer;
}

/** Starts syncers. */
export class ReplicaBuilder {
  readonly #options: ReplicaBuilderOptions;

  constructor(options: ReplicaBuilderOptions) {
    this.#options = options;
  }

  /** A new replica; undefined when the feed isn't served, changes meanwhile, or fails its audit. */
  async build(feed: Feed): Promise<BuiltReplica | undefined> {
    const { folders, publisher, log, signal } = this.#options;
    if (!(await publisher.serves(feed))) return undefined;
    const place = await folders.create(feed.epoch, feed.feed);
    const syncer = await this.#start(place, feed);
    const ready = await this.#isReady(place, syncer, feed);
    if (ready && (await audit({ place, pauseMs: 0, log, signal })) === "good") {
      return { place, syncer };
    }
    await syncer.kill();
    return undefined;
  }

  /** Takes up a folder whose last syncer is known to be gone; undefined when it can't. */
  async resume(place: ReplicaPlace, feed: Feed): Promise<Syncer | undefined> {
    if (!(await this.#options.publisher.serves(feed))) return undefined;
    const syncer = await this.#start(place, feed);
    if (await this.#isReady(place, syncer, feed)) return syncer;
    await syncer.kill();
    return undefined;
  }

  #start(place: ReplicaPlace, feed: Feed): Promise<Syncer> {
    const { publisher, token, log, clock, onComplaint, onExit } = this.#options;
    const order = { path: place.path, syncUrl: publisher.syncUrl(feed), authToken: token };
    return Syncer.start({ order, log, clock, onComplaint, onExit });
  }

  /**
   * Waits for the first copy, then until it has caught up with where the feed stood, unless the
   * feed changes or the syncer dies meanwhile.
   */
  async #isReady({ path }: ReplicaPlace, syncer: Syncer, feed: Feed): Promise<boolean> {
    const { clock, publisher, signal } = this.#options;
    const startedMs = clock.monotonicMs();
    let askedMs = startedMs;
    let reader: ReplicaReader | undefined;
    try {
      for (;;) {
        await sleep(READY_CHECK_MS, signal);
        if (signal.aborted || !syncer.alive) return false;
        // Opening the file before its `-info` is there would ruin the first copy.
        if (reader === undefined && isComplete(path)) reader = await openReplicaReader(path);
        const head = reader?.head();
        if (head !== undefined && hasReached(head, feed)) return true;
        const nowMs = clock.monotonicMs();
        if (nowMs - startedMs > BOOTSTRAP_MS_MAX) return false;
        if (nowMs - askedMs < FEED_POLL_MS) continue;
        askedMs = nowMs;
        const now = await publisher.feed();
        if (now !== undefined && (now.feed !== feed.feed || now.epoch !== feed.epoch)) return false;
      }
    } finally {
      reader?.close();
    }
  }
}

/** The `-info` file is written last. */
function isComplete(path: string): boolean {
  return statSync(`${path}-info`, { throwIfNoEntry: false }) !== undefined;
}

function hasReached(head: ReplicaHead, feed: Feed): boolean {
  return head.seq >= feed.seq && (feed.tick === undefined || head.tick >= feed.tick);
}
