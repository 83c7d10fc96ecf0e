/**
 * Takes an encrypted snapshot of a book, running or stopped, into a folder or a bucket.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import {
  LOCK_DAYS_MAX,
  openStore,
  parsePlace,
  takeSnapshot,
  type LockMode,
  type SnapshotReport,
} from "../src/archive/index.ts";
import { readConfig } from "../src/config/index.ts";
import { abortOnSignals, printJson, progressLine, runScript, showBytes } from "./shared/script.ts";

interface Flags {
  readonly data?: string;
  readonly keys?: string;
  readonly to: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly json?: boolean;
  readonly lockDays?: number;
  readonly lockMode: "compliance" | "governance";
  readonly recipient: readonly string[];
}

const HELP = `
What it holds: state, identities, all records up to one seq, and the deployment's keys; never
recovery.key, with which it is opened. Credentials come from the environment:
B2_APPLICATION_KEY_ID and B2_APPLICATION_KEY for b2://, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY
and AWS_SESSION_TOKEN for s3://.`;

const program = new Command("snapshot")
  .description("Take an encrypted snapshot while the writer works.")
  .option("--data <dir>", "folder of the deployment (default: COUNTROOM_DATA or ./data)")
  .option("--keys <dir>", "folder of the keys (default: COUNTROOM_KEYS or DATA/keys)")
  .requiredOption("--to <place>", "DIR, b2://bucket/prefix or s3://bucket/prefix")
  .option("--endpoint <url>", "S3 server; http:// on this machine only")
  .option("--region <name>", "region of the bucket, such as eu-central-003")
  .option("--lock-days <n>", "lock every object for so many days, and read the lock back", days)
  .addOption(
    new Option("--lock-mode <mode>", "who may lift the lock: nobody, or a few")
      .choices(["compliance", "governance"])
      .default("compliance"),
  )
  .option(
    "--recipient <age1…>",
    "who can open it, beside KEYS/recovery.pub; repeatable",
    collect,
    [],
  )
  .option("--json", "print one JSON document on standard output")
  .addHelpText("after", HELP)
  .action(run);

await runScript(program, process.argv.slice(2));

function days(text: string): number {
  const value = Number(text);
  if (/^\d{1,4}$/.test(text) && value >= 1 && value <= LOCK_DAYS_MAX) return value;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${LOCK_DAYS_MAX}.`);
}

function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

async function run(flags: Flags): Promise<void> {
  const { dataDir, keysDir } = readConfig("tool", process.env, {
    COUNTROOM_DATA: flags.data,
    COUNTROOM_KEYS: flags.keys,
  });
  const place = parsePlace(flags.to);
  const { endpoint, region, lockDays } = flags;
  const signal = abortOnSignals();
  const store = openStore(place, place.path, { endpoint, region, env: process.env, signal });
  const mode = flags.lockMode.toUpperCase() as LockMode;
  const line = progressLine();
  const report = await takeSnapshot({
    dataDir,
    keysDir,
    store,
    recipients: [...recoveryRecipient(keysDir), ...flags.recipient],
    lock: lockDays === undefined ? undefined : { mode, days: lockDays },
    signal,
    onProgress: ({ seq, ofSeq, storedObjects }) => {
      line.show(`record ${seq} of ${ofSeq}, ${storedObjects} objects stored`);
    },
  }).finally(() => line.end());
  if (flags.json === true) await printJson(document(report));
  else process.stdout.write(describe(report));
}

/** The deployment's own recipient, when it keeps one beside its keys. */
function recoveryRecipient(keysDir: string): readonly string[] {
  try {
    return [readFileSync(join(keysDir, "recovery.pub"), "utf8").trim()];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function document(report: SnapshotReport): unknown {
  const { manifest, objects } = report;
  return {
    snapshot: report.snapshot,
    place: report.place,
    tenant: manifest.tenant,
    epoch: manifest.epoch,
    seq: manifest.seq,
    head_seq: report.headSeq,
    recorded_at: manifest.recorded_at,
    tree: { size: manifest.tree.size, root: manifest.tree.root },
    state: manifest.state,
    rows: manifest.rows,
    bytes: { plain: report.rawBytes, stored: report.storedBytes },
    objects: objects.map(({ key, bytes, receipt }) => ({
      key,
      bytes,
      version: receipt.version ?? null,
      locked: receipt.lock === undefined ? null : lockOf(receipt.lock),
    })),
    milliseconds: Math.round(report.milliseconds),
  };
}

function lockOf(lock: { mode: LockMode; untilMs: number }): unknown {
  return { mode: lock.mode, until: new Date(lock.untilMs).toISOString() };
}

function describe(report: SnapshotReport): string {
  const { manifest, objects } = report;
  const later = report.headSeq - manifest.seq;
  const locks = objects.flatMap(({ receipt }) => receipt.lock ?? []);
  const until = Math.min(...locks.map(({ untilMs }) => untilMs));
  const locked =
    locks.length === objects.length
      ? `locked ${locks[0]!.mode} until ${new Date(until).toISOString()}`
      : "not locked";
  return (
    `Snapshot ${report.snapshot} of ${manifest.tenant}, epoch ${manifest.epoch}, ` +
    `at record ${manifest.seq}.\n` +
    `${objects.length} objects, ${showBytes(report.storedBytes)} ` +
    `(${showBytes(report.rawBytes)} before compression), ${locked}, ` +
    `in ${(report.milliseconds / 1000).toFixed(2)} s.\n` +
    (later > 0 ? `${later} records came later and aren't in it.\n` : "") +
    `Kept at ${report.place}\n`
  );
}
