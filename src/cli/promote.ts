/**
 * `countroom promote`: a restored or orphaned folder takes up writing in a new epoch.
 *
 * @module
 */
import type { Command } from "commander";
import { readConfig } from "../config/index.ts";
import { promote, type Promotion } from "../primary/index.ts";
import { systemClock } from "../runtime/index.ts";

interface Flags {
  readonly data?: string;
  readonly confirm?: boolean;
  readonly json?: boolean;
}

const HELP = `
The primary of the folder must not run, and no other primary of this deployment may go on: it
stops once it is shown a checkpoint of the new epoch. Records only the old one holds are lost.`;

/** Adds the command to the program. */
export function register(program: Command): void {
  program
    .command("promote")
    .description("open the next epoch of a sealed or orphaned folder")
    .option("--data <dir>", "folder of the deployment")
    .option("--confirm", "no other primary of this deployment goes on")
    .option("--json", "print one JSON document")
    .addHelpText("after", HELP)
    .action(run);
}

function run(flags: Flags): void {
  const config = readConfig("tool", process.env, { COUNTROOM_DATA: flags.data });
  const done = promote({
    dataDir: config.dataDir,
    keysDir: config.keysDir,
    confirmed: flags.confirm === true,
    clock: systemClock,
  });
  process.stdout.write(flags.json === true ? `${JSON.stringify(done)}\n` : describe(done));
}

function describe(done: Promotion): string {
  const { epoch, reign, previous_epoch, previous_size, was_sealed } = done;
  if (done.status === "already_open") {
    return `Epoch ${epoch} (reign ${reign}) is open already and holds no record yet.\n`;
  }
  const sealed = was_sealed
    ? ""
    : `The folder was not sealed: its epoch ${previous_epoch} was closed at ${previous_size}.\n`;
  return (
    `${sealed}Epoch ${epoch} (reign ${reign}) continues epoch ${previous_epoch} at ` +
    `${previous_size} records.\nStart it: countroom primary --data DIR\n`
  );
}
