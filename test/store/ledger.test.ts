/**
 * Goal: `ledger.db` takes groups whole or not at all, keeps what it took, and refuses everything
 * that would change it; files that aren't ours are told apart.
 * Method: real files; a second connection plays the vandal.
 */
import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  LedgerFault,
  openLedgerDb,
  openLedgerView,
  type Group,
  type LedgerDb,
} from "../../src/store/ledger-db.ts";
import { RANGE_RECORDS } from "../../src/store/limits.ts";

const dir = mkdtempSync(join(tmpdir(), "countroom-ledger-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let files = 0;
const newPath = (): string => join(dir, `ledger-${(files += 1)}.db`);

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const hash = (number: number): Uint8Array => {
  const made = Buffer.alloc(16);
  made.writeUInt32BE(number, 4);
  return new Uint8Array(made);
};

function group(firstSeq: number, count: number, epoch = 1): Group {
  const records = Array.from({ length: count }, (_, index) => ({
    event: bytes(`event ${firstSeq + index}`),
    outcome: bytes(`outcome ${firstSeq + index}`),
    claims: [hash(firstSeq + index)],
  }));
  return { epoch, firstSeq, records, root: bytes(`root ${firstSeq}`), edge: bytes("edge") };
}

function open(path = newPath()): LedgerDb {
  const ledger = openLedgerDb(path, { create: true });
  if (ledger.reader.openEpoch() === undefined) {
    ledger.writer.openEpoch({
      epoch: 1,
      reign: "0".repeat(32),
      openedAt: 1,
      reason: "genesis",
      previousRoot: bytes("none"),
    });
  }
  return ledger;
}

function codeOf(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return "nothing thrown";
}

describe("groups", () => {
  test("are read back as they were written, also by a reader that was there before", () => {
    using ledger = open();
    using view = openLedgerView(ledger.path);
    ledger.writer.append(group(1, 3));
    const identity = { operatorId: "demo", keyId: "k", hash: hash(9), playerRef: "p" };
    const bound = group(4, 2);
    const [first, second] = bound.records;
    ledger.writer.append({ ...bound, records: [first!, { ...second!, identity }] });
    for (const reader of [ledger.reader, view.reader]) {
      expect(reader.tree().size).toBe(5);
      const seqs = (from: number, limit: number, most?: number) =>
        reader.read(from, limit, most).map((row) => row.seq);
      expect(seqs(1, 100)).toEqual([1, 2, 3, 4, 5]);
      expect(seqs(2, 2)).toEqual([2, 3]);
      expect(seqs(1, 100, 30)).toEqual([1, 2]);
      expect(seqs(6, 100)).toEqual([]);
      expect(Buffer.from(reader.record(4)!.outcome).toString()).toBe("outcome 4");
      expect(reader.record(6)).toBeUndefined();
      expect(reader.claimed(hash(4))).toBe(4);
      expect(reader.claimed(hash(6))).toBeUndefined();
      expect(reader.identitiesBetween(1, 4)).toEqual([]);
      expect(reader.identitiesBetween(4, 5)).toEqual([{ ...identity, seq: 5 }]);
      expect(reader.commitsBetween(1, 9).map((row) => row.lastSeq)).toEqual([3, 5]);
      expect(reader.commitUpTo(4)?.lastSeq).toBe(3);
    }
  });

  test("leave no trace when they don't follow, repeat a claim, or come from another epoch", () => {
    using ledger = open();
    ledger.writer.append(group(1, 2));
    for (const wrong of [group(2, 1), group(4, 1), group(3, 1, 2), group(3, 0)]) {
      expect(() => ledger.writer.append(wrong)).toThrow(LedgerFault);
    }
    const twice = group(3, 3);
    const again = { ...twice, records: [...twice.records.slice(0, 2), group(1, 1).records[0]!] };
    expect(() => ledger.writer.append(again)).toThrow(LedgerFault);
    expect(ledger.reader.tree().size).toBe(2);
    expect(ledger.reader.read(1, 10)).toHaveLength(2);
    ledger.writer.append(group(3, 1));
    expect(ledger.reader.lastCommit()?.lastSeq).toBe(3);
  });

  test("cross from one range of tables into the next", () => {
    using ledger = open();
    using view = openLedgerView(ledger.path);
    ledger.writer.append(group(1, 1));
    // A million records, as far as the writer knows.
    ledger.sqlite.driver.run(`UPDATE tree SET size = ${RANGE_RECORDS - 2}`);
    ledger.writer.append(group(RANGE_RECORDS - 1, 4));
    for (const reader of [ledger.reader, view.reader]) {
      const seqs = reader.read(RANGE_RECORDS - 1, 10).map((row) => row.seq - RANGE_RECORDS);
      expect(seqs).toEqual([-1, 0, 1, 2]);
      expect(reader.claimed(hash(RANGE_RECORDS + 1))).toBe(RANGE_RECORDS + 1);
      expect(reader.claimed(hash(1))).toBe(1);
      expect(reader.ranges).toEqual([0, 1]);
    }
    // A range that has ended gets its claims without waiting for a full run.
    const more = [3, 203, 403].map((seq) => RANGE_RECORDS + seq);
    for (const seq of more) ledger.writer.append(group(seq, 200));
    for (const reader of [ledger.reader, view.reader]) {
      const seqs = [...reader.claims(0)].map(({ seq }) => seq - RANGE_RECORDS);
      expect(seqs.toSorted((a, b) => a - b)).toEqual([1 - RANGE_RECORDS, -1, 0]);
      expect([...reader.claims(1)]).toEqual([]);
      expect([...reader.waitingClaims()]).toHaveLength(602);
      expect(reader.claimed(hash(RANGE_RECORDS))).toBe(RANGE_RECORDS);
      expect(reader.claimed(hash(RANGE_RECORDS + 1))).toBe(RANGE_RECORDS + 1);
    }
    ledger.writer.queue.drain();
    for (const reader of [ledger.reader, view.reader]) {
      const seqs = [...reader.claims(1)].map(({ seq }) => seq - RANGE_RECORDS);
      expect(seqs.toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 602 }, (_, at) => at + 1),
      );
      expect(reader.claimed(hash(RANGE_RECORDS + 1))).toBe(RANGE_RECORDS + 1);
      expect(reader.claimed(hash(RANGE_RECORDS))).toBe(RANGE_RECORDS);
    }
  });

  test("a full disk is told as such, and the file stays as it was", () => {
    using ledger = open();
    ledger.writer.append(group(1, 2));
    const pages = ledger.sqlite.driver.query("PRAGMA page_count").values()[0]![0] as number;
    ledger.sqlite.driver.run(`PRAGMA max_page_count = ${pages}`);
    expect(codeOf(() => ledger.writer.append(group(3, 5_000)))).toStartWith("SQLITE_FULL");
    expect(ledger.reader.tree().size).toBe(2);
    expect(ledger.reader.record(3)).toBeUndefined();
    ledger.sqlite.driver.run("PRAGMA max_page_count = 100000");
    ledger.writer.append(group(3, 1));
    expect(ledger.reader.tree().size).toBe(3);
  });
});

