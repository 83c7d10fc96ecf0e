/** Runs the scripts as people do: processes, exit codes, JSON on standard output. */
import { join } from "node:path";

const ROOT = join(import.meta.dir, "..", "..");
const RUN_MS_MAX = 30_000;

export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** The document on standard output. */
  readonly json: Record<string, unknown>;
}

export interface Running {
  readonly child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly done: Promise<Run>;
}

export function start(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Running {
  const child = Bun.spawn([process.execPath, ...command], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), RUN_MS_MAX);
  const collect = async (): Promise<Run> => {
    const [out, err] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    await child.exited;
    clearTimeout(timer);
    const json = out.startsWith("{") ? (JSON.parse(out) as Record<string, unknown>) : {};
    return { code: child.exitCode, out, err, json };
  };
  return { child, done: collect() };
}

/** `bun scripts/<name>.ts …` to its end. */
export function script(
  name: "snapshot" | "restore",
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Run> {
  return start([`scripts/${name}.ts`, ...args], env).done;
}

/** `countroom …` to its end. */
export function countroom(...args: readonly string[]): Promise<Run> {
  return start(["src/cli/main.ts", ...args]).done;
}
