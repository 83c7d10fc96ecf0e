/**
 * Goal: the digest names a set of rows, whatever way it came about, and nothing else has it.
 * Method: random adds and removes in any order against a digest built once; every field changed.
 */
import { describe, expect, test } from "bun:test";
import { createCipheriv, createHash } from "node:crypto";
import fc from "fast-check";
import {
  bucketOf,
  canonicalRow,
  type DigestRow,
  type IdentityRow,
  StateDigest,
  type WalletRow,
} from "../../src/ledger/index.ts";
import { hex, refOf } from "./book.ts";
import { seeded } from "./seed.ts";

const wallet: WalletRow = {
  operatorId: "demo",
  playerRef: refOf(1),
  currency: "FUN",
  status: 1,
  available: 5n,
  bonus: 0n,
  held: 7n,
  version: 3,
  seq: 12,
};
const identity: IdentityRow = {
  operatorId: "demo",
  keyId: "k1",
  hash: Buffer.alloc(32, 9),
  playerRef: refOf(1),
};

function digestOf(rows: readonly DigestRow[]): StateDigest {
  const digest = new StateDigest();
  for (const row of rows) digest.add(row);
  return digest;
}

const of = (rows: readonly DigestRow[]): string => hex(digestOf(rows).digest());

/** The definition, with plain numbers and one byte string per bucket. */
function defined(rows: readonly DigestRow[]): string {
  const sums = Array.from({ length: 32 }, () => Array.from({ length: 1024 }, () => 0));
  for (const row of rows) {
    const bucket = createHash("sha256").update(row.playerRef).digest()[0]! % 32;
    const key = createHash("sha256").update(canonicalRow(row)).digest();
    const term = createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(2048));
    const sum = sums[bucket]!;
    for (let lane = 0; lane < 1024; lane++) {
      sum[lane] = (sum[lane]! + term.readUInt16LE(2 * lane)) % 65_536;
    }
  }
  const state = createHash("sha256").update("countroom state v2\n");
  for (const sum of sums) {
    const bytes = Buffer.alloc(2048);
    for (const [lane, value] of sum.entries()) bytes.writeUInt16LE(value, 2 * lane);
    state.update(createHash("sha256").update(bytes).digest());
  }
  return state.digest("hex");
}

describe("canonical rows", () => {
  test("have the documented bytes", () => {
    const ref = Buffer.from(refOf(1)).toString("hex");
    const i64 = (value: number) => value.toString(16).padStart(16, "0");
    expect(hex(canonicalRow(wallet))).toBe(
      "7700" +
        "0004" +
        "64656d6f" +
        "0024" +
        ref +
        "0003" +
        "46554e" +
        "01" +
        [5, 0, 7, 3, 12].map(i64).join(""),
    );
    expect(hex(canonicalRow(identity))).toBe(
      "6900" + "0004" + "64656d6f" + "0002" + "6b31" + "0020" + "09".repeat(32) + "0024" + ref,
    );
    const edge = canonicalRow({ ...wallet, available: 2n ** 63n - 1n, seq: 2 ** 53 - 1 });
    expect(hex(edge)).toContain("7fffffffffffffff");
    expect(hex(edge)).toEndWith("001fffffffffffff");
  });
});

describe("the digest", () => {
  test("is the documented one", () => {
    const rows = Array.from({ length: 40 }, (_, n) => ({ ...wallet, playerRef: refOf(n) }));
    for (const some of [[], [wallet], [wallet, identity], rows]) {
      expect(of(some)).toBe(defined(some));
    }
  });

  test("doesn't depend on order, and removing undoes adding", () => {
    const steps = fc.array(fc.tuple(fc.nat(7), fc.nat(3)), { maxLength: 24 });
    const row = (player: number, version: number): DigestRow =>
      version === 0
        ? { ...identity, playerRef: refOf(player) }
        : { ...wallet, playerRef: refOf(player), version };
    const property = fc.property(steps, (toggles) => {
      const digest = new StateDigest();
      const present = new Map<string, DigestRow>();
      for (const [player, version] of toggles) {
        const key = `${player} ${version}`;
        const one = row(player, version);
        if (present.delete(key)) digest.remove(one);
        else {
          present.set(key, one);
          digest.add(one);
        }
      }
      const rows = [...present.values()];
      expect(hex(digest.digest())).toBe(of(rows));
      expect(of(rows.reverse())).toBe(of(rows));
    });
    fc.assert(property, seeded(60));
  });

  test("differs when any field differs", () => {
    const changes: Partial<WalletRow>[] = [
      { operatorId: "demo2" },
      { playerRef: refOf(2) },
      { currency: "USD" },
      { status: 2 },
      { available: 6n },
      { bonus: 1n },
      { held: 8n },
      { version: 4 },
      { seq: 13 },
    ];
    const rows: DigestRow[] = [wallet, ...changes.map((change) => ({ ...wallet, ...change }))];
    rows.push(identity, { ...identity, keyId: "k2" }, { ...identity, hash: Buffer.alloc(32, 8) });
    rows.push({ ...identity, operatorId: "x" }, { ...identity, playerRef: refOf(3) });
    expect(new Set(rows.map((row) => of([row]))).size).toBe(rows.length);
    // Money that only moved between two players keeps every sum but not the digest.
    const other = { ...wallet, playerRef: refOf(2) };
    const moved = [
      { ...wallet, available: 4n },
      { ...other, available: 6n },
    ];
    expect(of(moved)).not.toBe(of([wallet, other]));
    expect(of([wallet, wallet])).not.toBe(of([wallet]));
  });

  test("changes one bucket per player", () => {
    const digest = digestOf([identity]);
    const before = digest.bucketDigests();
    digest.add(wallet);
    const after = digest.bucketDigests();
    const changed = after.flatMap((bytes, index) =>
      hex(bytes) === hex(before[index]!) ? [] : index,
    );
    expect(changed).toEqual([bucketOf(wallet.playerRef)]);
    expect(after.length).toBe(32);
    digest.remove(wallet);
    expect(digest.bucketDigests().map(hex)).toEqual(before.map(hex));
  });

  test("goes on from its sums", () => {
    const digest = digestOf([wallet, identity]);
    const restored = StateDigest.restore(digest.snapshot());
    restored.remove(identity);
    expect(hex(restored.digest())).toBe(of([wallet]));
    expect(hex(digest.digest())).toBe(of([wallet, identity]));
    expect(() => StateDigest.restore(digest.snapshot().slice(1))).toThrow();
    expect(() => StateDigest.restore(digest.snapshot().map((sum) => sum.subarray(1)))).toThrow();
  });
});
