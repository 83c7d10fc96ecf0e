/**
 * One writer per folder: an exclusive SQLite lock, held for life and dropped by the kernel when
 * the process dies, however it dies.
 *
 * @module
 */
import { Database, SQLiteError } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { OperatorError } from "../ops/index.ts";
import { explain } from "./sqlite.ts";

/** A held lock. */
export interface FolderLock extends Disposable {
  readonly path: string;
  release(): void;
}

/**
 * Takes the lock at `path`, creating the file when needed. `holder` says in one or two words who
 * else may hold it, such as "primary".
 *
 * @throws OperatorError DATA_LOCKED when another process holds it.
 */
export function openLock(path: string, holder: string): FolderLock {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const driver = new Database(path, { readwrite: true, create: true });
  try {
    // Not WAL: there, an exclusive transaction still lets others in.
    driver.run("PRAGMA busy_timeout = 0");
    driver.run("BEGIN EXCLUSIVE");
  } catch (error) {
    driver.close();
    if (error instanceof SQLiteError && error.code?.startsWith("SQLITE_BUSY") === true) {
      throw new OperatorError("DATA_LOCKED", `another ${holder} works on ${dirname(path)}`, {
        hint: `Stop the ${holder} that runs there, or name another folder with --data.`,
        cause: error,
      });
    }
    throw explain(error, path, "Delete the file: it holds nothing but the lock.");
  }
  const release = (): void => driver.close();
  return { path, release, [Symbol.dispose]: release };
}
