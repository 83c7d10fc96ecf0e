/**
 * Schema of `wallet.db`, the small database that every edge holds as a libSQL replica.
 *
 * It is a projection of the book: anything here can be rebuilt from the records. It carries no
 * personal data. Amounts are `bigint` minor units, counts are safe integers; open the database
 * with safe integers, otherwise amounts beyond 2^53 read wrong without an error.
 *
 * @module
 */
import { sql } from "drizzle-orm";
import { check, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { bytes, count, minor } from "../src/store/columns.ts";

/** One row per player and currency. A registered player always has one in play money. */
export const wallets = sqliteTable(
  "wallets",
  {
    operatorId: text("operator_id").notNull(),
    playerRef: text("player_ref").notNull(),
    currency: text("currency").notNull(),
    available: minor("available").notNull(),
    bonus: minor("bonus").notNull(),
    held: minor("held").notNull(),
    /** Proto PlayerStatus: 1 active, 2 blocked, 3 closed. */
    status: count("status").notNull(),
    /** Records that changed this row, from 1. */
    version: count("version").notNull(),
    /** The record that last changed it. */
    seq: count("seq").notNull(),
  },
  (row) => [
    primaryKey({ columns: [row.playerRef, row.currency] }),
    check("wallets_not_negative", sql`available >= 0 AND bonus >= 0 AND held >= 0`),
  ],
);

/** Which player a messenger identity belongs to; the hash is keyed, the id itself is not here. */
export const identities = sqliteTable(
  "identities",
  {
    operatorId: text("operator_id").notNull(),
    keyId: text("key_id").notNull(),
    hash: bytes("hash").notNull(),
    playerRef: text("player_ref").notNull(),
  },
  (row) => [primaryKey({ columns: [row.operatorId, row.keyId, row.hash] })],
);

/** Where this copy stands. One row, written in every commit, on one page. */
export const head = sqliteTable(
  "head",
  {
    id: count("id").primaryKey(),
    epoch: count("epoch").notNull(),
    /** One life of the publisher's page log. */
    feed: text("feed").notNull(),
    /** The newest record that the rows include. */
    seq: count("seq").notNull(),
    /** The primary's clock when the rows were known to be current, microseconds. */
    time: count("time").notNull(),
    /** Counts commits of this file; see `changes`. */
    tick: count("tick").notNull(),
    /** Root of the record tree at `seq`. */
    root: bytes("root").notNull(),
    /** Right edge of that tree: roots of its perfect subtrees, 32 bytes each, largest first. */
    edge: bytes("edge").notNull(),
    /** 32 bucket digests of the rows, the first 16 bytes of each. */
    buckets: bytes("buckets").notNull(),
  },
  (row) => [check("head_one_row", sql`${row.id} = 1`)],
);

/** A ring with one row per tick: which players it touched. Slot = tick mod CHANGES_SLOTS. */
export const changes = sqliteTable("changes", {
  slot: count("slot").primaryKey(),
  tick: count("tick").notNull(),
  /** Player references, 16 bytes each. NULL: more than fit, so anything may have changed. */
  refs: bytes("refs"),
});

/** Rows of the `changes` ring. A reader that is further behind drops all that it remembers. */
export const CHANGES_SLOTS = 256;
