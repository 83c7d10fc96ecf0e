/**
 * Key files: written once, readable by their owner only, never half written.
 *
 * @module
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync } from "node:fs";
import { statSync, writeSync } from "node:fs";
import { link, mkdir, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { OperatorError } from "../ops/index.ts";
import { randomHex } from "../runtime/index.ts";

const PRIVATE = 0o600;
const PUBLIC = 0o644;
const OTHERS = 0o077;

/**
 * Writes a file unless it exists. It appears whole or not at all, and whoever comes second leaves
 * the first one's file alone.
 */
export async function writeOnce(
  path: string,
  content: string,
  options: { readonly secret: boolean },
): Promise<void> {
  if (existsSync(path)) return;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomHex(6)}.tmp`;
  const file = await open(temporary, "wx", options.secret ? PRIVATE : PUBLIC);
  try {
    await file.writeFile(content);
    await file.sync();
    await file.close();
    // A link fails when the name is taken; a rename would replace a key that is in use.
    await link(temporary, path).catch(ignoreExisting);
  } finally {
    await rm(temporary, { force: true });
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}

/** Writes a file in the place of another: whole or not at all, and durable when it returns. */
export function replaceFile(
  path: string,
  content: string,
  options: { readonly secret: boolean },
): void {
  const temporary = `${path}.${randomHex(6)}.tmp`;
  const file = openSync(temporary, "wx", options.secret ? PRIVATE : PUBLIC);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  syncFolder(dirname(path));
}

/** Makes the names in a folder durable. */
export function syncFolder(dir: string): void {
  const folder = openSync(dir, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Reads a key file. Throws an {@link OperatorError} when it is missing or others may read it. */
export function readKeyFile(path: string, options: { readonly secret: boolean }): string {
  let text: string;
  try {
    if (options.secret && (statSync(path).mode & OTHERS) !== 0) {
      throw new OperatorError("KEY_EXPOSED", `others may read the key file ${path}`, {
        hint: `chmod 600 ${path}`,
      });
    }
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof OperatorError) throw cause;
    throw new OperatorError("KEY_MISSING", `the key file ${path} can't be read`, {
      cause,
      hint: "set COUNTROOM_KEYS to the deployment's keys, or start `bun run dev` to create some",
    });
  }
  return text.trim();
}
