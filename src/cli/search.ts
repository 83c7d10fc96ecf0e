/**
 * `countroom search`: follows the primary and answers for statements, rounds and records.
 *
 * @module
 */
import { join } from "node:path";
import type { Command } from "commander";
import { loadKeys } from "../access/index.ts";
import { listenerTls, readConfig, trustedAuthorities, type RoleConfig } from "../config/index.ts";
import { currencyTable } from "../money/index.ts";
import {
  EXIT,
  logger,
  onShutdown,
  OperatorError,
  printReady,
  type ExitCode,
} from "../ops/index.ts";
import { startSearch, type SearchOptions } from "../search/index.ts";
import { createLedgerClient } from "../wire/index.ts";
import { readToken } from "./token.ts";

interface Flags {
  readonly data?: string;
  readonly keys?: string;
  readonly host?: string;
  readonly port?: string;
  readonly primaryUrl?: string;
}

/** Adds the command to the program. */
export function register(program: Command): void {
  program
    .command("search")
    .description("follow the primary and answer for statements, rounds and records")
    .option("--data <dir>", "folder of the deployment")
    .option("--keys <dir>", "folder of the keys")
    .option("--host <address>", "address to listen on")
    .option("--port <n>", "port to listen on")
    .option("--primary-url <url>", "where the primary answers")
    .action(run);
}

function run(flags: Flags): void {
  const config = readConfig("search", process.env, {
    COUNTROOM_DATA: flags.data,
    COUNTROOM_KEYS: flags.keys,
    COUNTROOM_HOST: flags.host,
    COUNTROOM_PORT: flags.port,
    COUNTROOM_PRIMARY_URL: flags.primaryUrl,
  });
  const log = logger("search", { level: config.logLevel });
  const search = startSearch({ ...optionsFrom(config), log });
  const shutdown = onShutdown(() => search.stop(), { log });
  printReady({ role: "search", url: search.url });
  search.ended.catch((error: unknown) => void shutdown.stop(exitCodeOf(error)));
}

function optionsFrom(config: RoleConfig): Omit<SearchOptions, "log"> {
  const keys = loadKeys(config.keysDir);
  const { deployment, host, port } = config;
  const client = createLedgerClient({
    baseUrl: config.primaryUrl,
    token: readToken(config.tokenFile),
    ca: trustedAuthorities(config),
  });
  return {
    folder: join(config.dataDir, "search"),
    signingPublic: () => keys.signers(),
    accessPublic: keys.accessPublic,
    tls: listenerTls(config),
    client,
    currencies: currencyTable(config.currencies),
    deployment,
    host,
    port,
  };
}

function exitCodeOf(error: unknown): ExitCode {
  return error instanceof OperatorError ? error.exitCode : EXIT.failed;
}
