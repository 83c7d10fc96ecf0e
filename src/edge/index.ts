/**
 * Where requests land: balances from a replica in the same region, events brought to the primary.
 *
 * @module
 */
export type {
  BalanceView,
  EdgePort,
  Freshness,
  PlayerBalances,
  PlayerIdentity,
  SubmitOptions,
} from "./bot-port.ts";
export { createEdge } from "./edge.ts";
export type { Edge, EdgeOptions } from "./edge.ts";
export { PublisherClient } from "./publisher-client.ts";
export { ReadError } from "./read-error.ts";
export { defaultReplicaFolder, ReplicaFolders } from "./replica-folder.ts";
export type { ReplicaPlace } from "./replica-folder.ts";
export { NOTHING_KEPT } from "./keeper-status.ts";
export type { KeeperStatus } from "./keeper-status.ts";
export { ReplicaKeeper } from "./replica-keeper.ts";
export type { ReplicaUser } from "./replica-keeper.ts";
export { serveWorker } from "./worker.ts";
export type { WorkerBody } from "./worker.ts";
export { WorkerPool } from "./worker-pool.ts";
