/**
 * A replica's content in memory, taken with the native libSQL driver.
 *
 * @module
 */
import Database from "libsql";
import type { Columns, ReplicaCopy } from "./replica-audit.ts";
import { ALL_HEADS_SQL, ALL_IDENTITIES_SQL, ALL_WALLETS_SQL } from "./replica-sql.ts";

/** Bytes come as ArrayBuffer or Buffer, as the runtime has it. */
function withBytes(row: Columns): Columns {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value instanceof ArrayBuffer ? new Uint8Array(value) : value,
    ]),
  );
}

/** The part of the driver that is used. */
interface Statement {
  all(parameters: readonly unknown[]): Columns[];
}

/**
 * Every row, read in one transaction: this driver can't serialise. The connection stays open: one
 * that closes last would checkpoint the file under its syncer. Throws when there is no head.
 */
export function copyReplica(path: string): ReplicaCopy {
  const db = new Database(path);
  db.pragma("query_only = 1");
  db.defaultSafeIntegers(true);
  const rows = (sql: string): Columns[] => {
    return (db.prepare(sql) as unknown as Statement).all([]).map(withBytes);
  };
  db.exec("BEGIN");
  try {
    const [head] = rows(ALL_HEADS_SQL);
    if (head === undefined) throw new TypeError("the replica has no head");
    const [wallets, identities] = [rows(ALL_WALLETS_SQL), rows(ALL_IDENTITIES_SQL)];
    return { head, wallets, identities, close: () => {} };
  } finally {
    db.exec("COMMIT");
  }
}
