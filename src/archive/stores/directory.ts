/**
 * Objects in a folder: a disk of its own, a mounted share, a test.
 *
 * @module
 */
import { open, mkdir, readdir, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { randomHex } from "../../runtime/index.ts";
import type { Sealed } from "../crb/seal.ts";
import { ArchiveError } from "../errors.ts";
import { RANGE_BYTES } from "../limits.ts";
import type { Lock, ObjectStore, PutReceipt, StoredObject } from "./object-store.ts";

const TEMP_MARK = ".tmp-";
/** Nobody but the owner needs to read an archive, sealed or not. */
const FILE_MODE = 0o600;

/** Makes a directory's new names durable. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Keeps each object as a file under `root`. */
export class DirectoryStore implements ObjectStore {
  readonly place: string;
  readonly #root: string;

  constructor(root: string) {
    this.#root = resolve(root);
    this.place = this.#root;
  }

  async probe(): Promise<void> {
    try {
      await makeDirectory(this.#root);
    } catch (cause) {
      throw new ArchiveError("ARCHIVE_STORE_FAILED", "is no folder and can't be made one", {
        object: this.#root,
        hint: "Give --to a folder that this user may write to.",
        cause,
      });
    }
  }

  async put(key: string, object: Sealed, lock?: Lock): Promise<PutReceipt> {
    if (lock !== undefined) {
      throw new ArchiveError("ARCHIVE_USAGE", "a folder can't lock objects", {
        hint: "Leave out --lock-days, or give --to b2://… or s3://….",
      });
    }
    const path = this.#path(key);
    await makeDirectory(dirname(path));
    const temp = `${path}${TEMP_MARK}${randomHex(8)}`;
    try {
      await writeDurably(temp, object.parts);
      // A rename would replace without a word; keys carry a random id, so this is never a race.
      if (await exists(path)) throw new Error("an object of this name exists");
      await rename(temp, path);
    } catch (cause) {
      throw new ArchiveError("ARCHIVE_STORE_FAILED", "could not be stored", {
        object: path,
        cause,
      });
    } finally {
      await rm(temp, { force: true });
    }
    await syncDirectory(dirname(path));
    return {};
  }

  async list(prefix: string): Promise<readonly StoredObject[]> {
    const found: StoredObject[] = [];
    const start = this.#path(prefix.slice(0, prefix.lastIndexOf("/") + 1));
    const names = await readdir(start, { recursive: true, withFileTypes: true }).catch(
      (cause: NodeJS.ErrnoException) => {
        if (cause.code === "ENOENT") return [];
        throw new ArchiveError("ARCHIVE_STORE_FAILED", "can't be listed", { object: start, cause });
      },
    );
    for (const entry of names) {
      if (!entry.isFile() || entry.name.includes(TEMP_MARK)) continue;
      const path = join(entry.parentPath, entry.name);
      const key = path
        .slice(this.#root.length + 1)
        .split(sep)
        .join("/");
      if (key.startsWith(prefix)) {
        found.push({ key, bytes: (await stat(path)).size, hidden: false });
      }
    }
    return found.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async *read(object: StoredObject): AsyncGenerator<Uint8Array> {
    const path = this.#path(object.key);
    const file = await open(path, "r").catch((cause: unknown) => {
      throw new ArchiveError("ARCHIVE_STORE_FAILED", "can't be read", { object: path, cause });
    });
    try {
      for (let at = 0; at < object.bytes;) {
        const wanted = Math.min(RANGE_BYTES, object.bytes - at);
        // Bytes once handed out may be in use: every piece gets memory of its own.
        const { bytesRead, buffer } = await file.read(new Uint8Array(wanted), 0, wanted, at);
        if (bytesRead === 0) return;
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  }

  #path(key: string): string {
    const path = resolve(this.#root, key);
    if (path === this.#root || path.startsWith(this.#root + sep)) return path;
    throw new ArchiveError("ARCHIVE_USAGE", `${key} leaves the folder`, { object: this.#root });
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** Creates a directory and makes each created name durable. */
async function makeDirectory(path: string): Promise<void> {
  const created = await mkdir(path, { recursive: true, mode: 0o700 });
  if (created === undefined) return;
  for (let at = path; at.length >= created.length; at = dirname(at)) {
    await syncDirectory(dirname(at));
  }
}

async function writeDurably(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, "wx", FILE_MODE);
  try {
    for (const part of parts) await writeAll(file, part);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, part: Uint8Array): Promise<void> {
  for (let at = 0; at < part.length;) {
    const { bytesWritten } = await file.write(part, at, part.length - at);
    at += bytesWritten;
  }
}
