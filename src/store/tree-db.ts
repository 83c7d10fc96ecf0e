/**
 * Opens `tree.db` for the one who keeps and reads it.
 *
 * @module
 */
import type { Statement } from "bun:sqlite";
import { rmSync } from "node:fs";
import { eq, sql } from "drizzle-orm";
import {
  completedTiles,
  edgeOf,
  TILE_BYTES,
  TILE_LEVELS_MAX,
  TREE_HASH_BYTES,
  TreeEdge,
  tileWidth,
  type TileReader,
} from "../ledger/index.ts";
import { TREE_CACHE_KIB } from "./limits.ts";
import { openSqlite, type Sqlite } from "./sqlite.ts";
import { placeOf, TREE_KIND, tiles, treeHead } from "./tree-schema.ts";

const DAMAGED_HINT = "Nothing is lost: delete tree.db, the primary rebuilds it from the book.";

/** The file's tiles don't fit together. */
export class TreeFault extends Error {
  override readonly name = "TreeFault";
  readonly code = "TREE_DAMAGED";
}

/** Deletes the file with what belongs to it. Nobody may hold it open. */
export function deleteTreeDb(path: string): void {
  for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(path + suffix, { force: true });
}

/** The tile that grows at the right end of a level. */
interface OpenTile {
  readonly hashes: Buffer;
  /** Bytes in use. */
  length: number;
  index: number;
  changed: boolean;
}

/** Keeps tiles. Leaves are added in order, between {@link TreeDb.begin} and a commit. */
export class TreeDb implements TileReader, Disposable {
  readonly #sqlite: Sqlite;
  readonly #queries: ReturnType<typeof prepareQueries>;
  readonly #put: Statement<unknown, [number, Uint8Array]>;
  #open: OpenTile[] = [];
  #committed = 0;
  #size = 0;

  private constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
    this.#queries = prepareQueries(sqlite);
    this.#put = sqlite.driver.prepare(this.#queries.putSql);
    this.#load();
  }

  /**
   * Opens the file, creating an empty one when it is missing.
   *
   * @throws TreeFault when its last tiles are not those of its size; OperatorError DATABASE_…
   */
  static open(path: string): TreeDb {
    const sqlite = openSqlite(path, {
      kind: TREE_KIND,
      mode: "create",
      damagedHint: DAMAGED_HINT,
      // A lost last second is appended again; the file as such survives a power cut.
      synchronous: "NORMAL",
      cacheKib: TREE_CACHE_KIB,
    });
    try {
      return new TreeDb(sqlite);
    } catch (error) {
      sqlite.close();
      throw error;
    }
  }

  /** Number of leaves in the committed tiles. */
  get size(): number {
    return this.#committed;
  }

  /** The right edge of the tree, from the committed tiles. */
  edge(): TreeEdge {
    return TreeEdge.load(this.#committed, edgeOf(this.#committed, this));
  }

  /** The hashes of a committed tile. */
  tile(level: number, index: number): Uint8Array | undefined {
    return this.#queries.tile.get({ place: placeOf(level, index) })?.hashes;
  }

  /** Begins to add leaves. */
  begin(): void {
    this.#sqlite.driver.run("BEGIN IMMEDIATE");
  }

  /** Adds the next leaf. `edge` is the tree's before it. */
  append(leaf: Uint8Array, edge: TreeEdge): void {
    if (edge.size !== this.#size) throw new TreeFault(`leaf ${edge.size} is not the next one`);
    this.#grow(0, leaf);
    this.#size += 1;
    if (this.#open[0]!.length > 0) return;
    for (const [level, root] of completedTiles(leaf, edge).entries()) this.#grow(level + 1, root);
  }

  /** Makes the leaves visible, all of them or none. */
  commit(): void {
    for (const [level, tile] of this.#open.entries()) {
      if (!tile.changed || tile.length === 0) continue;
      this.#put.run(placeOf(level, tile.index), tile.hashes.subarray(0, tile.length));
      tile.changed = false;
    }
    this.#queries.putHead.run({ size: this.#size });
    this.#sqlite.driver.run("COMMIT");
    this.#committed = this.#size;
  }

  /** Forgets the leaves since {@link TreeDb.begin}. */
  rollback(): void {
    if (this.#sqlite.driver.inTransaction) this.#sqlite.driver.run("ROLLBACK");
    this.#load();
  }

  close(): void {
    this.#sqlite.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #grow(level: number, hash: Uint8Array): void {
    const tile = this.#openTile(level);
    tile.hashes.set(hash, tile.length);
    tile.length += TREE_HASH_BYTES;
    tile.changed = true;
    if (tile.length < TILE_BYTES) return;
    this.#put.run(placeOf(level, tile.index), tile.hashes);
    tile.index += 1;
    tile.length = 0;
    tile.changed = false;
  }

  #openTile(level: number): OpenTile {
    return (this.#open[level] ??= {
      hashes: Buffer.alloc(TILE_BYTES),
      length: 0,
      index: 0,
      changed: false,
    });
  }

  /** Takes up the last tile of each level. */
  #load(): void {
    const size = this.#queries.head.get()?.size;
    if (size === undefined || size < 0) throw new TreeFault("it has lost its head");
    this.#open = [];
    for (let level = 0; level < TILE_LEVELS_MAX; level += 1) {
      const index = Math.floor(size / 256 ** (level + 1));
      const length = tileWidth(level, index, size) * TREE_HASH_BYTES;
      if (index === 0 && length === 0) break;
      const tile = this.#openTile(level);
      tile.index = index;
      if (length === 0) continue;
      const stored = this.tile(level, index);
      if (stored?.length !== length) throw new TreeFault(`tile ${level}/${index} is not whole`);
      tile.hashes.set(stored);
      tile.length = length;
    }
    this.#committed = size;
    this.#size = size;
  }
}

function prepareQueries({ orm }: Sqlite) {
  const hole = sql.placeholder;
  const put = orm
    .insert(tiles)
    .values({ place: hole("place"), hashes: hole("hashes") })
    .onConflictDoUpdate({ target: tiles.place, set: { hashes: sql`excluded.hashes` } });
  return {
    putSql: put.toSQL().sql,
    tile: orm
      .select({ hashes: tiles.hashes })
      .from(tiles)
      .where(eq(tiles.place, hole("place")))
      .prepare(),
    head: orm.select({ size: treeHead.size }).from(treeHead).prepare(),
    putHead: orm
      .update(treeHead)
      .set({ size: hole("size") as never })
      .prepare(),
  };
}
