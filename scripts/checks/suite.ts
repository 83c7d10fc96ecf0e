/**
 * Runs the test suite: every file in a global of its own, in random order, a few files at a time,
 * each crash counted as a failure of its file, and nothing left running afterwards.
 */
import type { Check, CheckResult } from "./check.ts";
import { run } from "./process.ts";

/** The whole test command is to end within ten minutes; the other checks take seconds. */
const LIMIT_SECONDS = 560;

/** A test that starts processes needs more than the runner's own five seconds. */
const TEST_LIMIT_MS = 60_000;

/** What to run, and how. */
export interface SuiteOptions {
  /** Parts of file paths; empty for all files. */
  readonly filters: readonly string[];
  readonly seed: number;
  /** Files run at the same time. */
  readonly jobs: number;
}

/** The numbers that the runner printed at its end, summed up. */
export function readSummary(output: string): { pass: number; fail: number; skip: number } {
  const last = (word: string): number => {
    const counts = [...output.matchAll(new RegExp(`^\\s*(\\d+) ${word}$`, "gm"))];
    return Number(counts.at(-1)?.[1] ?? 0);
  };
  return { pass: last("pass"), fail: Math.max(last("fail"), last("errors?")), skip: last("skip") };
}

async function runSuite(options: SuiteOptions): Promise<CheckResult> {
  const command = [process.execPath, "--no-orphans", "test"];
  command.push(`--parallel=${options.jobs}`, "--randomize", `--seed=${options.seed}`);
  command.push(`--timeout=${TEST_LIMIT_MS}`, ...options.filters);
  // Tests that draw their own random cases start from the same number.
  const env = { TEST_SEED: String(options.seed), NO_COLOR: "1" };
  const done = await run(command, { limitSeconds: LIMIT_SECONDS, env });
  const { pass, fail, skip } = readSummary(done.output);
  const skipped = skip > 0 ? `${skip} skipped` : undefined;
  const problems: string[] = [];
  if (done.timedOut) problems.push(`The suite was ended after ${LIMIT_SECONDS} s.`);
  if (pass + fail === 0) problems.push("No test ran.");
  if (!done.ok && fail === 0 && problems.length === 0) {
    problems.push(`The runner ended with exit code ${done.exitCode}.`);
  }
  const output = [done.output, ...problems].join("\n");
  return {
    passed: pass,
    failed: Math.max(fail, problems.length > 0 ? 1 : 0),
    output,
    ...(skipped === undefined ? {} : { note: skipped }),
  };
}

/** The suite as a check of the test command. */
export function suiteCheck(options: SuiteOptions): Check {
  return { name: "tests", run: () => runSuite(options) };
}
