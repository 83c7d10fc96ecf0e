/**
 * The deployment's keys that a snapshot carries: without them a restored book knows no player and
 * can't prove that it is the same book.
 *
 * @module
 */
import { createPrivateKey, createPublicKey } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ArchiveError } from "../errors.ts";

/** A key file: its name and whether only the owner may read it. */
export interface KeyFile {
  readonly name: string;
  readonly secret: boolean;
}

/** Never recovery.key, which opens the archive, nor tokens, which are issued anew. */
export const KEY_FILES: readonly KeyFile[] = [
  { name: "signing.key", secret: true },
  { name: "signing.pub", secret: false },
  { name: "signing.chain", secret: false },
  { name: "access.key", secret: true },
  { name: "access.pub", secret: false },
  { name: "identity.key", secret: true },
  { name: "games.key", secret: true },
  { name: "recovery.pub", secret: false },
];
/** recovery.pub may be kept elsewhere; signing.chain comes with the first rotation. */
const OPTIONAL: ReadonlySet<string> = new Set(["recovery.pub", "signing.chain"]);
const KEY_BYTES_MAX = 256 * 1024;

/** A key file's name and text. */
export interface KeyText {
  readonly name: string;
  readonly text: string;
}

/** Whether a deployment can be without the file. */
export function isOptionalKey(name: string): boolean {
  return OPTIONAL.has(name);
}

/** Reads the files and proves that the pairs are pairs. */
export function readKeyFiles(dir: string): readonly KeyText[] {
  const files: KeyText[] = [];
  for (const { name } of KEY_FILES) {
    const path = join(dir, name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined && isOptionalKey(name)) continue;
    if (found === undefined || found.size > KEY_BYTES_MAX) throw unreadable(path);
    files.push({ name, text: readFileSync(path, "utf8") });
  }
  for (const pair of ["signing", "access"]) {
    if (!isPair(files, pair)) throw unreadable(join(dir, `${pair}.key and ${pair}.pub`));
  }
  return files;
}

/** Whether private and public half of a pair belong together. */
export function isPair(files: readonly KeyText[], pair: string): boolean {
  const text = (name: string): string => files.find((file) => file.name === name)?.text ?? "";
  try {
    const own = createPublicKey(createPrivateKey(text(`${pair}.key`)));
    // Of several the first, which is the newest.
    const told = createPublicKey(text(`${pair}.pub`));
    return own.equals(told);
  } catch {
    // What the parser says may quote the key.
    return false;
  }
}

function unreadable(path: string): ArchiveError {
  return new ArchiveError("ARCHIVE_BOOK_UNREADABLE", "holds no key of this deployment", {
    object: path,
    hint: "Set COUNTROOM_KEYS to the deployment's keys: a book without them can't be restored.",
  });
}
