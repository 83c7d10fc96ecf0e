/**
 * Helper: audits a folder as `countroom verify book` does, and reads and hashes the same bytes.
 */
import { createHash, hash } from "node:crypto";
import { Database } from "bun:sqlite";
import { join } from "node:path";
import { auditFolder } from "../../../src/cli/verify/audit-folder.ts";
import { nowMs } from "../budget.ts";
import { serveCalls } from "../child.ts";

const RECORD_BYTES_MAX = 65_536;

serveCalls({
  /** The audit of everything in the folder; answers records and milliseconds. */
  async audit({ dir }: { dir: string }): Promise<{ records: number; ms: number }> {
    const began = nowMs();
    const { report } = await auditFolder({ dataDir: dir, keysDir: join(dir, "keys"), waitMs: 0 });
    const ms = nowMs() - began;
    if (report.status !== "ok") {
      const first = report.findings[0] ?? report.gaps[0];
      throw new Error(`the audit says ${report.status}: ${first?.kind} ${first?.detail}`);
    }
    return { records: report.records, ms };
  },
  /** Every record's bytes through one hash each, claims and roots through one more. */
  read({ dir }: { dir: string }): { records: number; ms: number } {
    const began = nowMs();
    using db = new Database(join(dir, "primary", "ledger.db"), { readonly: true });
    const room = Buffer.alloc(RECORD_BYTES_MAX);
    const rest = createHash("sha256");
    let records = 0;
    for (const { name } of tables(db)) {
      if (name.startsWith("records_")) records += hashRecords(db, name, room);
      else if (name.startsWith("claims_")) each(db, `SELECT claims AS bytes FROM ${name}`, rest);
    }
    each(db, "SELECT claims AS bytes FROM claim_queue", rest);
    each(db, "SELECT root AS bytes FROM commits", rest);
    rest.digest();
    return { records, ms: nowMs() - began };
  },
});

function tables(db: Database): { name: string }[] {
  return db
    .query<{ name: string }, []>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
    )
    .all();
}

function hashRecords(db: Database, table: string, room: Buffer): number {
  let records = 0;
  const rows = db.query<{ event: Uint8Array; outcome: Uint8Array }, []>(
    `SELECT seq, event, outcome FROM ${table} ORDER BY seq`,
  );
  for (const { event, outcome } of rows.iterate()) {
    room.set(event, 0);
    room.set(outcome, event.length);
    hash("sha256", room.subarray(0, event.length + outcome.length), "buffer");
    records += 1;
  }
  return records;
}

function each(db: Database, query: string, into: ReturnType<typeof createHash>): void {
  for (const { bytes } of db.query<{ bytes: Uint8Array }, []>(query).iterate()) into.update(bytes);
}
