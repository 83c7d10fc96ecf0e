/**
 * A deployment of its own in a temporary folder: keys, and the roles as real processes, started by
 * the real commands.
 */
import { join } from "node:path";
import { ensureDevKeys, type Keys } from "../../src/access/index.ts";
import { ROOT } from "../checks/process.ts";
import type { Budget } from "./budget.ts";
import { owned } from "./owned.ts";

/** Regions of the edges that a benchmark starts. */
export const REGIONS = ["eu", "asia"] as const;

/** A role that runs. */
export interface Role extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

/** Where another address than the role's own is to be used. */
export type RoleSettings = Readonly<Record<string, string | number | undefined>>;

/** A deployment's folder. Dispose of its roles first. */
export interface Deployment extends Disposable {
  readonly dir: string;
  /** Where its edges keep their replicas. */
  readonly replicas: string;
  readonly keys: Keys;
  /** Starts `countroom <role>` on a free port; resolves when it says that it is ready. */
  start(role: string, settings: RoleSettings, budget: Budget): Promise<Role>;
}

/** Makes the folder and the development keys. */
export async function createDeployment(): Promise<Deployment> {
  const dir = owned.folder();
  const replicas = owned.memoryFolder();
  const keys = await ensureDevKeys(join(dir, "keys"), REGIONS);
  return {
    dir,
    replicas,
    keys,
    start: (role, settings, budget) => startRole(dir, role, settings, budget),
    [Symbol.dispose]() {
      owned.removeFolder(dir);
      owned.removeFolder(replicas);
    },
  };
}

async function startRole(
  dir: string,
  role: string,
  settings: RoleSettings,
  budget: Budget,
): Promise<Role> {
  const main = join(ROOT, "src", "cli", "main.ts");
  const child = Bun.spawn([process.execPath, "--no-orphans", main, role], {
    cwd: ROOT,
    env: environment(dir, settings),
    stdio: ["ignore", "pipe", "pipe"],
  });
  owned.add(child);
  const said = new Response(child.stderr).text();
  const ready = readReady(child.stdout);
  const died = child.exited.then(async (code) => {
    throw new Error(`countroom ${role} ended with ${code}: ${(await said).slice(-2_000)}`);
  });
  died.catch(() => {});
  try {
    const url = await budget.within(Promise.race([ready, died]), `countroom ${role}`);
    return { url, pid: child.pid, [Symbol.asyncDispose]: () => owned.stop(child) };
  } catch (error) {
    await owned.stop(child);
    throw error;
  }
}

/** Nothing of the caller's own settings may reach a measurement. */
function environment(dir: string, settings: RoleSettings): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !/^(COUNTROOM_|TELEGRAM_)/.test(name)) env[name] = value;
  }
  const fixed = { COUNTROOM_DATA: dir, COUNTROOM_PORT: 0, COUNTROOM_LOG_LEVEL: "error" };
  for (const [name, value] of Object.entries({ ...fixed, ...settings })) {
    if (value !== undefined) env[name] = String(value);
  }
  return env;
}

/** The URL in a role's ready line; what it prints later is read and dropped. */
async function readReady(stdout: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  const reader = stdout.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error("the role ended before it was ready");
    text += decoder.decode(value, { stream: true });
    const end = text.indexOf("\n");
    if (end < 0) continue;
    void drop(reader);
    return (JSON.parse(text.slice(0, end)) as { url: string }).url;
  }
}

async function drop(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}

/** Size of the newest signed checkpoint that a primary shows. */
export async function signedSize(primaryUrl: string): Promise<number> {
  const response = await fetch(`${primaryUrl}/v1/checkpoint`);
  const note = await response.text();
  return response.ok ? Number(note.split("\n")[1]) : 0;
}
