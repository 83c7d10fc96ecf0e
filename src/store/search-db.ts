/**
 * `search.db`: written by the search process alone, through one connection that also answers.
 *
 * @module
 */
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { FileGuard } from "./file-guard.ts";
import { SEARCH_CACHE_KIB, SEARCH_WAL_PAGES } from "./limits.ts";
import { SearchReader } from "./search-reader.ts";
import { prepareSearchQueries } from "./search-queries.ts";
import {
  SEARCH_KIND,
  type SearchBet,
  type SearchHead,
  type SearchLine,
  type SearchOpenBet,
  type SearchRecord,
} from "./search-schema.ts";
import { prepareSearchStatements, type SearchStatements } from "./search-statements.ts";
import { explain, openSqlite, transact, type Sqlite } from "./sqlite.ts";

const DAMAGED_HINT = "Nothing is lost: delete search.db, the next start rebuilds it from the book.";

/** The open file. */
export class SearchDb implements Disposable {
  readonly path: string;
  readonly reader: SearchReader;
  readonly #sqlite: Sqlite;
  readonly #statements: SearchStatements;
  #guard: FileGuard | undefined;

  private constructor(sqlite: Sqlite) {
    this.path = sqlite.path;
    this.#sqlite = sqlite;
    this.#statements = prepareSearchStatements(sqlite.driver);
    this.reader = new SearchReader(sqlite.driver, prepareSearchQueries(sqlite.orm));
  }

  /**
   * Opens the file, creating an empty one when it is missing.
   *
   * @throws OperatorError DATABASE_FOREIGN, DATABASE_NEWER or DATABASE_DAMAGED.
   */
  static open(path: string): SearchDb {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const sqlite = openSqlite(path, {
      kind: SEARCH_KIND,
      mode: "create",
      damagedHint: DAMAGED_HINT,
      // What the last moment lost is followed again; the file as such survives a power cut.
      synchronous: "NORMAL",
      safeIntegers: true,
      walPages: SEARCH_WAL_PAGES,
      cacheKib: SEARCH_CACHE_KIB,
    });
    try {
      return new SearchDb(sqlite);
    } catch (error) {
      sqlite.close();
      throw error;
    }
  }

  /**
   * What the file at `path` holds, at one seq, beside its writer or without one. Undefined before
   * its first record.
   *
   * @throws OperatorError DATABASE_MISSING, DATABASE_FOREIGN, DATABASE_NEWER or DATABASE_DAMAGED.
   */
  static contentOf(path: string): (SearchHead & { readonly hash: string }) | undefined {
    const sqlite = openSqlite(path, {
      kind: SEARCH_KIND,
      mode: "read",
      damagedHint: DAMAGED_HINT,
      missingHint: "Start `countroom search`: it builds search.db from the book.",
      safeIntegers: true,
    });
    try {
      const reader = new SearchReader(sqlite.driver, prepareSearchQueries(sqlite.orm));
      return transact(sqlite.driver, "DEFERRED", () => {
        const head = reader.head();
        return head === undefined ? undefined : { ...head, hash: reader.contentHash() };
      });
    } catch (error) {
      throw explain(error, path, DAMAGED_HINT);
    } finally {
      sqlite.close();
    }
  }

  /** Deletes the file with what belongs to it. Nobody may hold it open. */
  static delete(path: string): void {
    for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(path + suffix, { force: true });
  }

  /** Moves a file that isn't ours out of the way; answers where it is now. */
  static setAside(path: string): string {
    const aside = `${path}.foreign`;
    renameSync(path, aside);
    for (const suffix of ["-wal", "-shm", "-journal"]) rmSync(path + suffix, { force: true });
    return aside;
  }

  /** Runs `body` in one transaction; whatever it throws undoes all of it. */
  transact(body: () => void): void {
    const { driver } = this.#sqlite;
    this.#statements.begin.run();
    try {
      body();
      this.#statements.commit.run();
      // What is committed into a file that was deleted or replaced is lost.
      (this.#guard ??= new FileGuard(this.path)).check();
    } catch (error) {
      if (driver.inTransaction) driver.run("ROLLBACK");
      throw explain(error, this.path, DAMAGED_HINT);
    }
  }

  putHead(head: SearchHead): void {
    const { seq, epoch, recordedAt, proven, root, edge } = head;
    this.#statements.putHead.run(1, seq, epoch, recordedAt, proven, root, edge);
  }

  addEpoch(epoch: number, seq: number, reign: string): void {
    this.#statements.addEpoch.run(epoch, seq, reign);
  }

  addName(id: number, kind: number, name: string): void {
    this.#statements.addName.run(id, kind, name);
  }

  addPlayer(id: number, operator: number, ref: Uint8Array, known: boolean): void {
    this.#statements.addPlayer.run(id, operator, ref, known ? 1 : 0);
  }

  /** An accepted record names a player that only refusals named before. */
  know(player: number): void {
    this.#statements.know.run(player);
  }

  addRecord(row: SearchRecord): void {
    this.#statements.addRecord.run(
      row.seq,
      row.recordedAt,
      row.operator,
      row.source,
      row.type,
      row.code,
      row.player,
      row.bet,
      row.closes,
      row.roundSource,
      row.game,
      row.event,
      row.trace,
      row.txn,
      row.round,
    );
  }

  addLookup(bucket: number, seq: number): void {
    this.#statements.addLookup.run(bucket, seq);
  }

  addLine({ segment, player, seq, n, account, amount, balance }: SearchLine): void {
    this.#statements.addLine.run(segment, player, seq, n, account, amount, balance);
  }

  putBet({ seq, currency, stake, held, turnover, won, lastSeq }: SearchBet): void {
    this.#statements.putBet.run(seq, currency, stake, held, turnover, won, lastSeq);
  }

  addOpenBet({ operator, source, round, seq }: SearchOpenBet): void {
    this.#statements.addOpenBet.run(operator, source, round, seq);
  }

  dropOpenBet({ operator, source, round, seq }: SearchOpenBet): void {
    this.#statements.dropOpenBet.run(operator, source, round, seq);
  }

  /** Zero needs no row. */
  putHolding(player: number, account: number, balance: bigint): void {
    if (balance === 0n) this.#statements.dropHolding.run(player, account);
    else this.#statements.putHolding.run(player, account, balance);
  }

  close(): void {
    this.#sqlite.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
