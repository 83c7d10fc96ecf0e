/**
 * Notices when the files under an open database are not those at its path any more, or when
 * somebody has taken its locks: from then on commits go nowhere, without an error.
 *
 * @module
 */
import { readFileSync, statSync } from "node:fs";
import { PublisherError } from "./errors.ts";
import type { WalCapture } from "./wal-capture.ts";

/** Guards the files of one open `wallet.db`. */
export class FilesGuard {
  readonly #path: string;
  readonly #capture: WalCapture;
  readonly #inode: bigint;
  readonly #indexInode: bigint;
  readonly #hadLocks: boolean;

  /** The database must be open, with a log that `capture` reads. */
  constructor(path: string, capture: WalCapture) {
    this.#path = path;
    this.#capture = capture;
    this.#inode = inodeAt(path) ?? 0n;
    this.#indexInode = inodeAt(`${path}-shm`) ?? 0n;
    // Where /proc doesn't show them there is nothing to compare with.
    this.#hadLocks = this.#holdsLock();
  }

  /** Throws WALLET_FILES_GONE unless database, log and log index are still in place. */
  check(): void {
    if (inodeAt(this.#path) !== this.#inode) throw gone("wallet.db was deleted or replaced");
    if (inodeAt(`${this.#path}-wal`) !== this.#capture.inode()) {
      throw gone("the log of wallet.db was deleted or replaced");
    }
    if (inodeAt(`${this.#path}-shm`) !== this.#indexInode) {
      throw gone("the log index of wallet.db was deleted or replaced");
    }
  }

  /** Throws WALLET_FILES_GONE when this process has lost its lock on the database. */
  checkLocks(): void {
    if (this.#hadLocks && !this.#holdsLock()) throw gone("the lock on wallet.db was lost");
  }

  #holdsLock(): boolean {
    try {
      const lines = readFileSync("/proc/locks", "utf8").split("\n");
      const own = new RegExp(`\\s${process.pid}\\s+\\w+:\\w+:${this.#inode}\\s`);
      return lines.some((line) => own.test(line));
    } catch {
      return false;
    }
  }
}

function inodeAt(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}

function gone(message: string): PublisherError {
  return new PublisherError("WALLET_FILES_GONE", message);
}
