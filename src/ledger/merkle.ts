/**
 * The RFC 6962 tree over the records, as far as a writer needs it: its right edge.
 *
 * @module
 */
import { hash } from "node:crypto";
import { LedgerError } from "./errors.ts";

/** Bytes of a tree hash. */
export const TREE_HASH_BYTES = 32;

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;
const NODE = Buffer.alloc(1 + 2 * TREE_HASH_BYTES, NODE_PREFIX);

let leafScratch = Buffer.alloc(4096);

/** Root of the tree without leaves: SHA-256 of nothing (RFC 6962 §2.1). */
export function emptyRoot(): Uint8Array {
  return hash("sha256", Buffer.alloc(0), "buffer");
}

/**
 * Leaf of a record: SHA-256(0x00 ‖ u32be length ‖ event ‖ u32be length ‖ outcome), over the exact
 * bytes as received and as stored.
 */
export function leafHash(event: Uint8Array, outcome: Uint8Array): Uint8Array {
  const size = 9 + event.length + outcome.length;
  if (size > leafScratch.length) leafScratch = Buffer.alloc(size * 2);
  const at = 5 + event.length;
  leafScratch[0] = LEAF_PREFIX;
  leafScratch.writeUInt32BE(event.length, 1);
  leafScratch.set(event, 5);
  leafScratch.writeUInt32BE(outcome.length, at);
  leafScratch.set(outcome, at + 4);
  return hash("sha256", leafScratch.subarray(0, size), "buffer");
}

/** Inner node: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length !== TREE_HASH_BYTES || right.length !== TREE_HASH_BYTES) {
    throw new LedgerError("STATE_MALFORMED", "a tree hash must have 32 bytes");
  }
  NODE.set(left, 1);
  NODE.set(right, 1 + TREE_HASH_BYTES);
  return hash("sha256", NODE, "buffer");
}

/**
 * The right edge of a growing tree: roots of its perfect subtrees. Enough to append and to compute
 * the root, in O(log n) memory.
 */
export class TreeEdge {
  #size = 0;
  /** Index = height; set where that bit of the size is one. */
  #byHeight: (Uint8Array | undefined)[] = [];

  /** The edge of a tree of this size, from what {@link TreeEdge.save} returned. */
  static load(size: number, hashes: readonly Uint8Array[]): TreeEdge {
    const edge = new TreeEdge();
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new LedgerError("STATE_MALFORMED", `a tree can't have the size ${size}`);
    }
    let next = hashes.length;
    for (let height = 0, rest = size; rest > 0; height++, rest = Math.floor(rest / 2)) {
      if (rest % 2 === 0) continue;
      const root = hashes[--next];
      if (root === undefined || root.length !== TREE_HASH_BYTES) break;
      edge.#byHeight[height] = root.slice();
      edge.#size += 2 ** height;
    }
    if (next !== 0 || edge.#size !== size) {
      throw new LedgerError("STATE_MALFORMED", `these hashes are no edge of a tree of ${size}`);
    }
    return edge;
  }

  /** Number of leaves. */
  get size(): number {
    return this.#size;
  }

  /** Adds a leaf hash at index `size`. */
  append(leaf: Uint8Array): void {
    let height = 0;
    let node = leaf;
    for (let left = this.#byHeight[0]; left !== undefined; left = this.#byHeight[++height]) {
      node = nodeHash(left, node);
      this.#byHeight[height] = undefined;
    }
    this.#byHeight[height] = node;
    this.#size++;
  }

  /** Root of the tree over all leaves so far. */
  root(): Uint8Array {
    let root: Uint8Array | undefined;
    for (const left of this.#byHeight) {
      if (left !== undefined) root = root === undefined ? left : nodeHash(left, root);
    }
    return root ?? emptyRoot();
  }

  /** Roots of the perfect subtrees, largest first. */
  save(): Uint8Array[] {
    return this.#byHeight.filter((root) => root !== undefined).reverse();
  }

  /** An independent edge of the same tree, to try a group on. */
  clone(): TreeEdge {
    const edge = new TreeEdge();
    edge.#size = this.#size;
    edge.#byHeight = this.#byHeight.slice();
    return edge;
  }
}
