/**
 * Opens the SQLite files that Bun's own driver holds: one place for pragmas, for telling our files
 * from foreign ones, and for errors that an operator can act on.
 *
 * @module
 */
import { Database, SQLiteError, type Statement } from "bun:sqlite";
import { statSync } from "node:fs";
import { drizzle, type BunSQLiteDatabase } from "drizzle-orm/bun-sqlite";
import { EXIT, OperatorError } from "../ops/index.ts";
import { BUSY_MS } from "./limits.ts";

/** What kind of database a file holds, as its header says. */
export interface FileKind {
  readonly name: string;
  /** `PRAGMA application_id`. */
  readonly applicationId: number;
  /** `PRAGMA user_version`: the schema this build reads and writes. */
  readonly version: number;
  /** Creates the schema; runs once, in the transaction that marks the file as ours. */
  readonly ddl: readonly string[];
}

/** Options of {@link openSqlite}. */
export interface OpenOptions {
  readonly kind: FileKind;
  /** "create" makes the file when it is missing, "write" and "read" insist on it. */
  readonly mode: "create" | "write" | "read";
  /** What an operator is told to do about a damaged file. */
  readonly damagedHint: string;
  /** And about a missing one, unless the folder must be the wrong one. */
  readonly missingHint?: string;
  readonly synchronous?: "FULL" | "NORMAL" | "OFF";
  /** Reads INTEGER as bigint: needed wherever amounts are read. */
  readonly safeIntegers?: boolean;
  /** Zeroes what is deleted, so that erased rows can't be dug out of the file. */
  readonly secureDelete?: boolean;
  /** Pages in the write-ahead log before a commit copies them into the file. */
  readonly walPages?: number;
  readonly cacheKib?: number;
}

/**
 * Remembers its prepared statements, so that closing can finalize them: one that is left keeps the
 * connection half open, its locks held and the write-ahead log where it is.
 */
class OwnDatabase extends Database {
  readonly #statements: Statement[] = [];

  // The driver's own type is generic in what rows and parameters are.
  override prepare(sql: string, ...params: never[]): never {
    const statement = super.prepare(sql, ...params) as Statement;
    this.#statements.push(statement);
    return statement as never;
  }

  finish(): void {
    for (const statement of this.#statements) statement.finalize();
    this.#statements.length = 0;
    this.close(true);
  }
}

/** An open database: drizzle for queries, the driver for hot statements. */
export interface Sqlite {
  readonly path: string;
  readonly driver: Database;
  readonly orm: BunSQLiteDatabase;
  close(): void;
}

/**
 * Opens a file and proves that it is of the wanted kind.
 *
 * @throws OperatorError DATABASE_MISSING, DATABASE_FOREIGN, DATABASE_NEWER or DATABASE_DAMAGED.
 */
export function openSqlite(path: string, options: OpenOptions): Sqlite {
  if (options.mode !== "create" && !exists(path)) throw missing(path, options);
  let driver: OwnDatabase | undefined;
  try {
    driver = new OwnDatabase(path, {
      readonly: options.mode === "read",
      readwrite: options.mode !== "read",
      create: options.mode === "create",
      safeIntegers: options.safeIntegers ?? false,
    });
    driver.run(`PRAGMA busy_timeout = ${BUSY_MS}`);
    identify(driver, path, options);
    if (options.mode !== "read") tune(driver, options);
    driver.run(`PRAGMA cache_size = -${options.cacheKib ?? 16_384}`);
  } catch (error) {
    driver?.finish();
    throw explain(error, path, options.damagedHint);
  }
  const open = driver;
  return { path, driver: open, orm: drizzle({ client: open }), close: () => open.finish() };
}

/** Turns what the driver throws into what an operator can act on; other errors pass through. */
export function explain(error: unknown, path: string, damagedHint: string): unknown {
  if (!(error instanceof SQLiteError)) return error;
  const code = error.code ?? "";
  if (code === "SQLITE_NOTADB") return foreign(path, "it is not an SQLite database", error);
  if (code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_IOERR_SHORT_READ") {
    return new OperatorError("DATABASE_DAMAGED", `${path} is torn or damaged: ${error.message}`, {
      hint: damagedHint,
      exitCode: EXIT.integrity,
      cause: error,
    });
  }
  if (code.startsWith("SQLITE_FULL")) {
    return new OperatorError("DISK_FULL", `${path} can't grow: the disk is full`, {
      hint: "Free space on the volume that holds the data folder, then start again.",
      cause: error,
    });
  }
  return error;
}

/** Runs `body` in one transaction; whatever it throws undoes all of it. */
export function transact<T>(driver: Database, begin: "IMMEDIATE" | "DEFERRED", body: () => T): T {
  driver.run(`BEGIN ${begin}`);
  try {
    const result = body();
    driver.run("COMMIT");
    return result;
  } catch (error) {
    if (driver.inTransaction) driver.run("ROLLBACK");
    throw error;
  }
}

/** {@link transact} for a hot path: begin and commit are prepared once. */
export class Transaction {
  readonly #driver: Database;
  readonly #begin: Statement;
  readonly #commit: Statement;

