/**
 * Proofs about the tree of records: that a leaf is in it, and that one tree extends another.
 *
 * Made from hashes of perfect subtrees, which never change once they are complete, so one store of
 * them proves things about every size the tree has ever had. RFC 6962 §2.1.1 and §2.1.2; they are
 * checked as in RFC 9162 §2.1.3.2 and §2.1.4.2.
 *
 * @module
 */
import { emptyRoot, nodeHash, TREE_HASH_BYTES } from "./merkle.ts";

/** Hashes of perfect subtrees. */
export interface SubtreeReader {
  /**
   * Root of the perfect subtree over the leaves `index * 2^height` to `(index + 1) * 2^height - 1`.
   * Only subtrees that are complete are asked for.
   */
  node(height: number, index: number): Uint8Array;
}

/** Root of the tree over the first `size` leaves. */
export function treeRoot(size: number, reader: SubtreeReader): Uint8Array {
  requireCount(size, 0, Number.MAX_SAFE_INTEGER, "size");
  return size === 0 ? emptyRoot() : rangeRoot(0, size, reader);
}

/**
 * Audit path of the leaf at `index` in the tree of `size` leaves, from the leaf's sibling up.
 *
 * @throws RangeError unless 0 <= index < size.
 */
export function inclusionProof(index: number, size: number, reader: SubtreeReader): Uint8Array[] {
  requireCount(size, 1, Number.MAX_SAFE_INTEGER, "size");
  requireCount(index, 0, size - 1, "index");
  const path: Uint8Array[] = [];
  for (let from = 0, to = size; to - from > 1;) {
    const middle = from + leftWidth(to - from);
    if (index < middle) {
      path.push(rangeRoot(middle, to, reader));
      to = middle;
    } else {
      path.push(rangeRoot(from, middle, reader));
      from = middle;
    }
  }
  return path.reverse();
}

/**
 * Proof that the tree of `to` leaves begins with the tree of `from` leaves. Empty when they are the
 * same.
 *
 * @throws RangeError unless 1 <= from <= to.
 */
export function consistencyProof(from: number, to: number, reader: SubtreeReader): Uint8Array[] {
  requireCount(to, 1, Number.MAX_SAFE_INTEGER, "to");
  requireCount(from, 1, to, "from");
  const path: Uint8Array[] = [];
  let [start, end] = [0, to];
  while (end !== from) {
    const middle = start + leftWidth(end - start);
    if (from <= middle) {
      path.push(rangeRoot(middle, end, reader));
      end = middle;
    } else {
      path.push(rangeRoot(start, middle, reader));
      start = middle;
    }
  }
  // The old tree's own root is known to whoever checks; a part of it is not.
  if (start > 0) path.push(rangeRoot(start, end, reader));
  return path.reverse();
}

/** What an inclusion proof claims. */
export interface InclusionClaim {
  readonly index: number;
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly path: readonly Uint8Array[];
}

/** The root that a path leads to from its leaf; undefined when the path is not of that place. */
export function rootOfInclusion(claim: InclusionClaim): Uint8Array | undefined {
  const { index, size, leaf, path } = claim;
  if (!isCount(size) || !isCount(index) || index >= size) return undefined;
  if (!isHash(leaf) || !path.every(isHash)) return undefined;
  let [node, at, last] = [leaf, index, size - 1];
  for (const sibling of path) {
    if (last === 0) return undefined;
    if (at % 2 === 1 || at === last) {
      node = nodeHash(sibling, node);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      node = nodeHash(node, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 ? node : undefined;
}

/** Whether a path proves that the leaf is at that place of the tree with this root. */
export function verifyInclusion(claim: InclusionClaim, root: Uint8Array): boolean {
  const found = rootOfInclusion(claim);
  return found !== undefined && sameHash(found, root);
}

/** What a consistency proof claims. */
export interface ConsistencyClaim {
  readonly from: number;
  readonly to: number;
  readonly fromRoot: Uint8Array;
  readonly toRoot: Uint8Array;
  readonly path: readonly Uint8Array[];
}

/** Whether a path proves that the tree of `to` leaves begins with that of `from` leaves. */
export function verifyConsistency(claim: ConsistencyClaim): boolean {
  const { from, to, fromRoot, toRoot, path } = claim;
  if (!isCount(from) || !isCount(to) || from < 1 || from > to) return false;
  if (!isHash(fromRoot) || !isHash(toRoot) || !path.every(isHash)) return false;
  if (from === to) return path.length === 0 && sameHash(fromRoot, toRoot);
  let [at, last] = [from - 1, to - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  // An old tree that is one perfect subtree is not repeated in the path.
  const begin = at === 0 ? 0 : 1;
  const first = begin === 0 ? fromRoot : path[0];
  if (first === undefined) return false;
  let [oldNode, newNode] = [first, first];
  for (const sibling of path.slice(begin)) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      oldNode = nodeHash(sibling, oldNode);
      newNode = nodeHash(sibling, newNode);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      newNode = nodeHash(newNode, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && sameHash(oldNode, fromRoot) && sameHash(newNode, toRoot);
}

/** Root over the leaves `from` to `to - 1`, which begin where a subtree that wide may begin. */
function rangeRoot(from: number, to: number, reader: SubtreeReader): Uint8Array {
  let rest = to - from;
  const perfect: Uint8Array[] = [];
  for (let start = from; rest > 0;) {
    const height = topBit(rest);
    const width = 2 ** height;
    perfect.push(reader.node(height, start / width));
    start += width;
    rest -= width;
  }
  return perfect.reduceRight((right, left) => nodeHash(left, right));
}

/** The largest power of two below a width of at least 2: where RFC 6962 splits a tree. */
function leftWidth(width: number): number {
  return 2 ** topBit(width - 1);
}

/** Number of a count's highest bit. The logarithm alone is one too high just below 2^50. */
function topBit(value: number): number {
  const bit = Math.floor(Math.log2(value));
  return 2 ** bit > value ? bit - 1 : bit;
}

function half(value: number): number {
  return Math.floor(value / 2);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === TREE_HASH_BYTES;
}

function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function requireCount(value: number, least: number, most: number, what: string): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${what} ${value} is not from ${least} to ${most}`);
}
