import type { Checkpoint, TailBook } from "../wire/index.ts";
import { PublisherError } from "./errors.ts";
import { DIGESTS_KEPT_MAX } from "./limits.ts";
import type { Projection } from "./projection.ts";

/**
 * Holds signed checkpoints against what was made of the records: the root of the tree and the
 * digest of the rows.
 */
export class CheckpointAudit {
  readonly #book: TailBook;
  readonly #projection: Projection;
  /** Checkpoints of sizes not reached yet, by size. */
  readonly #ahead = new Map<number, Checkpoint>();
  /** State digests at the end of recent ticks, by seq. */
  readonly #digests = new Map<number, Uint8Array>();

  constructor(book: TailBook, projection: Projection) {
    this.#book = book;
    this.#projection = projection;
  }

  /** Compares at once when the book is there, otherwise when it gets there. */
  add(checkpoint: Checkpoint): void {
    if (checkpoint.size > this.#book.seq) this.#ahead.set(checkpoint.size, checkpoint);
    else this.#compare(checkpoint);
  }

  /** The book stands at `seq` now. */
  reached(seq: number): void {
    const checkpoint = this.#ahead.get(seq);
    if (checkpoint === undefined) return;
    this.#ahead.delete(seq);
    this.#compare(checkpoint);
  }

  /** A tick ended at `seq`: keeps the digest, for a checkpoint of this size that is yet to come. */
  remember(seq: number): void {
    this.#digests.set(seq, this.#projection.digest());
    if (this.#digests.size <= DIGESTS_KEPT_MAX) return;
    // A Map keeps its order of insertion, so the first is the oldest.
    for (const oldest of this.#digests.keys()) {
      this.#digests.delete(oldest);
      break;
    }
  }

  #compare(checkpoint: Checkpoint): void {
    const { size } = checkpoint;
    const root = this.#book.rootAt(size);
    // Too far back: a newer checkpoint has covered it already.
    if (root === undefined) return;
    if (!same(root, checkpoint.root)) {
      throw new PublisherError("TREE_MISMATCH", `the tree of ${size} records has another root`);
    }
    const atHead = size === this.#book.seq;
    const state = atHead ? this.#projection.digest() : this.#digests.get(size);
    if (state !== undefined && !same(state, checkpoint.state)) {
      throw new PublisherError("TREE_MISMATCH", `the rows at record ${size} have another digest`);
    }
    this.#book.forget(size);
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
