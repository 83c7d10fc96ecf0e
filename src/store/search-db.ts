/**
 * `search.db`: written by the search process alone, through one connection that also answers.
 *
 * @module
 */
import { mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { FileGuard } from "./file-guard.ts";
import { SEARCH_CACHE_KIB, SEARCH_CHECK_BYTES_MAX, SEARCH_WAL_PAGES } from "./limits.ts";
import {
  checksumOf,
  searchDamaged,
  SEARCH_DAMAGED_HINT,
  type CheckedValue,
} from "./search-checksum.ts";
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
import {
  prepareSearchStatements,
  type SearchInsert,
  type SearchStatements,
} from "./search-statements.ts";
import { SearchPart, SearchTotals } from "./search-totals.ts";
import { schemaFlaws } from "./file-check.ts";
import { explain, openSqlite, transact, type Sqlite } from "./sqlite.ts";

/** The open file. */
export class SearchDb implements Disposable {
  readonly path: string;
  readonly reader: SearchReader;
  readonly #sqlite: Sqlite;
  readonly #statements: SearchStatements;
  readonly #totals: SearchTotals;
  readonly #guard: FileGuard;

  private constructor(sqlite: Sqlite) {
    this.path = sqlite.path;
    this.#sqlite = sqlite;
    this.#statements = prepareSearchStatements(sqlite.driver);
    const reader = new SearchReader(sqlite.driver, prepareSearchQueries(sqlite.orm));
    this.reader = reader;
    this.#totals = new SearchTotals({
      total: (part, segment) => reader.total(part, segment),
      put: this.#statements.putTotal,
      drop: this.#statements.dropTotal,
    });
    // Reading has made the files that lie beside it.
    reader.head();
    this.#guard = new FileGuard(sqlite.path);
  }

  /**
   * Opens the file, creating an empty one when it is missing. The pages of one that isn't large are
   * checked: the rest is for {@link SearchScan}.
   *
   * @throws OperatorError DATABASE_FOREIGN, DATABASE_NEWER or DATABASE_DAMAGED.
   */
  static open(path: string): SearchDb {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const sqlite = openSqlite(path, {
      kind: SEARCH_KIND,
      mode: "create",
      damagedHint: SEARCH_DAMAGED_HINT,
      // What the last moment lost is followed again; the file as such survives a power cut.
      synchronous: "NORMAL",
      safeIntegers: true,
      walPages: SEARCH_WAL_PAGES,
      cacheKib: SEARCH_CACHE_KIB,
    });
    try {
      checkStructure(sqlite);
      return new SearchDb(sqlite);
    } catch (error) {
      sqlite.close();
      throw explain(error, path, SEARCH_DAMAGED_HINT);
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
      damagedHint: SEARCH_DAMAGED_HINT,
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
      throw explain(error, path, SEARCH_DAMAGED_HINT);
    } finally {
      sqlite.close();
    }
  }

  /** Deletes the file with what belongs to it. Nobody may hold it open. */
  static delete(path: string): void {
    for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(path + suffix, { force: true });
  }

  /** Moves a file that can't be used out of the way; answers where it is now. */
  static setAside(path: string, why: "foreign" | "damaged"): string {
    const aside = `${path}.${why}`;
    try {
      renameSync(path, aside);
    } catch (error) {
      // Somebody has taken it away.
      if ((error as { code?: unknown }).code !== "ENOENT") throw error;
    }
    for (const suffix of ["-wal", "-shm", "-journal"]) rmSync(path + suffix, { force: true });
    return aside;
  }

  /** Runs `body` in one transaction; whatever it throws undoes all of it. */
  transact(body: () => void): void {
    const { driver } = this.#sqlite;
    this.#statements.begin.run();
    try {
      body();
      this.#totals.flush();
      this.#statements.commit.run();
      // What is committed into a file that was deleted or replaced is lost.
      this.#guard.check();
    } catch (error) {
      if (driver.inTransaction) driver.run("ROLLBACK");
      throw explain(error, this.path, SEARCH_DAMAGED_HINT);
    }
  }

  putHead({ seq, epoch, recordedAt, proven, root, edge }: SearchHead): void {
    const values = [1, seq, epoch, recordedAt, proven, root, edge];
    this.#statements.putHead.run(...values, checksumOf(values));
  }

  addEpoch(epoch: number, seq: number, reign: string): void {
    this.#add(this.#statements.addEpoch, SearchPart.epochs, 0, [epoch, seq, reign]);
  }

  addName(id: number, kind: number, name: string): void {
    this.#add(this.#statements.addName, SearchPart.names, 0, [id, kind, name]);
  }

  addPlayer(id: number, operator: number, ref: Uint8Array, known: boolean): void {
    const values = [id, operator, ref, known ? 1 : 0];
    this.#add(this.#statements.addPlayer, SearchPart.players, id, values);
  }

  /** An accepted record names a player that only refusals named before. */
  know(id: number, operator: number, ref: Uint8Array): void {
    const sum = checksumOf([id, operator, ref, 1]);
    this.#statements.know.run(sum, id);
    this.#totals.drop(SearchPart.players, id, checksumOf([id, operator, ref, 0]));
    this.#totals.add(SearchPart.players, id, sum);
  }

  addRecord(row: SearchRecord): void {
    this.#add(this.#statements.addRecord, SearchPart.records, row.seq, [
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
    ]);
  }

  /** Such a row has no checksum of its own: what it leads to is compared with what was asked. */
  addLookup(bucket: number, seq: number): void {
    this.#statements.addLookup.run(bucket, seq);
    this.#totals.add(SearchPart.lookups, seq, checksumOf([bucket, seq]));
  }

  addLine({ segment, player, seq, n, account, amount, balance }: SearchLine): void {
    const values = [segment, player, seq, n, account, amount, balance];
    this.#add(this.#statements.addLine, SearchPart.lines, seq, values);
  }

  /** `former` is the row that it takes the place of. */
  putBet(bet: SearchBet, former: SearchBet | undefined): void {
    if (former !== undefined) {
      this.#totals.drop(SearchPart.bets, bet.seq, checksumOf(betValues(former)));
    }
    this.#add(this.#statements.putBet, SearchPart.bets, bet.seq, betValues(bet));
  }

  addOpenBet({ operator, source, round, seq }: SearchOpenBet): void {
    const values = [operator, source, round, seq];
    this.#add(this.#statements.addOpenBet, SearchPart.openBets, 0, values);
  }

  dropOpenBet({ operator, source, round, seq }: SearchOpenBet): void {
    const { changes } = this.#statements.dropOpenBet.run(operator, source, round, seq);
    const sum = checksumOf([operator, source, round, seq]);
    if (changes > 0) this.#totals.drop(SearchPart.openBets, 0, sum);
  }

  /** Zero needs no row. `former` is the balance that is stored. */
  putHolding(player: number, account: number, balance: bigint, former: bigint): void {
    if (former !== 0n) {
      this.#totals.drop(SearchPart.holdings, player, checksumOf([player, account, former]));
    }
    if (balance === 0n) this.#statements.dropHolding.run(player, account);
    else {
      const values = [player, account, balance];
      this.#add(this.#statements.putHolding, SearchPart.holdings, player, values);
    }
  }

  #add(statement: SearchInsert, part: SearchPart, key: number, values: CheckedValue[]): void {
    const sum = checksumOf(values);
    values.push(sum);
    statement.run(...values);
    this.#totals.add(part, key, sum);
  }

  close(): void {
    this.#sqlite.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** What is cheap to see at once: other tables than were made, and torn pages of a small file. */
function checkStructure({ driver, path }: Sqlite): void {
  for (const { detail } of schemaFlaws("search.db", driver, SEARCH_KIND.ddl)) {
    throw searchDamaged(detail);
  }
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > SEARCH_CHECK_BYTES_MAX) return;
  const [said] = driver.query("PRAGMA quick_check(1)").values()[0] ?? [];
  if (said !== "ok") throw searchDamaged(String(said));
}

function betValues({ seq, currency, stake, held, turnover, won, lastSeq }: SearchBet) {
  return [seq, currency, stake, held, turnover, won, lastSeq];
}
