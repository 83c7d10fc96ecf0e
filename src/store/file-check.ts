/**
 * What can be wrong with a database as a file: its tables, and its pages.
 *
 * @module
 */
import { Database } from "bun:sqlite";

/** One flaw: damage, or a guard against changes that is gone. */
export interface FileFlaw {
  readonly kind: "store_damaged" | "store_unguarded";
  readonly detail: string;
}

/** Messages of SQLite about one file; a torn one has thousands. */
const MESSAGES_MAX = 10;

export function damagedFile(detail: string): FileFlaw {
  return { kind: "store_damaged", detail };
}

/** Tables, indexes and triggers are exactly those that the statements make. */
export function* schemaFlaws(
  name: string,
  driver: Database,
  ddl: Iterable<string>,
): Generator<FileFlaw> {
  using fresh = new Database(":memory:");
  for (const statement of ddl) fresh.run(statement);
  const wanted = objectsOf(fresh);
  const found = objectsOf(driver);
  for (const [object, text] of wanted) {
    if (found.get(object) === text) continue;
    if (!object.startsWith("trigger ")) {
      yield damagedFile(`${name} has another ${object} than this build makes`);
      continue;
    }
    const detail = `${name} has lost its ${object}: records could be changed`;
    yield { kind: "store_unguarded", detail };
  }
  for (const object of found.keys()) {
    if (wanted.has(object)) continue;
    yield damagedFile(`${name} has a ${object} that this build doesn't make`);
  }
}

function objectsOf(driver: Database): Map<string, string> {
  const rows = driver
    .query<{ type: string; name: string; text: string }, []>(
      `SELECT type, name, quote(type) || quote(name) || quote(tbl_name) || quote(sql) ||
         (rootpage > 0) AS text FROM sqlite_schema`,
    )
    .all();
  return new Map(rows.map(({ type, name, text }) => [`${type} ${name}`, text]));
}

/** SQLite's own check of all pages: seconds for each ten million records. */
export function* structureFlaws(name: string, driver: Database): Generator<FileFlaw> {
  for (const [said] of driver.query(`PRAGMA integrity_check(${MESSAGES_MAX})`).values()) {
    if (said !== "ok") yield damagedFile(`${name}: ${String(said)}`);
  }
}

/** The single number that a query answers. */
export function numberFrom(driver: Database, query: string): number {
  return Number(driver.query(query).values()[0]?.[0] ?? 0);
}
