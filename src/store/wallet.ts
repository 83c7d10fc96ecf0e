/**
 * `wallet.db`: the publisher's own file, whose pages the edges replicate.
 *
 * One process, one connection writes it. It can always be rebuilt from the book, therefore it is
 * never synced to disk. No file API may open it or its -shm while it is open here: closing such a
 * descriptor drops SQLite's locks. Its -wal may be read through one long-lived descriptor.
 *
 * @module
 */
import { Database } from "bun:sqlite";
import { drizzle } from "drizzle-orm/bun-sqlite";
import { mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { CHANGES_SLOTS, type head, type identities, type wallets } from "../../replicas/schema.ts";
import { prepareWalletQueries, type WalletQueries } from "./wallet-queries.ts";
import { createWalletTables, hasWalletTables } from "./wallet-schema.ts";

/** The protocol knows no other page size. */
export const WALLET_PAGE_BYTES = 4096;

/** One player's balances in one currency, as edges see them. */
export type WalletRow = Readonly<typeof wallets.$inferSelect>;

/** One messenger identity. */
export type IdentityRow = Readonly<typeof identities.$inferSelect>;

/** Where the file stands. */
export type WalletHead = Readonly<Omit<typeof head.$inferSelect, "id">>;

/** What one commit changes. */
export interface WalletTick {
  readonly head: WalletHead;
  readonly wallets: Iterable<WalletRow>;
  readonly identities: Iterable<IdentityRow>;
  /** References of the players it touched, 16 bytes each; null when they don't fit. */
  readonly refs: Uint8Array | null;
}

/** Options of {@link WalletDb.create} and {@link WalletDb.open}. */
export interface WalletDbOptions {
  /** Pages in the WAL after which SQLite copies them home. Default 1000. */
  readonly checkpointPages?: number;
}

/** The open file. */
export class WalletDb implements Disposable {
  readonly path: string;
  readonly #client: Database;
  readonly #queries: WalletQueries;

  private constructor(path: string, client: Database) {
    this.path = path;
    this.#client = client;
    this.#queries = prepareWalletQueries(drizzle(client));
  }

  /** Deletes whatever is at `path` and makes an empty file with its tables and no head. */
  static create(path: string, options: WalletDbOptions = {}): WalletDb {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(path + suffix, { force: true });
    const client = connect(path, true, options);
    createWalletTables(client);
    return new WalletDb(path, client);
  }

  /** Opens a file that is whole and has today's tables and a head; otherwise undefined. */
  static open(path: string, options: WalletDbOptions = {}): WalletDb | undefined {
    let client: Database | undefined;
    try {
      client = connect(path, false, options);
      const checked = client.query("PRAGMA integrity_check(1)").values();
      if (checked[0]?.[0] === "ok" && hasWalletTables(client)) {
        const db = new WalletDb(path, client);
        if (db.head() !== undefined) return db;
      }
    } catch {
      // Missing, torn or no database at all: all of them are one answer to a projection.
    }
    client?.close();
    return undefined;
  }

  head(): WalletHead | undefined {
    return this.#queries.head.get();
  }

  wallet(playerRef: string, currency: string): WalletRow | undefined {
    return this.#queries.wallet.get({ playerRef, currency });
  }

  identity(operatorId: string, keyId: string, hash: Uint8Array): IdentityRow | undefined {
    return this.#queries.identity.get({ operatorId, keyId, hash });
  }

  /** Every wallet row, in key order. The file must not change meanwhile. */
  *wallets(): Generator<WalletRow> {
    const query = `SELECT operator_id AS operatorId, player_ref AS playerRef, currency, available,
      bonus, held, status, version, seq FROM wallets ORDER BY player_ref, currency`;
    for (const row of this.#client.query<RawWallet, []>(query).iterate()) {
      const { status, version, seq } = row;
      yield { ...row, status: Number(status), version: Number(version), seq: Number(seq) };
    }
  }

  /** Every identity row, in key order. The file must not change meanwhile. */
  *identities(): Generator<IdentityRow> {
    const query = `SELECT operator_id AS operatorId, key_id AS keyId, hash, player_ref AS playerRef
      FROM identities ORDER BY operator_id, key_id, hash`;
    yield* this.#client.query<IdentityRow, []>(query).iterate();
  }

  /** Writes one tick in one transaction. Throws when a constraint or the commit fails. */
  commit(tick: WalletTick): void {
    this.#transaction(() => {
      for (const row of tick.wallets) this.#queries.putWallet.run({ ...row });
      for (const row of tick.identities) this.#queries.putIdentity.run({ ...row });
      const { tick: number } = tick.head;
      const slot = number % CHANGES_SLOTS;
      this.#queries.putChange.run({ slot, tick: number, refs: tick.refs });
      this.#queries.putHead.run({ ...tick.head });
    });
  }

  /** Writes rows of a rebuild, without a head: the file counts as broken until it has one. */
  load(rows: { wallets: Iterable<WalletRow>; identities: Iterable<IdentityRow> }): void {
    this.#transaction(() => {
      for (const row of rows.wallets) this.#queries.putWallet.run({ ...row });
      for (const row of rows.identities) this.#queries.putIdentity.run({ ...row });
    });
  }

  /** Empties the WAL into the file, as far as readers allow it. */
  checkpoint(): void {
    this.#client.run("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  /** The whole database as one file image. */
  image(): Uint8Array {
    return this.#client.serialize();
  }

  close(): void {
    this.#client.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #transaction(body: () => void): void {
    this.#client.run("BEGIN IMMEDIATE");
    try {
      body();
      this.#client.run("COMMIT");
    } catch (error) {
      if (this.#client.inTransaction) this.#client.run("ROLLBACK");
      throw error;
    }
  }
}

interface RawWallet {
  readonly operatorId: string;
  readonly playerRef: string;
  readonly currency: string;
  readonly available: bigint;
  readonly bonus: bigint;
  readonly held: bigint;
  readonly status: bigint;
  readonly version: bigint;
  readonly seq: bigint;
}

function connect(path: string, create: boolean, options: WalletDbOptions): Database {
  const client = new Database(path, { readwrite: true, create, safeIntegers: true, strict: true });
  client.run(`PRAGMA page_size = ${WALLET_PAGE_BYTES}`);
  client.run("PRAGMA journal_mode = WAL");
  client.run("PRAGMA synchronous = OFF");
  // Replicas receive whole pages: what was deleted must not travel on in their free space.
  client.run("PRAGMA secure_delete = ON");
  client.run(`PRAGMA wal_autocheckpoint = ${options.checkpointPages ?? 1000}`);
  const [size] = client.query("PRAGMA page_size").values()[0] ?? [];
  if (Number(size) !== WALLET_PAGE_BYTES) {
    client.close();
    throw new Error(`${path}: page size ${String(size)} instead of ${WALLET_PAGE_BYTES}`);
  }
  return client;
}
