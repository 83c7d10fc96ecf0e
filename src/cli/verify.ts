/**
 * `countroom verify book`: derives the whole book a second time and compares.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { readConfig, trustedAuthorities, type RoleConfig } from "../config/index.ts";
import { EXIT, type ExitCode, OperatorError } from "../ops/index.ts";
import type { AuditReport } from "../verify/index.ts";
import { readToken } from "./token.ts";
import { auditExports } from "./verify/audit-export.ts";
import { auditFolder } from "./verify/audit-folder.ts";
import { auditLedger } from "./verify/audit-ledger.ts";
import { auditTail } from "./verify/audit-tail.ts";
import {
  extendByFolder,
  extendKeys,
  folderPublicKeys,
  readPublicKeys,
} from "./verify/public-keys.ts";
import { describe, toJson } from "./verify/report.ts";
import type { AuditRequest, SourceAudit } from "./verify/source.ts";

const EXIT_OF: Readonly<Record<AuditReport["status"], ExitCode>> = {
  ok: EXIT.done,
  incomplete: EXIT.notProvable,
  failed: EXIT.integrity,
};

interface Flags {
  readonly data?: string;
  readonly keys?: string;
  readonly ledger?: string;
  readonly export?: readonly string[];
  readonly tail?: string;
  readonly tokenFile?: string;
  readonly publicKey?: string;
  readonly chain?: string;
  readonly checkpoint?: readonly string[];
  readonly json?: boolean;
}

const HELP = `
One source: a deployment's folder (--data), a copy of its ledger.db (--ledger), exports that follow
each other (--export, repeatable), or a running primary (--tail with --token-file). Nothing is
changed and nothing secret is read. A checkpoint you hold, from a receipt or from yesterday, proves
that the book still is the one it was then (--checkpoint, repeatable).

A public key from before a rotation proves the whole book together with signing.chain (--chain),
unless the old key was stolen: then only the deployment's present signing.pub does. Checkpoints by
keys that aren't known, or had been replaced before, prove nothing and are said to be skipped.

Ends with 0 when everything was proven, 3 when something couldn't be, 5 when something is wrong;
the first wrong record is named.`;

/** Adds the command to the program. */
export function register(program: Command): void {
  const others = (own: string) => ["data", "ledger", "export", "tail"].filter((it) => it !== own);
  program
    .command("verify")
    .description("prove that stored data is what it says")
    .command("book")
    .description("derive tree, postings, balances and facts again, of a stopped or running book")
    .addOption(
      new Option(
        "--data <dir>",
        "folder of the deployment (default: COUNTROOM_DATA, or ./data)",
      ).conflicts(others("data")),
    )
    .option("--keys <dir>", "folder with signing.pub (default: COUNTROOM_KEYS, or DATA/keys)")
    .addOption(new Option("--ledger <file>", "copy of ledger.db").conflicts(others("ledger")))
    .addOption(
      new Option("--export <file>", "file that countroom export wrote; repeatable")
        .argParser(collect)
        .conflicts(others("export")),
    )
    .addOption(new Option("--tail <url>", "address of a primary").conflicts(others("tail")))
    .option("--token-file <file>", "token that may read the Tail")
    .option("--public-key <file>", "PEM with the keys that sign checkpoints")
    .option("--chain <file>", "signing.chain: how later keys followed those (of a folder: its own)")
    .option("--checkpoint <file>", "signed checkpoint that you hold; repeatable", collect)
    .option("--json", "print one JSON document")
    .addHelpText("after", HELP)
    .action(async (flags: Flags) => {
      process.exitCode = await verifyBook(flags);
    });
}

function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

async function verifyBook(flags: Flags): Promise<ExitCode> {
  const config = readConfig("tool", process.env, {
    COUNTROOM_DATA: flags.data,
    COUNTROOM_KEYS: flags.keys,
    COUNTROOM_PRIMARY_URL: flags.tail,
  });
  const showsProgress = process.stderr.isTTY && flags.json !== true;
  const onProgress = showsProgress ? showProgress : undefined;
  const { report, checked, uncompared } = await audit(flags, config, onProgress);
  if (showsProgress) process.stderr.write("\r\x1b[K");
  const tell = flags.json === true ? toJson : describe;
  process.stdout.write(tell(report, checked, uncompared));
  return EXIT_OF[report.status];
}

async function audit(
  flags: Flags,
  config: RoleConfig,
  onProgress: AuditRequest["onProgress"],
): Promise<SourceAudit> {
  const request = { publicKeys: keysFor(flags, config), heldNotes: heldNotes(flags), onProgress };
  if (flags.ledger !== undefined) return auditLedger(flags.ledger, request);
  if (flags.export !== undefined) return auditExports(flags.export, request);
  if (flags.tail !== undefined) {
    if (flags.tokenFile === undefined) {
      throw new OperatorError("TOKEN_MISSING", "--tail needs --token-file", {
        hint: "KEYS/publisher.jwt holds a token that may read the Tail.",
        exitCode: EXIT.usage,
      });
    }
    const token = readToken(flags.tokenFile);
    return await auditTail({ url: flags.tail, token, ca: trustedAuthorities(config) }, request);
  }
  const { dataDir, keysDir } = config;
  return await auditFolder({ ...request, dataDir, keysDir });
}

/** Only a folder has its own key beside it; elsewhere its absence is a gap that the audit names. */
function keysFor(flags: Flags, { keysDir }: RoleConfig): AuditRequest["publicKeys"] {
  const { publicKey, chain } = flags;
  const bare = flags.ledger ?? flags.export ?? flags.tail;
  const hasFolder = bare === undefined || flags.keys !== undefined;
  const own = hasFolder ? folderPublicKeys(keysDir) : [];
  const keys = publicKey === undefined ? own : readPublicKeys(publicKey);
  if (chain !== undefined) return extendKeys(keys, chain);
  return hasFolder ? extendByFolder(keys, keysDir) : keys;
}

function heldNotes(flags: Flags): string[] {
  return (flags.checkpoint ?? []).map((path) => {
    try {
      return readFileSync(path, "utf8");
    } catch (cause) {
      throw new OperatorError("CHECKPOINT_MISSING", `the checkpoint ${path} can't be read`, {
        hint: "Check --checkpoint.",
        exitCode: EXIT.usage,
        cause,
      });
    }
  });
}

function showProgress(records: number, size: number): void {
  const percent = Math.floor((100 * records) / Math.max(size, 1));
  process.stderr.write(`\r${records} of ${size} records (${percent} %)\x1b[K`);
}
