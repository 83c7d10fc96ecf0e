/**
 * The statements of `state.db`, written by drizzle once and held as the driver's own: the
 * checkpointer runs them for every row that changed.
 *
 * @module
 */
import type { Database, Statement } from "bun:sqlite";
import { and, asc, eq, sql, type SQL } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import {
  bets,
  digestSums,
  houseAccounts,
  players,
  rounds,
  stateIdentities,
  wallets,
} from "./state-schema.ts";

type Text = { toSQL(): { sql: string } };
type Value = string | number | bigint | Uint8Array;

/** Rows as the driver answers them, with safe integers. */
export interface PlayerColumns {
  readonly ref: string;
  readonly operator_id: string;
  readonly status: bigint;
  readonly client_seed: string;
  readonly seed_pair: bigint;
  readonly nonce: bigint;
  readonly checksum: bigint;
}
export interface WalletColumns {
  readonly player_ref: string;
  readonly currency: string;
  readonly available: bigint;
  readonly bonus: bigint;
  readonly held: bigint;
  readonly version: bigint;
  readonly seq: bigint;
}
export interface BetColumns {
  readonly key: string;
  readonly player_ref: string;
  readonly round_key: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly funding: bigint;
  readonly checksum: bigint;
}
export interface RoundColumns {
  readonly key: string;
  readonly player_ref: string;
  readonly closing: bigint;
  readonly open_bets: bigint;
  readonly checksum: bigint;
}
export interface HouseColumns {
  readonly key: string;
  readonly minor: string;
  readonly checksum: bigint;
}

export type StateReads = ReturnType<typeof prepareReads>;
export type StateWrites = ReturnType<typeof prepareWrites>;

/** Lookups by key. */
export function prepareReads(driver: Database) {
  const orm = drizzle({ client: driver });
  const hole = sql.placeholder;
  const read = <Row>(query: Text): Statement<Row, Value[]> => driver.prepare(query.toSQL().sql);
  const byKey = { key: hole("key") };
  return {
    player: read<PlayerColumns>(orm.select().from(players).where(eq(players.ref, hole("ref")))),
    wallets: read<WalletColumns>(
      orm
        .select()
        .from(wallets)
        .where(eq(wallets.playerRef, hole("ref")))
        .orderBy(asc(wallets.place)),
    ),
    identity: read<{ player_ref: string }>(
      orm
        .select({ ref: stateIdentities.playerRef })
        .from(stateIdentities)
        .where(
          and(
            eq(stateIdentities.operatorId, hole("operator")),
            eq(stateIdentities.keyId, hole("keyId")),
            eq(stateIdentities.hash, hole("hash")),
          ),
        ),
    ),
    bet: read<BetColumns>(orm.select().from(bets).where(eq(bets.key, byKey.key))),
    round: read<RoundColumns>(orm.select().from(rounds).where(eq(rounds.key, byKey.key))),
    house: read<HouseColumns>(
      orm.select().from(houseAccounts).where(eq(houseAccounts.key, byKey.key)),
    ),
  };
}

/** Inserts, updates and deletes. Parameters come in the order of the columns. */
export function prepareWrites(driver: Database) {
  const orm = drizzle({ client: driver });
  const hole = sql.placeholder;
  const write = (query: Text): Statement<unknown, Value[]> => driver.prepare(query.toSQL().sql);
  const holes = <Names extends string>(...names: readonly Names[]) =>
    Object.fromEntries(names.map((name) => [name, hole(name)])) as unknown as Record<
      Names,
      ReturnType<typeof hole>
    >;
  const sets = <Names extends string>(...names: readonly Names[]) =>
    Object.fromEntries(names.map((name) => [name, sql`${hole(name)}`])) as unknown as Record<
      Names,
      SQL
    >;
  const playerData = ["operatorId", "status", "clientSeed", "seedPair", "nonce"] as const;
  const walletData = ["place", "available", "bonus", "held", "version", "seq"] as const;
  const betData = ["playerRef", "roundKey", "amount", "currency", "funding", "checksum"] as const;
  const roundData = ["playerRef", "closing", "openBets", "checksum"] as const;
  return {
    addPlayer: write(orm.insert(players).values(holes("ref", ...playerData, "checksum"))),
    setPlayer: write(
      orm
        .update(players)
        .set(sets(...playerData, "checksum"))
        .where(eq(players.ref, hole("ref"))),
    ),
    addWallet: write(orm.insert(wallets).values(holes("playerRef", "currency", ...walletData))),
    setWallet: write(
      orm
        .update(wallets)
        .set(sets(...walletData))
        .where(
          and(
            eq(wallets.playerRef, hole("playerRef")),
            eq(wallets.currency, hole("currency")),
          ),
        ),
    ),
    addIdentity: write(
      orm.insert(stateIdentities).values(holes("operatorId", "keyId", "hash", "playerRef")),
    ),
    addBet: write(orm.insert(bets).values(holes("key", ...betData))),
    setBet: write(
      orm
        .update(bets)
        .set(sets(...betData))
        .where(eq(bets.key, hole("key"))),
    ),
    dropBet: write(orm.delete(bets).where(eq(bets.key, hole("key")))),
    addRound: write(orm.insert(rounds).values(holes("key", ...roundData))),
    setRound: write(
      orm
        .update(rounds)
        .set(sets(...roundData))
        .where(eq(rounds.key, hole("key"))),
    ),
    dropRound: write(orm.delete(rounds).where(eq(rounds.key, hole("key")))),
    addHouse: write(orm.insert(houseAccounts).values(holes("key", "minor", "checksum"))),
    setHouse: write(
      orm
        .update(houseAccounts)
        .set(sets("minor", "checksum"))
        .where(eq(houseAccounts.key, hole("key"))),
    ),
    setSum: write(
      orm
        .insert(digestSums)
        .values(holes("bucket", "sum"))
        .onConflictDoUpdate({ target: digestSums.bucket, set: { sum: sql`excluded.sum` } }),
    ),
  };
}
