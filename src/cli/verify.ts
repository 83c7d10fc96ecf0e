/**
 * `countroom verify book`: derives the whole book a second time and compares.
 *
 * @module
 */
import type { Command } from "commander";
import { readConfig } from "../config/index.ts";
import { EXIT, type ExitCode } from "../ops/index.ts";
import type { AuditReport } from "../verify/index.ts";
import { auditFolder } from "./verify/audit-folder.ts";
import { describe, toJson } from "./verify/report.ts";

const EXIT_OF: Readonly<Record<AuditReport["status"], ExitCode>> = {
  ok: EXIT.done,
  incomplete: EXIT.notProvable,
  failed: EXIT.integrity,
};

interface Flags {
  readonly data?: string;
  readonly keys?: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command("verify")
    .description("prove that stored data is what it says")
    .command("book")
    .description("derive tree, postings, balances and facts again, of a stopped or running book")
    .option("--data <dir>", "folder of the deployment (default: COUNTROOM_DATA, or ./data)")
    .option("--keys <dir>", "folder with signing.pub (default: COUNTROOM_KEYS, or DATA/keys)")
    .option("--json", "print one JSON document")
    .action(async (flags: Flags) => {
      process.exitCode = await verifyBook(flags);
    });
}

async function verifyBook(flags: Flags): Promise<ExitCode> {
  const { dataDir, keysDir } = readConfig("tool", process.env, {
    COUNTROOM_DATA: flags.data,
    COUNTROOM_KEYS: flags.keys,
  });
  const showsProgress = process.stderr.isTTY && flags.json !== true;
  const onProgress = showsProgress ? showProgress : undefined;
  const { report, checked } = await auditFolder({ dataDir, keysDir, onProgress });
  if (showsProgress) process.stderr.write("\r\x1b[K");
  process.stdout.write(flags.json === true ? toJson(report, checked) : describe(report, checked));
  return EXIT_OF[report.status];
}

function showProgress(records: number, size: number): void {
  const percent = Math.floor((100 * records) / Math.max(size, 1));
  process.stderr.write(`\r${records} of ${size} records (${percent} %)\x1b[K`);
}
