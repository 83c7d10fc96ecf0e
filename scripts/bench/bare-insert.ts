/**
 * The baseline of settlement: the rows that a ledger stored, inserted again by nothing but SQLite,
 * with the ledger's own tables and pragmas, durable, in transactions of a given size.
 */
import { Database, type Statement } from "bun:sqlite";
import { openLedgerView } from "../../src/store/ledger-db.ts";
import { LEDGER_CACHE_KIB, LEDGER_WAL_PAGES } from "../../src/store/limits.ts";
import { nowMs } from "./budget.ts";

/** One record with its claims, as a ledger stored it. */
export interface StoredRow {
  readonly seq: number;
  readonly event: Uint8Array;
  readonly outcome: Uint8Array;
  readonly claims: readonly Uint8Array[];
}

/** Reads the rows of some records out of a ledger, claims with their records. */
export function readRows(ledgerPath: string, from: number, to: number): StoredRow[] {
  using ledger = openLedgerView(ledgerPath);
  const { reader } = ledger;
  const claims = new Map<number, Uint8Array[]>();
  const add = (seq: number, hash: Uint8Array): void => {
    const known = claims.get(seq);
    if (known === undefined) claims.set(seq, [hash]);
    else if (!known.some((one) => Buffer.compare(one, hash) === 0)) known.push(hash);
  };
  // One snapshot: a claim moves from the queue into its table.
  reader.hold();
  for (const stored of [reader.claims(0), reader.waitingClaims()]) {
    for (const { hash, seq } of stored) {
      if (seq >= from && seq <= to) add(seq, new Uint8Array(hash));
    }
  }
  const rows = reader
    .read(from, to - from + 1)
    .map((row) => ({ ...row, claims: claims.get(row.seq) ?? [] }));
  reader.release();
  const bare = rows.find((row) => row.claims.length === 0);
  if (bare !== undefined) throw new Error(`record ${bare.seq} has no claims: not the same rows`);
  return rows;
}

/** A file of its own that grows like the ledger it is compared with. */
export class BareInsert implements Disposable {
  readonly #db: Database;
  readonly #record: Statement;
  readonly #claim: Statement;

  constructor(path: string) {
    this.#db = new Database(path, { create: true });
    this.#db.run("PRAGMA journal_mode = WAL");
    this.#db.run("PRAGMA synchronous = FULL");
    this.#db.run(`PRAGMA wal_autocheckpoint = ${LEDGER_WAL_PAGES}`);
    this.#db.run(`PRAGMA cache_size = -${LEDGER_CACHE_KIB}`);
    this.#db.run(`CREATE TABLE records (seq INTEGER PRIMARY KEY, event BLOB NOT NULL,
      outcome BLOB NOT NULL) STRICT`);
    this.#db.run(`CREATE TABLE claims (hash BLOB PRIMARY KEY, seq INTEGER NOT NULL)
      STRICT, WITHOUT ROWID`);
    this.#record = this.#db.prepare("INSERT INTO records (seq, event, outcome) VALUES (?, ?, ?)");
    this.#claim = this.#db.prepare("INSERT INTO claims (hash, seq) VALUES (?, ?)");
  }

  /**
   * Lets the next commit start over in the write-ahead log. What is written into a log that needn't
   * grow is synced at less than half the price, and a ledger that has run for a while is there.
   */
  restart(): void {
    this.#db.run("PRAGMA wal_checkpoint(RESTART)");
  }

  /** Inserts all rows; answers the milliseconds. */
  insert(rows: readonly StoredRow[], perCommit: number): number {
    const from = nowMs();
    for (let at = 0; at < rows.length; at += perCommit) this.#commit(rows, at, at + perCommit);
    return nowMs() - from;
  }

  #commit(rows: readonly StoredRow[], from: number, to: number): void {
    this.#db.run("BEGIN IMMEDIATE");
    for (let at = from; at < to && at < rows.length; at += 1) {
      const { seq, event, outcome, claims } = rows[at] as StoredRow;
      this.#record.run(seq, event, outcome);
      for (const hash of claims) this.#claim.run(hash, seq);
    }
    this.#db.run("COMMIT");
  }

  [Symbol.dispose](): void {
    this.#record.finalize();
    this.#claim.finalize();
    this.#db.close();
  }
}
