/**
 * A replica's statements on the native libSQL driver, for runtimes without an SQLite that knows a
 * read-only mode: the connection refuses writes by pragma.
 *
 * @module
 */
import Database from "libsql";
import type { ReplicaStatements } from "./replica-reader.ts";
import { CHANGE_SQL, HEAD_SQL, IDENTITY_SQL, PLAYER_SQL } from "./replica-sql.ts";

type Row = readonly unknown[];

/** The part of the driver that is used; its own types leave `raw` rows untyped. */
interface Statement {
  raw(on: boolean): Statement;
  all(parameters: readonly unknown[]): Row[];
}

/**
 * Opens the file and prepares the statements. A read-write connection that closes last checkpoints
 * the file, so the supervisor holds one of its own until the syncer is gone.
 */
export function openStatements(path: string): ReplicaStatements {
  const db = new Database(path);
  db.pragma("query_only = 1");
  db.defaultSafeIntegers(true);
  const prepare = (sql: string): Statement => (db.prepare(sql) as unknown as Statement).raw(true);
  const head = prepare(HEAD_SQL);
  const change = prepare(CHANGE_SQL);
  const player = prepare(PLAYER_SQL);
  const identity = prepare(IDENTITY_SQL);
  return {
    // Parameters go as arrays: an object that doesn't match aborts the process.
    head: () => withBytes(head.all([])[0]),
    change: (slot) => withBytes(change.all([slot])[0]),
    player: (playerRef) => player.all([playerRef]),
    identity: (operatorId, keyId, hash) => identity.all([operatorId, keyId, hash])[0],
    close: () => db.close(),
  };
}

/** Bytes come as ArrayBuffer or Buffer, as the runtime has it. */
function withBytes(row: Row | undefined): Row | undefined {
  return row?.map((value) => (value instanceof ArrayBuffer ? new Uint8Array(value) : value));
}
