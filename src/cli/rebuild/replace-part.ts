/**
 * Puts a rebuilt projection in the place of the one that lies there.
 *
 * @module
 */
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
} from "node:fs";
import { dirname } from "node:path";
import { emptyLog, requireUnused } from "../../store/file-use.ts";
import { settleSqlite } from "../../store/settle.ts";
import type { Part } from "./parts.ts";

const BESIDE = ["-wal", "-shm", "-journal"];

/** Throws DATABASE_BUSY when anybody has the file open. The folder's locks are held by now. */
export function requireClosed({ path }: Part): void {
  if (existsSync(path)) requireUnused(path);
}

/**
 * The new file takes the old one's name in one step, after everything else: whatever happens
 * before leaves the old one, or none, from which the next start rebuilds by itself.
 */
export function replacePart({ path, kind }: Part, built: string): void {
  if (kind === undefined) emptyLog(built);
  else settleSqlite(built, kind);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const ready = `${path}.rebuilt`;
  // It may have been built on another volume, where it can't be renamed from.
  rmSync(ready, { force: true });
  moveFile(built, ready);
  syncFile(ready);
  // The old file's log must not be taken for the new one's.
  if (existsSync(path)) emptyLog(path);
  for (const suffix of BESIDE) rmSync(path + suffix, { force: true });
  renameSync(ready, path);
  syncFile(dirname(path));
}

function moveFile(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "EXDEV") throw error;
    copyFileSync(from, to);
    rmSync(from);
  }
}

function syncFile(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
