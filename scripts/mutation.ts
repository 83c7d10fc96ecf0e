/**
 * How much of the rules the tests hold: breaks the lines of a room one at a time, by Stryker, and
 * counts how many of the broken versions the room's tests find.
 *
 * `bun run mutation [--room ledger] [--one-in 8] [--seed S] [--json] [PATH…]`. All lines of a large
 * room take hours; by default one line in eight is broken, drawn by seed. Texts of messages aren't
 * broken: nothing depends on them. Exit code 0 when it ran, whatever the score.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { OperatorError } from "../src/ops/index.ts";
import { packageTool, ROOT } from "./checks/process.ts";
import { printJson, runScript } from "./shared/script.ts";

const SEED_MAX = 0x7fff_ffff;
/** A broken loop is ended after this and counts as found. */
const MUTANT_MS_MAX = 30_000;
/** Survivors shown to people; `--json` has them all. */
const SHOWN_MAX = 40;

interface Flags {
  readonly room: string;
  readonly oneIn: number;
  readonly seed: number;
  readonly jobs: number;
  readonly json?: true;
}

/** The part of Stryker's report that is read here; mutation-testing-report-schema 2. */
interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly Mutant[] }>>;
}

interface Mutant {
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly status: string;
  readonly location: { readonly start: { readonly line: number } };
}

const program = new Command("mutation")
  .description("break lines of a room, one at a time, and count what its tests find")
  .option("--room <name>", "room of src, tested by test/<name>", "ledger")
  .option("--one-in <n>", "break one line in so many", wholeNumber(1, 1_000), 8)
  .option("--seed <n>", "which lines", wholeNumber(0, SEED_MAX), 1)
  .option("--jobs <n>", "tests run at the same time", wholeNumber(1, 32), 2)
  .option("--json", "print one JSON document at the end")
  .argument("[path...]", "only files whose path contains one of these")
  .action(mutate);

await runScript(program, process.argv.slice(2));

async function mutate(paths: readonly string[], flags: Flags): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "countroom-mutation-"));
  try {
    const config = join(folder, "stryker.json");
    const reportFile = join(folder, "report.json");
    writeFileSync(config, JSON.stringify(strykerConfig(paths, flags, reportFile)));
    const [bun = "bun", ...tool] = packageTool("@stryker-mutator/core/bin/stryker.js");
    const child = Bun.spawn([bun, "--bun", ...tool, "run", config], {
      cwd: ROOT,
      stdin: "ignore",
      // Standard output is for the result.
      stdout: 2,
      stderr: "inherit",
    });
    if ((await child.exited) !== 0) {
      throw new OperatorError("MUTATION_FAILED", "Stryker didn't come to its end", {
        hint: `run \`bun run test test/${flags.room}\`: the tests must pass unbroken`,
      });
    }
    await tell(JSON.parse(readFileSync(reportFile, "utf8")) as Report, flags);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function strykerConfig(paths: readonly string[], flags: Flags, reportFile: string): object {
  const { room, jobs } = flags;
  const tests = `bun test --bail=1 --timeout=${MUTANT_MS_MAX} test/${room}`;
  return {
    testRunner: "command",
    commandRunner: { command: tests.replace("bun", process.execPath) },
    mutate: drawn(paths, flags),
    mutator: { excludedMutations: ["StringLiteral"] },
    ignorePatterns: ["**", "!src/**", `!test/**`, "!package.json", "!bunfig.toml"],
    symlinkNodeModules: true,
    disableTypeChecks: true,
    checkers: [],
    concurrency: jobs,
    timeoutMS: MUTANT_MS_MAX,
    tempDirName: ".stryker-tmp",
    reporters: ["progress-append-only", "json"],
    jsonReporter: { fileName: reportFile },
    allowEmpty: true,
  };
}

/** Lines to break, as Stryker names them: `file:first-last`. */
function drawn(paths: readonly string[], { room, oneIn, seed }: Flags): string[] {
  const folder = join("src", room);
  const ranges: string[] = [];
  let state = seed;
  for (const name of readdirSync(join(ROOT, folder), { recursive: true }).map(String).sort()) {
    const file = join(folder, name);
    if (!name.endsWith(".ts") || (paths.length > 0 && !paths.some((part) => file.includes(part)))) {
      continue;
    }
    const lines = readFileSync(join(ROOT, file), "utf8").split("\n").length;
    for (let line = 1; line <= lines; line += 1) {
      // An LCG of 31 bits: which lines are drawn is all it decides.
      state = (Math.imul(state, 1_103_515_245) + 12_345) & SEED_MAX;
      if ((state >>> 8) % oneIn === 0) ranges.push(`${file}:${line}-${line}`);
    }
  }
  return ranges;
}

async function tell(report: Report, flags: Flags): Promise<void> {
  const all = Object.entries(report.files).flatMap(([file, { mutants }]) =>
    mutants.map((mutant) => ({ file, ...mutant })),
  );
  const count = (...statuses: string[]): number =>
    all.filter(({ status }) => statuses.includes(status)).length;
  const found = count("Killed", "Timeout");
  const survivors = all.filter(({ status }) => status === "Survived" || status === "NoCoverage");
  const tried = found + survivors.length;
  const score = tried === 0 ? 0 : Math.round((1_000 * found) / tried) / 10;
  const { room, oneIn, seed } = flags;
  const named = survivors.map(({ file, location, mutatorName, replacement }) => {
    return { file, line: location.start.line, mutator: mutatorName, replacement };
  });
  if (flags.json === true) {
    await printJson({ room, one_in: oneIn, seed, tried, found, score, survivors: named });
    return;
  }
  for (const { file, line, mutator, replacement } of named.slice(0, SHOWN_MAX)) {
    const change = (replacement ?? "").replaceAll(/\s+/g, " ").slice(0, 60);
    process.stdout.write(`survived  ${file}:${line}  ${mutator}  ${change}\n`);
  }
  process.stdout.write(`${found} of ${tried} found: ${score} % (one line in ${oneIn})\n`);
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`a whole number from ${min} to ${max}`);
  };
}
