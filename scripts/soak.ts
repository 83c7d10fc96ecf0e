/**
 * Runs the random tests for as long as one likes, each round from another seed: rules against their
 * model, simulated faults, real processes killed, the auditor against forged books.
 *
 * `bun run soak --minutes N --seed S [--json] [PART…]`. A failing round prints what the test said
 * and the command that repeats it. Exit code 0 when every round passed, 1 when one failed, 2 for
 * wrong usage.
 */
import { Command, InvalidArgumentError } from "commander";
import { EXIT } from "../src/ops/index.ts";
import { systemClock } from "../src/runtime/index.ts";
import { run } from "./checks/process.ts";
import { readSummary } from "./checks/suite.ts";
import { printJson, progressLine, runScript } from "./shared/script.ts";

const MINUTES_MAX = 7 * 24 * 60;
const SEED_MAX = 0x7fff_ffff;
/** Each part gets this long for a round; a test that hangs is a failure. */
const PART_SECONDS_MAX = 600;
const TEST_LIMIT_MS = 300_000;
/** A part that has failed this often has told what there is to tell. */
const FAILURES_MAX = 3;

/** What is run in each round, and how much longer than by the test command. */
const PARTS: Readonly<Record<string, Part>> = {
  rules: { paths: ["test/ledger"], env: { SOAK_FACTOR: "5" } },
  simulation: { paths: ["test/sim"], env: { SIM_RUNS: "60" } },
  kill: { paths: ["test/crash"], env: {} },
  audit: { paths: ["test/verify"], env: { SOAK_FACTOR: "3" } },
  codecs: { paths: ["test/wire"], env: {} },
};

interface Part {
  readonly paths: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

interface Flags {
  readonly minutes: number;
  readonly seed: number;
  readonly json?: true;
}

interface Tally {
  rounds: number;
  tests: number;
  readonly failedSeeds: number[];
}

const program = new Command("soak")
  .description("run the random tests for a long time, each round from another seed")
  .option("--minutes <n>", "how long", wholeNumber(1, MINUTES_MAX), 10)
  .option("--seed <n>", "seed of the first round", wholeNumber(0, SEED_MAX), freshSeed())
  .option("--json", "print one JSON document at the end")
  .argument("[part...]", `which of: ${Object.keys(PARTS).join(", ")}`)
  .action(soak);

await runScript(program, process.argv.slice(2));

async function soak(names: readonly string[], flags: Flags): Promise<void> {
  const chosen = names.length === 0 ? Object.keys(PARTS) : names;
  const stranger = chosen.find((name) => PARTS[name] === undefined);
  if (stranger !== undefined) throw new InvalidArgumentError(`there is no part ${stranger}`);
  const tallies = new Map<string, Tally>();
  for (const name of chosen) tallies.set(name, { rounds: 0, tests: 0, failedSeeds: [] });
  const endMs = systemClock.monotonicMs() + flags.minutes * 60_000;
  const progress = progressLine();
  process.stderr.write(`soak: ${flags.minutes} minutes from seed ${flags.seed}\n`);
  const alive = (): boolean => {
    return [...tallies.values()].some(({ failedSeeds }) => failedSeeds.length < FAILURES_MAX);
  };
  for (let round = 0; (systemClock.monotonicMs() < endMs || round === 0) && alive(); round += 1) {
    const seed = (flags.seed + round) % SEED_MAX;
    for (const [name, tally] of tallies) {
      if (systemClock.monotonicMs() >= endMs && tally.rounds > 0) break;
      if (tally.failedSeeds.length >= FAILURES_MAX) continue;
      progress.show(`round ${round + 1}, seed ${seed}: ${name}`);
      const failure = await runPart(PARTS[name]!, seed, tally);
      progress.end();
      if (failure !== undefined) tell(name, seed, failure);
    }
  }
  const failed = [...tallies.values()].some(({ failedSeeds }) => failedSeeds.length > 0);
  await report(tallies, flags, failed);
  process.exitCode = failed ? EXIT.failed : EXIT.done;
}

/** What the tests said when they failed. */
async function runPart(part: Part, seed: number, tally: Tally): Promise<string | undefined> {
  const command = [process.execPath, "--no-orphans", "test", "--randomize", `--seed=${seed}`];
  command.push(`--timeout=${TEST_LIMIT_MS}`, ...part.paths);
  const env = { ...part.env, TEST_SEED: String(seed), NO_COLOR: "1" };
  const done = await run(command, { limitSeconds: PART_SECONDS_MAX, env });
  const { pass, fail } = readSummary(done.output);
  tally.rounds += 1;
  tally.tests += pass + fail;
  if (done.ok && fail === 0 && pass > 0) return undefined;
  tally.failedSeeds.push(seed);
  return done.output;
}

function tell(name: string, seed: number, output: string): void {
  const said = output.split("\n").filter((line) => !line.startsWith("(pass)"));
  process.stderr.write(`${said.join("\n")}\n`);
  process.stderr.write(`FAILED  ${name}; again: bun run soak --minutes 1 --seed ${seed} ${name}\n`);
}

async function report(
  tallies: ReadonlyMap<string, Tally>,
  flags: Flags,
  failed: boolean,
): Promise<void> {
  const parts = [...tallies].map(([part, { rounds, tests, failedSeeds }]) => {
    return { part, rounds, tests, failed_seeds: failedSeeds };
  });
  if (flags.json === true) {
    await printJson({ minutes: flags.minutes, seed: flags.seed, passed: !failed, parts });
    return;
  }
  for (const { part, rounds, tests, failed_seeds: seeds } of parts) {
    const how = seeds.length === 0 ? "ok" : `FAILED with seeds ${seeds.join(", ")}`;
    process.stdout.write(`${part.padEnd(11)} ${rounds} rounds, ${tests} tests: ${how}\n`);
  }
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`a whole number from ${min} to ${max}`);
  };
}

function freshSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! % SEED_MAX;
}
