/**
 * Goal: proofs are those of RFC 6962 for every pair of sizes, they verify, and nothing else does.
 * Method: the recursive definitions of RFC 6962 beside them, the public vectors of the reference
 * tree of eight leaves, and small changes to every part of a proof.
 */
import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import {
  consistencyProof,
  inclusionProof,
  rootOfInclusion,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
  type SubtreeReader,
} from "../../src/ledger/index.ts";
import { hex } from "./book.ts";

const SIZE_MAX = 300;

const sha256 = (...parts: Uint8Array[]): Uint8Array => {
  const digest = createHash("sha256");
  for (const part of parts) digest.update(part);
  return digest.digest();
};
const leaf = (data: Uint8Array): Uint8Array => sha256(Uint8Array.of(0), data);
const node = (left: Uint8Array, right: Uint8Array): Uint8Array =>
  sha256(Uint8Array.of(1), left, right);

/** MTH, PATH and SUBPROOF as RFC 6962 §2.1 writes them, over leaf hashes. */
class Naive {
  readonly #leaves: readonly Uint8Array[];
  readonly #roots = new Map<string, Uint8Array>();

  constructor(leaves: readonly Uint8Array[]) {
    this.#leaves = leaves;
  }

  root(from: number, to: number): Uint8Array {
    if (from === to) return sha256();
    if (to - from === 1) return this.#leaves[from]!;
    const key = `${from}-${to}`;
    const known = this.#roots.get(key);
    if (known !== undefined) return known;
    const middle = from + split(to - from);
    const made = node(this.root(from, middle), this.root(middle, to));
    this.#roots.set(key, made);
    return made;
  }

  path(index: number, from: number, to: number): Uint8Array[] {
    if (to - from === 1) return [];
    const middle = from + split(to - from);
    return index < middle
      ? [...this.path(index, from, middle), this.root(middle, to)]
      : [...this.path(index, middle, to), this.root(from, middle)];
  }

  proof(old: number, from: number, to: number, whole: boolean): Uint8Array[] {
    if (old === to) return whole ? [] : [this.root(from, to)];
    const middle = from + split(to - from);
    return old <= middle
      ? [...this.proof(old, from, middle, whole), this.root(middle, to)]
      : [...this.proof(old, middle, to, false), this.root(from, middle)];
  }
}

function split(width: number): number {
  let left = 1;
  while (left * 2 < width) left *= 2;
  return left;
}

/** Perfect subtrees of the first `size` leaves; what isn't complete is not to be had. */
function subtrees(naive: Naive, size: number): SubtreeReader {
  return {
    node(height, index) {
      const width = 2 ** height;
      if ((index + 1) * width > size) throw new Error("asked for what isn't complete");
      return naive.root(index * width, (index + 1) * width);
    },
  };
}

const leaves = Array.from({ length: SIZE_MAX }, (_, index) => leaf(Buffer.from(`leaf ${index}`)));
const naive = new Naive(leaves);
const hexes = (hashes: readonly Uint8Array[]): string => hashes.map(hex).join();

describe("every size up to 300", () => {
  test("each leaf has the audit path of RFC 6962, and it verifies", () => {
    for (let size = 1; size <= SIZE_MAX; size += 1) {
      const reader = subtrees(naive, size);
      const root = naive.root(0, size);
      expect(hex(treeRoot(size, reader))).toBe(hex(root));
      for (let index = 0; index < size; index += 1) {
        const path = inclusionProof(index, size, reader);
        if (hexes(path) !== hexes(naive.path(index, 0, size))) throw new Error(`${index}/${size}`);
        const claim = { index, size, leaf: leaves[index]!, path };
        if (!verifyInclusion(claim, root)) throw new Error(`${index} of ${size} doesn't verify`);
      }
    }
  });

  test("each pair has the consistency proof of RFC 6962, and it verifies", () => {
    for (let to = 1; to <= SIZE_MAX; to += 1) {
      const reader = subtrees(naive, to);
      const toRoot = naive.root(0, to);
      for (let from = 1; from <= to; from += 1) {
        const path = consistencyProof(from, to, reader);
        if (hexes(path) !== hexes(naive.proof(from, 0, to, true))) throw new Error(`${from}/${to}`);
        const claim = { from, to, fromRoot: naive.root(0, from), toRoot, path };
        if (!verifyConsistency(claim)) throw new Error(`${from} to ${to} doesn't verify`);
      }
    }
  });

  test("a path leads to the root from its own place in trees of its own shape only", () => {
    for (let size = 1; size <= 40; size += 1) {
      const root = naive.root(0, size);
      for (let index = 0; index < size; index += 1) {
        const path = inclusionProof(index, size, subtrees(naive, size));
        for (let other = 0; other < size; other += 1) {
          const claim = { index: other, size, leaf: leaves[index]!, path };
          expect(verifyInclusion(claim, root)).toBe(other === index);
        }
        const claim = { index, size, leaf: leaves[index]!, path };
        for (let at = 0; at < path.length; at += 1) {
          const without = path.filter((_, place) => place !== at);
          expect(verifyInclusion({ ...claim, path: without }, root)).toBe(false);
          const flipped = path.map((hash, place) => (place === at ? flip(hash) : hash));
          expect(verifyInclusion({ ...claim, path: flipped }, root)).toBe(false);
        }
        expect(verifyInclusion({ ...claim, path: [...path, root] }, root)).toBe(false);
        expect(verifyInclusion({ ...claim, leaf: flip(leaves[index]!) }, root)).toBe(false);
        expect(verifyInclusion(claim, flip(root))).toBe(false);
        expect(verifyInclusion({ ...claim, leaf: leaves[0]!.subarray(1) }, root)).toBe(false);
      }
    }
  });

  test("a consistency proof takes no other roots, sizes or hashes", () => {
    for (let to = 2; to <= 40; to += 1) {
      for (let from = 1; from < to; from += 1) {
        const path = consistencyProof(from, to, subtrees(naive, to));
        const claim = { from, to, fromRoot: naive.root(0, from), toRoot: naive.root(0, to), path };
        expect(verifyConsistency({ ...claim, fromRoot: flip(claim.fromRoot) })).toBe(false);
        expect(verifyConsistency({ ...claim, toRoot: flip(claim.toRoot) })).toBe(false);
        expect(verifyConsistency({ ...claim, path: [...path, claim.toRoot] })).toBe(false);
        expect(verifyConsistency({ ...claim, path: path.slice(1) })).toBe(false);
        for (let at = 0; at < path.length; at += 1) {
          const flipped = path.map((hash, place) => (place === at ? flip(hash) : hash));
          expect(verifyConsistency({ ...claim, path: flipped })).toBe(false);
        }
      }
    }
  });
});

