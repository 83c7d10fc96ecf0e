/**
 * Reads `state.db`: its head, and whole tables in order, a chunk at a time.
 *
 * @module
 */
import type { Database, Statement } from "bun:sqlite";
import { desc, eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import type {
  DigestRow,
  LedgerObject,
  MutablePlayer,
  OpenBet,
  OpenRound,
  WalletRow,
} from "../ledger/index.ts";
import {
  checkpoints,
  stateHead,
  type StateHeadRow,
  type StateIdentityRow,
} from "./state-schema.ts";
import { accountOf, betOf, countOf, houseOf, objectOf, playerOf, roundOf } from "./state-rows.ts";
import type {
  BetColumns,
  HouseColumns,
  ObjectColumns,
  PlayerColumns,
  RoundColumns,
  WalletColumns,
} from "./state-statements.ts";

/** A signed checkpoint of the past. */
export interface StoredCheckpoint {
  readonly size: number;
  readonly note: string;
}

interface IdentityColumns {
  readonly operator_id: string;
  readonly key_id: string;
  readonly hash: Uint8Array;
  readonly player_ref: string;
}

interface DigestWalletColumns extends WalletColumns {
  readonly operator_id: string;
  readonly status: bigint;
}

/** Reads through one connection with safe integers. */
export class StateReader {
  readonly #driver: Database;
  readonly #head: { get(): (StateHeadRow & { id: number }) | undefined };
  readonly #checkpoints: { all(values: { limit: number }): StoredCheckpoint[] };
  readonly #checkpointAt: { get(values: { size: number }): StoredCheckpoint | undefined };

  constructor(driver: Database) {
    this.#driver = driver;
    const orm = drizzle({ client: driver });
    this.#head = orm.select().from(stateHead).prepare();
    this.#checkpoints = orm
      .select()
      .from(checkpoints)
      .orderBy(desc(checkpoints.size))
      .limit(sql.placeholder("limit"))
      .prepare();
    this.#checkpointAt = orm
      .select()
      .from(checkpoints)
      .where(eq(checkpoints.size, sql.placeholder("size")))
      .prepare();
  }

  /** Where the file stands; undefined before the first checkpoint. */
  head(): StateHeadRow | undefined {
    const row = this.#head.get();
    if (row === undefined) return undefined;
    const { id: _, ...head } = row;
    return head;
  }

  /** The newest signed checkpoints, newest first. */
  checkpoints(limit: number): readonly StoredCheckpoint[] {
    return this.#checkpoints.all({ limit });
  }

  /** The signed checkpoint of exactly that size; undefined when none was made or it isn't kept. */
  checkpointAt(size: number): StoredCheckpoint | undefined {
    return this.#checkpointAt.get({ size });
  }

  /** Fixes what is read from here on to the present commit, until {@link StateReader.release}. */
  hold(): void {
    this.#driver.run("BEGIN DEFERRED");
  }

  release(): void {
    if (this.#driver.inTransaction) this.#driver.run("ROLLBACK");
  }

  /** Players after a reference with their accounts, in the order of references. */
  players(after: string, limit: number): readonly MutablePlayer[] {
    const rows = this.#query<PlayerColumns>(
      "SELECT * FROM players WHERE ref > ? ORDER BY ref LIMIT ?",
    ).all(after, limit);
    const last = rows.at(-1);
    if (last === undefined) return [];
    const wallets = this.#query<WalletColumns>(
      "SELECT * FROM wallets WHERE player_ref > ? AND player_ref <= ? ORDER BY player_ref, place",
    ).all(after, last.ref);
    // Both come in the order of references. Whose player is missing, the head's count tells.
    let at = 0;
    return rows.map((row) => {
      while (at < wallets.length && wallets[at]!.player_ref < row.ref) at += 1;
      const from = at;
      while (at < wallets.length && wallets[at]!.player_ref === row.ref) at += 1;
      return playerOf(row, wallets.slice(from, at).map(accountOf));
    });
  }

  /** References that cut `players` players, all there are, into so many equal shares. */
  shares(players: number, count: number): readonly string[] {
    const cut = this.#query<{ ref: string }>(
      "SELECT ref FROM players ORDER BY ref LIMIT 1 OFFSET ?",
    );
    return Array.from({ length: count - 1 }, (_, index) => {
      return cut.get(Math.floor((players * (index + 1)) / count))?.ref ?? "";
    });
  }

  /**
   * The rows that the state digest covers, of players after `after` and up to `upTo`, in no order
   * that means anything.
   */
  *digestRows(after: string, upTo: string): IterableIterator<DigestRow> {
    const wallets = this.#query<DigestWalletColumns>(
      `SELECT p.operator_id, p.status, w.* FROM wallets w JOIN players p ON p.ref = w.player_ref
         WHERE w.player_ref > ? AND w.player_ref <= ?`,
    );
    for (const row of wallets.iterate(after, upTo)) yield walletRowOf(row);
    const identities = this.#query<IdentityColumns>(
      "SELECT * FROM identities WHERE player_ref > ? AND player_ref <= ?",
    );
    for (const row of identities.iterate(after, upTo)) yield identityOf(row);
  }

  /** Identities after a place, in the order of their key. */
  identities(after: StateIdentityRow | undefined, limit: number): readonly StateIdentityRow[] {
    const { operatorId = "", keyId = "", hash = new Uint8Array(0) } = after ?? {};
    return this.#query<IdentityColumns>(
      `SELECT * FROM identities WHERE (operator_id, key_id, hash) > (?, ?, ?)
         ORDER BY operator_id, key_id, hash LIMIT ?`,
    )
      .all(operatorId, keyId, hash, limit)
      .map(identityOf);
  }

  *bets(): IterableIterator<OpenBet> {
    for (const row of this.#query<BetColumns>("SELECT * FROM bets").iterate()) yield betOf(row);
  }

  *rounds(): IterableIterator<OpenRound> {
    for (const row of this.#query<RoundColumns>("SELECT * FROM rounds").iterate()) {
      yield roundOf(row);
    }
  }

  *objects(): IterableIterator<[string, LedgerObject]> {
    for (const row of this.#query<ObjectColumns>("SELECT * FROM objects").iterate()) {
      yield [row.key, objectOf(row)];
    }
  }

  *houseAccounts(): IterableIterator<[string, bigint]> {
    for (const row of this.#query<HouseColumns>("SELECT * FROM house_accounts").iterate()) {
      yield [row.key, houseOf(row)];
    }
  }

  #query<Row>(text: string): Statement<Row, (string | number | Uint8Array)[]> {
    return this.#driver.query(text);
  }
}

function identityOf(row: IdentityColumns): StateIdentityRow {
  const { operator_id: operatorId, key_id: keyId, hash, player_ref: playerRef } = row;
  return { operatorId, keyId, hash, playerRef };
}

function walletRowOf(row: DigestWalletColumns): WalletRow {
  const { operator_id: operatorId, player_ref: playerRef, currency } = row;
  const { available, bonus, held } = row;
  return {
    operatorId,
    playerRef,
    currency,
    status: countOf(row.status) as WalletRow["status"],
    available,
    bonus,
    held,
    version: countOf(row.version),
    seq: countOf(row.seq),
  };
}
