/**
 * The Merkle tree of RFC 6962 over the records, kept as the roots of its perfect subtrees.
 *
 * Hashes are kept as texts of one character per byte: they cost the collector far less than
 * arrays do, and there are two per record.
 *
 * @module
 */
import { hash } from "node:crypto";

const NODE_PREFIX = 0x01;
const DIGEST_BYTES = 32;

/** Root of the tree without leaves. */
export const EMPTY_ROOT: Uint8Array = hash("sha256", new Uint8Array(0), "buffer");

const pair = Buffer.alloc(1 + 2 * DIGEST_BYTES, NODE_PREFIX);

/** A hash as text, one character per byte. */
export type Hash = string;

export function textOf(hashed: Uint8Array): Hash {
  return Buffer.from(hashed).toString("latin1");
}

export function parent(left: Hash, right: Hash): Hash {
  pair.write(left, 1, "latin1");
  pair.write(right, 1 + DIGEST_BYTES, "latin1");
  return hash("sha256", pair, "latin1");
}

/** A growing tree. */
export class Tree {
  /** Perfect subtrees, largest first: one for each bit set in the size. */
  readonly #peaks: Hash[] = [];
  #size = 0;

  /** The tree of a size with the roots of its perfect subtrees; undefined when they don't fit. */
  static from(size: number, edge: readonly Uint8Array[]): Tree | undefined {
    const wrong = edge.some((peak) => peak.length !== DIGEST_BYTES);
    if (wrong || edge.length !== peaksIn(size)) return undefined;
    const tree = new Tree();
    for (const peak of edge) tree.#peaks.push(textOf(peak));
    tree.#size = size;
    return tree;
  }

  get size(): number {
    return this.#size;
  }

  append(leaf: Hash): void {
    let node = leaf;
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      node = parent(this.#peaks.pop() as Hash, node);
    }
    this.#peaks.push(node);
    this.#size += 1;
  }

  /** Root over all leaves so far. */
  root(): Uint8Array {
    let node = this.#peaks.at(-1);
    if (node === undefined) return EMPTY_ROOT;
    for (let index = this.#peaks.length - 2; index >= 0; index -= 1) {
      node = parent(this.#peaks[index] as string, node);
    }
    return Buffer.from(node, "latin1");
  }

  /** Roots of the perfect subtrees, largest first. */
  edge(): Uint8Array[] {
    return this.#peaks.map((peak) => Buffer.from(peak, "latin1"));
  }
}

/** Number of perfect subtrees: the bits set in the size. */
function peaksIn(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

/** Whether two digests are the same. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
