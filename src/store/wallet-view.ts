/**
 * Reads `wallet.db` beside its publisher, or without one, to compare it with the book.
 *
 * The file is copied into memory in one short read: a long one would keep the publisher's
 * write-ahead log from being emptied.
 *
 * @module
 */
import { Database } from "bun:sqlite";
import { asc } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import { head, identities, wallets } from "../../replicas/schema.ts";
import type { FileFlaw } from "./file-check.ts";
import type { IdentityRow, WalletHead, WalletRow } from "./wallet.ts";
import { walletFlaws } from "./wallet-check.ts";

/** Header bytes that say "write-ahead log", which a database in memory can't have. */
const VERSION_BYTES = [18, 19] as const;
const ROLLBACK_JOURNAL = 1;

/** A copy of the file as of one tick. */
export interface WalletView extends Disposable {
  /** Undefined in a file that was never completed. */
  head(): WalletHead | undefined;
  wallets(): Iterable<WalletRow>;
  identities(): Iterable<IdentityRow>;
  /** What is wrong with the file, whatever the records say. */
  flaws(): Iterable<FileFlaw>;
}

/** Copies the file at `path`. Throws when it isn't a whole database. */
export function openWalletView(path: string): WalletView {
  const db = Database.deserialize(imageOf(path), { readonly: true, safeIntegers: true });
  const orm = drizzle({ client: db });
  const byKey = orm.select().from(wallets).orderBy(asc(wallets.playerRef), asc(wallets.currency));
  const view: WalletView = {
    head: () => orm.select().from(head).get(),
    *wallets() {
      for (const row of db.query<WalletColumns, []>(byKey.toSQL().sql).iterate()) {
        yield walletOf(row);
      }
    },
    identities: () => orm.select().from(identities).all(),
    *flaws() {
      const at = view.head();
      if (at !== undefined) yield* walletFlaws(db, at, view.wallets(), view.identities());
    },
    [Symbol.dispose]: () => db.close(),
  };
  return view;
}

interface WalletColumns {
  readonly operator_id: string;
  readonly player_ref: string;
  readonly currency: string;
  readonly available: bigint;
  readonly bonus: bigint;
  readonly held: bigint;
  readonly status: bigint;
  readonly version: bigint;
  readonly seq: bigint;
}

function walletOf(row: WalletColumns): WalletRow {
  return {
    operatorId: row.operator_id,
    playerRef: row.player_ref,
    currency: row.currency,
    available: row.available,
    bonus: row.bonus,
    held: row.held,
    status: Number(row.status),
    version: Number(row.version),
    seq: Number(row.seq),
  };
}

function imageOf(path: string): Uint8Array {
  using db = new Database(path, { readonly: true });
  const image = db.serialize();
  for (const at of VERSION_BYTES) image[at] = ROLLBACK_JOURNAL;
  return image;
}
