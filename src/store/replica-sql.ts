/**
 * The statements of a replica reader, built by drizzle from the schema, run by either driver.
 *
 * @module
 */
import { and, asc, eq, sql } from "drizzle-orm";
import { QueryBuilder } from "drizzle-orm/sqlite-core";
import { changes, CHANGES_SLOTS, head, identities, wallets } from "../../replicas/schema.ts";

const build = new QueryBuilder();

const HEAD = {
  epoch: head.epoch,
  feed: head.feed,
  headSeq: sql`${head.seq}`.as("head_seq"),
  time: head.time,
  tick: head.tick,
};

/** No parameters: the head's five columns, then tick and refs of the newest row of the ring. */
export const HEAD_SQL = build
  .select({ ...HEAD, changeTick: sql`${changes.tick}`.as("change_tick"), refs: changes.refs })
  .from(head)
  .leftJoin(changes, sql`${changes.slot} = ${head.tick} % ${sql.raw(String(CHANGES_SLOTS))}`)
  .toSQL().sql;

/** slot → tick, refs. */
export const CHANGE_SQL = build
  .select({ tick: changes.tick, refs: changes.refs })
  .from(changes)
  .where(eq(changes.slot, sql`?`))
  .toSQL().sql;

/** player_ref → the player's rows, ordered by currency. */
export const PLAYER_SQL = build
  .select({
    operatorId: wallets.operatorId,
    currency: wallets.currency,
    available: wallets.available,
    bonus: wallets.bonus,
    held: wallets.held,
    status: wallets.status,
    version: wallets.version,
    seq: wallets.seq,
  })
  .from(wallets)
  .where(eq(wallets.playerRef, sql`?`))
  .orderBy(asc(wallets.currency))
  .toSQL().sql;

/** operator_id, key_id, hash → player_ref. */
export const IDENTITY_SQL = build
  .select({ playerRef: identities.playerRef })
  .from(identities)
  .where(
    and(
      eq(identities.operatorId, sql`?`),
      eq(identities.keyId, sql`?`),
      eq(identities.hash, sql`?`),
    ),
  )
  .toSQL().sql;

/** Everything, for an audit. */
export const ALL_HEADS_SQL = build.select().from(head).toSQL().sql;
export const ALL_WALLETS_SQL = build.select().from(wallets).toSQL().sql;
export const ALL_IDENTITIES_SQL = build.select().from(identities).toSQL().sql;
