/**
 * Who uses a database file, and what it says, for tools that only know its path.
 *
 * @module
 */
import { Database, SQLiteError } from "bun:sqlite";
import { OperatorError } from "../ops/index.ts";
import { explain } from "./sqlite.ts";

/** The single number that a query answers; 0 when it answers nothing. */
export function readNumber(path: string, query: string): number {
  using driver = new Database(path, { readonly: true, safeIntegers: true });
  return Number(driver.query(query).values()[0]?.[0] ?? 0);
}

/**
 * Copies a database as of now, beside whoever writes it. The read is short, whatever follows.
 *
 * @throws OperatorError DATABASE_DAMAGED, DATABASE_FOREIGN
 */
export function copyDatabase(path: string, to: string): void {
  let source: Database | undefined;
  try {
    source = new Database(path, { readonly: true });
    source.run("VACUUM INTO ?", [to]);
  } catch (error) {
    throw explain(error, path, "Rebuild it from the records.");
  } finally {
    source?.close();
  }
}

/** @throws OperatorError DATABASE_BUSY when another connection has the file open. */
export function requireUnused(path: string): void {
  const driver = new Database(path, { readwrite: true, create: false });
  try {
    driver.run("PRAGMA busy_timeout = 0");
    driver.run("PRAGMA locking_mode = EXCLUSIVE");
    driver.run("BEGIN EXCLUSIVE");
    driver.run("ROLLBACK");
  } catch (error) {
    // A file that isn't whole is used by nobody.
    const busy = error instanceof SQLiteError && error.code?.startsWith("SQLITE_BUSY") === true;
    if (!busy) return;
    throw new OperatorError("DATABASE_BUSY", `${path} is still being read or written`, {
      hint: "Stop whoever works on the folder, then run it again.",
      cause: error,
    });
  } finally {
    driver.close();
  }
}

/** Copies a file's write-ahead log home. A file that can't be read keeps what it has. */
export function emptyLog(path: string): void {
  try {
    using driver = new Database(path, { readwrite: true, create: false });
    driver.run("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch (error) {
    if (!(error instanceof SQLiteError)) throw error;
  }
}
