/**
 * Makes a database file whole by itself, so that it can be moved.
 *
 * @module
 */
import { rmSync } from "node:fs";
import { OperatorError } from "../ops/index.ts";
import { openSqlite, type FileKind } from "./sqlite.ts";

/**
 * Copies a closed file's write-ahead log home and removes it. A closed connection alone doesn't:
 * its prepared statements keep it half open until the process ends. Nobody else may use the file.
 */
export function settleSqlite(path: string, kind: FileKind): void {
  const sqlite = openSqlite(path, { kind, mode: "write", damagedHint: "", synchronous: "FULL" });
  try {
    const [busy] = sqlite.driver.query("PRAGMA wal_checkpoint(TRUNCATE)").values()[0] ?? [1];
    if (Number(busy) !== 0) {
      throw new OperatorError("DATABASE_BUSY", `${path} is still being read or written`, {
        hint: "Make sure that nothing works on the folder, then run it again.",
      });
    }
  } finally {
    sqlite.close();
  }
  for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
}
