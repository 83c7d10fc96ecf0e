import { and, eq, sql } from "drizzle-orm";
import type { BunSQLiteDatabase } from "drizzle-orm/bun-sqlite";
import { changes, head, identities, wallets } from "../../replicas/schema.ts";

const value = sql.placeholder;

/** The prepared statements of `wallet.db`, built once per connection. */
export type WalletQueries = ReturnType<typeof prepareWalletQueries>;

/** Prepares them. The database must have its tables. */
export function prepareWalletQueries(db: BunSQLiteDatabase) {
  return {
    head: db.select().from(head).where(eq(head.id, 1)).prepare(),
    wallet: db
      .select()
      .from(wallets)
      .where(
        and(eq(wallets.playerRef, value("playerRef")), eq(wallets.currency, value("currency"))),
      )
      .prepare(),
    identity: db
      .select()
      .from(identities)
      .where(
        and(
          eq(identities.operatorId, value("operatorId")),
          eq(identities.keyId, value("keyId")),
          eq(identities.hash, value("hash")),
        ),
      )
      .prepare(),
    putHead: putHead(db),
    putWallet: putWallet(db),
    putIdentity: db
      .insert(identities)
      .values({
        operatorId: value("operatorId"),
        keyId: value("keyId"),
        hash: value("hash"),
        playerRef: value("playerRef"),
      })
      .prepare(),
    putChange: db
      .insert(changes)
      .values({ slot: value("slot"), tick: value("tick"), refs: value("refs") })
      .onConflictDoUpdate({
        target: changes.slot,
        set: { tick: sql`excluded.tick`, refs: sql`excluded.refs` },
      })
      .prepare(),
  };
}

function putHead(db: BunSQLiteDatabase) {
  const row = {
    epoch: value("epoch"),
    feed: value("feed"),
    seq: value("seq"),
    time: value("time"),
    tick: value("tick"),
    root: value("root"),
    edge: value("edge"),
    buckets: value("buckets"),
  };
  return db
    .insert(head)
    .values({ id: 1, ...row })
    .onConflictDoUpdate({
      target: head.id,
      set: {
        epoch: sql`excluded.epoch`,
        feed: sql`excluded.feed`,
        seq: sql`excluded.seq`,
        time: sql`excluded.time`,
        tick: sql`excluded.tick`,
        root: sql`excluded.root`,
        edge: sql`excluded.edge`,
        buckets: sql`excluded.buckets`,
      },
    })
    .prepare();
}

function putWallet(db: BunSQLiteDatabase) {
  return db
    .insert(wallets)
    .values({
      operatorId: value("operatorId"),
      playerRef: value("playerRef"),
      currency: value("currency"),
      available: value("available"),
      bonus: value("bonus"),
      held: value("held"),
      status: value("status"),
      version: value("version"),
      seq: value("seq"),
    })
    .onConflictDoUpdate({
      target: [wallets.playerRef, wallets.currency],
      set: {
        available: sql`excluded.available`,
        bonus: sql`excluded.bonus`,
        held: sql`excluded.held`,
        status: sql`excluded.status`,
        version: sql`excluded.version`,
        seq: sql`excluded.seq`,
      },
    })
    .prepare();
}
