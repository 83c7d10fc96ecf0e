/**
 * `state.db`: what the records add up to, at one exact seq. A projection: it can be lost.
 *
 * Wallets and identities are covered by the signed state digest. Rows that it doesn't cover carry
 * a checksum of their own, and the head counts them, because a start takes them for true.
 *
 * @module
 */
import { primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { bytes, count, minor } from "./columns.ts";
import type { FileKind } from "./sqlite.ts";

export const players = sqliteTable("players", {
  ref: text("ref").primaryKey(),
  operatorId: text("operator_id").notNull(),
  status: count("status").notNull(),
  clientSeed: text("client_seed").notNull(),
  seedPair: count("seed_pair").notNull(),
  nonce: count("nonce").notNull(),
  /** What few players have, "" for the others; see `stateText`. */
  extras: text("extras").notNull(),
  checksum: count("checksum").notNull(),
});

export const wallets = sqliteTable(
  "wallets",
  {
    playerRef: text("player_ref").notNull(),
    currency: text("currency").notNull(),
    /** Order in which the player's rows were opened, from 0. */
    place: count("place").notNull(),
    available: minor("available").notNull(),
    bonus: minor("bonus").notNull(),
    held: minor("held").notNull(),
    version: count("version").notNull(),
    seq: count("seq").notNull(),
  },
  (table) => [primaryKey({ columns: [table.playerRef, table.currency] })],
);

export const bets = sqliteTable("bets", {
  key: text("key").primaryKey(),
  playerRef: text("player_ref").notNull(),
  roundKey: text("round_key").notNull(),
  amount: minor("amount").notNull(),
  currency: text("currency").notNull(),
  funding: count("funding").notNull(),
  /** What came from bonuses, "" when nothing did; see `stateText`. */
  parts: text("parts").notNull(),
  checksum: count("checksum").notNull(),
});

export const rounds = sqliteTable("rounds", {
  key: text("key").primaryKey(),
  playerRef: text("player_ref").notNull(),
  closing: count("closing").notNull(),
  /** Keys of the open bets; see `stateText`. */
  openBets: text("open_bets").notNull(),
  checksum: count("checksum").notNull(),
});

/** Withdrawals, deposits and rules that aren't over. */
export const objects = sqliteTable("objects", {
  key: text("key").primaryKey(),
  /** See `stateText`. */
  body: text("body").notNull(),
  checksum: count("checksum").notNull(),
});

export const houseAccounts = sqliteTable("house_accounts", {
  key: text("key").primaryKey(),
  /** Decimal text: sums of the operator's accounts are not bounded to 64 bits. */
  minor: text("minor").notNull(),
  checksum: count("checksum").notNull(),
});

export const stateIdentities = sqliteTable(
  "identities",
  {
    operatorId: text("operator_id").notNull(),
    keyId: text("key_id").notNull(),
    hash: bytes("hash").notNull(),
    playerRef: text("player_ref").notNull(),
  },
  (table) => [primaryKey({ columns: [table.operatorId, table.keyId, table.hash] })],
);

/** Sums of the state digest, 2048 bytes per bucket. */
export const digestSums = sqliteTable("digest_sums", {
  bucket: count("bucket").primaryKey(),
  sum: bytes("sum").notNull(),
});

/** Where the file stands. */
export const stateHead = sqliteTable("head", {
  id: count("id").primaryKey(),
  seq: count("seq").notNull(),
  epoch: count("epoch").notNull(),
  reign: text("reign").notNull(),
  recordedAt: count("recorded_at").notNull(),
  /** Right edge of the tree, and the signed checkpoint of exactly this seq. */
  edge: bytes("edge").notNull(),
  checkpoint: text("checkpoint").notNull(),
  players: count("players").notNull(),
  wallets: count("wallets").notNull(),
  identities: count("identities").notNull(),
  bets: count("bets").notNull(),
  rounds: count("rounds").notNull(),
  houseAccounts: count("house_accounts").notNull(),
  objects: count("objects").notNull(),
});

/** Signed checkpoints, the recent ones. */
export const checkpoints = sqliteTable("checkpoints", {
  size: count("size").primaryKey(),
  note: text("note").notNull(),
});

/** Where the file stands, as code sees it. */
export type StateHeadRow = Readonly<Omit<typeof stateHead.$inferSelect, "id">>;
/** A player's row. */
export type PlayerRow = Readonly<Omit<typeof players.$inferSelect, "checksum">>;
/** A wallet's row. */
export type StateWalletRow = Readonly<typeof wallets.$inferSelect>;
/** An identity's row. */
export type StateIdentityRow = Readonly<typeof stateIdentities.$inferSelect>;

/** How the file is told from others, and what it starts with. */
export const STATE_KIND: FileKind = {
  name: "the ledger's state",
  applicationId: 0x43_52_53_31,
  version: 2,
  ddl: [
    `CREATE TABLE players (ref TEXT PRIMARY KEY, operator_id TEXT NOT NULL,
       status INTEGER NOT NULL, client_seed TEXT NOT NULL, seed_pair INTEGER NOT NULL,
       nonce INTEGER NOT NULL, extras TEXT NOT NULL,
       checksum INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
    `CREATE TABLE wallets (player_ref TEXT NOT NULL, currency TEXT NOT NULL,
       place INTEGER NOT NULL, available INTEGER NOT NULL, bonus INTEGER NOT NULL,
       held INTEGER NOT NULL, version INTEGER NOT NULL, seq INTEGER NOT NULL,
       PRIMARY KEY (player_ref, currency)) STRICT, WITHOUT ROWID`,
    `CREATE TABLE bets (key TEXT PRIMARY KEY, player_ref TEXT NOT NULL, round_key TEXT NOT NULL,
       amount INTEGER NOT NULL, currency TEXT NOT NULL, funding INTEGER NOT NULL,
       parts TEXT NOT NULL, checksum INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
    `CREATE TABLE rounds (key TEXT PRIMARY KEY, player_ref TEXT NOT NULL,
       closing INTEGER NOT NULL, open_bets TEXT NOT NULL,
       checksum INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
    `CREATE TABLE house_accounts (key TEXT PRIMARY KEY, minor TEXT NOT NULL,
       checksum INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
    `CREATE TABLE objects (key TEXT PRIMARY KEY, body TEXT NOT NULL,
       checksum INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
    `CREATE TABLE identities (operator_id TEXT NOT NULL, key_id TEXT NOT NULL,
       hash BLOB NOT NULL, player_ref TEXT NOT NULL,
       PRIMARY KEY (operator_id, key_id, hash)) STRICT, WITHOUT ROWID`,
    "CREATE TABLE digest_sums (bucket INTEGER PRIMARY KEY, sum BLOB NOT NULL) STRICT",
    `CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL,
       epoch INTEGER NOT NULL, reign TEXT NOT NULL, recorded_at INTEGER NOT NULL,
       edge BLOB NOT NULL, checkpoint TEXT NOT NULL, players INTEGER NOT NULL,
       wallets INTEGER NOT NULL, identities INTEGER NOT NULL, bets INTEGER NOT NULL,
       rounds INTEGER NOT NULL, house_accounts INTEGER NOT NULL,
       objects INTEGER NOT NULL) STRICT`,
    "CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT",
  ],
};
