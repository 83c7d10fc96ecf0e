/**
 * The chain of records: seq without gaps, time strictly rising, one epoch after the other, and the
 * tree over all of them.
 *
 * @module
 */
import { TREE_HASH_BYTES, TreeEdge, type EpochStarted } from "../ledger/index.ts";
import { LEAVES_KEPT_MAX } from "./limits.ts";
import { TailFault } from "./tail-fault.ts";
import type { TailRecord } from "./tail-record.ts";

/** A place in the book. */
export interface BookPosition {
  readonly epoch: number;
  readonly seq: number;
  /** `recorded_at` of the record at `seq`. */
  readonly recordedAt: number;
}

/** Follows the records. */
export class TailBook {
  #epoch: number;
  #recordedAt: number;
  readonly #edge: TreeEdge;
  /** The tree at an earlier size, and the leaves since: signed sizes are often a little older. */
  readonly #earlier: TreeEdge;
  #leaves: Uint8Array[] = [];

  /** Continues from a position whose tree has this edge. */
  constructor(position: BookPosition, edge: readonly Uint8Array[]) {
    this.#epoch = position.epoch;
    this.#recordedAt = position.recordedAt;
    this.#edge = TreeEdge.load(position.seq, edge);
    this.#earlier = this.#edge.clone();
  }

  get epoch(): number {
    return this.#epoch;
  }

  get seq(): number {
    return this.#edge.size;
  }

  get recordedAt(): number {
    return this.#recordedAt;
  }

  root(): Uint8Array {
    return this.#edge.root();
  }

  /** Roots of the perfect subtrees, largest first, joined. */
  edge(): Uint8Array {
    return Buffer.concat(this.#edge.save());
  }

  /** Adds the next record. */
  append(record: TailRecord): void {
    const { seq, epoch, recordedAt } = record.outcome;
    if (seq !== this.seq + 1) {
      throw new TailFault("RECORD_WRONG", `record ${seq} follows record ${this.seq}`);
    }
    if (recordedAt <= this.#recordedAt) {
      throw new TailFault("RECORD_WRONG", `record ${seq} is not later than the one before`);
    }
    const { payload } = record.command;
    if (payload.type === "epoch_started") this.#checkEpochStart(epoch, payload);
    else if (epoch !== this.#epoch) {
      throw new TailFault("BOOK_FORKED", `record ${seq} is of epoch ${epoch}, not begun here`);
    }
    this.#epoch = epoch;
    this.#recordedAt = recordedAt;
    this.#edge.append(record.leaf);
    this.#leaves.push(record.leaf);
    if (this.#leaves.length > LEAVES_KEPT_MAX) this.forget(this.seq - LEAVES_KEPT_MAX / 2);
  }

  /** Root of the tree at an earlier size; undefined when it reaches back too far or ahead. */
  rootAt(size: number): Uint8Array | undefined {
    if (size === this.seq) return this.root();
    if (size < this.#earlier.size || size > this.seq) return undefined;
    const tree = this.#earlier.clone();
    for (const leaf of this.#leaves.slice(0, size - tree.size)) tree.append(leaf);
    return tree.root();
  }

  /** Gives up roots of sizes below this one. */
  forget(size: number): void {
    const dropped = this.#leaves.splice(0, Math.max(0, size - this.#earlier.size));
    for (const leaf of dropped) this.#earlier.append(leaf);
  }

  #checkEpochStart(epoch: number, start: EpochStarted): void {
    const continues =
      epoch > this.#epoch &&
      start.previousEpoch === this.#epoch &&
      start.previousSize === this.seq &&
      Buffer.from(start.previousRoot).equals(this.root());
    if (continues) return;
    throw new TailFault("BOOK_FORKED", `epoch ${epoch} doesn't continue the tree held here`);
  }
}

/** The hashes of an edge that {@link TailBook.edge} joined. */
export function splitEdge(bytes: Uint8Array): Uint8Array[] {
  const count = Math.ceil(bytes.length / TREE_HASH_BYTES);
  return Array.from({ length: count }, (_, index) =>
    bytes.slice(index * TREE_HASH_BYTES, (index + 1) * TREE_HASH_BYTES),
  );
}
