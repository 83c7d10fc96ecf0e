/**
 * Goal: a claim is found from the moment its commit is durable, for ever and exactly once, wherever
 * it is on its way: in the queue, in a run half moved, in its table; also after a crash at any
 * commit, and for readers beside the writer.
 * Method: enough claims for two runs; the file is copied at random commits, as a crash would leave
 * it, and opened again.
 */
import { afterAll, expect, test } from "bun:test";
import { hash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  openLedgerDb,
  openLedgerView,
  type Group,
  type LedgerDb,
} from "../../src/store/ledger-db.ts";
import type { LedgerReader } from "../../src/store/ledger-reader.ts";
import { RUN_CLAIMS } from "../../src/store/limits.ts";

const dir = mkdtempSync(join(tmpdir(), "countroom-claims-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const RECORDS = 2_000;
const PER_RECORD = 4;
const COMMITS = Math.ceil((2.6 * RUN_CLAIMS) / (RECORDS * PER_RECORD));

const none = new Uint8Array(0);
const claim = (seq: number, number: number): Uint8Array =>
  hash("sha256", `${seq} ${number}`, "buffer").subarray(0, 16);

function group(firstSeq: number): Group {
  const records = Array.from({ length: RECORDS }, (_, index) => ({
    event: none,
    outcome: none,
    claims: Array.from({ length: PER_RECORD }, (_, number) => claim(firstSeq + index, number)),
  }));
  return { epoch: 1, firstSeq, records, root: none, edge: none };
}

/** Every claim up to a seq, once each. */
function prove(reader: LedgerReader, size: number, everyNth: number): void {
  for (let seq = 1; seq <= size; seq += everyNth) {
    const found = reader.claimed(claim(seq, seq % PER_RECORD));
    if (found !== seq) throw new Error(`the claim of ${seq} is found at ${found} of ${size}`);
  }
  for (let seq = size + 1; seq < size + 100; seq += 1) {
    if (reader.claimed(claim(seq, 0)) !== undefined) throw new Error(`${seq} came too early`);
  }
}

function count(reader: LedgerReader): number {
  let claims = 0;
  reader.hold();
  for (const range of reader.ranges) for (const _ of reader.claims(range)) claims += 1;
  for (const _ of reader.waitingClaims()) claims += 1;
  reader.release();
  return claims;
}

function crashed(ledger: LedgerDb, name: string): LedgerDb {
  const path = join(dir, `${name}.db`);
  writeFileSync(path, ledger.sqlite.driver.serialize());
  return openLedgerDb(path);
}

test("claims are found all the way, also after a crash at any commit", () => {
  using ledger = openLedgerDb(join(dir, "ledger.db"), { create: true, synchronous: "OFF" });
  const reign = "0".repeat(32);
  ledger.writer.openEpoch({ epoch: 1, reign, openedAt: 1, reason: "genesis", previousRoot: none });
  using view = openLedgerView(ledger.path);
  let moving = 0;
  for (let commit = 0; commit < COMMITS; commit += 1) {
    ledger.writer.append(group(1 + commit * RECORDS));
    const size = (commit + 1) * RECORDS;
    const { runSeq } = ledger.sqlite.driver
      .query<{ runSeq: number }, []>("SELECT run_seq AS runSeq FROM tree")
      .get()!;
    if (runSeq !== 0) moving += 1;
    // At the joints, and now and then between them.
    if (runSeq === 0 ? commit % 12 !== 0 : moving % 3 !== 0) continue;
    prove(ledger.reader, size, 997);
    using again = crashed(ledger, `crash-${commit}`);
    prove(again.reader, size, 997);
    expect(count(again.reader)).toBe(size * PER_RECORD);
    again.writer.append(group(size + 1));
    prove(again.reader, size + RECORDS, 1_999);
    again.writer.queue.drain();
    prove(again.reader, size + RECORDS, 1_999);
    expect(again.writer.queue.size).toBe(0);
  }
  expect(moving).toBeGreaterThan(3);
  expect(count(view.reader)).toBe(COMMITS * RECORDS * PER_RECORD);
  ledger.writer.queue.drain();
  prove(view.reader, COMMITS * RECORDS, 499);
  expect(ledger.sqlite.driver.query("SELECT 1 FROM claim_queue").all()).toEqual([]);
  expect(count(view.reader)).toBe(COMMITS * RECORDS * PER_RECORD);
}, 60_000);
