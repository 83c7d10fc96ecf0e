/**
 * A replica's statements on Bun's own SQLite, read-only.
 *
 * @module
 */
import { Database } from "bun:sqlite";
import type { ReplicaStatements } from "./replica-reader.ts";
import { CHANGE_SQL, HEAD_SQL, IDENTITY_SQL, PLAYER_SQL } from "./replica-sql.ts";

/** A generation switch of the syncer locks readers out for an instant, never for long. */
const BUSY_MS = 20;

/** Opens the file and prepares the statements. Throws when it has no such tables. */
export function openStatements(path: string): ReplicaStatements {
  const db = new Database(path, { readonly: true, safeIntegers: true });
  try {
    db.run(`PRAGMA busy_timeout = ${BUSY_MS}`);
    const head = db.prepare(HEAD_SQL);
    const change = db.prepare(CHANGE_SQL);
    const player = db.prepare(PLAYER_SQL);
    const identity = db.prepare(IDENTITY_SQL);
    return {
      head: () => head.values()[0],
      change: (slot) => change.values(slot)[0],
      player: (playerRef) => player.values(playerRef),
      identity: (operatorId, keyId, hash) => identity.values(operatorId, keyId, hash)[0],
      close: () => {
        for (const statement of [head, change, player, identity]) statement.finalize();
        db.close();
      },
    };
  } catch (error) {
    db.close();
    throw error;
  }
}
