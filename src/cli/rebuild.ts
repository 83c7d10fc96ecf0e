/**
 * `countroom rebuild`: makes the projections anew from the records alone, and compares.
 *
 * @module
 */
import { type Command, Option } from "commander";
import { readConfig } from "../config/index.ts";
import { EXIT, type ExitCode, OperatorError } from "../ops/index.ts";
import { PART_NAMES, type PartName } from "./rebuild/parts.ts";
import { type RebuildReport, runRebuild } from "./rebuild/run-rebuild.ts";

interface Flags {
  readonly data?: string;
  readonly keys?: string;
  readonly only?: PartName;
  readonly out?: string;
  readonly replace?: boolean;
  readonly confirm?: boolean;
  readonly json?: boolean;
}

const HELP = `
Compares content hashes at the same record, and names the first row, bucket and player that differ.
Nothing is changed, and the deployment may run, unless --replace --confirm puts the new files in
the place of the old ones, of a stopped deployment. A new wallet.db means a new feed: replicas
start over.

Ends with 0 when all that was found is equal, 5 when something differs or can't be read, 3 when
what was asked for by --only isn't there.`;

/** Adds the command to the program. */
export function register(program: Command): void {
  program
    .command("rebuild")
    .description("make projections anew from the records alone, and compare them")
    .option("--data <dir>", "folder of the deployment (default: COUNTROOM_DATA, or ./data)")
    .option("--keys <dir>", "folder of the keys (default: COUNTROOM_KEYS, or DATA/keys)")
    .addOption(new Option("--only <projection>", "one of them").choices([...PART_NAMES]))
    .option("--out <dir>", "keep the new files in this new folder")
    .option("--replace", "put the new files in the place of the old ones")
    .option("--confirm", "the deployment is stopped")
    .option("--json", "print one JSON document")
    .addHelpText("after", HELP)
    .action((flags: Flags) => {
      process.exitCode = run(flags);
    });
}

function run(flags: Flags): ExitCode {
  const { dataDir, keysDir, deployment } = readConfig("tool", process.env, {
    COUNTROOM_DATA: flags.data,
    COUNTROOM_KEYS: flags.keys,
  });
  const { only, out: outDir, replace } = flags;
  if (replace === true && flags.confirm !== true) {
    throw new OperatorError("REBUILD_UNCONFIRMED", "replacing needs a stopped deployment", {
      hint: `countroom rebuild --data ${dataDir} --replace --confirm`,
      exitCode: EXIT.approvalMissing,
    });
  }
  const shown = process.stderr.isTTY && flags.json !== true;
  const report = runRebuild({
    dataDir,
    keysDir,
    deployment,
    only: only && [only],
    outDir,
    replace,
    onProgress: shown ? showProgress : undefined,
  });
  if (shown) process.stderr.write("\r\x1b[K");
  process.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : describe(report));
  return exitOf(report, only);
}

function exitOf({ parts }: RebuildReport, only: PartName | undefined): ExitCode {
  const wrong = parts.some(({ status }) => status === "different" || status === "unreadable");
  if (wrong) return EXIT.integrity;
  const found = parts.some(({ status }) => status === "equal");
  return found || only === undefined ? EXIT.done : EXIT.notProvable;
}

function describe({ records, parts }: RebuildReport): string {
  const lines = parts.map(({ name, status, seq, rows, found_hash, detail, replaced }) => {
    const facts = status === "equal" ? `${rows} rows, ${found_hash}` : detail;
    const swapped = replaced ? " (replaced)" : "";
    return `${name.padEnd(7)} ${status.padEnd(10)} at record ${seq}${swapped}: ${facts}`;
  });
  return `${[...lines, `${records} records in the ledger`].join("\n")}\n`;
}

function showProgress(part: PartName, records: number, all: number): void {
  process.stderr.write(`\r${part}: ${records} of ${all} records\x1b[K`);
}