describe("records and claims", () => {
  test("can't be changed or deleted, by nobody's connection", () => {
    using ledger = open();
    ledger.writer.append(group(1, 3));
    ledger.writer.queue.drain();
    using vandal = new Database(ledger.path, { readwrite: true });
    const attempts = [
      "UPDATE records_000000 SET outcome = x'00' WHERE seq = 1",
      "DELETE FROM records_000000 WHERE seq = 2",
      "DELETE FROM records_000000",
      "UPDATE claims_000000 SET claims = x''",
      "DELETE FROM claims_000000",
      "UPDATE commits SET root = x'00'",
      "DELETE FROM commits",
    ];
    for (const attempt of attempts) {
      expect(() => vandal.run(attempt), attempt).toThrow("append-only");
    }
    const replace = "INSERT OR REPLACE INTO records_000000 VALUES (1, x'00', x'00')";
    expect(() => ledger.sqlite.driver.run(replace)).toThrow("append-only");
    expect(Buffer.from(ledger.reader.record(1)!.event).toString()).toBe("event 1");
  });
});

describe("epochs", () => {
  test("only one is open, and a closed ledger takes nothing", () => {
    using ledger = open();
    ledger.writer.append(group(1, 2));
    const next = { epoch: 2, reign: "1".repeat(32), openedAt: 2, reason: "promotion" };
    const root = { previousRoot: bytes("root") };
    expect(codeOf(() => ledger.writer.openEpoch({ ...next, ...root }))).toBe("EPOCH_OPEN");
    ledger.writer.closeEpoch();
    expect(ledger.reader.openEpoch()).toBeUndefined();
    expect(() => ledger.writer.append(group(3, 1))).toThrow(LedgerFault);
    const opened = ledger.writer.openEpoch({ ...next, ...root });
    expect(opened).toMatchObject({ firstSeq: 3, previousEpoch: 1, previousSize: 2 });
    expect(ledger.reader.epochs().map((row) => row.lastSeq)).toEqual([2, null]);
    expect(() => ledger.writer.append(group(3, 1))).toThrow(LedgerFault);
    ledger.writer.append(group(3, 1, 2));
  });
});

describe("files that aren't ours", () => {
  test("are refused with a code that says why", () => {
    expect(codeOf(() => openLedgerDb(newPath()))).toBe("DATABASE_MISSING");
    expect(codeOf(() => openLedgerView(newPath()))).toBe("DATABASE_MISSING");

    const text = newPath();
    writeFileSync(text, "this is no database, but long enough to be looked at ".repeat(40));
    expect(codeOf(() => openLedgerDb(text))).toBe("DATABASE_FOREIGN");

    const other = newPath();
    new Database(other).run("CREATE TABLE t (x)");
    expect(codeOf(() => openLedgerDb(other, { create: true }))).toBe("DATABASE_FOREIGN");

    const newer = newPath();
    open(newer).sqlite.driver.run("PRAGMA user_version = 99");
    expect(codeOf(() => openLedgerDb(newer))).toBe("DATABASE_NEWER");
  });

  test("a torn file is told from a good one when it is read", () => {
    const path = newPath();
    const ledger = open(path);
    for (let seq = 1; seq < 4_000; seq += 500) ledger.writer.append(group(seq, 500));
    ledger.sqlite.driver.run("PRAGMA wal_checkpoint(TRUNCATE)");
    const copy = newPath();
    writeFileSync(copy, ledger.sqlite.driver.serialize());
    ledger.close();
    truncateSync(copy, 3 * 4096);
    expect(codeOf(() => openLedgerDb(copy).reader.read(1, 10_000))).toMatch(
      /^(DATABASE_DAMAGED|SQLITE_CORRUPT.*)$/,
    );
  });
});
