/**
 * `search.db`: what people ask the book for. A projection: it can be lost.
 *
 * Everything that grows is ordered by time. Lookups and lines are kept by segment, a run of
 * records, so that writing touches only the pages of the newest one, however large the file is; a
 * question asks one segment after the other, newest first.
 *
 * Every row follows from the records alone: two files at the same seq hold the same rows. `sum` is
 * the checksum of a row's other columns in their order, looked at whenever the row is read.
 *
 * @module
 */
import { customType, primaryKey, sqliteTable } from "drizzle-orm/sqlite-core";
import { bytes, count, minor } from "./columns.ts";
import type { FileKind } from "./sqlite.ts";

/** An id as it is stored: 16 bytes for a canonical UUID, otherwise its text. */
export type PackedId = Uint8Array | string;

const packed = customType<{ data: PackedId; driverData: PackedId }>({ dataType: () => "any" });
const words = customType<{ data: string; driverData: string }>({ dataType: () => "text" });

/** Where the file stands, and how far a signed checkpoint has proven it. */
export const searchHead = sqliteTable("head", {
  id: count("id").primaryKey(),
  seq: count("seq").notNull(),
  epoch: count("epoch").notNull(),
  recordedAt: count("recorded_at").notNull(),
  proven: count("proven").notNull(),
  root: bytes("root").notNull(),
  edge: bytes("edge").notNull(),
  sum: count("sum").notNull(),
});

/** First record of each epoch. */
export const searchEpochs = sqliteTable("epochs", {
  epoch: count("epoch").primaryKey(),
  seq: count("seq").notNull(),
  reign: words("reign").notNull(),
  sum: count("sum").notNull(),
});

/** Names that repeat: operators, sources, event types, currencies. */
export const searchNames = sqliteTable("names", {
  id: count("id").primaryKey(),
  kind: count("kind").notNull(),
  name: words("name").notNull(),
  sum: count("sum").notNull(),
});

/** Players as records name them, by operator; `known` once a record of theirs was accepted. */
export const searchPlayers = sqliteTable("players", {
  id: count("id").primaryKey(),
  operator: count("operator").notNull(),
  ref: bytes("ref").notNull(),
  known: count("known").notNull(),
  sum: count("sum").notNull(),
});

/** One row per record. `bet` is the seq of the bet that it places or resolves, otherwise 0. */
export const searchRecords = sqliteTable("records", {
  seq: count("seq").primaryKey(),
  recordedAt: count("recorded_at").notNull(),
  operator: count("operator").notNull(),
  source: count("source").notNull(),
  type: count("type").notNull(),
  code: count("code").notNull(),
  player: count("player").notNull(),
  bet: count("bet").notNull(),
  /** 1: the round is closed from here on. */
  closes: count("closes").notNull(),
  /** Source of the round when it isn't the record's, else 0. */
  roundSource: count("round_source").notNull(),
  game: words("game"),
  event: bytes("event"),
  trace: bytes("trace"),
  txn: packed("txn"),
  round: packed("round"),
  sum: count("sum").notNull(),
});

/** Hashed ids by segment: `bucket` is segment · 2^25 + hash. */
export const searchLookups = sqliteTable(
  "lookups",
  { bucket: count("bucket").notNull(), seq: count("seq").notNull() },
  (table) => [primaryKey({ columns: [table.bucket, table.seq] })],
);

/** One line of a player's statement per posting. `account` is currency · 8 + kind of account. */
export const searchLines = sqliteTable(
  "lines",
  {
    segment: count("segment").notNull(),
    player: count("player").notNull(),
    seq: count("seq").notNull(),
    n: count("n").notNull(),
    account: count("account").notNull(),
    amount: minor("amount").notNull(),
    balance: minor("balance").notNull(),
    sum: count("sum").notNull(),
  },
  (table) => [primaryKey({ columns: [table.segment, table.player, table.seq, table.n] })],
);

/** Balances other than cash and bonus while they aren't zero: escrow, withdrawals, debts. */
export const searchHoldings = sqliteTable(
  "holdings",
  {
    player: count("player").notNull(),
    account: count("account").notNull(),
    balance: minor("balance").notNull(),
    sum: count("sum").notNull(),
  },
  (table) => [primaryKey({ columns: [table.player, table.account] })],
);

/** Bets and winnings without one, by the record that brought them. */
export const searchBets = sqliteTable("bets", {
  seq: count("seq").primaryKey(),
  currency: count("currency").notNull(),
  stake: minor("stake").notNull(),
  /** In the round's escrow now. */
  held: minor("held").notNull(),
  /** Stake recognised as revenue. */
  turnover: minor("turnover").notNull(),
  won: minor("won").notNull(),
  /** The last record that moved it. */
  lastSeq: count("last_seq").notNull(),
  sum: count("sum").notNull(),
});