describe("bad arguments", () => {
  const reader = subtrees(naive, 8);
  test("are refused where a proof is made", () => {
    for (const [index, size] of [
      [0, 0],
      [8, 8],
      [-1, 8],
      [0.5, 8],
      [0, 2 ** 53],
    ] as const) {
      expect(() => inclusionProof(index, size, reader)).toThrow(RangeError);
    }
    for (const [from, to] of [
      [0, 8],
      [9, 8],
      [-1, 8],
      [1.5, 8],
      [1, Infinity],
    ] as const) {
      expect(() => consistencyProof(from, to, reader)).toThrow(RangeError);
    }
  });

  test("prove nothing where one is checked", () => {
    const root = naive.root(0, 1);
    for (const [index, size] of [
      [0, 0],
      [1, 1],
      [-1, 1],
      [0.5, 1],
      [Number.NaN, 1],
    ] as const) {
      expect(rootOfInclusion({ index, size, leaf: root, path: [] })).toBeUndefined();
    }
    const same = { fromRoot: root, toRoot: root, path: [] };
    for (const [from, to] of [
      [0, 0],
      [0, 1],
      [2, 1],
      [1, Number.NaN],
    ] as const) {
      expect(verifyConsistency({ ...same, from, to })).toBe(false);
    }
    expect(verifyConsistency({ ...same, from: 1, to: 1 })).toBe(true);
    expect(verifyConsistency({ ...same, from: 1, to: 1, path: [root] })).toBe(false);
  });

  test("sizes far beyond 2^32 keep their precision", () => {
    const huge: SubtreeReader = {
      node: (height, index) => sha256(Buffer.from(`${height}/${index}`)),
    };
    for (const size of [2 ** 32 + 1, 2 ** 49 - 1, 2 ** 50 - 1, 2 ** 53 - 1]) {
      const root = treeRoot(size, huge);
      // The last leaf stands beside subtrees alone, so its path is made of the reader's own nodes.
      const index = size - 1;
      const path = inclusionProof(index, size, huge);
      expect(verifyInclusion({ index, size, leaf: huge.node(0, index), path }, root)).toBe(true);
    }
  });
});

/** The well-known tree of eight leaves that implementations of RFC 6962 are checked with. */
describe("public vectors", () => {
  const inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
    .concat("606162636465666768696a6b6c6d6e6f")
    .map((text) => leaf(Buffer.from(text, "hex")));
  const known = new Naive(inputs);
  const roots = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ];
  const inner = {
    n01: roots[1]!,
    n23: "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    n45: "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    n67: "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    n03: roots[3]!,
    n47: "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    l1: "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    l4: "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    l2: "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
  };

  test("roots", () => {
    for (const [at, root] of roots.entries()) {
      expect(hex(treeRoot(at + 1, subtrees(known, at + 1)))).toBe(root);
    }
  });

  test("paths and consistency proofs", () => {
    const eight = subtrees(known, 8);
    const { l1, l2, l4, n01, n03, n23, n45, n47, n67 } = inner;
    expect(inclusionProof(0, 8, eight).map(hex)).toEqual([l1, n23, n47]);
    expect(inclusionProof(5, 8, eight).map(hex)).toEqual([l4, n67, n03]);
    expect(inclusionProof(2, 3, subtrees(known, 3)).map(hex)).toEqual([n01]);
    expect(inclusionProof(1, 5, subtrees(known, 5)).map(hex)).toEqual([roots[0]!, n23, l4]);
    expect(consistencyProof(1, 8, eight).map(hex)).toEqual([l1, n23, n47]);
    expect(consistencyProof(6, 8, eight).map(hex)).toEqual([n45, n67, n03]);
    const three = [l2, hex(known.root(3, 4)), n01, l4];
    expect(consistencyProof(3, 5, subtrees(known, 5)).map(hex)).toEqual(three);
  });
});

function flip(hash: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(hash);
  changed[7]! ^= 0x10;
  return changed;
}