  constructor(driver: Database) {
    this.#driver = driver;
    this.#begin = driver.prepare("BEGIN IMMEDIATE");
    this.#commit = driver.prepare("COMMIT");
  }

  /** Runs `body`; whatever it throws undoes all of it. */
  run(body: () => void): void {
    this.#begin.run();
    try {
      body();
      this.#commit.run();
    } catch (error) {
      if (this.#driver.inTransaction) this.#driver.run("ROLLBACK");
      throw error;
    }
  }
}

/** The single number that a pragma answers. */
export function pragma(driver: Database, name: string): number {
  const row = driver.query(`PRAGMA ${name}`).values()[0];
  return Number(row?.[0] ?? 0);
}

function identify(driver: Database, path: string, options: OpenOptions): void {
  const { kind } = options;
  const id = pragma(driver, "application_id");
  if (id === 0 && isEmpty(driver)) {
    if (options.mode !== "create") throw foreign(path, "it is empty");
    found(driver, kind);
    return;
  }
  if (id !== kind.applicationId) {
    throw foreign(path, `application_id is ${id}, ${kind.name} has ${kind.applicationId}`);
  }
  const version = pragma(driver, "user_version");
  if (version > kind.version) {
    throw new OperatorError(
      "DATABASE_NEWER",
      `${path} has schema ${version}, this build knows ${kind.version}`,
      { hint: "Start the build that wrote it, or a newer one." },
    );
  }
  if (version < kind.version) throw foreign(path, `schema ${version} was never released`);
}

/** A crash between creating the file and this commit leaves a file that still counts as empty. */
function found(driver: Database, kind: FileKind): void {
  driver.run("PRAGMA journal_mode = WAL");
  driver.run("PRAGMA synchronous = FULL");
  transact(driver, "IMMEDIATE", () => {
    for (const statement of kind.ddl) driver.run(statement);
    driver.run(`PRAGMA application_id = ${kind.applicationId}`);
    driver.run(`PRAGMA user_version = ${kind.version}`);
  });
}

function isEmpty(driver: Database): boolean {
  return driver.query("SELECT 1 FROM sqlite_master LIMIT 1").values().length === 0;
}

function tune(driver: Database, options: OpenOptions): void {
  driver.run("PRAGMA journal_mode = WAL");
  driver.run(`PRAGMA synchronous = ${options.synchronous ?? "FULL"}`);
  driver.run("PRAGMA foreign_keys = OFF");
  driver.run("PRAGMA temp_store = MEMORY");
  // REPLACE deletes rows; with this on, it fires the triggers that forbid deleting.
  driver.run("PRAGMA recursive_triggers = ON");
  if (options.secureDelete === true) driver.run("PRAGMA secure_delete = ON");
  if (options.walPages !== undefined) {
    driver.run(`PRAGMA wal_autocheckpoint = ${options.walPages}`);
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function missing(path: string, options: OpenOptions): OperatorError {
  return new OperatorError("DATABASE_MISSING", `${path} does not exist (${options.kind.name})`, {
    hint:
      options.missingHint ??
      "Check --data: it names the folder that holds primary/, publisher/ and keys/.",
  });
}

function foreign(path: string, why: string, cause?: unknown): OperatorError {
  return new OperatorError("DATABASE_FOREIGN", `${path} is not one of ours: ${why}`, {
    hint: "Check --data, or move the file away if it doesn't belong there.",
    cause,
  });
}
