/**
 * Reads all of `search.db` again, a little at a time: what nobody asks for may be damaged too.
 *
 * @module
 */
import type { Database, Statement } from "bun:sqlite";
import { SEARCH_SCAN_ROWS } from "./limits.ts";
import { checksumOf, searchDamaged, SEARCH_DAMAGED_HINT, sound } from "./search-checksum.ts";
import { bucketOf, SEGMENT_RECORDS, segmentOf } from "./search-keys.ts";
import { prepareSearchQueries } from "./search-queries.ts";
import { SearchReader } from "./search-reader.ts";
import { SEARCH_KIND } from "./search-schema.ts";
import { SearchPart } from "./search-totals.ts";
import { openSqlite, type Sqlite } from "./sqlite.ts";

/** A part, and how its rows of a segment are read: from the first key to the last, excluded. */
interface PartRows {
  readonly part: SearchPart;
  readonly table: string;
  readonly where: string;
  readonly from: (segment: number) => number;
  /** Its rows have no checksum of their own. */
  readonly bare?: boolean;
}

const bySeq = (segment: number): number => segment * SEGMENT_RECORDS;
const itself = (segment: number): number => segment;
const range = (key: string): string => `${key} >= ? AND ${key} < ?`;

/** Cut by seq: as many segments as the book has. */
const OF_RECORDS: readonly PartRows[] = [
  { part: SearchPart.records, table: "records", where: range("seq"), from: bySeq },
  { part: SearchPart.lines, table: "lines", where: range("segment"), from: itself },
  {
    part: SearchPart.lookups,
    table: "lookups",
    where: range("bucket"),
    from: (segment) => bucketOf(segment, 0),
    bare: true,
  },
  { part: SearchPart.bets, table: "bets", where: range("seq"), from: bySeq },
];
/** Cut by player. */
const OF_PLAYERS: readonly PartRows[] = [
  { part: SearchPart.players, table: "players", where: range("id"), from: bySeq },
  { part: SearchPart.holdings, table: "holdings", where: range("player"), from: bySeq },
];
const EVERYTHING = "? <= ?";
/** Not cut. */
const WHOLE: readonly PartRows[] = [
  { part: SearchPart.openBets, table: "open_bets", where: EVERYTHING, from: itself },
  { part: SearchPart.names, table: "names", where: EVERYTHING, from: itself },
  { part: SearchPart.epochs, table: "epochs", where: EVERYTHING, from: itself },
];

/** One reading of a file that goes on being written. */
export class SearchScan implements Disposable {
  readonly #sqlite: Sqlite;
  readonly #reader: SearchReader;
  readonly #statements = new Map<PartRows, Statement>();
  #closed = false;

  private constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
    this.#reader = new SearchReader(sqlite.driver, prepareSearchQueries(sqlite.orm));
  }

  /** Opens the file at `path` with a connection of its own. */
  static open(path: string): SearchScan {
    const sqlite = openSqlite(path, {
      kind: SEARCH_KIND,
      mode: "read",
      damagedHint: SEARCH_DAMAGED_HINT,
      safeIntegers: true,
      cacheKib: 256,
    });
    try {
      return new SearchScan(sqlite);
    } catch (error) {
      sqlite.close();
      throw error;
    }
  }

  /**
   * Compares every row with its checksum and every part with its totals, newest segments first.
   * Yields the rows read since it last did, so that others may go on in between.
   *
   * @throws OperatorError DATABASE_DAMAGED
   */
  *rows(): Generator<number> {
    const { seq = 0 } = this.#reader.head() ?? {};
    const players = this.#reader.players();
    for (const one of WHOLE) yield* this.#segment(one, 0);
    for (let segment = segmentOf(seq); segment >= 0 && !this.#closed; segment -= 1) {
      for (const one of OF_RECORDS) yield* this.#segment(one, segment);
    }
    for (let segment = segmentOf(players); segment >= 0 && !this.#closed; segment -= 1) {
      for (const one of OF_PLAYERS) yield* this.#segment(one, segment);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#sqlite.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** One transaction: its rows and its totals are of one moment. */
  *#segment(one: PartRows, segment: number): Generator<number> {
    if (this.#closed) return;
    const { driver } = this.#sqlite;
    driver.run("BEGIN");
    try {
      yield* this.#compare(one, segment, driver);
    } finally {
      if (!this.#closed) driver.run("ROLLBACK");
    }
  }

  *#compare(one: PartRows, segment: number, driver: Database): Generator<number> {
    const { part, table, from, bare } = one;
    const wanted = this.#reader.total(part, segment);
    let [rows, sum, pending] = [0, 0, 0];
    const found = this.#statement(one, driver).iterate(from(segment), from(segment + 1));
    for (const row of readable(found as Iterator<object>)) {
      const values = Object.values(row);
      rows += 1;
      if (bare === true) sum = (sum + checksumOf(values)) | 0;
      else sum = (sum + Number((sound(table, row), values.at(-1)))) | 0;
      pending += 1;
      if (pending < SEARCH_SCAN_ROWS) continue;
      yield pending;
      if (this.#closed) return;
      pending = 0;
    }
    if (rows !== wanted.rows || sum !== wanted.sum) {
      throw searchDamaged(`${table} has ${rows} rows of segment ${segment}, not ${wanted.rows}`);
    }
    if (pending > 0) yield pending;
  }

  #statement(one: PartRows, driver: Database): Statement {
    let statement = this.#statements.get(one);
    if (statement === undefined) {
      statement = driver.prepare(`SELECT * FROM ${one.table} WHERE ${one.where}`) as Statement;
      this.#statements.set(one, statement);
    }
    return statement;
  }
}

/** Rows, or the damage that keeps them from being read. */
function* readable(rows: Iterator<object>): Generator<object> {
  for (;;) {
    let next: IteratorResult<object>;
    try {
      next = rows.next();
    } catch (error) {
      throw searchDamaged("it can't be read", error);
    }
    if (next.done === true) return;
    yield next.value;
  }
}
