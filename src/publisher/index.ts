/**
 * Follows the book and serves its balances to libSQL replicas.
 *
 * Tail → checks (seq, time, tree, signed checkpoints, invariants) → `wallet.db`, one transaction
 * per tick → its pages, captured from the write-ahead log → a virtual page log → replicas.
 *
 * @module
 */
export { PublisherError } from "./errors.ts";
export type { PublisherErrorCode, Reaction } from "./errors.ts";
export { startPublisher } from "./publisher.ts";
export type { Publisher, PublisherOptions } from "./publisher.ts";
export { rebuildWallet } from "./rebuild.ts";
export type { WalletRebuild } from "./rebuild.ts";
