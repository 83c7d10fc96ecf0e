/**
 * A replica's content in memory, taken with Bun's own SQLite.
 *
 * @module
 */
import { Database } from "bun:sqlite";
import type { Columns, ReplicaCopy } from "./replica-audit.ts";
import { ALL_HEADS_SQL, ALL_IDENTITIES_SQL, ALL_WALLETS_SQL } from "./replica-sql.ts";

/** Header bytes that say "write-ahead log", which a database in memory can't have. */
const VERSION_BYTES = [18, 19] as const;
const ROLLBACK_JOURNAL = 1;

/** One snapshot of the whole file, write-ahead log included. Throws when it has no head. */
export function copyReplica(path: string): ReplicaCopy {
  const db = Database.deserialize(imageOf(path), { readonly: true, safeIntegers: true });
  const rows = (sql: string): Iterable<Columns> => db.prepare(sql).iterate() as Iterable<Columns>;
  const [head] = rows(ALL_HEADS_SQL);
  if (head === undefined) throw new TypeError("the replica has no head");
  const [wallets, identities] = [rows(ALL_WALLETS_SQL), rows(ALL_IDENTITIES_SQL)];
  return { head, wallets, identities, close: () => db.close() };
}

function imageOf(path: string): Uint8Array {
  using db = new Database(path, { readonly: true });
  const image = db.serialize();
  for (const at of VERSION_BYTES) image[at] = ROLLBACK_JOURNAL;
  return image;
}