/** Bets that hold escrow, by round. */
export const searchOpenBets = sqliteTable(
  "open_bets",
  {
    operator: count("operator").notNull(),
    source: count("source").notNull(),
    round: packed("round").notNull(),
    seq: count("seq").notNull(),
    sum: count("sum").notNull(),
  },
  (table) => [primaryKey({ columns: [table.operator, table.source, table.round, table.seq] })],
);

/** Rows of a segment of a part, and the sum of their checksums; see {@link SearchTotals}. */
export const searchTotals = sqliteTable(
  "totals",
  {
    part: count("part").notNull(),
    segment: count("segment").notNull(),
    rows: count("rows").notNull(),
    sum: count("sum").notNull(),
  },
  (table) => [primaryKey({ columns: [table.part, table.segment] })],
);

/** A row without its checksum. */
type Plain<Row> = Readonly<Omit<Row, "sum">>;
/** Where the file stands, as code sees it. */
export type SearchHead = Omit<Plain<typeof searchHead.$inferSelect>, "id">;
/** A record's row. */
export type SearchRecord = Plain<typeof searchRecords.$inferSelect>;
/** A statement line's row. */
export type SearchLine = Plain<typeof searchLines.$inferSelect>;
/** A bet's row. */
export type SearchBet = Plain<typeof searchBets.$inferSelect>;
/** An open bet's row. */
export type SearchOpenBet = Plain<typeof searchOpenBets.$inferSelect>;
/** A player's row. */
export type SearchPlayer = Plain<typeof searchPlayers.$inferSelect>;

/** How the file is told from others, and what it starts with. */
export const SEARCH_KIND: FileKind = {
  name: "the search index",
  applicationId: 0x43_52_53_52,
  version: 2,
  ddl: [
    `CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL,
       epoch INTEGER NOT NULL, recorded_at INTEGER NOT NULL, proven INTEGER NOT NULL,
       root BLOB NOT NULL, edge BLOB NOT NULL, sum INTEGER NOT NULL) STRICT`,
    `CREATE TABLE epochs (epoch INTEGER PRIMARY KEY, seq INTEGER NOT NULL,
       reign TEXT NOT NULL, sum INTEGER NOT NULL) STRICT`,
    `CREATE TABLE names (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL,
       sum INTEGER NOT NULL, UNIQUE (kind, name)) STRICT`,
    `CREATE TABLE players (id INTEGER PRIMARY KEY, operator INTEGER NOT NULL, ref BLOB NOT NULL,
       known INTEGER NOT NULL, sum INTEGER NOT NULL, UNIQUE (ref, operator)) STRICT`,
    `CREATE TABLE records (seq INTEGER PRIMARY KEY, recorded_at INTEGER NOT NULL,
       operator INTEGER NOT NULL, source INTEGER NOT NULL, type INTEGER NOT NULL,
       code INTEGER NOT NULL, player INTEGER NOT NULL, bet INTEGER NOT NULL,
       closes INTEGER NOT NULL, round_source INTEGER NOT NULL, game TEXT,
       event BLOB, trace BLOB, txn ANY, round ANY, sum INTEGER NOT NULL) STRICT`,
    `CREATE TABLE lookups (bucket INTEGER NOT NULL, seq INTEGER NOT NULL,
       PRIMARY KEY (bucket, seq)) STRICT, WITHOUT ROWID`,
    `CREATE TABLE lines (segment INTEGER NOT NULL, player INTEGER NOT NULL, seq INTEGER NOT NULL,
       n INTEGER NOT NULL, account INTEGER NOT NULL, amount INTEGER NOT NULL,
       balance INTEGER NOT NULL, sum INTEGER NOT NULL,
       PRIMARY KEY (segment, player, seq, n)) STRICT, WITHOUT ROWID`,
    `CREATE TABLE holdings (player INTEGER NOT NULL, account INTEGER NOT NULL,
       balance INTEGER NOT NULL, sum INTEGER NOT NULL,
       PRIMARY KEY (player, account)) STRICT, WITHOUT ROWID`,
    `CREATE TABLE bets (seq INTEGER PRIMARY KEY, currency INTEGER NOT NULL,
       stake INTEGER NOT NULL, held INTEGER NOT NULL, turnover INTEGER NOT NULL,
       won INTEGER NOT NULL, last_seq INTEGER NOT NULL,
       sum INTEGER NOT NULL) STRICT`,
    `CREATE TABLE open_bets (operator INTEGER NOT NULL, source INTEGER NOT NULL,
       round ANY NOT NULL, seq INTEGER NOT NULL, sum INTEGER NOT NULL,
       PRIMARY KEY (operator, source, round, seq)) STRICT, WITHOUT ROWID`,
    `CREATE TABLE totals (part INTEGER NOT NULL, segment INTEGER NOT NULL, rows INTEGER NOT NULL,
       sum INTEGER NOT NULL, PRIMARY KEY (part, segment)) STRICT, WITHOUT ROWID`,
  ],
};
