/**
 * Goal: tiles hold the tree: whatever subtree or edge is asked of them is that of the leaves.
 * Method: trees of sizes around full tiles, cut into tiles naively, against a tree that is summed
 * up from its leaves.
 */
import { describe, expect, test } from "bun:test";
import {
  completedTiles,
  edgeOf,
  LedgerError,
  leafHash,
  nodeHash,
  subtreesOf,
  TILE_BYTES,
  TILE_HASHES,
  TreeEdge,
  type TileReader,
  tileRoot,
  tileWidth,
} from "../../src/ledger/index.ts";
import { hex } from "./book.ts";

const SIZE = 66_000;

/** Leaf hashes of a tree, and the rows above them as far as they are full. */
const leaves = Array.from({ length: SIZE }, (_, at) => leafHash(Buffer.from(`${at}`), Buffer.of()));

function rowAbove(row: readonly Uint8Array[], levels: number): Uint8Array[] {
  let above = [...row];
  for (let n = 0; n < levels; n += 1) {
    above = Array.from({ length: Math.floor(above.length / 2) }, (_, at) => {
      return nodeHash(above[2 * at]!, above[2 * at + 1]!);
    });
  }
  return above;
}

/** Rows of the tiles: leaves, roots of 256 of them, roots of 256 of these. */
const rows = [leaves, rowAbove(leaves, 8), rowAbove(rowAbove(leaves, 8), 8)];

/** Tiles of the tree of the first leaves. */
function tilesOf(size: number): TileReader {
  return {
    tile(level, index) {
      const width = tileWidth(level, index, size);
      if (width === 0) return undefined;
      return Buffer.concat(rows[level]!.slice(index * TILE_HASHES, index * TILE_HASHES + width));
    },
  };
}

const SIZES = [1, 2, 3, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, SIZE];

test("a tile is as wide as the tree makes it", () => {
  expect(TILE_BYTES).toBe(256 * 32);
  const cases = [
    [0, 0, 0, 0],
    [0, 0, 255, 255],
    [0, 0, 256, 256],
    [0, 1, 256, 0],
    [0, 1, 257, 1],
    [1, 0, 255, 0],
    [1, 0, 256, 1],
    [1, 0, 65_535, 255],
    [1, 1, 65_536, 0],
    [1, 1, 65_792, 1],
    [2, 0, 65_536, 1],
  ] as const;
  for (const [level, index, size, width] of cases) {
    expect([level, index, size, tileWidth(level, index, size)]).toEqual([
      level,
      index,
      size,
      width,
    ]);
  }
});

test.each(SIZES)("the edge of %p leaves", (size) => {
  const edge = new TreeEdge();
  for (const leaf of leaves.slice(0, size)) edge.append(leaf);
  expect(edgeOf(size, tilesOf(size)).map(hex)).toEqual(edge.save().map(hex));
});

test("subtrees of every height, each tile asked for once", () => {
  const asked: string[] = [];
  const tiles = tilesOf(SIZE);
  const subtrees = subtreesOf({
    tile(level, index) {
      asked.push(`${level}/${index}`);
      return tiles.tile(level, index);
    },
  });
  for (let height = 0; height <= 16; height += 1) {
    const row = rowAbove(rows[Math.floor(height / 8)]!, height % 8);
    for (const index of [0, 1, Math.floor(row.length / 2), row.length - 1]) {
      if (index < row.length) expect(hex(subtrees.node(height, index))).toBe(hex(row[index]!));
    }
  }
  expect(asked.length).toBe(new Set(asked).size);
});

describe("what isn't there", () => {
  test.each([
    [0, SIZE],
    [8, 257],
    [16, 1],
    [24, 0],
  ] as const)("height %p, index %p", (height, index) => {
    expect(() => subtreesOf(tilesOf(SIZE)).node(height, index)).toThrow(LedgerError);
  });

  test.each([0, 3, 255])("a root over %p hashes", (count) => {
    expect(() => tileRoot(Buffer.concat(leaves.slice(0, count)))).toThrow("odd width");
  });
});

test("roots of the tiles that a leaf completes", () => {
  const edge = new TreeEdge();
  const found: string[] = [];
  for (const [at, leaf] of leaves.entries()) {
    const roots = completedTiles(leaf, edge);
    const isFull = (at + 1) % TILE_HASHES === 0;
    const levels = isFull ? ((at + 1) % TILE_HASHES ** 2 === 0 ? 2 : 1) : 0;
    if (roots.length !== levels) found.push(`${at}: ${roots.length}`);
    for (const [level, root] of roots.entries()) {
      const row = rows[level + 1]!;
      const place = (at + 1) / TILE_HASHES ** (level + 1) - 1;
      if (hex(root) !== hex(row[place]!)) found.push(`${at}, level ${level}`);
    }
    edge.append(leaf);
  }
  expect(found).toEqual([]);
});
