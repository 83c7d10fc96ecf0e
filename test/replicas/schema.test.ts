/**
 * Goal: the committed migrations make exactly the schema in code, with what drizzle can't say, and
 * no value is bent on its way through.
 * Method: drizzle-kit on a copy of the migrations; a real file; edge-biased values.
 */
import { Database } from "bun:sqlite";
import { afterAll, expect, test } from "bun:test";
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WalletDb, type WalletHead, type WalletRow } from "../../src/store/wallet.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const folder = mkdtempSync(join(tmpdir(), "countroom-replicas-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HEAD: WalletHead = {
  epoch: 1,
  feed: "f",
  seq: 1,
  time: 1,
  tick: 1,
  root: new Uint8Array(32),
  edge: new Uint8Array(32 * 40),
  buckets: new Uint8Array(512),
};
const ROW: WalletRow = {
  operatorId: "demo",
  playerRef: "01980000-0000-7000-8000-000000000001",
  currency: "FUN",
  available: 0n,
  bonus: 0n,
  held: 0n,
  status: 1,
  version: 1,
  seq: 1,
};

test("the migrations are up to date with the schema", () => {
  cpSync(join(ROOT, "replicas"), join(folder, "replicas"), { recursive: true });
  for (const name of ["node_modules", "src"]) symlinkSync(join(ROOT, name), join(folder, name));
  const migrations = join(folder, "replicas", "migrations");
  const before = readdirSync(migrations).sort();
  const kit = join(ROOT, "node_modules", "drizzle-kit", "bin.cjs");
  const words = ["generate", "--config", "replicas/drizzle.config.ts"];
  const done = Bun.spawnSync([process.execPath, kit, ...words], { cwd: folder });
  expect(done.stdout.toString() + done.stderr.toString()).toContain("No schema changes");
  expect(readdirSync(migrations).sort()).toEqual(before);
});

test("tables are strict, and without row ids where the key is composite", () => {
  const path = join(folder, "tables.db");
  WalletDb.create(path).close();
  using db = new Database(path, { readonly: true });
  const tables = db.query("SELECT name, wr, strict FROM pragma_table_list WHERE schema = 'main'");
  const listed = (tables.values() as [string, number, number][]).filter(
    ([name]) => !name.startsWith("sqlite_"),
  );
  expect(listed.sort()).toEqual([
    ["changes", 0, 1],
    ["head", 0, 1],
    ["identities", 1, 1],
    ["wallets", 1, 1],
  ]);
  expect(db.query("SELECT count(*) FROM sqlite_schema WHERE type = 'index'").values()).toEqual([
    [0],
  ]);
  expect(db.query("PRAGMA page_size").values()).toEqual([[4096]]);
});

test("amounts beyond 2^53 come back exactly; negative ones and a second head don't get in", () => {
  using db = WalletDb.create(join(folder, "amounts.db"));
  const amounts = [0n, 1n, 2n ** 53n - 1n, 2n ** 53n + 1n, 2n ** 63n - 1n];
  for (const [index, available] of amounts.entries()) {
    const row = { ...ROW, available, held: available, seq: index + 1, version: index + 1 };
    db.commit({ head: { ...HEAD, tick: index + 1 }, wallets: [row], identities: [], refs: null });
    expect(db.wallet(ROW.playerRef, "FUN")).toEqual(row);
  }
  for (const wrong of [
    { available: -1n },
    { bonus: -1n },
    { held: -1n },
    { available: 2n ** 63n },
  ]) {
    const wallets = [{ ...ROW, ...wrong }];
    expect(() => db.commit({ head: HEAD, wallets, identities: [], refs: null })).toThrow();
    expect(db.wallet(ROW.playerRef, "FUN")?.available).toBe(amounts.at(-1)!);
  }
  using raw = new Database(join(folder, "amounts.db"));
  expect(() => raw.run("UPDATE head SET id = 2")).toThrow();
});

test("head and ring take one page each in a commit", () => {
  const path = join(folder, "pages.db");
  using db = WalletDb.create(path, { checkpointPages: 0 });
  const commit = (tick: number, refs: number): void =>
    db.commit({
      head: { ...HEAD, tick },
      wallets: [],
      identities: [],
      refs: new Uint8Array(16 * refs),
    });
  for (let tick = 1; tick <= 600; tick += 1) commit(tick, 10);
  db.checkpoint();
  const size = (): number => Bun.file(`${path}-wal`).size;
  const before = size();
  for (let tick = 601; tick <= 700; tick += 1) commit(tick, 10);
  expect(size() - before - 32).toBe(100 * 2 * (4096 + 24));
});
