/**
 * The test command: contract, types, lint, then the suite in random order.
 *
 * Prints one line per check and everything a failing check said; the last line is
 * `N passed, N failed`. Exit code 0 when all passed, 1 when something failed, 2 for wrong usage.
 */
import { parseArgs } from "node:util";
import type { Check } from "./checks/check.ts";
import { CONTRACT_CHECKS } from "./checks/contract.ts";
import { SOURCE_CHECKS } from "./checks/source.ts";
import { suiteCheck, type SuiteOptions } from "./checks/suite.ts";

const USAGE = `Usage: bun run test [--seed N] [--jobs N] [PATH…]

  PATH       run only test files whose path contains this
  --seed N   order and random cases of an earlier run (printed at the start)
  --jobs N   test files run at the same time (default 2)
`;

const JOBS_DEFAULT = 2;
const JOBS_MAX = 16;
const SEED_MAX = 0xffff_ffff;

function wholeNumber(text: string, name: string, min: number, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new TypeError(`${name} must be a whole number from ${min} to ${max}`);
}

function readOptions(words: readonly string[]): SuiteOptions | "help" {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: { seed: { type: "string" }, jobs: { type: "string" }, help: { type: "boolean" } },
  });
  if (values.help === true) return "help";
  const seed = values.seed ?? String(crypto.getRandomValues(new Uint32Array(1))[0]);
  return {
    filters: positionals,
    seed: wholeNumber(seed, "--seed", 0, SEED_MAX),
    jobs: wholeNumber(values.jobs ?? String(JOBS_DEFAULT), "--jobs", 1, JOBS_MAX),
  };
}

async function runChecks(checks: readonly Check[]): Promise<{ passed: number; failed: number }> {
  const totals = { passed: 0, failed: 0 };
  for (const check of checks) {
    const start = Bun.nanoseconds();
    const result = await check.run();
    const seconds = ((Bun.nanoseconds() - start) / 1e9).toFixed(1);
    totals.passed += result.passed;
    totals.failed += result.failed;
    const counts =
      result.passed + result.failed > 1 || result.failed > 1
        ? `${result.passed} passed, ${result.failed} failed`
        : "";
    const notes = [counts, result.note ?? "", `${seconds} s`].filter((note) => note !== "");
    if (result.failed > 0 && result.output !== "") console.log(result.output);
    const word = result.failed > 0 ? "FAILED" : "ok";
    console.log(`${word.padEnd(6)}  ${check.name}  (${notes.join("; ")})`);
  }
  return totals;
}

async function main(): Promise<number> {
  let options: SuiteOptions | "help";
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  if (options === "help") {
    console.log(USAGE);
    return 0;
  }
  console.log(`Seed ${options.seed} (repeat with: bun run test --seed ${options.seed})`);
  const checks = [...CONTRACT_CHECKS, ...SOURCE_CHECKS, suiteCheck(options)];
  const totals = await runChecks(checks);
  console.log(`${totals.passed} passed, ${totals.failed} failed`);
  return totals.failed === 0 ? 0 : 1;
}

process.exitCode = await main();
