/**
 * The folder a restore fills: beside its target under a telling name, complete before it moves.
 *
 * @module
 */
import { lstat, mkdir, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { randomHex } from "../../runtime/index.ts";
import { ArchiveError } from "../errors.ts";
import { syncDirectory } from "../stores/directory.ts";

const MARK = ".restoring-";

/** Refuses a target that holds anything: a restore never overwrites. Touches nothing. */
export async function assertFree(target: string): Promise<void> {
  const path = resolve(target);
  const itself = await lstat(path).catch(() => undefined);
  if (itself?.isSymbolicLink()) {
    throw new ArchiveError("ARCHIVE_TARGET_EXISTS", "is a symbolic link; nothing was touched", {
      object: path,
      hint: "Give --to the folder itself, or one that doesn't exist yet.",
    });
  }
  const names = await readdir(path).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    if (error.code === "ENOTDIR") return ["."];
    throw error;
  });
  if (names.length === 0) return;
  throw new ArchiveError("ARCHIVE_TARGET_EXISTS", "exists and isn't empty; nothing was touched", {
    object: path,
    hint: "Give --to a folder that doesn't exist yet.",
  });
}

/** A folder under construction. Disposing of it removes it unless it was moved to its target. */
export class RestoreFolder implements AsyncDisposable {
  readonly path: string;
  readonly #target: string;
  #moved = false;

  private constructor(path: string, target: string) {
    this.path = path;
    this.#target = target;
  }

  /** Makes the folder, and removes what earlier restores to this target left when they died. */
  static async create(target: string): Promise<RestoreFolder> {
    const full = resolve(target);
    const parent = dirname(full);
    await mkdir(parent, { recursive: true });
    const stem = `.${basename(full)}${MARK}${hostname()}-`;
    await removeLeftovers(parent, stem);
    const path = join(parent, `${stem}${process.pid}-${randomHex(4)}`);
    // Keys will lie in it: for the owner only, from the first moment on.
    await mkdir(path, { mode: 0o700 });
    return new RestoreFolder(path, full);
  }

  /** Writes a small file. */
  async write(name: string, text: string, mode: number): Promise<void> {
    const path = join(this.path, name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, text, { mode, flag: "wx" });
  }

  /** Makes everything durable, then gives it the target's name. */
  async move(): Promise<void> {
    await syncTree(this.path);
    try {
      // Succeeds also over an empty folder, never over a full one.
      await rename(this.path, this.#target);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      const taken = code === "ENOTEMPTY" || code === "EEXIST" || code === "ENOTDIR";
      const what = taken ? "ARCHIVE_TARGET_EXISTS" : "ARCHIVE_STORE_FAILED";
      const why = taken ? "was filled by somebody else meanwhile" : "can't be put in place";
      throw new ArchiveError(what, why, { object: this.#target, cause });
    }
    this.#moved = true;
    await syncDirectory(dirname(this.#target));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#moved) await rm(this.path, { recursive: true, force: true });
  }
}

async function removeLeftovers(parent: string, stem: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(stem)) continue;
    const pid = Number(name.slice(stem.length).split("-")[0]);
    if (Number.isSafeInteger(pid) && !isAlive(pid)) {
      await rm(join(parent, name), { recursive: true, force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function syncTree(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const path = join(root, name);
    if ((await stat(path)).isDirectory()) {
      await syncTree(path);
      continue;
    }
    const file = await open(path, "r+");
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }
  await syncDirectory(root);
}
