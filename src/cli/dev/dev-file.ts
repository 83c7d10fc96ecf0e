/**
 * DIR/dev.json: where a running `dev` is and with which keys. Other tools read it; it appears
 * whole, by rename, and is for its owner's eyes only.
 *
 * @module
 */
import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { OperatorError } from "../../ops/index.ts";

const DevFileShape = v.object({
  primary: v.string(),
  publisher: v.string(),
  search: v.string(),
  edges: v.array(v.object({ region: v.string(), url: v.string(), pid: v.number() })),
  telegram: v.object({ api: v.string(), token: v.string(), secret: v.string() }),
  api_keys: v.object({
    read: v.string(), play: v.string(), cashier: v.string(), admin: v.string(),
  }),
  replica: v.object({ sync_url: v.string(), auth_token: v.string() }),
  pids: v.object({ primary: v.number(), publisher: v.number(), search: v.number() }),
});

export type DevFile = v.InferOutput<typeof DevFileShape>;

export function devFilePath(dataDir: string): string {
  return join(dataDir, "dev.json");
}

/** Writes the file whole or not at all. */
export async function writeDevFile(dataDir: string, content: DevFile): Promise<void> {
  const path = devFilePath(dataDir);
  const temporary = `${path}.tmp`;
  const file = await open(temporary, "w", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(content, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

export async function removeDevFile(dataDir: string): Promise<void> {
  await rm(devFilePath(dataDir), { force: true });
}

/**
 * Reads the file of a running `dev`.
 *
 * @throws OperatorError DEV_NOT_RUNNING
 */
export async function readDevFile(dataDir: string): Promise<DevFile> {
  const path = devFilePath(dataDir);
  try {
    return v.parse(DevFileShape, JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    throw new OperatorError("DEV_NOT_RUNNING", `${path} can't be read`, {
      hint: `start it with: bun run dev --data ${dataDir}`,
      cause,
    });
  }
}
