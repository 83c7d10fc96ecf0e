/**
 * `ledger.db`: the log and nothing else. Records and the claims they make, in range tables; claims
 * on their way there; identities beside them; epochs; one row per commit; the edge of the tree.
 *
 * @module
 */
import { primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { bytes, count } from "./columns.ts";
import { RANGE_RECORDS } from "./limits.ts";
import type { FileKind } from "./sqlite.ts";

/** Messenger identities: a keyed hash, never the id itself. Erasure deletes the row. */
export const identities = sqliteTable(
  "identities",
  {
    operatorId: text("operator_id").notNull(),
    keyId: text("key_id").notNull(),
    hash: bytes("hash").notNull(),
    playerRef: text("player_ref").notNull(),
    /** The record that bound it. */
    seq: count("seq").notNull(),
  },
  (table) => [primaryKey({ columns: [table.operatorId, table.keyId, table.hash] })],
);

/** Epochs: who wrote, from where, and to where once it is closed. */
export const epochs = sqliteTable("epochs", {
  epoch: count("epoch").primaryKey(),
  reign: text("reign").notNull(),
  firstSeq: count("first_seq").notNull(),
  previousEpoch: count("previous_epoch").notNull(),
  /** Tree size and root that the epoch continues. */
  previousSize: count("previous_size").notNull(),
  previousRoot: bytes("previous_root").notNull(),
  /** Null while the epoch is open. A ledger without an open epoch is sealed. */
  lastSeq: count("last_seq"),
  openedAt: count("opened_at").notNull(),
  reason: text("reason").notNull(),
});

/** One row per commit: the root of the tree at its last record. */
export const commits = sqliteTable("commits", {
  lastSeq: count("last_seq").primaryKey(),
  root: bytes("root").notNull(),
});

/** The one row that every commit moves on. */
export const tree = sqliteTable("tree", {
  id: count("id").primaryKey(),
  /** Number of records. */
  size: count("size").notNull(),
  /** The right edge of the tree: roots of its perfect subtrees, largest first. */
  edge: bytes("edge").notNull(),
  /** Claims of records up to this one are in complete runs; see `claim-queue.ts`. */
  mergedSeq: count("merged_seq").notNull(),
  /** Last record of the run that is being moved, 0 when there is none. */
  runSeq: count("run_seq").notNull(),
  /** Pages of the run that have been moved. */
  runDone: count("run_done").notNull(),
});

/** Claims on their way into their range's table, one row per commit. */
export const claimQueue = sqliteTable("claim_queue", {
  lastSeq: count("last_seq").primaryKey(),
  claims: bytes("claims").notNull(),
});

/** An epoch's row. */
export type EpochRow = Readonly<typeof epochs.$inferSelect>;

/** An identity's row. */
export type LedgerIdentityRow = Readonly<typeof identities.$inferSelect>;

/** Drizzle's view of one range's records. */
export function recordsTable(range: number) {
  return sqliteTable(`records_${suffix(range)}`, {
    seq: count("seq").primaryKey(),
    event: bytes("event").notNull(),
    outcome: bytes("outcome").notNull(),
  });
}

/** Drizzle's view of one range's claims: pages of them, see `claim-pages.ts`. */
export function claimsTable(range: number) {
  return sqliteTable(`claims_${suffix(range)}`, {
    id: count("id").primaryKey(),
    claims: bytes("claims").notNull(),
  });
}

/** The range that holds a record and its claims, from 0. */
export function rangeOf(seq: number): number {
  return Math.floor((seq - 1) / RANGE_RECORDS);
}

/** First record of a range. */
export function rangeStart(range: number): number {
  return range * RANGE_RECORDS + 1;
}

/** Creates one range's tables, and the triggers that keep them append-only. */
export function rangeDdl(range: number): readonly string[] {
  const records = `records_${suffix(range)}`;
  const claims = `claims_${suffix(range)}`;
  return [
    `CREATE TABLE ${records} (seq INTEGER PRIMARY KEY, event BLOB NOT NULL,
       outcome BLOB NOT NULL) STRICT`,
    `CREATE TABLE ${claims} (id INTEGER PRIMARY KEY, claims BLOB NOT NULL) STRICT`,
    ...appendOnly(records),
    ...appendOnly(claims),
  ];
}

/** How the file is told from others, and what it starts with. */
export const LEDGER_KIND: FileKind = {
  name: "the ledger",
  applicationId: 0x43_52_4c_31,
  version: 4,
  ddl: [
    `CREATE TABLE identities (operator_id TEXT NOT NULL, key_id TEXT NOT NULL, hash BLOB NOT NULL,
       player_ref TEXT NOT NULL, seq INTEGER NOT NULL,
       PRIMARY KEY (operator_id, key_id, hash)) STRICT, WITHOUT ROWID`,
    "CREATE INDEX identities_by_seq ON identities (seq)",
    `CREATE TABLE epochs (epoch INTEGER PRIMARY KEY, reign TEXT NOT NULL,
       first_seq INTEGER NOT NULL, previous_epoch INTEGER NOT NULL,
       previous_size INTEGER NOT NULL, previous_root BLOB NOT NULL, last_seq INTEGER,
       opened_at INTEGER NOT NULL, reason TEXT NOT NULL) STRICT`,
    "CREATE UNIQUE INDEX epochs_one_open ON epochs ((last_seq IS NULL)) WHERE last_seq IS NULL",
    "CREATE TABLE commits (last_seq INTEGER PRIMARY KEY, root BLOB NOT NULL) STRICT",
    ...appendOnly("commits"),
    `CREATE TABLE tree (id INTEGER PRIMARY KEY CHECK (id = 1), size INTEGER NOT NULL,
       edge BLOB NOT NULL, merged_seq INTEGER NOT NULL, run_seq INTEGER NOT NULL,
       run_done INTEGER NOT NULL) STRICT`,
    "INSERT INTO tree VALUES (1, 0, x'', 0, 0, 0)",
    "CREATE TABLE claim_queue (last_seq INTEGER PRIMARY KEY, claims BLOB NOT NULL) STRICT",
  ],
};

function suffix(range: number): string {
  return String(range).padStart(6, "0");
}

function appendOnly(table: string): readonly string[] {
  return ["UPDATE", "DELETE"].map(
    (verb) =>
      `CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table}
         BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END`,
  );
}
