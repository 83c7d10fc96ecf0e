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
  objects,
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
  readonly extras: string;
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
  readonly parts: string;
  readonly checksum: bigint;
}
export interface RoundColumns {
  readonly key: string;
  readonly player_ref: string;
  readonly closing: bigint;
  readonly open_bets: string;
  readonly checksum: bigint;
}
export interface ObjectColumns {
  readonly key: string;
  readonly body: string;
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
  return {
    player: read<PlayerColumns>(
      orm
        .select()
        .from(players)
        .where(eq(players.ref, hole("ref"))),
    ),
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
    bet: read<BetColumns>(
      orm
        .select()
        .from(bets)
        .where(eq(bets.key, hole("key"))),
    ),
    round: read<RoundColumns>(
      orm
        .select()
        .from(rounds)
        .where(eq(rounds.key, hole("key"))),
    ),
    object: read<ObjectColumns>(
      orm
        .select()
        .from(objects)
        .where(eq(objects.key, hole("key"))),
    ),
    rules: read<ObjectColumns>(
      orm
        .select()
        .from(objects)
        // In the text itself: values that drizzle would bind aren't passed on. } follows |.
        .where(sql`${objects.key} > 'velocity|' AND ${objects.key} < 'velocity}'`),
    ),
    house: read<HouseColumns>(
      orm
        .select()
        .from(houseAccounts)
        .where(eq(houseAccounts.key, hole("key"))),
    ),
  };
}

const PLAYER = [
  "operatorId",
  "status",
  "clientSeed",
  "seedPair",
  "nonce",
  "extras",
  "checksum",
] as const;
const WALLET = ["place", "available", "bonus", "held", "version", "seq"] as const;
const BET = [
  "playerRef",
  "roundKey",
  "amount",
  "currency",
  "funding",
  "parts",
  "checksum",
] as const;
const ROUND = ["playerRef", "closing", "openBets", "checksum"] as const;
const OBJECT = ["body", "checksum"] as const;
const HOUSE = ["minor", "checksum"] as const;

/** Values for an insert, by column. */
function holes<Name extends string>(...names: readonly Name[]) {
  type Holes = Record<Name, ReturnType<typeof sql.placeholder>>;
  return Object.fromEntries(names.map((name) => [name, sql.placeholder(name)])) as unknown as Holes;
}

/** Values for an update, by column. */
function sets<Name extends string>(...names: readonly Name[]) {
  const entries = names.map((name) => [name, sql`${sql.placeholder(name)}`]);
  return Object.fromEntries(entries) as unknown as Record<Name, SQL>;
}

/** Inserts, updates and deletes. Parameters come in the order of the columns, keys last. */
export function prepareWrites(driver: Database) {
  const orm = drizzle({ client: driver });
  const hole = sql.placeholder;
  const write = (query: Text): Statement<unknown, Value[]> => driver.prepare(query.toSQL().sql);
  const wallet = and(
    eq(wallets.playerRef, hole("playerRef")),
    eq(wallets.currency, hole("currency")),
  );
  const bet = eq(bets.key, hole("key"));
  const round = eq(rounds.key, hole("key"));
  const object = eq(objects.key, hole("key"));
  const house = eq(houseAccounts.key, hole("key"));
  const putSum = orm
    .insert(digestSums)
    .values(holes("bucket", "sum"))
    .onConflictDoUpdate({ target: digestSums.bucket, set: { sum: sql`excluded.sum` } });
  const addIdentity = holes("operatorId", "keyId", "hash", "playerRef");
  return {
    addPlayer: write(orm.insert(players).values(holes("ref", ...PLAYER))),
    setPlayer: write(
      orm
        .update(players)
        .set(sets(...PLAYER))
        .where(eq(players.ref, hole("ref"))),
    ),
    addWallet: write(orm.insert(wallets).values(holes("playerRef", "currency", ...WALLET))),
    setWallet: write(
      orm
        .update(wallets)
        .set(sets(...WALLET))
        .where(wallet),
    ),
    addIdentity: write(orm.insert(stateIdentities).values(addIdentity)),
    addBet: write(orm.insert(bets).values(holes("key", ...BET))),
    setBet: write(
      orm
        .update(bets)
        .set(sets(...BET))
        .where(bet),
    ),
    dropBet: write(orm.delete(bets).where(bet)),
    addRound: write(orm.insert(rounds).values(holes("key", ...ROUND))),
    setRound: write(
      orm
        .update(rounds)
        .set(sets(...ROUND))
        .where(round),
    ),
    dropRound: write(orm.delete(rounds).where(round)),
    addObject: write(orm.insert(objects).values(holes("key", ...OBJECT))),
    setObject: write(
      orm
        .update(objects)
        .set(sets(...OBJECT))
        .where(object),
    ),
    dropObject: write(orm.delete(objects).where(object)),
    addHouse: write(orm.insert(houseAccounts).values(holes("key", ...HOUSE))),
    setHouse: write(
      orm
        .update(houseAccounts)
        .set(sets(...HOUSE))
        .where(house),
    ),
    setSum: write(putSum),
  };
}
