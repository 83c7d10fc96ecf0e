/**
 * `countroom primary`: the one writer of the book.
 *
 * @module
 */
import type { Command } from "commander";
import { readConfig } from "../config/index.ts";
import { logger, onShutdown, printReady } from "../ops/index.ts";
import { startPrimary, type Primary } from "../primary/index.ts";

interface Flags {
  readonly data?: string;
  readonly keys?: string;
  readonly host?: string;
  readonly port?: string;
  readonly deployment?: string;
}

const HELP = `
It refuses a folder on which another primary works, and a sealed folder that nobody promoted.
It ends with code 5 when it is shown a checkpoint of another reign or a later epoch.`;

/** Adds the command to the program. */
export function register(program: Command): void {
  program
    .command("primary")
    .description("settle events, keep the book, and feed publishers and archives")
    .option("--data <dir>", "folder of the deployment")
    .option("--keys <dir>", "folder of the keys")
    .option("--host <address>", "address to listen on")
    .option("--port <n>", "port to listen on")
    .option("--deployment <name>", "name in checkpoints")
    .addHelpText("after", HELP)
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const config = readConfig("primary", process.env, {
    COUNTROOM_DATA: flags.data,
    COUNTROOM_KEYS: flags.keys,
    COUNTROOM_HOST: flags.host,
    COUNTROOM_PORT: flags.port,
    COUNTROOM_DEPLOYMENT: flags.deployment,
  });
  const log = logger("primary", { level: config.logLevel });
  const running: { primary?: Primary } = {};
  onShutdown(() => running.primary?.stop(), { log });
  const primary = await startPrimary({
    config,
    log,
    // Nothing is drained: what is unclear must stay unclear, and callers ask again.
    onFatal: (error) => process.exit(error.exitCode),
  });
  running.primary = primary;
  const { url, epoch, reign } = primary;
  printReady({ role: "primary", url, epoch, reign });
}
