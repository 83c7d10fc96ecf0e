/**
 * The life of a role process: it says when it is ready, drains when told to stop, and ends with
 * an exit code that means something.
 *
 * @module
 */
import { systemClock } from "../runtime/index.ts";
import { OperatorError } from "./errors.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import type { Logger } from "./logger.ts";

/** A drain that takes longer is given up: a stuck process must not hold its port and lock. */
export const SHUTDOWN_MS_MAX = 10_000;

/**
 * A second SIGINT means impatience only after this. Ctrl-C under a package runner arrives twice at
 * once: from the terminal, and passed on by the runner.
 */
const IMPATIENCE_MS = 500;

/** What a supervisor waits for on standard output. */
export interface ReadyLine {
  readonly role: string;
  readonly url: string;
  readonly [detail: string]: unknown;
}

/** Prints the one line on standard output that says this process is ready. */
export function printReady(line: ReadyLine): void {
  process.stdout.write(`${JSON.stringify({ ready: true, ...line, pid: process.pid })}\n`);
}

/** Options of {@link onShutdown}. */
export interface ShutdownOptions {
  readonly log: Logger;
  /** Default {@link SHUTDOWN_MS_MAX}. */
  readonly limitMs?: number;
}

/** Begins the end of this process. */
export interface Shutdown {
  /** Drains and ends the process with `code`, as a signal would with 0. Idempotent. */
  stop(code?: ExitCode): Promise<void>;
}

/**
 * Runs `drain` once on SIGTERM or SIGINT, then ends the process with code 0. A drain that fails or
 * outlives its limit ends it with code 1; so does a later SIGINT, at once.
 */
export function onShutdown(drain: () => Promise<void> | void, options: ShutdownOptions): Shutdown {
  const { log } = options;
  const limitMs = options.limitMs ?? SHUTDOWN_MS_MAX;
  let ending: Promise<void> | undefined;
  const end = async (code: ExitCode): Promise<void> => {
    const watchdog = setTimeout(() => {
      log.error("the shutdown did not end in time", { limit_ms: limitMs });
      process.exit(EXIT.failed);
    }, limitMs);
    let result = code;
    try {
      await drain();
    } catch (error) {
      log.error("the shutdown failed", { error });
      result = code === EXIT.done ? EXIT.failed : code;
    }
    clearTimeout(watchdog);
    process.exit(result);
  };
  const stop = (code: ExitCode = EXIT.done): Promise<void> => (ending ??= end(code));
  let interruptedMs: number | undefined;
  process.on("SIGTERM", () => void stop());
  process.on("SIGINT", () => {
    interruptedMs ??= systemClock.monotonicMs();
    const impatient = systemClock.monotonicMs() - interruptedMs > IMPATIENCE_MS;
    if (ending !== undefined && impatient) process.exit(EXIT.failed);
    void stop();
  });
  return { stop };
}

/**
 * Runs a command to its end: an {@link OperatorError} is printed with its hint and ends the
 * process with its own exit code, anything else with code 1. A role that keeps serving simply
 * returns once it is ready.
 */
export async function runCommand(
  body: () => Promise<ExitCode | void>,
  write: (text: string) => void = (text) => void process.stderr.write(text),
): Promise<void> {
  try {
    const code = await body();
    if (code !== undefined) process.exitCode = code;
  } catch (error) {
    write(describeFailure(error));
    // A role may have timers and sockets open: setting exitCode alone would leave it hanging.
    process.exit(error instanceof OperatorError ? error.exitCode : EXIT.failed);
  }
}

/** What a person reads on standard error when a command fails. */
export function describeFailure(error: unknown): string {
  if (error instanceof OperatorError) {
    const hint = error.hint === "" ? "" : `\n  hint: ${error.hint}`;
    const cause = error.cause instanceof Error ? `\n  cause: ${error.cause.message}` : "";
    return `${error.code}: ${error.message}${cause}${hint}\n`;
  }
  if (error instanceof Error) return `${error.stack ?? error.message}\n`;
  return `${String(error)}\n`;
}
