/**
 * The Merkle tree of RFC 6962 over the records, kept as the roots of its perfect subtrees.
 *
 * @module
 */
import { hash } from "node:crypto";

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;
const DIGEST_BYTES = 32;

/** Root of the tree without leaves. */
export const EMPTY_ROOT: Uint8Array = hash("sha256", new Uint8Array(0), "buffer");

let scratch = Buffer.alloc(4096);
const pair = Buffer.alloc(1 + 2 * DIGEST_BYTES, NODE_PREFIX);

/** Leaf of a record: SHA-256(0x00 ‖ u32be length ‖ event ‖ u32be length ‖ outcome). */
export function recordLeaf(event: Uint8Array, outcome: Uint8Array): Uint8Array {
  const size = 9 + event.length + outcome.length;
  if (scratch.length < size) scratch = Buffer.alloc(size * 2);
  scratch[0] = LEAF_PREFIX;
  scratch.writeUInt32BE(event.length, 1);
  scratch.set(event, 5);
  scratch.writeUInt32BE(outcome.length, 5 + event.length);
  scratch.set(outcome, 9 + event.length);
  return hash("sha256", scratch.subarray(0, size), "buffer");
}

function parent(left: Uint8Array, right: Uint8Array): Uint8Array {
  pair.set(left, 1);
  pair.set(right, 1 + DIGEST_BYTES);
  return hash("sha256", pair, "buffer");
}

/** A growing tree. */
export class Tree {
  /** Perfect subtrees, largest first: one for each bit set in the size. */
  readonly #peaks: Uint8Array[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  append(leaf: Uint8Array): void {
    let node = leaf;
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      node = parent(this.#peaks.pop() as Uint8Array, node);
    }
    this.#peaks.push(node);
    this.#size += 1;
  }

  /** Root over all leaves so far. */
  root(): Uint8Array {
    let node = this.#peaks.at(-1);
    if (node === undefined) return EMPTY_ROOT;
    for (let index = this.#peaks.length - 2; index >= 0; index -= 1) {
      node = parent(this.#peaks[index] as Uint8Array, node);
    }
    return node;
  }
}

/** Whether two digests are the same. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
