/**
 * Opens `state.db`: for the checkpointer, which is its only writer, and for readers.
 *
 * @module
 */
import type { Database } from "bun:sqlite";
import { rmSync } from "node:fs";
import { desc, lt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import { STATE_BUCKETS } from "../ledger/index.ts";
import { CHECKPOINTS_KEPT, STATE_CACHE_KIB } from "./limits.ts";
import {
  checkpoints,
  digestSums,
  STATE_KIND,
  stateHead,
  type StateHeadRow,
} from "./state-schema.ts";
import { StateReader, type StoredCheckpoint } from "./state-reader.ts";
import { StateFault } from "./state-rows.ts";
import { StateStore, type StateCounts } from "./state-store.ts";
import type { FileFlaw } from "./file-check.ts";
import { openSqlite, transact, type Sqlite } from "./sqlite.ts";
import { stateFlaws } from "./state-check.ts";

const MISSING_HINT = "Start the primary and let it get ready: it builds state.db from the ledger.";
const DAMAGED_HINT = "Nothing is lost: delete state.db, the next start rebuilds it from the book.";

const NO_ROWS: StateCounts = {
  players: 0,
  wallets: 0,
  identities: 0,
  bets: 0,
  rounds: 0,
  houseAccounts: 0,
  objects: 0,
};

/** Where a checkpoint puts the file. */
export type NewHead = Omit<StateHeadRow, keyof StateCounts>;

/** The state for reading. */
export interface StateView extends Disposable {
  readonly reader: StateReader;
  /** What is wrong with the file, whatever the records say. */
  flaws(): Iterable<FileFlaw>;
  close(): void;
}

/** Opens the state read-only, beside its writer or without one. */
export function openStateView(path: string): StateView {
  const sqlite = openSqlite(path, {
    kind: STATE_KIND,
    mode: "read",
    damagedHint: DAMAGED_HINT,
    missingHint: MISSING_HINT,
    safeIntegers: true,
  });
  const close = (): void => sqlite.close();
  const reader = new StateReader(sqlite.driver);
  const flaws = () => stateFlaws(sqlite.driver, reader.head());
  return { reader, flaws, close, [Symbol.dispose]: close };
}

/** Deletes the file with what belongs to it. Nobody may hold it open. */
export function deleteStateDb(path: string): void {
  for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(path + suffix, { force: true });
}

/** The one writer of the file. */
export class StateDb implements Disposable {
  readonly store: StateStore;
  readonly reader: StateReader;
  readonly #sqlite: Sqlite;
  readonly #queries: ReturnType<typeof prepareQueries>;

  private constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
    this.#queries = prepareQueries(sqlite.driver);
    this.reader = new StateReader(sqlite.driver);
    const head = this.reader.head();
    this.store = new StateStore(
      sqlite.driver,
      {
        seq: head?.seq ?? 0,
        epoch: head?.epoch ?? 0,
        recordedAt: head?.recordedAt ?? 0,
      },
      head ?? NO_ROWS,
    );
  }

  /** Opens the file, creating an empty one when it is missing. */
  static open(path: string): StateDb {
    const sqlite = openSqlite(path, {
      kind: STATE_KIND,
      mode: "create",
      damagedHint: DAMAGED_HINT,
      // A lost last second is applied again; the file as such survives a power cut.
      synchronous: "NORMAL",
      safeIntegers: true,
      secureDelete: true,
      cacheKib: STATE_CACHE_KIB,
    });
    try {
      return new StateDb(sqlite);
    } catch (error) {
      sqlite.close();
      throw error;
    }
  }

  /** Runs `body` in one transaction; it ends by {@link StateDb.putHead}. */
  transact(body: () => void): void {
    transact(this.#sqlite.driver, "IMMEDIATE", body);
  }

  /** Moves the head and keeps its checkpoint among the recent ones. */
  putHead(head: NewHead): void {
    this.#queries.putHead.run({ ...head, ...this.store.counts, id: 1 });
    this.#queries.putCheckpoint.run({ size: head.seq, note: head.checkpoint });
    const oldest = this.#queries.oldestKept.get();
    if (oldest !== undefined) this.#queries.dropCheckpoints.run({ before: oldest.size });
  }

  /** Keeps signed checkpoints of earlier, beside the file's own. */
  keepCheckpoints(notes: readonly StoredCheckpoint[]): void {
    this.transact(() => {
      for (const { size, note } of notes) this.#queries.putCheckpoint.run({ size, note });
    });
  }

  /** Sums of the state digest by bucket; zeroes in a new file. */
  sums(): Uint8Array[] {
    const rows = this.#queries.sums.all();
    if (rows.length === 0) return Array.from({ length: STATE_BUCKETS }, () => new Uint8Array(2048));
    if (rows.length !== STATE_BUCKETS) throw new StateFault("sums of the digest are missing");
    return rows.map(({ sum }) => sum);
  }

  close(): void {
    this.#sqlite.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function prepareQueries(driver: Database) {
  const orm = drizzle({ client: driver });
  const hole = sql.placeholder;
  const columns = [
    "seq",
    "epoch",
    "reign",
    "recordedAt",
    "edge",
    "checkpoint",
    "players",
    "wallets",
    "identities",
    "bets",
    "rounds",
    "houseAccounts",
    "objects",
  ] as const;
  const values = Object.fromEntries(columns.map((name) => [name, hole(name)]));
  const update = Object.fromEntries(
    columns.map((name) => [name, sql.raw(`excluded.${stateHead[name].name}`)]),
  );
  return {
    putHead: orm
      .insert(stateHead)
      .values({ id: hole("id"), ...values } as unknown as typeof stateHead.$inferInsert)
      .onConflictDoUpdate({ target: stateHead.id, set: update })
      .prepare(),
    putCheckpoint: orm
      .insert(checkpoints)
      .values({ size: hole("size"), note: hole("note") })
      .onConflictDoUpdate({ target: checkpoints.size, set: { note: sql`excluded.note` } })
      .prepare(),
    oldestKept: orm
      .select({ size: checkpoints.size })
      .from(checkpoints)
      .orderBy(desc(checkpoints.size))
      .limit(1)
      .offset(CHECKPOINTS_KEPT - 1)
      .prepare(),
    dropCheckpoints: orm
      .delete(checkpoints)
      .where(lt(checkpoints.size, hole("before")))
      .prepare(),
    sums: orm.select().from(digestSums).orderBy(digestSums.bucket).prepare(),
  };
}
