/**
 * The log: where records become durable. On one machine it is `ledger.db`.
 *
 * @module
 */
import type { EpochRow, Group, LedgerIdentityRow, StoredRecord } from "../store/ledger-db.ts";

export type { EpochRow, Group, LedgerIdentityRow, StoredRecord };

/** Where the log ends. */
export interface LogHead {
  /** Seq of the last record, and size of the tree. */
  readonly size: number;
  /** Root of the tree; undefined before the first record. */
  readonly root: Uint8Array | undefined;
  /** Right edge of the tree, hashes joined, largest subtree first. */
  readonly edge: Uint8Array;
}

/**
 * What the writer asks of a log.
 *
 * `append` resolves when the group is durable, and never answers otherwise than by resolving or by
 * rejecting; after a rejection nobody knows whether the group is in the log, so the process ends.
 */
export interface LedgerLog {
  head(): LogHead;
  append(group: Group): Promise<void>;
  /** One record, or undefined when the log doesn't hold it. */
  record(seq: number): StoredRecord | undefined;
  /** Records from `from` on, at most `limit`, and no more once `bytesMax` bytes are reached. */
  read(from: number, limit: number, bytesMax: number): readonly StoredRecord[];
  /** Identities bound by the records `from` to `to`, both included. */
  identities(from: number, to: number): readonly LedgerIdentityRow[];
  /** Seq of the record that made a claim. */
  claimed(hash: Uint8Array): number | undefined;
  epoch(epoch: number): EpochRow | undefined;
  openEpoch(): EpochRow | undefined;
  close(): Promise<void>;
}
