/**
 * Notices when the files of an open database are no longer the ones that were opened.
 *
 * SQLite goes on writing into a file that was deleted or replaced, and what it commits is lost.
 * Only `stat` is used: opening a live database through a file API would drop its locks.
 *
 * @module
 */
import { readFileSync, statSync } from "node:fs";
import { OperatorError } from "../ops/index.ts";

const LOCKS = "/proc/locks";

/** Watches one open database in WAL mode. Create it after the first write. */
export class FileGuard {
  readonly #paths: readonly string[];
  readonly #inodes: readonly number[];

  constructor(path: string) {
    this.#paths = [path, `${path}-wal`, `${path}-shm`];
    this.#inodes = this.#paths.map(inode);
  }

  /** @throws OperatorError FILE_REPLACED or LOCK_LOST. */
  check(): void {
    for (const [index, path] of this.#paths.entries()) {
      if (inode(path) === this.#inodes[index]) continue;
      throw new OperatorError("FILE_REPLACED", `${path} is not the file that was opened`, {
        hint: "Nothing may move, replace or delete the data folder of a running primary.",
      });
    }
    if (!holdsLock(this.#inodes[0]!)) {
      throw new OperatorError("LOCK_LOST", `the lock on ${this.#paths[0]} is gone`, {
        hint: "Some code opened the live database through a file API; restart the primary.",
      });
    }
  }
}

/** 0 when there is no such file. */
function inode(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? 0;
}

/** Whether this process holds a lock on the inode; true where the kernel doesn't tell. */
function holdsLock(ino: number): boolean {
  let table: string;
  try {
    table = readFileSync(LOCKS, "utf8");
  } catch {
    return true;
  }
  // `1: POSIX  ADVISORY  READ  4711 fd:01:123456 0 EOF`; inside some containers the table is empty.
  if (table === "") return true;
  const own = table.split("\n").filter((line) => line.split(/\s+/)[4] === String(process.pid));
  return own.length === 0 || own.some((line) => line.includes(`:${ino} `));
}
