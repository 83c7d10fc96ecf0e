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

/** Messages of SQLite about one table; a torn file has thousands. */
const MESSAGES_MAX = 5;

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
    .query<{ type: string; name: string; sql: string | null }, []>(
      "SELECT type, name, sql FROM sqlite_schema",
    )
    .all();
  return new Map(rows.map(({ type, name, sql }) => [`${type} ${name}`, sql ?? ""]));
}

/** SQLite's own check, table by table, so that no read keeps a writer's log from being emptied. */
export function* structureFlaws(name: string, driver: Database): Generator<FileFlaw> {
  const tables = driver
    .query<{ name: string }, []>("SELECT name FROM sqlite_schema WHERE type = 'table'")
    .all();
  for (const table of tables) {
    const text = `PRAGMA integrity_check('${table.name.replaceAll("'", "''")}')`;
    for (const [said] of driver.query(text).values().slice(0, MESSAGES_MAX)) {
      if (said !== "ok") yield damagedFile(`${name}, ${table.name}: ${String(said)}`);
    }
  }
}

/** The single number that a query answers. */
export function numberFrom(driver: Database, query: string): number {
  return Number(driver.query(query).values()[0]?.[0] ?? 0);
}
