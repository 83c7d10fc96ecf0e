/**
 * `countroom export`: records and checkpoints of the book in one file, for whoever audits it.
 *
 * @module
 */
import { type Command, InvalidArgumentError } from "commander";
import { readConfig } from "../config/index.ts";
import { EXIT, OperatorError } from "../ops/index.ts";
import { systemClock } from "../runtime/index.ts";
import { STDOUT } from "./export/output.ts";
import { type ExportReport, writeExport } from "./export/write-export.ts";
import { folderNotes, openFolderLedger } from "./verify/stored-book.ts";

interface Flags {
  readonly from: number;
  readonly to?: number;
  readonly data?: string;
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

const HELP = `
The file is one Protobuf message, countroom.v1.LedgerExport, and says at its beginning how it is
read. It holds no personal data and no secrets. A range in the middle carries the tree before it and
a proof up to the next signed checkpoint, so it can be verified alone; files that follow each other
are verified as one book:

  countroom export book.crx
  countroom verify book --export book.crx --public-key signing.pub`;

/** Adds the command to the program. */
export function register(program: Command): void {
  program
    .command("export")
    .description("write records and signed checkpoints into one file, beside a running primary")
    .argument("[file]", "file to write, or - for standard output")
    .option("--from <seq>", "first record", seq, 1)
    .option("--to <seq>", "last record (default: the newest that is signed)", seq)
    .option("--out <file>", "the same as FILE")
    .option("--force", "replace a file that is there")
    .option("--data <dir>", "folder of the deployment (default: COUNTROOM_DATA, or ./data)")
    .option("--json", "print one JSON document")
    .addHelpText("after", HELP)
    .action(run);
}

function seq(text: string): number {
  const value = Number(text);
  if (/^[1-9]\d{0,15}$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError("Give a record's number, from 1.");
}

function run(file: string | undefined, flags: Flags): void {
  const path = pathOf(file, flags);
  const { dataDir, deployment } = readConfig("tool", process.env, { COUNTROOM_DATA: flags.data });
  const shown = process.stderr.isTTY && flags.json !== true;
  // The ledger last: it is then at least as far as the checkpoints.
  const notes = folderNotes(dataDir);
  using ledger = openFolderLedger(dataDir);
  const { from, to, force } = flags;
  const began = systemClock.monotonicMs();
  const onProgress = shown ? showProgress : undefined;
  const report = writeExport({ ledger, notes, deployment, from, to, path, force, onProgress });
  if (shown) process.stderr.write("\r\x1b[K");
  const ms = systemClock.monotonicMs() - began;
  const told = flags.json === true ? json(report, path) : describe(report, path, ms);
  // Standard output may be the file itself.
  (path === STDOUT ? process.stderr : process.stdout).write(told);
}

function pathOf(file: string | undefined, { out }: Flags): string {
  const path = file ?? out;
  if (path !== undefined && (file === undefined || out === undefined)) return path;
  throw new OperatorError("FILE_MISSING", "name one file to write", {
    hint: "countroom export FILE, or - for standard output",
    exitCode: EXIT.usage,
  });
}

function json(report: ExportReport, file: string): string {
  return `${JSON.stringify({ file, ...report })}\n`;
}

function describe(report: ExportReport, path: string, ms: number): string {
  const { from, to, records, checkpoints, signed, bytes } = report;
  const unsigned =
    signed < to ? `Records after ${Math.max(signed, from - 1)} are not signed yet.\n` : "";
  const each = Math.round(bytes / records);
  return (
    `Records ${from} to ${to} and ${checkpoints} checkpoints: ${path}\n${unsigned}` +
    `${records} records, ${each} bytes each, in ${(ms / 1000).toFixed(1)} s\n`
  );
}

function showProgress(passed: number, all: number): void {
  const percent = Math.floor((100 * passed) / Math.max(all, 1));
  process.stderr.write(`\r${passed} of ${all} records (${percent} %)\x1b[K`);
}
