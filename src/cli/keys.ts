/**
 * `countroom keys rotate`: another key signs the checkpoints from here on.
 *
 * @module
 */
import type { Command } from "commander";
import { readConfig } from "../config/index.ts";
import { EXIT, logger, OperatorError } from "../ops/index.ts";
import { assertBookOf, rotateKey, type Rotation } from "../primary/index.ts";
import { systemClock } from "../runtime/index.ts";

interface Flags {
  readonly data?: string;
  readonly keys?: string;
  readonly deployment?: string;
  readonly reason: string;
  readonly confirm?: boolean;
  readonly json?: boolean;
}

const HELP = `
The primary must be stopped. The book gets a key_rotated record, a checkpoint over it is signed by
the old key and by the new one, and the old private key is destroyed. Then give signing.pub to
every edge, publisher and auditor: a running edge takes it up by itself. It holds both public keys,
and before the old one the line "# until epoch E size N": with it the old key is believed of
checkpoints up to there, without it of none. Leave it in the file, after a theft too: audits need
it for what was signed then, and it stops nobody any more.

Whoever knows the old key only is convinced by signing.chain (verify book --chain), which backups
carry and GET /v1/keys shows. After a theft that chain convinces nobody: a thief can write one of
his own, so hand out signing.pub by another way. A set from before the rotation restores the old
key: rotate it again before others are to believe what is written there.

An interrupted rotation is finished by running this again, or by the next start of the primary.`;

/** Adds the command to the program. */
export function register(program: Command): void {
  program
    .command("keys")
    .description("the deployment's keys")
    .command("rotate")
    .description("replace the key that signs checkpoints")
    .option("--data <dir>", "folder of the deployment")
    .option("--keys <dir>", "folder of the keys")
    .option("--deployment <name>", "name in checkpoints")
    .option("--reason <text>", "one sentence for the book", "planned")
    .option("--confirm", "the old private key may be destroyed")
    .option("--json", "print one JSON document")
    .addHelpText("after", HELP)
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const config = readConfig("tool", process.env, {
    COUNTROOM_DATA: flags.data,
    COUNTROOM_KEYS: flags.keys,
    COUNTROOM_DEPLOYMENT: flags.deployment,
  });
  const { dataDir, keysDir, deployment } = config;
  if (flags.confirm !== true) {
    throw new OperatorError(
      "KEY_ROTATION_UNCONFIRMED",
      "a rotation destroys the private key that signs checkpoints now",
      {
        hint: `countroom keys rotate --data ${dataDir} --confirm`,
        exitCode: EXIT.approvalMissing,
      },
    );
  }
  // Looked at first: a wrong --data must not leave a new book, a wrong name not sign its notes.
  assertBookOf(dataDir, deployment);
  const done = await rotateKey({
    dataDir,
    keysDir,
    deployment,
    reason: flags.reason,
    clock: systemClock,
    log: logger("primary", { level: config.logLevel }),
  });
  process.stdout.write(flags.json === true ? `${JSON.stringify(done)}\n` : describe(done));
}

function describe({ status, key_id, previous_key_id, seq, tree_size }: Rotation): string {
  if (status === "already_rotated") {
    return `Key ${key_id} has just followed ${previous_key_id}, in record ${seq}.\n`;
  }
  return (
    `Key ${key_id} follows ${previous_key_id}: record ${seq}, under a checkpoint of ` +
    `${tree_size} records that both have signed.\n` +
    "Give the new signing.pub to every edge, publisher and auditor.\n"
  );
}
