/**
 * Goal: the growing edge is the RFC 6962 tree over the leaves, at every size, also when saved and
 * loaded on the way.
 * Method: the recursive definition of RFC 6962 §2.1 beside it.
 */
import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { emptyRoot, leafHash, nodeHash, TreeEdge } from "../../src/ledger/index.ts";
import { hex } from "./book.ts";

const sha256 = (...parts: Uint8Array[]): Uint8Array => {
  const digest = createHash("sha256");
  for (const part of parts) digest.update(part);
  return digest.digest();
};

const NODE_PREFIX = Uint8Array.of(1);

/** MTH of RFC 6962 over leaf hashes. */
function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0]!;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256(NODE_PREFIX, rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

const leafOf = (index: number): Uint8Array => {
  return leafHash(Buffer.from(`event ${index}`), Buffer.from(`outcome ${index}`));
};

describe("leaves and nodes", () => {
  test("a leaf is prefixed and keeps event and outcome apart", () => {
    const length = (size: number) => Uint8Array.of(0, 0, 0, size);
    const event = Buffer.from("abc");
    const outcome = Buffer.from("de");
    const plain = sha256(Uint8Array.of(0), length(3), event, length(2), outcome);
    expect(hex(leafHash(event, outcome))).toBe(hex(plain));
    const others = [leafHash(Buffer.from("ab"), Buffer.from("cde")), leafHash(outcome, event)];
    for (const other of others) expect(hex(other)).not.toBe(hex(plain));
  });

  test("sizes from nothing to more than any event", () => {
    for (const [a, b] of [
      [0, 0],
      [0, 1],
      [16_384, 16_384],
      [1, 70_000],
      [5, 3],
    ] as const) {
      const event = Buffer.alloc(a, 7);
      const outcome = Buffer.alloc(b, 9);
      const lengths = [Buffer.alloc(4), Buffer.alloc(4)] as const;
      lengths[0].writeUInt32BE(a);
      lengths[1].writeUInt32BE(b);
      const plain = sha256(Uint8Array.of(0), lengths[0], event, lengths[1], outcome);
      expect(hex(leafHash(event, outcome))).toBe(hex(plain));
    }
  });

  test("a node takes two hashes and nothing else", () => {
    const [left, right] = [leafOf(1), leafOf(2)];
    expect(hex(nodeHash(left, right))).toBe(hex(sha256(NODE_PREFIX, left, right)));
    expect(() => nodeHash(left, right.subarray(1))).toThrow("32 bytes");
  });
});

describe("the edge", () => {
  test("has the root of RFC 6962 at every size", () => {
    const edge = new TreeEdge();
    const leaves: Uint8Array[] = [];
    expect(hex(edge.root())).toBe(hex(emptyRoot()));
    for (let size = 1; size <= 130; size++) {
      leaves.push(leafOf(size));
      edge.append(leaves[size - 1]!);
      expect(edge.size).toBe(size);
      expect(hex(edge.root())).toBe(hex(rootOf(leaves)));
    }
  });

  test("goes on after being saved and loaded at any size", () => {
    const leaves = Array.from({ length: 40 }, (_, index) => leafOf(index));
    for (let size = 0; size < leaves.length; size++) {
      const edge = new TreeEdge();
      for (const leaf of leaves.slice(0, size)) edge.append(leaf);
      const loaded = TreeEdge.load(size, edge.save());
      expect(hex(loaded.root())).toBe(hex(rootOf(leaves.slice(0, size))));
      for (const leaf of leaves.slice(size)) loaded.append(leaf);
      expect(hex(loaded.root())).toBe(hex(rootOf(leaves)));
      expect(edge.size).toBe(size);
    }
  });

  test("is saved largest subtree first", () => {
    const leaves = Array.from({ length: 7 }, (_, index) => leafOf(index));
    const edge = new TreeEdge();
    for (const leaf of leaves) edge.append(leaf);
    const parts = [rootOf(leaves.slice(0, 4)), rootOf(leaves.slice(4, 6)), leaves[6]!];
    expect(edge.save().map(hex)).toEqual(parts.map(hex));
  });

  test("a clone goes its own way", () => {
    const edge = new TreeEdge();
    edge.append(leafOf(0));
    const clone = edge.clone();
    clone.append(leafOf(1));
    edge.append(leafOf(2));
    expect(hex(clone.root())).toBe(hex(rootOf([leafOf(0), leafOf(1)])));
    expect(hex(edge.root())).toBe(hex(rootOf([leafOf(0), leafOf(2)])));
  });

  test("isn't loaded from hashes that don't fit the size", () => {
    const hashes = [leafOf(1), leafOf(2)];
    for (const size of [0, 1, 2, 4, 7, -1, 1.5, 2 ** 53]) {
      expect(() => TreeEdge.load(size, hashes)).toThrow();
    }
    expect(() => TreeEdge.load(3, [leafOf(1), leafOf(2).subarray(1)])).toThrow();
    expect(TreeEdge.load(3, hashes).size).toBe(3);
    expect(TreeEdge.load(2 ** 40 + 1, hashes).size).toBe(2 ** 40 + 1);
  });
});
