/**
 * Ways to change a database: every column of every table, whole rows, and bits of the file.
 */
import { Database } from "bun:sqlite";

/** One change, with a name for people. */
export interface Change {
  readonly what: string;
  readonly table: string;
  /** "row" for changes of whole rows. */
  readonly column: string;
  apply(db: Database): void;
}

type Value = string | number | bigint | Uint8Array | null;
type Row = Record<string, Value>;

/** A stream of pseudo-random numbers; the same seed gives the same ones. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  below(n: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * n);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }
}

export function tablesOf(db: Database): string[] {
  return db
    .query<{ name: string }, []>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    )
    .all()
    .map(({ name }) => name);
}

function keyOf(db: Database, table: string): string[] {
  const columns = db
    .query<{ name: string; pk: bigint }, [string]>("SELECT name, pk FROM pragma_table_info(?)")
    .all(table);
  const key = columns.filter(({ pk }) => Number(pk) > 0);
  return key.length > 0 ? key.map(({ name }) => name) : ["rowid"];
}

/** Changes of a database: per table a few rows, each with every column changed, and rows lost. */
export function changesOf(db: Database, dice: Dice, rowsEach: number): Change[] {
  return tablesOf(db).flatMap((table) => {
    const key = keyOf(db, table);
    const rows = db.query<Row, []>(`SELECT * FROM "${table}"`).all();
    const chosen = Array.from({ length: Math.min(rowsEach, rows.length) }, () => dice.pick(rows));
    const changes = chosen.flatMap((row) => [
      ...Object.keys(row).map((column) => columnChange(table, key, row, column, dice)),
      rowLost(table, key, row),
    ]);
    return rows.length < 2 ? changes : [...changes, rowsSwapped(table, key, rows, dice)];
  });
}

function where(key: readonly string[]): string {
  return key.map((name) => `"${name}" IS ?`).join(" AND ");
}

function keyValues(key: readonly string[], row: Row): Value[] {
  return key.map((name) => row[name] ?? null);
}

function show(row: Row, key: readonly string[]): string {
  return keyValues(key, row)
    .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value))
    .map((value) => String(value).replaceAll("\0", " ").slice(0, 40))
    .join(" ");
}

function columnChange(
  table: string,
  key: readonly string[],
  row: Row,
  column: string,
  dice: Dice,
): Change {
  const to = altered(row[column] ?? null, dice);
  const text = to instanceof Uint8Array ? `${to.length} bytes` : String(to).slice(0, 40);
  return {
    what: `${table} ${show(row, key)}: ${column} becomes ${text}`,
    table,
    column,
    apply: (db) => {
      const set = `UPDATE OR REPLACE "${table}" SET "${column}" = ? WHERE ${where(key)}`;
      db.query(set).run(to, ...keyValues(key, row));
    },
  };
}

/** The value with one bit flipped. */
function altered(value: Value, dice: Dice): Value {
  if (value === null) return 1n;
  if (value instanceof Uint8Array) {
    if (value.length === 0) return new Uint8Array([1]);
    const copy = new Uint8Array(value);
    copy[dice.below(copy.length)]! ^= 1 << dice.below(8);
    return copy;
  }
  if (typeof value === "string") {
    if (value === "") return "x";
    const at = dice.below(value.length);
    const code = value.charCodeAt(at) ^ (1 << dice.below(3));
    return value.slice(0, at) + String.fromCharCode(code) + value.slice(at + 1);
  }
  return BigInt.asIntN(64, BigInt(value) ^ (1n << BigInt(dice.below(40))));
}

function rowLost(table: string, key: readonly string[], row: Row): Change {
  return {
    what: `${table} ${show(row, key)}: lost`,
    table,
    column: "row",
    apply: (db) => {
      db.query(`DELETE FROM "${table}" WHERE ${where(key)}`).run(...keyValues(key, row));
    },
  };
}

/** Two rows change places: all but their keys. */
function rowsSwapped(table: string, key: readonly string[], rows: Row[], dice: Dice): Change {
  const first = dice.pick(rows);
  const second = dice.pick(rows.filter((row) => row !== first));
  const columns = Object.keys(first).filter((name) => !key.includes(name));
  return {
    what: `${table} ${show(first, key)} and ${show(second, key)}: swapped`,
    table,
    column: "row",
    apply: (db) => {
      for (const [at, from] of [
        [first, second],
        [second, first],
      ] as const) {
        for (const column of columns) {
          const set = `UPDATE "${table}" SET "${column}" = ? WHERE ${where(key)}`;
          db.query(set).run(from[column] ?? null, ...keyValues(key, at));
        }
      }
    },
  };
}

/** Everything that a database says, as one text per row; undefined when it can't be read. */
export function contentOf(path: string): Map<string, string> | undefined {
  try {
    using db = new Database(path, { readonly: true, safeIntegers: true });
    const checked = db.query("PRAGMA integrity_check").values();
    if (checked[0]?.[0] !== "ok") return undefined;
    const content = new Map<string, string>();
    for (const table of ["sqlite_schema", ...tablesOf(db)]) {
      const rows = db.query<Row, []>(`SELECT * FROM "${table}"`).values() as Value[][];
      for (const [at, row] of rows.entries()) {
        const values = row.map((value) =>
          value instanceof Uint8Array ? Buffer.from(value).toString("hex") : String(value),
        );
        content.set(`${table} ${at}`, values.join("|"));
      }
    }
    return content;
  } catch {
    return undefined;
  }
}
