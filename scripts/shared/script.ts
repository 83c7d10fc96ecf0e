/**
 * What the scripts have in common: strict options, one JSON document for machines, people on
 * standard error, and exit codes that mean something.
 */
import { CommanderError, type Command } from "commander";
import { describeFailure, EXIT, OperatorError, type ExitCode } from "../../src/ops/index.ts";

export const EXIT_CODES = `
Exit codes: 0 done · 1 failed · 2 usage · 3 not provable: something is missing ·
4 approval missing · 5 integrity failure: something was changed`;

/** Runs a program of one action to the end of the process. */
export async function runScript(program: Command, words: readonly string[]): Promise<void> {
  program.exitOverride().showHelpAfterError("(--help lists the options)");
  program.addHelpText("after", EXIT_CODES);
  try {
    await program.parseAsync([...words], { from: "user" });
  } catch (error) {
    await end(error, words.includes("--json"));
  }
}

async function end(error: unknown, json: boolean): Promise<never> {
  if (error instanceof CommanderError) {
    process.exit(error.exitCode === 0 ? EXIT.done : EXIT.usage);
  }
  const exitCode: ExitCode = error instanceof OperatorError ? error.exitCode : EXIT.failed;
  process.stderr.write(describeFailure(error));
  if (json) {
    const { code, message, hint } = failure(error);
    await printJson({ error: { code, message, hint }, exit_code: exitCode });
  }
  process.exit(exitCode);
}

function failure(error: unknown): { code: string; message: string; hint: string } {
  if (error instanceof OperatorError) return error;
  return { code: "FAILED", message: error instanceof Error ? error.message : "", hint: "" };
}

/** Prints one document on standard output; resolves once it has been taken. */
export function printJson(value: unknown): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(`${JSON.stringify(value)}\n`, () => resolve());
  });
}

/** A line of progress that overwrites itself, on terminals only. */
export function progressLine(): { show(text: string): void; end(): void } {
  const { stderr } = process;
  let shown = false;
  return {
    show: (text) => {
      if (!stderr.isTTY) return;
      stderr.write(`\r\x1b[K${text}`);
      shown = true;
    },
    end: () => {
      if (shown) stderr.write("\r\x1b[K");
      shown = false;
    },
  };
}

/** Aborts on Ctrl-C and SIGTERM, so that what was begun is cleared away; a second one kills. */
export function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      controller.abort(new OperatorError("INTERRUPTED", `interrupted by ${signal}`));
    });
  }
  return controller.signal;
}

/** Bytes as people read them. */
export function showBytes(bytes: number): string {
  const mib = bytes / (1024 * 1024);
  return mib < 1 ? `${(bytes / 1024).toFixed(1)} KiB` : `${mib.toFixed(1)} MiB`;
}
