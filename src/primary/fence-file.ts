import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/**
 * The checkpoint that fenced this folder off, kept beside the book: a primary that was shown it
 * once must not go on after a restart either.
 */
export class FenceFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The note, empty when nothing has fenced this folder off. */
  read(): string {
    try {
      return readFileSync(this.#path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
      throw error;
    }
  }

  /** Durable when it returns. */
  write(note: string): void {
    const next = `${this.#path}.next`;
    withFile(next, "w", (file) => writeSync(file, note));
    renameSync(next, this.#path);
    withFile(dirname(this.#path), "r", () => {});
  }
}

/** Opens, works and syncs; a folder's sync makes the names in it durable. */
function withFile(path: string, flags: string, work: (file: number) => void): void {
  const file = openSync(path, flags, 0o600);
  try {
    work(file);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
