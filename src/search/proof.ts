import type { Checkpoint, TailBook } from "../wire/index.ts";
import { SearchError } from "./errors.ts";
import { CHECKPOINTS_AHEAD_MAX } from "./limits.ts";

/** Holds the tree of the records against signed checkpoints, as both come in. */
export class Proof {
  readonly #book: TailBook;
  /** Checkpoints of sizes not reached yet, by size. */
  readonly #ahead = new Map<number, Checkpoint>();
  #size: number;

  /** `size`: what was proven before. */
  constructor(book: TailBook, size: number) {
    this.#book = book;
    this.#size = size;
  }

  /** Records that a signed checkpoint covers. */
  get size(): number {
    return this.#size;
  }

  /** The smallest signed size that lies ahead of the records. */
  get next(): number | undefined {
    return this.#ahead.size === 0 ? undefined : Math.min(...this.#ahead.keys());
  }

  /** Compares at once when the records are there, otherwise when they get there. */
  add(checkpoint: Checkpoint): void {
    if (checkpoint.size <= this.#book.seq) return this.#compare(checkpoint);
    // The newest takes the place of the one before: the earliest is reached first.
    const last = Math.max(...this.#ahead.keys());
    if (this.#ahead.size >= CHECKPOINTS_AHEAD_MAX) this.#ahead.delete(last);
    this.#ahead.set(checkpoint.size, checkpoint);
  }

  /** The records have got to the book's present end. */
  reached(): void {
    const checkpoint = this.#ahead.get(this.#book.seq);
    if (checkpoint === undefined) return;
    this.#ahead.delete(this.#book.seq);
    this.#compare(checkpoint);
  }

  #compare({ size, root }: Checkpoint): void {
    const ours = this.#book.rootAt(size);
    // Too far back: a newer checkpoint has covered it already.
    if (ours === undefined) return;
    if (Buffer.compare(ours, root) !== 0) {
      throw new SearchError("TREE_MISMATCH", `the tree of ${size} records has another root`);
    }
    this.#size = Math.max(this.#size, size);
    this.#book.forget(size);
  }
}
