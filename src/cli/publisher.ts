/**
 * `countroom publisher`: follows the primary and serves `wallet.db` to libSQL replicas.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { loadKeys } from "../access/index.ts";
import { listenerTls, readConfig, trustedAuthorities, type RoleConfig } from "../config/index.ts";
import {
  EXIT,
  logger,
  onShutdown,
  OperatorError,
  printReady,
  type ExitCode,
} from "../ops/index.ts";
import { startPublisher, type Publisher, type PublisherOptions } from "../publisher/index.ts";
import { createLedgerClient } from "../wire/index.ts";

interface Flags {
  readonly data?: string;
  readonly keys?: string;
  readonly host?: string;
  readonly port?: string;
  readonly primaryUrl?: string;
  readonly tickMs?: string;
}

/** Adds the command to the program. */
export function register(program: Command): void {
  program
    .command("publisher")
    .description("follow the primary and serve the replicated wallet to edges")
    .option("--data <dir>", "folder of the deployment")
    .option("--keys <dir>", "folder of the keys")
    .option("--host <address>", "address to listen on")
    .option("--port <n>", "port to listen on")
    .option("--primary-url <url>", "where the primary answers")
    .option("--tick-ms <n>", "longest wait of a change under load")
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const config = readConfig("publisher", process.env, {
    COUNTROOM_DATA: flags.data,
    COUNTROOM_KEYS: flags.keys,
    COUNTROOM_HOST: flags.host,
    COUNTROOM_PORT: flags.port,
    COUNTROOM_PRIMARY_URL: flags.primaryUrl,
    COUNTROOM_TICK_MS: flags.tickMs,
  });
  const log = logger("publisher", { level: config.logLevel });
  const options = { ...optionsFrom(config), log };
  // Told to stop while it still waits for the primary, it has nothing to drain.
  const running: { publisher?: Publisher } = {};
  const shutdown = onShutdown(() => running.publisher?.stop(), { log });
  const publisher = await startPublisher(options);
  running.publisher = publisher;
  printReady({ role: "publisher", url: publisher.url });
  publisher.ended.catch((error: unknown) => void shutdown.stop(exitCodeOf(error)));
}

function optionsFrom(config: RoleConfig): Omit<PublisherOptions, "log"> {
  const keys = loadKeys(config.keysDir);
  const client = createLedgerClient({
    baseUrl: config.primaryUrl,
    token: readToken(config.tokenFile),
    ca: trustedAuthorities(config),
  });
  const { deployment, host, port, tickMs } = config;
  return {
    folder: join(config.dataDir, "publisher"),
    signingPublic: () => keys.signers(),
    accessPublic: keys.accessPublic,
    tls: listenerTls(config),
    // Without the variable, the configuration only knows the default port.
    publicUrl: process.env.COUNTROOM_PUBLISHER_URL && config.publisherUrl,
    client,
    deployment,
    host,
    port,
    tickMs,
  };
}

function readToken(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (cause) {
    throw new OperatorError("TOKEN_MISSING", `the token file ${path} can't be read`, {
      cause,
      hint: "set COUNTROOM_TOKEN_FILE to the file of the publisher's token",
    });
  }
}

function exitCodeOf(error: unknown): ExitCode {
  return error instanceof OperatorError ? error.exitCode : EXIT.failed;
}
