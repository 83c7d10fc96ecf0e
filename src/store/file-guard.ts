/**
 * Notices when the files of an open database are no longer the ones that were opened.
 *
 * SQLite goes on writing into a file that was deleted or replaced, and what it commits is lost.
 * Only `stat` is used: opening a live database through a file API would drop its locks, and reading
 * /proc/locks stalls every file lock of the machine for tens of milliseconds (measured).
 *
 * @module
 */
import { statSync } from "node:fs";
import { OperatorError } from "../ops/index.ts";

/** Watches one open database in WAL mode. Create it after the first write. */
export class FileGuard {
  readonly #paths: readonly string[];
  readonly #inodes: readonly number[];

  constructor(path: string) {
    this.#paths = [path, `${path}-wal`, `${path}-shm`];
    this.#inodes = this.#paths.map(inode);
  }

  /** @throws OperatorError FILE_REPLACED. */
  check(): void {
    for (const [index, path] of this.#paths.entries()) {
      if (inode(path) === this.#inodes[index]) continue;
      throw new OperatorError("FILE_REPLACED", `${path} is not the file that was opened`, {
        hint: "Nothing may move, replace or delete the data folder of a running primary.",
      });
    }
  }
}

/** 0 when there is no such file. */
function inode(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? 0;
}
