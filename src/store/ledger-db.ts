/**
 * Opens `ledger.db`.
 *
 * @module
 */
import { LEDGER_CACHE_KIB, LEDGER_WAL_PAGES } from "./limits.ts";
import type { FileFlaw } from "./file-check.ts";
import { ledgerFlaws } from "./ledger-check.ts";
import { LEDGER_KIND } from "./ledger-schema.ts";
import { LedgerRanges } from "./ledger-ranges.ts";
import { LedgerReader } from "./ledger-reader.ts";
import { LedgerWriter } from "./ledger-writer.ts";
import { openSqlite, type Sqlite } from "./sqlite.ts";

export type { EpochRow, LedgerIdentityRow } from "./ledger-schema.ts";
export type { CommitRow, StoredClaim, StoredRecord, StoredTree } from "./ledger-reader.ts";
export type { FileFlaw } from "./file-check.ts";
export { LedgerFault } from "./new-records.ts";
export type { Group, NewEpoch, NewIdentity, NewRecord } from "./new-records.ts";

/** What an operator is told to do about a damaged ledger. */
export const DAMAGED_HINT =
  "Keep the file, run `countroom verify book --data DIR`, and restore from a snapshot.";

/** The ledger for reading. */
export interface LedgerView extends Disposable {
  readonly path: string;
  readonly reader: LedgerReader;
  /** What is wrong with the file, whatever its records say. Reads all of it. */
  flaws(): Iterable<FileFlaw>;
  close(): void;
}

/** The ledger for its one writer. */
export interface LedgerDb extends LedgerView {
  readonly writer: LedgerWriter;
  readonly sqlite: Sqlite;
}

/** Options of {@link openLedgerDb}. */
export interface LedgerOptions {
  /** Makes an empty ledger when the file is missing. Default: false. */
  readonly create?: boolean;
  /**
   * "OFF" for a ledger under construction, which nobody relies on before it is complete. Default:
   * FULL, so that a commit is on the disk when it returns.
   */
  readonly synchronous?: "FULL" | "OFF";
}

/** Opens the ledger for writing. The caller holds the folder's lock. */
export function openLedgerDb(path: string, options: LedgerOptions = {}): LedgerDb {
  const sqlite = openSqlite(path, {
    kind: LEDGER_KIND,
    mode: options.create === true ? "create" : "write",
    damagedHint: DAMAGED_HINT,
    synchronous: options.synchronous ?? "FULL",
    secureDelete: true,
    walPages: LEDGER_WAL_PAGES,
    cacheKib: LEDGER_CACHE_KIB,
  });
  const ranges = new LedgerRanges(sqlite.driver);
  const writer = new LedgerWriter(sqlite.driver, ranges);
  const reader = new LedgerReader(sqlite.driver, ranges, writer.queue);
  const close = (): void => {
    try {
      // A ledger at rest has its claims where everybody looks for them first.
      writer.queue.drain();
    } finally {
      sqlite.close();
    }
  };
  const flaws = () => ledgerFlaws(sqlite.driver);
  return { path, sqlite, reader, writer, flaws, close, [Symbol.dispose]: close };
}

/** Opens the ledger read-only, beside its writer or without one. It never checkpoints. */
export function openLedgerView(path: string): LedgerView {
  const sqlite = openSqlite(path, { kind: LEDGER_KIND, mode: "read", damagedHint: DAMAGED_HINT });
  const reader = new LedgerReader(sqlite.driver);
  const close = (): void => sqlite.close();
  const flaws = () => ledgerFlaws(sqlite.driver);
  return { path, reader, flaws, close, [Symbol.dispose]: close };
}
