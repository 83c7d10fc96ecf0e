/**
 * Goal: a snapshot taken while the writer writes comes back as the same book: every record byte
 * for byte, every balance, identity, claim and key; it stays shut until it is promoted, and then
 * goes on. Method: a real primary under traffic, the scripts as processes, SQLite to compare.
 */
import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { generateKeyPairSync } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLedgerView } from "../../src/store/ledger-db.ts";
import { countroom, script, type Run } from "./scripts.ts";
import { LiveBook } from "./live-book.ts";

const SEED = Number(process.env["TEST_SEED"] ?? 20_261_103);
console.log(`seed ${SEED}`);
const root = mkdtempSync(join(tmpdir(), "countroom-archive-"));
const dir = join(root, "book");
const place = join(root, "archive");
const restored = join(root, "restored");
const identity = join(dir, "keys", "recovery.key");
let book: LiveBook;
let taken: Run;
let back: Run;
let files: string[];

beforeAll(async () => {
  book = await LiveBook.start(dir, SEED);
  await book.populate(40);
  await book.traffic(1_500);
  let writing = true;
  const writer = (async () => {
    while (writing) await book.traffic(200, 50);
  })();
  // state.db follows the log within a second; by then the snapshot has something to hold.
  await Bun.sleep(1_200);
  taken = await script("snapshot", ["--data", dir, "--to", place, "--json"]);
  writing = false;
  await writer;
  back = await script("restore", [
    "--from",
    place,
    "--to",
    restored,
    "--identity",
    identity,
    "--json",
    "--trust",
    join(dir, "keys", "signing.pub"),
  ]);
  files = readdirSync(join(restored, "primary")).sort();
}, 60_000);

