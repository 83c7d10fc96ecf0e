/**
 * Runs one tool to its end, or to its time limit, and keeps what it said.
 *
 * Tools are started through the running Bun, so that a machine without Node or a global Bun can
 * run every check.
 */
import { join } from "node:path";

/** The checkout's top folder. */
export const ROOT = join(import.meta.dirname, "..", "..");

/** A finished run of a tool. */
export interface Finished {
  readonly ok: boolean;
  /** Exit code; null when a signal ended it. */
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  /** Standard output, then standard error. */
  readonly output: string;
}

/** How to run a tool. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Seconds after which the tool is ended; its result then counts as a failure. */
  readonly limitSeconds: number;
}

/** Time a tool gets to end by itself after it was asked to. */
const GRACE_MS = 5_000;

/** Runs a command, the first word of which is a program. */
export async function run(command: readonly string[], options: RunOptions): Promise<Finished> {
  const child = Bun.spawn([...command], {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, ...options.env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let timedOut = false;
  let killing: ReturnType<typeof setTimeout> | undefined;
  const asking = setTimeout(() => {
    timedOut = true;
    child.kill("SIGTERM");
    killing = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
  }, options.limitSeconds * 1_000);
  try {
    const [stdout, stderr] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    const output = [stdout, stderr].filter((text) => text !== "").join("\n");
    return { ok: child.exitCode === 0, exitCode: child.exitCode, timedOut, output };
  } finally {
    clearTimeout(asking);
    clearTimeout(killing);
  }
}

/** The command that runs a package's script with the running Bun. */
export function packageTool(path: string, ...words: readonly string[]): string[] {
  return [process.execPath, join(ROOT, "node_modules", path), ...words];
}
