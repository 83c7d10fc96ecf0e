/**
 * Reads the Tail ahead of the file, and lets into the file what a signed checkpoint covers.
 *
 * Only while the book is further ahead than memory holds is something written before it is proven:
 * then nobody is answered until it is.
 *
 * @module
 */
import type { TailResponse } from "../wire/gen/countroom/v1/ledger_service_pb.ts";
import {
  readTailRecord,
  safeNumber,
  TailFault,
  type CheckpointFile,
  type TailBook,
  type TailRecord,
} from "../wire/index.ts";
import type { Freshness } from "./freshness.ts";
import { CATCH_UP_RECORDS, HOLD_RECORDS_MAX, WRITE_RECORDS } from "./limits.ts";
import { Proof } from "./proof.ts";
import type { SearchIndex } from "./search-index.ts";

/** What a follower needs. */
export interface FollowerOptions {
  readonly index: SearchIndex;
  readonly checkpoints: CheckpointFile;
  readonly freshness: Freshness;
  /** The file has moved on by so many records, or was proven further. */
  readonly onWritten: (records: number) => void;
}

/** Follows the book into one file, over one connection. */
export class Follower {
  readonly #options: FollowerOptions;
  readonly #ahead: TailBook;
  readonly #proof: Proof;
  #queue: TailRecord[] = [];
  /** Records of the queue that are written. */
  #done = 0;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#ahead = options.index.position();
    this.#proof = new Proof(this.#ahead, options.index.head().proven);
  }

  /** Seq of the newest record read. */
  get seq(): number {
    return this.#ahead.seq;
  }

  /** Records that are read and not written. */
  get waiting(): number {
    return this.#queue.length - this.#done;
  }

  /** Takes in one message of the Tail. */
  accept(message: TailResponse): void {
    const { checkpoints, freshness, index } = this.#options;
    const headSeq = safeNumber(message.headSeq);
    const headEpoch = safeNumber(message.epoch);
    checkpoints.admit(headEpoch, headSeq);
    const { checkpoint: note } = message;
    const checkpoint = note === "" ? undefined : checkpoints.see(note);
    const book = this.#ahead;
    if (headEpoch < book.epoch || headSeq < book.seq) {
      throw new TailFault("BOOK_FORKED", `the primary stands at ${headEpoch}-${headSeq}`);
    }
    if (checkpoint !== undefined) this.#proof.add(checkpoint);
    for (const sealed of message.records) {
      const record = readTailRecord(sealed);
      book.append(record);
      this.#queue.push(record);
      this.#proof.reached();
    }
    if (book.seq >= headSeq && headEpoch !== book.epoch) {
      throw new TailFault("BOOK_FORKED", `epoch ${headEpoch} has no first record`);
    }
    freshness.heard(headSeq, safeNumber(message.sentAt), index.seq);
  }

  /** Writes one chunk; false when there is nothing that may be written. */
  write(): boolean {
    const { index, freshness, onWritten } = this.#options;
    const count = this.#chunk();
    if (count === 0) return this.#prove();
    const chunk = this.#queue.slice(this.#done, this.#done + count);
    index.apply(chunk, this.#proof.size);
    this.#done += count;
    if (this.#done * 2 >= this.#queue.length) {
      this.#queue = this.#queue.slice(this.#done);
      this.#done = 0;
    }
    freshness.reached(index.seq);
    onWritten(count);
    return true;
  }

  /** How many records the next transaction takes. */
  #chunk(): number {
    const { index } = this.#options;
    const proven = this.#proof.size - index.seq;
    if (proven > 0) return Math.min(proven, this.waiting, WRITE_RECORDS);
    // A long way to the next checkpoint: held until then, it would only lie in memory.
    const { next = 0 } = this.#proof;
    const mayWait = next - index.seq > HOLD_RECORDS_MAX ? 0 : HOLD_RECORDS_MAX;
    const many = Math.min(CATCH_UP_RECORDS, (next || Infinity) - index.seq);
    return this.waiting >= mayWait + many ? many : 0;
  }

  #prove(): boolean {
    const { index, onWritten } = this.#options;
    const { proven, seq } = index.head();
    if (proven < Math.min(this.#proof.size, seq)) {
      index.prove(this.#proof.size);
      onWritten(0);
    }
    return false;
  }
}
