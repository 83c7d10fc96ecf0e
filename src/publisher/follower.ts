/**
 * Turns what the Tail brings into ticks of `wallet.db`: checks each record, gathers rows, writes
 * them in one transaction, releases its pages.
 *
 * @module
 */
import type { StateDigest } from "../ledger/index.ts";
import {
  type Checkpoint,
  type CheckpointFile,
  readTailRecord,
  safeNumber,
  type TailBook,
  type TailRecord,
} from "../wire/index.ts";
import type { TailResponse } from "../wire/gen/countroom/v1/ledger_service_pb.ts";
import type { WalletDb, WalletHead } from "../store/wallet.ts";
import { CheckpointAudit } from "./checkpoint-audit.ts";
import { PublisherError } from "./errors.ts";
import type { Feed } from "./feed.ts";
import { Projection } from "./projection.ts";

/** A `wallet.db` with everything needed to continue it. */
export interface Standing {
  readonly db: WalletDb;
  readonly book: TailBook;
  /** Covers exactly the rows of the file. */
  readonly digest: StateDigest;
  /** What its head says, but for the feed. */
  readonly head: WalletHead;
  /** A signed checkpoint of the same or a later size, until which nothing here is certain. */
  readonly proof?: Checkpoint;
}

/** What one tick did. */
export interface TickReport {
  readonly head: WalletHead;
  readonly records: number;
  readonly pages: number;
}

/** What a follower needs from around it. */
export interface FollowerOptions {
  readonly checkpoints: CheckpointFile;
  /** Begins a feed for a head: at first, and again whenever an epoch begins. */
  readonly openFeed: (standing: Standing, head: WalletHead) => Feed;
  readonly onTick: (report: TickReport) => void;
  /** The feed of this file, when there is one already. */
  readonly feed: Feed | undefined;
}

/** Follows the book into one file. The constructor throws when the standing's proof refutes it. */
export class Follower {
  readonly #standing: Standing;
  readonly #options: FollowerOptions;
  readonly #projection: Projection;
  readonly #audit: CheckpointAudit;
  #feed: Feed | undefined;
  #head: WalletHead;
  /** The primary's clock when the rows were last known to be current. */
  #time: number;
  #waiting = 0;
  #broken = false;

  constructor(standing: Standing, options: FollowerOptions) {
    this.#standing = standing;
    this.#options = options;
    this.#head = standing.head;
    this.#time = standing.head.time;
    this.#feed = options.feed;
    this.#projection = new Projection(standing.db, standing.digest);
    this.#audit = new CheckpointAudit(standing.book, this.#projection);
    if (standing.proof !== undefined) this.#audit.add(standing.proof);
  }

  get head(): WalletHead {
    return this.#head;
  }

  get feed(): Feed | undefined {
    return this.#feed;
  }

  /** Something failed halfway: what is in memory is of no further use. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Seq of the newest record taken in, written or not. */
  get seq(): number {
    return this.#standing.book.seq;
  }

  /** Records that wait for the next tick. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Newer rows or a newer time wait to be written. */
  get dirty(): boolean {
    return this.#waiting > 0 || this.#time > this.#head.time;
  }

  /** The standing's signed proof has been reached, and fits. */
  get proven(): boolean {
    return this.seq >= (this.#standing.proof?.size ?? 0);
  }

  /** Takes in one message of the Tail. */
  accept(message: TailResponse): void {
    const headSeq = safeNumber(message.headSeq);
    const headEpoch = safeNumber(message.epoch);
    this.#options.checkpoints.admit(headEpoch, headSeq);
    const note = message.checkpoint;
    const checkpoint = note === "" ? undefined : this.#options.checkpoints.see(note);
    this.#guarded(() => {
      const { book } = this.#standing;
      if (headEpoch < book.epoch || headSeq < book.seq) {
        throw new PublisherError("BOOK_FORKED", `the primary stands at ${headEpoch}-${headSeq}`);
      }
      if (checkpoint !== undefined) this.#audit.add(checkpoint);
      for (const sealed of message.records) this.#take(readTailRecord(sealed));
      if (book.seq >= headSeq && headEpoch !== book.epoch) {
        throw new PublisherError("BOOK_FORKED", `epoch ${headEpoch} has no first record`);
      }
      // While records are missing, the rows are only as current as the newest one taken in.
      const current = book.seq < headSeq ? book.recordedAt : safeNumber(message.sentAt);
      this.#time = Math.max(this.#time, book.recordedAt, current);
    });
  }

  /** Writes and releases what waits, as one tick. */
  flush(): void {
    if (!this.dirty) return;
    this.#guarded(() => {
      const head = this.#nextHead(this.#head.feed);
      this.#feed?.checkFiles();
      this.#commit(head);
      this.#done(head, this.#feed?.release(head) ?? 0);
    });
  }

  /** Begins to serve the file as it stands, under a new feed. */
  openFeed(): void {
    this.#guarded(() => {
      if (this.#waiting > 0) {
        const head = this.#nextHead("");
        this.#commit(head);
        this.#done(head, 0);
      }
      this.#feed = this.#options.openFeed(this.#standing, this.#nextHead(""));
      this.#done(this.#feed.head, 0);
    });
  }

  #take(record: TailRecord): void {
    const { book } = this.#standing;
    const begins = record.outcome.epoch !== book.epoch;
    // The old epoch's last tick goes out under the old feed, the new epoch under a new one.
    if (begins) this.flush();
    book.append(record);
    this.#projection.apply(record);
    this.#waiting += 1;
    this.#audit.reached(book.seq);
    if (begins && this.#feed !== undefined) this.openFeed();
  }

  #guarded(body: () => void): void {
    try {
      body();
    } catch (error) {
      this.#broken = true;
      throw error;
    }
  }

  #nextHead(feed: string): WalletHead {
    const { book } = this.#standing;
    return {
      epoch: book.epoch,
      feed,
      seq: book.seq,
      time: this.#time,
      tick: this.#head.tick + 1,
      root: book.root(),
      edge: book.edge(),
      buckets: this.#projection.buckets(),
    };
  }

  #commit(head: WalletHead): void {
    try {
      this.#standing.db.commit({ head, ...this.#projection.pending() });
    } catch (error) {
      throw new PublisherError("WALLET_COMMIT_FAILED", "a tick could not be written", error);
    }
  }

  #done(head: WalletHead, pages: number): void {
    const records = this.#waiting;
    this.#projection.clear();
    this.#audit.remember(head.seq);
    this.#head = head;
    this.#waiting = 0;
    this.#options.onTick({ head, records, pages });
  }
}
