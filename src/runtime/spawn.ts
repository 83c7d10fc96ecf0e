/**
 * Child processes, the same on every runtime.
 *
 * @module
 */
import { spawn as start, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { CHILD_KILL_MS } from "./limits.ts";

/** Options of {@link spawn}. */
export interface SpawnOptions {
  /** Program and arguments; no shell is involved. */
  readonly command: readonly string[];
  readonly cwd?: string;
  /** The child's whole environment. Default: this process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Called for each line of the child's standard output. Default: inherited. */
  readonly onStdout?: (line: string) => void;
  /** Called for each line of the child's standard error. Default: inherited. */
  readonly onStderr?: (line: string) => void;
  /** Opens a pipe to the child's standard input; it closes when this process dies. */
  readonly stdin?: boolean;
  /** Gives the child a session of its own: a Ctrl-C in this terminal doesn't reach it. */
  readonly detached?: boolean;
}

/** How a child ended. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A running child. */
export interface Child {
  readonly pid: number;
  readonly exited: Promise<ChildExit>;
  write(text: string): void;
  /** Closes the child's standard input. */
  end(): void;
  kill(signal?: "SIGTERM" | "SIGKILL" | "SIGINT"): void;
  /** SIGTERM, then SIGKILL after `killMs`. Resolves when the child is gone. */
  stop(killMs?: number): Promise<ChildExit>;
}

/** Starts a child. Rejects when the program can't be started. */
export async function spawn(options: SpawnOptions): Promise<Child> {
  const [program, ...args] = options.command;
  if (program === undefined) throw new TypeError("spawn: the command is empty");
  const child = start(program, args, {
    cwd: options.cwd,
    env: (options.env ?? process.env) as NodeJS.ProcessEnv,
    detached: options.detached === true,
    stdio: [
      options.stdin === true ? "pipe" : "ignore",
      options.onStdout === undefined ? "inherit" : "pipe",
      options.onStderr === undefined ? "inherit" : "pipe",
    ],
  });
  const exited = new Promise<ChildExit>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  // A write to a child that has just died is not this process's failure: `exited` tells.
  child.on("error", () => {});
  child.stdin?.on("error", () => {});
  lines(child.stdout, options.onStdout);
  lines(child.stderr, options.onStderr);
  return handle(child, exited);
}

function handle(child: ChildProcess, exited: Promise<ChildExit>): Child {
  return {
    pid: child.pid!,
    exited,
    write: (text) => void child.stdin?.write(text),
    end: () => void child.stdin?.end(),
    kill: (signal = "SIGTERM") => void child.kill(signal),
    stop: async (killMs = CHILD_KILL_MS) => {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), killMs);
      try {
        return await exited;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

function lines(stream: NodeJS.ReadableStream | null, onLine?: (line: string) => void): void {
  if (stream === null || onLine === undefined) return;
  createInterface({ input: stream }).on("line", onLine);
}
