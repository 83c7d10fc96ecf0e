/**
 * A little verifier that shares nothing with the code under test: signed notes, audit paths,
 * consistency proofs and tiles, written from RFC 6962, RFC 9162 and C2SP alone.
 */
import { createHash, verify, type KeyObject } from "node:crypto";

export interface Tree {
  readonly size: number;
  readonly root: string;
}

const sha256 = (...parts: Uint8Array[]): Buffer => {
  const digest = createHash("sha256");
  for (const part of parts) digest.update(part);
  return digest.digest();
};
const node = (left: Uint8Array, right: Uint8Array): Buffer => sha256(Buffer.of(1), left, right);

/** Leaf of an entry of the tile layout. */
export const entryLeaf = (data: Uint8Array): Buffer => sha256(Buffer.of(0), data);

/** Leaf of a record. */
export function recordLeaf(event: Uint8Array, outcome: Uint8Array): Buffer {
  const length = (bytes: Uint8Array): Buffer => {
    const four = Buffer.alloc(4);
    four.writeUInt32BE(bytes.length);
    return four;
  };
  return sha256(Buffer.of(0), length(event), event, length(outcome), outcome);
}

/** Size and root of a note that one of the keys has signed. */
export function openNote(note: string, ...keys: readonly KeyObject[]): Tree {
  const end = note.indexOf("\n\n") + 1;
  const text = Buffer.from(note.slice(0, end));
  const signatures = note
    .slice(end + 1)
    .trimEnd()
    .split("\n")
    .map((line) => Buffer.from(line.split(" ")[2] ?? "", "base64").subarray(4));
  const isSigned = keys.some((key) => signatures.some((one) => verify(null, text, key, one)));
  if (!isSigned) throw new Error("nobody known has signed this");
  const [, size = "", root = ""] = note.split("\n");
  return { size: Number(size), root };
}

export interface Inclusion {
  readonly leaf_index: string;
  readonly tree_size: string;
  readonly leaf_hash: string;
  readonly hashes: readonly string[];
}

/** Whether an audit path leads from its leaf to a root. RFC 6962 §2.1.1, read from the top. */
export function isIncluded(proof: Inclusion, { size, root }: Tree): boolean {
  // Beyond the end, every place would be taken for the last one.
  if (!(Number(proof.leaf_index) < Number(proof.tree_size))) return false;
  const left = proof.hashes.map((hash) => Buffer.from(hash, "base64"));
  const climb = (index: number, width: number): Buffer => {
    if (width === 1) return Buffer.from(proof.leaf_hash, "base64");
    const sibling = left.pop();
    if (sibling === undefined) throw new Error("the path is too short");
    const split = splitOf(width);
    return index < split
      ? node(climb(index, split), sibling)
      : node(sibling, climb(index - split, width - split));
  };
  try {
    const found = climb(Number(proof.leaf_index), Number(proof.tree_size));
    return left.length === 0 && Number(proof.tree_size) === size && same(found, root);
  } catch {
    return false;
  }
}

/** Whether a proof leads from an old root to a new one. RFC 6962 §2.1.2, read from the top. */
export function isConsistent(old: Tree, now: Tree, hashes: readonly string[]): boolean {
  const left = hashes.map((hash) => Buffer.from(hash, "base64"));
  const next = (): Buffer => {
    const hash = left.pop();
    if (hash === undefined) throw new Error("the proof is too short");
    return hash;
  };
  /** Roots of the old tree's part and of the new one's. */
  const climb = (from: number, to: number, whole: boolean): [Buffer, Buffer] => {
    if (from === to) {
      const hash = whole ? Buffer.from(old.root, "base64") : next();
      return [hash, hash];
    }
    const split = splitOf(to);
    const sibling = next();
    if (from <= split) {
      const [before, after] = climb(from, split, whole);
      return [before, node(after, sibling)];
    }
    const [before, after] = climb(from - split, to - split, false);
    return [node(sibling, before), node(sibling, after)];
  };
  try {
    const [before, after] = climb(old.size, now.size, true);
    return left.length === 0 && same(before, old.root) && same(after, now.root);
  } catch {
    return false;
  }
}

/** Root over leaf hashes. */
export function rootOf(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return Buffer.from(leaves[0]!);
  const split = splitOf(leaves.length);
  return node(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

/** Paths of all tiles of a tree: `level` and the spelling of index and width, as C2SP says. */
export function tilesOf(size: number): { level: number; path: string; width: number }[] {
  const tiles: { level: number; path: string; width: number }[] = [];
  for (let level = 0; Math.floor(size / 256 ** level) > 0; level += 1) {
    const hashes = Math.floor(size / 256 ** level);
    for (let index = 0; index * 256 < hashes; index += 1) {
      const width = Math.min(256, hashes - index * 256);
      const digits = String(index).padStart(3, "0");
      const path = `${digits}${width === 256 ? "" : `.p/${width}`}`;
      tiles.push({ level, path, width });
    }
  }
  return tiles;
}

/** The entries of a bundle. */
export function entriesOf(bundle: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = [];
  const bytes = Buffer.from(bundle);
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt16BE(at);
    entries.push(bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return entries;
}

function splitOf(width: number): number {
  let left = 1;
  while (left * 2 < width) left *= 2;
  return left;
}

function same(hash: Uint8Array, base64: string): boolean {
  return Buffer.from(hash).toString("base64") === base64;
}
