/**
 * Builds a replica of one feed in a new folder: preflight, syncer, first copy, audit.
 *
 * @module
 */
import type { Logger } from "../ops/index.ts";
import type { Clock } from "../runtime/index.ts";
import { audit } from "./auditor.ts";
import { BOOTSTRAP_MS_MAX, FEED_POLL_MS } from "./limits.ts";
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
    const ready = await this.#isReady(syncer, feed);
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
    if (await this.#isReady(syncer, feed)) return syncer;
    await syncer.kill();
    return undefined;
  }

  #start(place: ReplicaPlace, feed: Feed): Promise<Syncer> {
    const { publisher, token, log, clock, onComplaint, onExit } = this.#options;
    const order = { path: place.path, syncUrl: publisher.syncUrl(feed), authToken: token };
    return Syncer.start({ order, log, clock, onComplaint, onExit });
  }

  /** Waits for the first copy, unless the feed changes meanwhile. */
  async #isReady(syncer: Syncer, feed: Feed): Promise<boolean> {
    const { clock, publisher, signal } = this.#options;
    const limitMs = clock.monotonicMs() + BOOTSTRAP_MS_MAX;
    for (;;) {
      const ready = await Promise.race([syncer.ready, sleep(FEED_POLL_MS, signal)]);
      if (typeof ready === "boolean") return ready;
      if (signal.aborted || clock.monotonicMs() > limitMs) return false;
      const now = await publisher.feed();
      if (now !== undefined && (now.feed !== feed.feed || now.epoch !== feed.epoch)) return false;
    }
  }
}
