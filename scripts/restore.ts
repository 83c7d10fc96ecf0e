/**
 * Makes a snapshot a book again: a new, sealed folder, proven against what was signed.
 */
import type { KeyObject } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { publicKeysIn, signerIn } from "../src/access/index.ts";
import {
  ArchiveError,
  openStore,
  parseIdentities,
  parsePlace,
  restore,
  splitPlace,
  type Certificate,
} from "../src/archive/index.ts";
import { readConfig } from "../src/config/index.ts";
import type { Signer } from "../src/wire/index.ts";
import { abortOnSignals, printJson, progressLine, runScript } from "./shared/script.ts";

interface Flags {
  readonly from: string;
  readonly to: string;
  readonly identity?: string;
  readonly snapshot?: string;
  readonly tenant?: string;
  readonly trust?: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const HELP = `
The newest complete snapshot at the place is taken. A damaged one is refused, naming what is wrong;
nothing is ever overwritten. The new folder is sealed: promote it with
  countroom promote --data DIR --confirm
The identity is looked up in --identity, then in the file that COUNTROOM_RECOVERY_IDENTITY names,
then in ./data/keys/recovery.key (COUNTROOM_DATA and COUNTROOM_KEYS say otherwise). Anybody can seal
a set for it: the set must be signed by the key of --trust, or else by the one that the identity
file names in its line "# signing key: …", or by one that the set proves to have followed it.`;

const program = new Command("restore")
  .description("Restore a snapshot into a new folder, and prove it.")
  .requiredOption(
    "--from <place>",
    "DIR, b2://bucket/prefix, s3://bucket/prefix, or one snapshot in it",
  )
  .requiredOption("--to <dir>", "folder to make; it must not exist, or be empty")
  .option("--identity <file>", "age identity that opens it")
  .option("--snapshot <id>", "another than the newest: <seq>-<id>, or the id")
  .option("--tenant <name>", "whose, where a place holds several")
  .option("--trust <file>", "the signing.pub that must have signed the set, or `any`")
  .option("--endpoint <url>", "S3 server; http:// on this machine only")
  .option("--region <name>", "region of the bucket, such as eu-central-003")
  .option("--dry-run", "do and prove everything, then remove the result")
  .option("--json", "print one JSON document on standard output")
  .addHelpText("after", HELP)
  .action(run);

await runScript(program, process.argv.slice(2));

async function run(flags: Flags): Promise<void> {
  const place = parsePlace(flags.from);
  const { root, tenant, snapshot } = splitPlace(place.path);
  const { endpoint, region } = flags;
  const signal = abortOnSignals();
  const line = progressLine();
  const identity = readIdentity(flags.identity);
  const trusted = trustedSigner(flags.trust, identity);
  const certificate = await restore({
    store: openStore(place, root, { endpoint, region, env: process.env, signal }),
    wanted: {
      tenant: flags.tenant ?? tenant,
      snapshot: flags.snapshot ?? snapshot,
    },
    target: flags.to,
    identities: identity.keys,
    trusted,
    dryRun: flags.dryRun,
    signal,
    onProgress: ({ object, ofObjects, seq, ofSeq }) => {
      line.show(`object ${object} of ${ofObjects}, record ${seq} of ${ofSeq}`);
    },
    onWarning: (warning) => {
      line.end();
      process.stderr.write(`warning: ${warning}\n`);
    },
  }).finally(() => line.end());
  const status = flags.dryRun === true ? "proven" : "restored";
  if (flags.json === true) await printJson({ status, to: flags.to, ...certificate });
  else process.stdout.write(describe(certificate, flags));
}

interface IdentityFile {
  readonly keys: readonly string[];
  /** Whose sets to believe, when the file says so. */
  readonly signer: KeyObject | undefined;
}

function readIdentity(given: string | undefined): IdentityFile {
  const { recoveryIdentityFile, keysDir } = readConfig("tool", process.env);
  const named = given ?? recoveryIdentityFile;
  const path = named ?? join(keysDir, "recovery.key");
  if (named === undefined && !existsSync(path)) {
    throw new ArchiveError("ARCHIVE_USAGE", "there is no identity to open the snapshot with", {
      hint: "Give --identity FILE with the AGE-SECRET-KEY-1… that belongs to its recipient.",
    });
  }
  try {
    const text = readFileSync(path, "utf8");
    return { keys: parseIdentities(text), signer: signerIn(text) };
  } catch (cause) {
    if (cause instanceof ArchiveError) throw cause;
    throw new ArchiveError("ARCHIVE_USAGE", "the identity file can't be read", {
      object: path,
      hint: "Check --identity.",
      cause,
    });
  }
}

/**
 * Whose sets to believe. Whoever knows the public recipient can make a set that opens and proves
 * itself by its own key, so nobody is believed unless somebody says so.
 */
function trustedSigner(
  given: string | undefined,
  { signer }: IdentityFile,
): readonly Signer[] | undefined {
  if (given === "any") return undefined;
  if (given !== undefined) return trustedKeysIn(given);
  if (signer !== undefined) return [{ key: signer }];
  throw new ArchiveError("ARCHIVE_SIGNER_UNKNOWN", "nothing says whose sets to believe", {
    hint: "Give --trust signing.pub, or --trust any to take the set's word for it.",
  });
}

function trustedKeysIn(path: string): readonly Signer[] {
  try {
    return publicKeysIn(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new ArchiveError("ARCHIVE_USAGE", "holds no public key", {
      object: path,
      hint: "--trust takes the deployment's signing.pub.",
      cause,
    });
  }
}

function describe(certificate: Certificate, flags: Flags): string {
  const { snapshot, epoch, seq, root, milliseconds, rows } = certificate;
  const rate = Math.round((seq * 1000) / Math.max(1, milliseconds.replay));
  const proven =
    `Snapshot ${snapshot}: epoch ${epoch}, ${seq} records, ${rows.players} players, ` +
    `proven in ${(milliseconds.total / 1000).toFixed(2)} s (${rate} records/s).\n` +
    `Root ${root}, signed by ${certificate.trusted_key ? "the trusted" : "its own"} key.\n`;
  if (flags.dryRun === true) return `${proven}Nothing was kept: this was a dry run.\n`;
  return (
    `${proven}Restored to ${flags.to}, sealed. To take up writing:\n` +
    `  countroom promote --data ${flags.to} --confirm\n`
  );
}
