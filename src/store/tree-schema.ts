/**
 * `tree.db`: the tiles of the tree of records, and nothing else. A projection: it can be lost.
 *
 * @module
 */
import { sqliteTable } from "drizzle-orm/sqlite-core";
import { bytes, count } from "./columns.ts";
import type { FileKind } from "./sqlite.ts";

/** Tiles of one level lie side by side; a level has room for more than 2^48 records. */
const LEVEL_STRIDE = 2 ** 41;

/** Tiles by level and index. The last one of a level may hold fewer than 256 hashes. */
export const tiles = sqliteTable("tiles", {
  place: count("place").primaryKey(),
  hashes: bytes("hashes").notNull(),
});

/** The one row that says how many records the tiles are made of. */
export const treeHead = sqliteTable("head", {
  id: count("id").primaryKey(),
  size: count("size").notNull(),
});

/** The key of a tile. */
export function placeOf(level: number, index: number): number {
  return level * LEVEL_STRIDE + index;
}

/** How the file is told from others, and what it starts with. */
export const TREE_KIND: FileKind = {
  name: "the tiles of the tree",
  applicationId: 0x43_52_54_31,
  version: 1,
  ddl: [
    "CREATE TABLE tiles (place INTEGER PRIMARY KEY, hashes BLOB NOT NULL) STRICT",
    "CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 1), size INTEGER NOT NULL) STRICT",
    "INSERT INTO head VALUES (1, 0)",
  ],
};
