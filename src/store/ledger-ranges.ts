/**
 * The statements of range tables, written by drizzle once per table and held as the driver's own:
 * they run for every record.
 *
 * @module
 */
import type { Database, Statement } from "bun:sqlite";
import { asc, eq, gte, lt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import { claimsTable, rangeDdl, recordsTable } from "./ledger-schema.ts";

/** One range's statements. Those that write exist on a writing connection only. */
export interface RangeStatements {
  readonly range: number;
  readonly insertRecord: Statement<unknown, [number, Uint8Array, Uint8Array]>;
  readonly insertPage: Statement<unknown, [number, Uint8Array]>;
  /** seq, event, outcome of records from a seq on. */
  readonly records: Statement<RecordColumns, [number, number]>;
  /** The claims of a page. */
  readonly page: Statement<{ claims: Uint8Array }, [number]>;
  /** Id of the last page before an id. */
  readonly lastPage: Statement<{ id: number | null }, [number]>;
}

/** A record as the driver answers it. */
export interface RecordColumns {
  readonly seq: number;
  readonly event: Uint8Array;
  readonly outcome: Uint8Array;
}

const NAME = /^records_(\d{6})$/;

/** The range tables of one connection. */
export class LedgerRanges {
  readonly #driver: Database;
  readonly #statements = new Map<number, RangeStatements>();
  #known: readonly number[];

  constructor(driver: Database) {
    this.#driver = driver;
    this.#known = scan(driver);
  }

  /** Ranges whose tables exist, rising; another connection's are seen by looking. */
  get list(): readonly number[] {
    return this.#known;
  }

  /** {@link LedgerRanges.list} as the file has it now. */
  look(): readonly number[] {
    this.#known = scan(this.#driver);
    return this.#known;
  }

  /** Whether a range's tables exist; looks again when it is the next one to come. */
  has(range: number): boolean {
    if (this.#known.includes(range)) return true;
    if (range <= (this.#known.at(-1) ?? -1)) return false;
    return this.look().includes(range);
  }

  /** Makes the tables of a range unless they exist. Call it inside the commit that needs them. */
  ensure(range: number): void {
    if (this.has(range)) return;
    for (const statement of rangeDdl(range)) this.#driver.run(statement);
    this.#known = [...this.#known, range];
  }

  /** The statements of a range whose tables exist. */
  of(range: number): RangeStatements {
    let found = this.#statements.get(range);
    if (found === undefined) {
      found = prepare(this.#driver, range);
      this.#statements.set(range, found);
    }
    return found;
  }

  /** Forgets statements, after a rollback that may have undone a range's tables. */
  forget(): void {
    for (const each of this.#statements.values()) finalize(each);
    this.#statements.clear();
    this.look();
  }
}

function scan(driver: Database): readonly number[] {
  const names = driver
    .query<{ name: string }, []>("SELECT name FROM sqlite_master WHERE type = 'table'")
    .all();
  return names
    .flatMap(({ name }) => NAME.exec(name)?.[1] ?? [])
    .map((digits) => Number.parseInt(digits, 10))
    .sort((a, b) => a - b);
}

function prepare(driver: Database, range: number): RangeStatements {
  const orm = drizzle({ client: driver });
  const records = recordsTable(range);
  const claims = claimsTable(range);
  const hole = sql.placeholder;
  const text = (query: { toSQL(): { sql: string } }): string => query.toSQL().sql;
  return {
    range,
    insertRecord: driver.prepare(
      text(
        orm
          .insert(records)
          .values({ seq: hole("seq"), event: hole("event"), outcome: hole("outcome") }),
      ),
    ),
    insertPage: driver.prepare(
      text(orm.insert(claims).values({ id: hole("id"), claims: hole("claims") })),
    ),
    records: driver.prepare(
      text(
        orm
          .select()
          .from(records)
          .where(gte(records.seq, hole("from")))
          .orderBy(asc(records.seq))
          .limit(hole("limit")),
      ),
    ),
    page: driver.prepare(
      text(
        orm
          .select({ claims: claims.claims })
          .from(claims)
          .where(eq(claims.id, hole("id"))),
      ),
    ),
    lastPage: driver.prepare(
      text(
        orm
          .select({ id: sql`max(${claims.id})`.as("id") })
          .from(claims)
          .where(lt(claims.id, hole("before"))),
      ),
    ),
  };
}

function finalize(statements: RangeStatements): void {
  statements.insertRecord.finalize();
  statements.insertPage.finalize();
  statements.records.finalize();
  statements.page.finalize();
  statements.lastPage.finalize();
}