afterAll(async () => {
  await book[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

/** Claims of records up to a seq, in their tables or on their way there. */
function claimsUpTo(folder: string, seq: number): string[] {
  using ledger = openLedgerView(join(folder, "primary", "ledger.db"));
  const { reader } = ledger;
  reader.hold();
  const claims = [...reader.claims(0), ...reader.waitingClaims()];
  reader.release();
  return claims
    .filter((claim) => claim.seq <= seq)
    .map((claim) => `${Buffer.from(claim.hash).toString("hex")}|${claim.seq}`)
    .sort();
}

/** Rows of a database as text; blobs in hex. */
function rows(folder: string, file: string, sql: string, ...params: number[]): string[] {
  const db = new Database(join(folder, "primary", file), { readonly: true, safeIntegers: true });
  try {
    return db
      .query(sql)
      .values(...params)
      .map((row) =>
        row.map((x) => (x instanceof Uint8Array ? Buffer.from(x).toString("hex") : x)).join("|"),
      );
  } finally {
    db.close();
  }
}

describe("a snapshot beside its writer", () => {
  test("is of one exact seq, and says what came later", () => {
    expect(taken.err).toBe("");
    expect(taken.code).toBe(0);
    const { seq, head_seq } = taken.json as { seq: number; head_seq: number };
    expect(seq).toBeGreaterThan(1_500);
    expect(head_seq).toBeGreaterThanOrEqual(seq);
    expect(taken.json).toMatchObject({ tenant: "dev", epoch: 1, tree: { size: seq } });
  });

  test("goes on beside a writer that then writes more", () => {
    const [last] = rows(dir, "ledger.db", "SELECT size FROM tree");
    expect(Number(last)).toBeGreaterThan(taken.json["seq"] as number);
  });

  test("holds nothing readable: no reference, no key, no event", () => {
    const secrets = ["signing.key", "access.key", "identity.key", "games.key", "recovery.key"].map(
      (name) =>
        readFileSync(join(dir, "keys", name), "utf8")
          .trim()
          .split("\n")
          .at(-1)!,
    );
    const words = [
      ...book.players.slice(0, 10),
      ...secrets,
      "deposit_captured",
      "api-play",
      "test-card",
    ];
    for (const path of objects(place)) {
      const bytes = readFileSync(path);
      for (const word of words) expect(bytes.includes(word)).toBe(false);
      // Compressed but not encrypted would show frames.
      expect(bytes.includes(Buffer.from("28b52ffd", "hex"))).toBe(false);
    }
  });

  test("a second one lies beside the first", async () => {
    const again = await script("snapshot", ["--data", dir, "--to", place, "--json"]);
    expect(again.code).toBe(0);
    expect(again.json["snapshot"]).not.toBe(taken.json["snapshot"]);
    expect(objects(place)).toHaveLength(8);
  });
});

describe("the restored folder", () => {
  const seq = (): number => taken.json["seq"] as number;

  test("is proven, and the certificate says by what", () => {
    expect(back.err).toBe("");
    expect(back.code).toBe(0);
    const certificate = JSON.parse(readFileSync(join(restored, "RESTORED.json"), "utf8")) as object;
    expect(back.json).toMatchObject({ status: "restored", ...certificate });
    expect(certificate).toMatchObject({
      seq: seq(),
      epoch: 1,
      root: (taken.json["tree"] as { root: string }).root,
      state: taken.json["state"],
      trusted_key: true,
      records: { applied: seq(), redecided: 0 },
      warnings: [],
    });
  });

  test("holds the same records, claims, identities and root", () => {
    for (const sql of [
      "SELECT * FROM records_000000 WHERE seq <= ? ORDER BY seq",
      "SELECT * FROM identities WHERE seq <= ? ORDER BY hash",
    ]) {
      const before = rows(dir, "ledger.db", sql, seq());
      expect(before.length).toBeGreaterThan(30);
      expect(rows(restored, "ledger.db", sql, seq())).toEqual(before);
    }
    const claims = claimsUpTo(dir, seq());
    expect(claims.length).toBeGreaterThan(30);
    expect(claimsUpTo(restored, seq())).toEqual(claims);
    const commit = "SELECT * FROM commits WHERE last_seq = ?";
    expect(rows(restored, "ledger.db", commit, seq())).toEqual(
      rows(dir, "ledger.db", commit, seq()),
    );
  });

  test("is sealed: its epoch is closed, and no primary opens it", async () => {
    const epochs = rows(restored, "ledger.db", "SELECT epoch, last_seq FROM epochs");
    expect(epochs).toEqual([`1|${seq()}`]);
    const refused = await countroom("primary", "--data", restored, "--port", "0");
    expect(refused.code).not.toBe(0);
    expect(refused.err).toContain("LEDGER_SEALED");
  });

  test("has the keys, for their owner alone, but not the one that opens archives", () => {
    const names = readdirSync(join(restored, "keys")).sort();
    expect(names).toEqual([
      "access.key",
      "access.pub",
      "games.key",
      "identity.key",
      "recovery.pub",
      "signing.key",
      "signing.pub",
    ]);
    for (const name of names) {
      const path = join(restored, "keys", name);
      expect(readFileSync(path, "utf8")).toBe(readFileSync(join(dir, "keys", name), "utf8"));
      if (name.endsWith(".key")) expect(statSync(path).mode & 0o777).toBe(0o600);
    }
    expect(statSync(restored).mode & 0o077).toBe(0);
  });

  test("is two database files without logs beside them", () => {
    expect(files).toEqual(["ledger.db", "state.db"]);
  });

  test("is right in the eyes of the second implementation", async () => {
    const copy = join(root, "checked");
    cpSync(restored, copy, { recursive: true });
    const checked = await countroom("verify", "book", "--data", copy);
    expect(checked.err + checked.out).toContain("OK");
    expect(checked.code).toBe(0);
  });

  test("once promoted it goes on, knows its players, and can be archived again", async () => {
    const next = join(root, "promoted");
    cpSync(restored, next, { recursive: true });
    expect((await countroom("promote", "--data", next, "--confirm")).code).toBe(0);
    await using live = await LiveBook.start(next, SEED + 1);
    // The same Telegram users register again: they are known, their money is there.
    await live.populate(40);
    expect(live.players).toEqual(book.players);
    await live.traffic(300);
    await live.stop();
    const second = await script("snapshot", [
      "--data",
      next,
      "--to",
      join(root, "archive2"),
      "--json",
    ]);
    expect(second.json).toMatchObject({ epoch: 2, rows: { epochs: 2 } });
    const again = join(root, "again");
    const restoredAgain = await script("restore", [
      "--from",
      join(root, "archive2"),
      "--to",
      again,
      "--identity",
      identity,
      "--json",
    ]);
    expect(restoredAgain.code).toBe(0);
    const all = "SELECT * FROM records_000000 ORDER BY seq";
    expect(rows(again, "ledger.db", all)).toEqual(rows(next, "ledger.db", all));
    const states = [
      "players",
      "wallets",
      "bets",
      "rounds",
      "house_accounts",
      "identities",
      "digest_sums",
    ];
    for (const table of states) {
      const sql = `SELECT * FROM ${table} ORDER BY 1, 2`;
      expect(rows(again, "state.db", sql)).toEqual(rows(next, "state.db", sql));
    }
    const head = "SELECT * FROM head";
    expect(rows(again, "state.db", head)).toEqual(rows(next, "state.db", head));
  }, 30_000);
});

describe("a book that died", () => {
  test("is archived as far as its signed state reaches", async () => {
    const dead = join(root, "dead");
    await using live = await LiveBook.start(dead, SEED + 2);
    await live.populate(5);
    await Bun.sleep(1_100);
    await live.traffic(100);
    await live.kill();
    const snapshot = await script("snapshot", ["--data", dead, "--to", join(root, "late")]);
    expect(snapshot.code).toBe(0);
    expect(existsSync(join(root, "late", "dev"))).toBe(true);
    for (const [file, told] of [["state.db", "Start the primary"], ["ledger.db", "restore"]]) {
      const without = join(root, `without-${file}`);
      cpSync(dead, without, { recursive: true });
      rmSync(join(without, "primary", file!));
      const { code, err } = await script("snapshot", ["--data", without, "--to", join(root, "y")]);
      expect([code, err]).toEqual([1, expect.stringContaining(told!)]);
      expect(err).not.toContain("Check --data");
    }
  });

  test("a folder without a book is refused", async () => {
    const none = await script("snapshot", [
      "--data",
      join(root, "nowhere"),
      "--to",
      join(root, "x"),
    ]);
    expect(none.err).toContain("holds no book");
    expect(none.code).toBe(1);
    expect(existsSync(join(root, "x", "dev"))).toBe(false);
  });
});

function objects(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test("an identity that names another signer refuses the set", async () => {
  const { publicKey } = generateKeyPairSync("ed25519");
  const other = publicKey.export({ type: "spki", format: "der" }).toString("base64");
  const file = join(root, "wary.key");
  writeFileSync(file, `# signing key: ${other}\n${readFileSync(identity, "utf8")}`);
  const refused = join(root, "refused");
  const run = await script("restore", ["--from", place, "--to", refused, "--identity", file]);
  expect([run.code, run.err]).toEqual([5, expect.stringContaining("ARCHIVE_UNTRUSTED")]);
  expect(existsSync(refused)).toBe(false);

  const bare = join(root, "bare.key");
  writeFileSync(bare, readFileSync(identity, "utf8").replace(/^#.*\n/gm, ""));
  const args = ["--from", place, "--to", refused, "--identity", bare];
  const nobody = await script("restore", args);
  expect([nobody.code, nobody.err]).toEqual([3, expect.stringContaining("ARCHIVE_SIGNER_UNKNOWN")]);
  expect(existsSync(refused)).toBe(false);
  expect((await script("restore", [...args, "--trust", "any"])).code).toBe(0);
});
