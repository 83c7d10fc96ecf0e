/**
 * Goal: a replica reads the same through both drivers, amounts to the last digit, and an audit
 * finds any changed row.
 * Method: a real wallet.db, written through the publisher's own store and copied as a replica is.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHANGES_SLOTS } from "../../replicas/schema.ts";
import { StateDigest } from "../../src/ledger/index.ts";
import { openStatements as openBun } from "../../src/store/replica-bun.ts";
import { openStatements as openLibsql } from "../../src/store/replica-libsql.ts";
import { replicaReader, type ReplicaReader } from "../../src/store/replica-reader.ts";
import { auditCopy, auditReplica } from "../../src/store/replica-audit.ts";
import { copyReplica as copyLibsql } from "../../src/store/replica-copy-libsql.ts";
import { WalletDb, type WalletRow } from "../../src/store/wallet.ts";

const dir = mkdtempSync(join(tmpdir(), "countroom-replica-"));
const REF = (n: number): string => `01980a4b-5c7e-7d31-9b1f-${n.toString(16).padStart(12, "0")}`;
const HASH = new Uint8Array(32).fill(7);
const LARGE = 2n ** 63n - 1n;
const pause = async (): Promise<void> => {};

function wallet(n: number, available: bigint, seq: number): WalletRow {
  return {
    operatorId: "demo",
    playerRef: REF(n),
    currency: "FUN",
    available,
    bonus: 0n,
    held: 0n,
    status: 1,
    version: 1,
    seq,
  };
}

/** A file with 300 ticks; tick n touches player n. */
function write(path: string): void {
  const db = WalletDb.create(path);
  const digest = new StateDigest();
  const identity = { operatorId: "demo", keyId: "k", hash: HASH, playerRef: REF(1) };
  for (let tick = 1; tick <= 300; tick += 1) {
    const row = wallet(tick, tick === 1 ? LARGE : BigInt(tick), tick);
    digest.add({ ...row, status: 1 });
    if (tick === 1) digest.add(identity);
    const ref = Buffer.from(row.playerRef.replaceAll("-", ""), "hex");
    const buckets = Buffer.concat(digest.bucketDigests().map((one) => one.subarray(0, 16)));
    db.commit({
      head: {
        epoch: 1,
        feed: "f00d",
        seq: tick,
        time: 1_790_000_000_000_000 + tick,
        tick,
        root: new Uint8Array(32),
        edge: new Uint8Array(0),
        buckets: new Uint8Array(buckets),
      },
      wallets: [row],
      identities: tick === 1 ? [identity] : [],
      refs: tick === 200 ? null : new Uint8Array(ref),
    });
  }
  db[Symbol.dispose]();
}

describe.each([
  ["bun:sqlite", openBun],
  ["libsql", openLibsql],
] as const)("through %s", (name, open) => {
  // One file per driver: two SQLite copies on one file would undo each other's locks.
  const path = join(dir, `${name.replace(":", "-")}.db`);
  let reader: ReplicaReader;
  beforeAll(() => {
    write(path);
    reader = replicaReader(open(path), CHANGES_SLOTS);
  });
  afterAll(() => reader.close());

  test("head, rows and identities", () => {
    expect(reader.head()).toEqual({
      epoch: 1,
      feed: "f00d",
      seq: 300,
      timeUs: 1_790_000_000_000_300,
      tick: 300,
    });
    const { operatorId, currency, available, bonus, held, status, version, seq } = wallet(
      1,
      LARGE,
      1,
    );
    const row = { operatorId, currency, available, bonus, held, status, version, seq };
    expect(reader.player(REF(1))).toEqual([row]);
    expect(reader.player(REF(999))).toEqual([]);
    expect(reader.playerOf("demo", "k", HASH)).toBe(REF(1));
    expect(reader.playerOf("demo", "k", new Uint8Array(32))).toBeUndefined();
    expect(reader.playerOf("other", "k", HASH)).toBeUndefined();
  });

  test("what changed, as far as the ring tells", () => {
    expect(reader.changesSince(300)?.playerRefs).toEqual([]);
    expect(reader.changesSince(297)?.playerRefs).toEqual([REF(298), REF(299), REF(300)]);
    expect(reader.changesSince(200)?.playerRefs).toHaveLength(100);
    // Tick 200 touched more than fits; tick 40 has left the ring; tick 301 is another history.
    expect(reader.changesSince(199)?.playerRefs).toBeUndefined();
    expect(reader.changesSince(40)?.playerRefs).toBeUndefined();
    expect(reader.changesSince(301)?.playerRefs).toBeUndefined();
  });
});

describe("an audit", () => {
  test("passes what the publisher wrote", async () => {
    const path = join(dir, "good.db");
    write(path);
    expect(await auditReplica(path, pause)).toEqual({
      epoch: 1,
      feed: "f00d",
      seq: 300,
      rows: 301,
      badBuckets: [],
    });
  });

  test.each([
    "UPDATE wallets SET available = available + 1 WHERE seq = 5",
    "UPDATE wallets SET version = 2 WHERE seq = 5",
    "DELETE FROM wallets WHERE seq = 5",
    "DELETE FROM identities",
    "UPDATE head SET buckets = zeroblob(512)",
    "UPDATE head SET buckets = zeroblob(3)",
  ])("finds %s", async (change) => {
    const path = join(dir, `${Bun.randomUUIDv7()}.db`);
    write(path);
    using other = new Database(path);
    other.run(change);
    expect((await auditReplica(path, pause)).badBuckets).not.toEqual([]);
  });

  test("reads the same through libsql", async () => {
    const path = join(dir, "good-libsql.db");
    write(path);
    const { rows, badBuckets } = await auditCopy(copyLibsql(path), pause);
    expect([rows, badBuckets]).toEqual([301, []]);
  });

  test("finds two changes that leave the sum as it was", async () => {
    const path = join(dir, "same-sum.db");
    write(path);
    using other = new Database(path);
    other.run("UPDATE wallets SET available = available + 1 WHERE seq = 5");
    other.run("UPDATE wallets SET available = available - 1 WHERE seq = 6");
    expect((await auditReplica(path, pause)).badBuckets.length).toBeGreaterThan(0);
  });
});

afterAll(() => rmSync(dir, { recursive: true }));
