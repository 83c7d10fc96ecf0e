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

function parent(left: string, right: string): string {
  pair.write(left, 1, "latin1");
  pair.write(right, 1 + DIGEST_BYTES, "latin1");
  return hash("sha256", pair, "latin1");
}

/** A growing tree. */
export class Tree {
  /** Perfect subtrees, largest first: one for each bit set in the size. */
  readonly #peaks: string[] = [];
  #size = 0;

  /** The tree of a size with the roots of its perfect subtrees, largest first. */
  static from(size: number, edge: readonly Uint8Array[]): Tree {
    const tree = new Tree();
    for (const peak of edge) tree.#peaks.push(Buffer.from(peak).toString("latin1"));
    tree.#size = size;
    return tree;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a leaf, one character per byte. */
  append(leaf: string): void {
    this.#add(leaf, 1);
  }

  /** Adds a perfect subtree of so many leaves, which must be a multiple that the size allows. */
  appendSubtree(root: Uint8Array, leaves: number): void {
    this.#add(Buffer.from(root).toString("latin1"), leaves);
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

  #add(root: string, leaves: number): void {
    let node = root;
    for (let rest = this.#size / leaves; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      node = parent(this.#peaks.pop() as string, node);
    }
    this.#peaks.push(node);
    this.#size += leaves;
  }
}

/** Number of perfect subtrees in a tree: the bits set in its size. */
export function peaksIn(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

/** Whether two digests are the same. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
