/**
 * Compares two database files row by row: a projection as it lies there, and as it was built anew.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { Database } from "bun:sqlite";

/** What doesn't follow from the records, and is left out. */
export interface Ignored {
  readonly tables?: readonly string[];
  /** Columns by table. */
  readonly columns?: Readonly<Record<string, readonly string[]>>;
}

/** The first row in which two files differ. */
export interface RowDifference {
  readonly table: string;
  /** The row's key, as text. */
  readonly key: string;
  readonly what: "missing" | "stray" | "differs";
  /** Columns that differ. */
  readonly columns: readonly string[];
  /** The player that the row is about, where a row says so. */
  readonly playerRef?: string;
}

/** What a comparison came to. */
export interface FileComparison {
  /** SHA-256 of all rows that were compared, in hex. */
  readonly foundHash: string;
  readonly builtHash: string;
  readonly rows: number;
  /** Undefined when the files say the same. */
  readonly first?: RowDifference;
}

type Value = string | number | bigint | Uint8Array | null;
type Row = Readonly<Record<string, Value>>;

/** Compares the tables of two files that nobody writes. */
export function compareFiles(
  foundPath: string,
  builtPath: string,
  ignored: Ignored = {},
): FileComparison {
  using found = new Database(foundPath, { readonly: true, safeIntegers: true });
  using built = new Database(builtPath, { readonly: true, safeIntegers: true });
  const left = createHash("sha256");
  const right = createHash("sha256");
  let first: RowDifference | undefined;
  let rows = 0;
  const names = new Set([...tablesOf(found), ...tablesOf(built)]);
  for (const table of [...names].sort()) {
    if (ignored.tables?.includes(table) === true) continue;
    const key = keyOf(built, table) ?? keyOf(found, table) ?? [];
    const skip = new Set(ignored.columns?.[table] ?? []);
    for (const [a, b] of pairs(rowsOf(found, table, key), rowsOf(built, table, key), key)) {
      rows += 1;
      const texts = [a && textOf(a, skip), b && textOf(b, skip)] as const;
      if (texts[0] !== undefined) left.update(`${table}\n${texts[0]}\n`);
      if (texts[1] !== undefined) right.update(`${table}\n${texts[1]}\n`);
      if (texts[0] !== texts[1]) first ??= difference(table, key, skip, a, b);
    }
  }
  const hashes = { foundHash: left.digest("hex"), builtHash: right.digest("hex"), rows };
  return first === undefined ? hashes : { ...hashes, first };
}

function tablesOf(driver: Database): string[] {
  return driver
    .query<{ name: string }, []>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    )
    .all()
    .map(({ name }) => name);
}

/** Columns of a table's key, in their order; undefined when there is no such table. */
function keyOf(driver: Database, table: string): string[] | undefined {
  const columns = driver
    .query<{ name: string; pk: bigint }, [string]>("SELECT name, pk FROM pragma_table_info(?)")
    .all(table);
  if (columns.length === 0) return undefined;
  const key = columns.filter(({ pk }) => pk > 0n).sort((a, b) => Number(a.pk - b.pk));
  return (key.length > 0 ? key : columns).map(({ name }) => name);
}

function* rowsOf(driver: Database, table: string, key: readonly string[]): Generator<Row> {
  if (keyOf(driver, table) === undefined) return;
  const order = key.map((name) => `"${name}"`).join(", ");
  yield* driver.query<Row, []>(`SELECT * FROM "${table}" ORDER BY ${order}`).iterate();
}

/** Rows of two ordered lists side by side. */
function* pairs(
  left: Generator<Row>,
  right: Generator<Row>,
  key: readonly string[],
): Generator<readonly [Row | undefined, Row | undefined]> {
  let a = left.next();
  let b = right.next();
  while (a.done !== true || b.done !== true) {
    const order = a.done === true ? 1 : b.done === true ? -1 : compareKeys(a.value, b.value, key);
    yield [
      order <= 0 && a.done !== true ? a.value : undefined,
      order >= 0 && b.done !== true ? b.value : undefined,
    ];
    if (order <= 0) a = left.next();
    if (order >= 0) b = right.next();
  }
}

/** As SQLite orders values of strict tables. */
function compareKeys(a: Row, b: Row, key: readonly string[]): number {
  for (const name of key) {
    const order = compareValues(a[name] ?? null, b[name] ?? null);
    if (order !== 0) return order;
  }
  return 0;
}

function compareValues(a: Value, b: Value): number {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  if (typeof a === "string" && typeof b === "string") {
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
  }
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function textOf(row: Row, skip: ReadonlySet<string>): string {
  const shown = Object.entries(row).flatMap(([name, value]) =>
    skip.has(name) ? [] : [[name, typeof value, plain(value)]],
  );
  return JSON.stringify(shown);
}

function plain(value: Value): string | null {
  if (value === null) return null;
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : String(value);
}

function difference(
  table: string,
  key: readonly string[],
  skip: ReadonlySet<string>,
  found: Row | undefined,
  built: Row | undefined,
): RowDifference {
  const row = (built ?? found) as Row;
  const columns = Object.keys(row).filter(
    (name) => !skip.has(name) && plain(found?.[name] ?? null) !== plain(built?.[name] ?? null),
  );
  const playerRef = playerOf(row);
  return {
    table,
    key: key.map((name) => String(plain(row[name] ?? null)).replaceAll("\0", " ")).join(" "),
    what: found === undefined ? "missing" : built === undefined ? "stray" : "differs",
    columns: found === undefined || built === undefined ? [] : columns,
    ...(playerRef === undefined ? {} : { playerRef }),
  };
}

function playerOf(row: Row): string | undefined {
  const value = row["player_ref"] ?? row["ref"];
  return typeof value === "string" ? value : undefined;
}
