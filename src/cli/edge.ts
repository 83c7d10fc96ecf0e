/**
 * `countroom edge`: balances from a replica in its region, events to the primary, the webhook of
 * the bot.
 *
 * @module
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { readConfig, trustedAuthorities, type RoleConfig } from "../config/index.ts";
import {
  defaultReplicaFolder,
  NOTHING_KEPT,
  PublisherClient,
  ReplicaFolders,
  ReplicaKeeper,
  WorkerPool,
  type KeeperStatus,
  type ReplicaUser,
} from "../edge/index.ts";
import { logger, onShutdown, printReady, type Logger } from "../ops/index.ts";
import { runtimeName, systemClock, trustingFetch } from "../runtime/index.ts";
import { composeEdge, edgeFolder, listen } from "./edge-process.ts";
import { readToken } from "./token.ts";

interface Flags {
  readonly data?: string;
  readonly keys?: string;
  readonly host?: string;
  readonly port?: string;
  readonly region?: string;
  readonly primaryUrl?: string;
  readonly publisherUrl?: string;
  readonly searchUrl?: string;
  readonly replicaDir?: string;
  readonly workers?: string;
}

/** Where each worker is told how the keeping goes. */
const STATUS_MS = 1_000;

/** Adds the command to the program. */
export function register(program: Command): void {
  program
    .command("edge")
    .description("serve balances from a local replica and bring events to the primary")
    .option("--data <dir>", "folder of the deployment")
    .option("--keys <dir>", "folder of the keys")
    .option("--host <address>", "address to listen on")
    .option("--port <n>", "port to listen on")
    .option("--region <name>", "region of this edge")
    .option("--primary-url <url>", "where the primary answers")
    .option("--publisher-url <url>", "where the publisher answers")
    .option("--search-url <url>", "where search answers")
    .option("--replica-dir <dir>", "where the replica lives (default: shared memory)")
    .option("--workers <n>", "processes that answer requests")
    .action(run);
}

/** Whatever answers requests: this process, or several workers. */
interface Front extends ReplicaUser, AsyncDisposable {
  readonly url: string;
  hear(status: KeeperStatus): void;
}

async function run(flags: Flags): Promise<void> {
  const config = readConfig("edge", process.env, {
    COUNTROOM_DATA: flags.data,
    COUNTROOM_KEYS: flags.keys,
    COUNTROOM_HOST: flags.host,
    COUNTROOM_PORT: flags.port,
    COUNTROOM_REGION: flags.region,
    COUNTROOM_PRIMARY_URL: flags.primaryUrl,
    COUNTROOM_PUBLISHER_URL: flags.publisherUrl,
    COUNTROOM_SEARCH_URL: flags.searchUrl,
    COUNTROOM_REPLICA_DIR: flags.replicaDir,
    COUNTROOM_WORKERS: flags.workers,
  });
  const log = logger("edge", { level: config.logLevel });
  mkdirSync(edgeFolder(config), { recursive: true, mode: 0o700 });
  const lock = await folderLock(config);
  const front =
    config.workers > 1 ? await severalWorkers(config, log) : await oneWorker(config, log);
  const keeper = replicaKeeper(config, front, log);
  const news = setInterval(() => front.hear(keeper.status), STATUS_MS);
  onShutdown(
    async () => {
      clearInterval(news);
      await keeper[Symbol.asyncDispose]();
      await front[Symbol.asyncDispose]();
      lock?.release();
    },
    { log },
  );
  await keeper.start();
  printReady({ role: "edge", url: front.url, region: config.region, workers: config.workers });
}

/** Two edges in one folder would delete each other's replicas. The lock is Bun's SQLite. */
async function folderLock(config: RoleConfig) {
  if (runtimeName !== "bun") return undefined;
  const { openLock } = await import("../store/lock.ts");
  return openLock(join(edgeFolder(config), "lock.db"), "edge");
}

async function oneWorker(config: RoleConfig, log: Logger): Promise<Front> {
  let keeper = NOTHING_KEPT;
  const edge = await composeEdge(config, log, () => keeper);
  const server = listen(config, edge, config.port);
  return {
    url: server.url,
    use: (place) => edge.use(place),
    hear: (status) => (keeper = status),
    async [Symbol.asyncDispose]() {
      await server.stop();
      await edge[Symbol.asyncDispose]();
    },
  };
}

async function severalWorkers(config: RoleConfig, log: Logger): Promise<Front> {
  const pool = await WorkerPool.start({
    count: config.workers,
    script: join(import.meta.dirname, "edge-worker.ts"),
    program: config,
    port: config.port,
    log,
  });
  const scheme = config.tls === undefined ? "http" : "https";
  return {
    url: `${scheme}://${config.host}:${pool.port}`,
    use: (place) => pool.use(place),
    hear: (status) => pool.hear(status),
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}

function replicaKeeper(config: RoleConfig, user: ReplicaUser, log: Logger): ReplicaKeeper {
  const token = readToken(config.tokenFile);
  const base = config.replicaDir ?? defaultReplicaFolder(config.dataDir, config.region);
  const publisher = new PublisherClient({
    url: config.publisherUrl,
    edgeId: config.edgeId,
    token,
    fetch: trustingFetch(trustedAuthorities(config)),
    clock: systemClock,
  });
  const folders = new ReplicaFolders(base, join(edgeFolder(config), "replica.json"));
  return new ReplicaKeeper({ folders, publisher, user, token, clock: systemClock, log });
}
