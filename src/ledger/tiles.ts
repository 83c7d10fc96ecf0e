/**
 * The tree of records cut into tiles, as https://c2sp.org/tlog-tiles lays them out: 256 hashes
 * wide, level 0 made of leaf hashes, each higher one of the roots of the full tiles below.
 *
 * @module
 */
import { LedgerError } from "./errors.ts";
import { nodeHash, TREE_HASH_BYTES, type TreeEdge } from "./merkle.ts";
import type { SubtreeReader } from "./proof.ts";

/** Hashes of a full tile. */
export const TILE_HASHES = 256;

/** Bytes of a full tile. */
export const TILE_BYTES = TILE_HASHES * TREE_HASH_BYTES;

/** Levels of the tree that one tile spans. */
export const TILE_HEIGHT = 8;

/** Levels of tiles that a tree below 2^53 records can have. */
export const TILE_LEVELS_MAX = 7;

/** Where tiles are kept. */
export interface TileReader {
  /** The hashes of a tile, joined; undefined when there is none. */
  tile(level: number, index: number): Uint8Array | undefined;
}

/** How many hashes a tile has in a tree of this size: 0 to 256. */
export function tileWidth(level: number, index: number, size: number): number {
  const hashes = Math.floor(size / TILE_HASHES ** level);
  return Math.min(Math.max(hashes - index * TILE_HASHES, 0), TILE_HASHES);
}

/** Root over the hashes of a tile or of a part of one; their number is a power of two. */
export function tileRoot(hashes: Uint8Array): Uint8Array {
  let row: Uint8Array[] = [];
  for (let at = 0; at < hashes.length; at += TREE_HASH_BYTES) {
    row.push(hashes.subarray(at, at + TREE_HASH_BYTES));
  }
  if (row.length === 0 || (row.length & (row.length - 1)) !== 0) throw notThere("an odd width");
  while (row.length > 1) {
    const above: Uint8Array[] = [];
    for (let at = 0; at < row.length; at += 2) above.push(nodeHash(row[at]!, row[at + 1]!));
    row = above;
  }
  return row[0]!.slice();
}

/** Perfect subtrees out of tiles. A tile is asked for once. */
export function subtreesOf(tiles: TileReader): SubtreeReader {
  const known = new Map<string, Uint8Array | undefined>();
  const tileAt = (level: number, index: number): Uint8Array | undefined => {
    const key = `${level}/${index}`;
    if (!known.has(key)) known.set(key, tiles.tile(level, index));
    return known.get(key);
  };
  return {
    node(height, index) {
      const level = Math.floor(height / TILE_HEIGHT);
      const width = 2 ** (height % TILE_HEIGHT);
      const first = index * width;
      const tile = Math.floor(first / TILE_HASHES);
      const from = (first - tile * TILE_HASHES) * TREE_HASH_BYTES;
      const part = tileAt(level, tile)?.subarray(from, from + width * TREE_HASH_BYTES);
      if (part?.length !== width * TREE_HASH_BYTES) throw notThere(`tile ${level}/${tile}`);
      return tileRoot(part);
    },
  };
}

/** The right edge of the tree of this size: its perfect subtrees, largest first. */
export function edgeOf(size: number, tiles: TileReader): Uint8Array[] {
  const subtrees = subtreesOf(tiles);
  const edge: Uint8Array[] = [];
  let start = 0;
  for (let height = TILE_LEVELS_MAX * TILE_HEIGHT - 1; height >= 0; height -= 1) {
    const width = 2 ** height;
    if (size - start < width) continue;
    edge.push(subtrees.node(height, start / width));
    start += width;
  }
  return edge;
}

/**
 * Roots of the tiles that a leaf completes, from level 0 up: what goes into the tiles above.
 * `edge` is the tree's before the leaf is added.
 */
export function completedTiles(leaf: Uint8Array, edge: TreeEdge): Uint8Array[] {
  const roots: Uint8Array[] = [];
  if ((edge.size + 1) % TILE_HASHES !== 0) return roots;
  const subtrees = edge.save();
  let node = leaf;
  let rest = edge.size;
  for (let height = 0; rest % 2 === 1; height += 1, rest = Math.floor(rest / 2)) {
    node = nodeHash(subtrees[subtrees.length - 1 - height]!, node);
    if ((height + 1) % TILE_HEIGHT === 0) roots.push(node);
  }
  return roots;
}

function notThere(what: string): LedgerError {
  return new LedgerError("STATE_MALFORMED", `the tree's tiles don't hold ${what}`);
}
