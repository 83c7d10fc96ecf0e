/**
 * `countroom bench`: the project's own figures, as ratios to baselines measured in the same run.
 *
 * @module
 */
import { type Command, InvalidArgumentError } from "commander";
import { EXIT, type ExitCode, OperatorError } from "../ops/index.ts";

interface Flags {
  readonly json?: boolean;
  readonly seconds?: number;
}

const HELP = `
NAME is a row or the beginning of rows: settle, settle.callers.64, read, lag …
Exit code 1: some row could not be measured; its detail says why. A missed goal is no failure.`;

export function register(program: Command): void {
  program
    .command("bench")
    .description("measure reads, settlement, lag and bytes on this machine")
    .argument("[name]", "row, or beginning of rows; default: all")
    .option("--json", "print one JSON document")
    .option("--seconds <n>", "time for the whole command", seconds)
    .addHelpText("after", HELP)
    .action(async (name: string | undefined, flags: Flags) => {
      process.exitCode = await bench(name, flags);
    });
}

async function bench(name: string | undefined, flags: Flags): Promise<ExitCode> {
  // The benchmark belongs to the checkout, not to what a server runs.
  const { owned, ROWS, runBench, selectRows } = await import("../../scripts/bench/main.ts");
  const rows = selectRows(name);
  if (rows.length === 0) {
    throw new OperatorError("ROW_UNKNOWN", `no row is called ${name}`, {
      exitCode: EXIT.usage,
      hint: `rows: ${ROWS.map((row) => row.name).join(", ")}`,
    });
  }
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => void owned.clear().then(() => process.exit(EXIT.failed)));
  }
  const showsProgress = process.stderr.isTTY;
  const report = await runBench(rows, flags.seconds, (text) => {
    if (showsProgress) process.stderr.write(`\r\x1b[Kmeasuring ${text} …`);
  });
  if (showsProgress) process.stderr.write("\r\x1b[K");
  const { tableOf } = await import("../../scripts/bench/table.ts");
  process.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : tableOf(report));
  return report.results.some(({ value }) => value === null) ? EXIT.failed : EXIT.done;
}

function seconds(text: string): number {
  const value = Number(text);
  if (/^\d{1,5}$/.test(text) && value >= 5) return value;
  throw new InvalidArgumentError("A whole number of seconds from 5 is needed.");
}
