/**
 * Goal: every projection, rebuilt from the records alone, equals the one that the live roles wrote;
 * a changed one is found, with its first row, bucket and player; replacing mends it, on a stopped
 * deployment only.
 * Method: a real primary with a real publisher and search process beside it; then the real command.
 */
import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runRebuild } from "../../src/cli/rebuild/run-rebuild.ts";
import { seeded, testSeed } from "../publisher/harness.ts";
import { ROOT } from "../tree.ts";
import { bet, deposit, dice, remove, settle, writeBook } from "../verify/fixture.ts";

let dir = "";
const copies: string[] = [];
const MAIN = join(ROOT, "src", "cli", "main.ts");
let live: Awaited<ReturnType<typeof rebuild>>;
let locked: Awaited<ReturnType<typeof rebuild>>;

async function rebuild(...flags: readonly string[]) {
  const command = [process.execPath, MAIN, "rebuild", "--json", ...flags];
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "pipe", env: { PATH: "" } });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, err };
}

const FILES = {
  state: "primary/state.db",
  tree: "primary/tree.db",
  wallet: "publisher/wallet.db",
  search: "search/search.db",
} as const;

/** Starts a role on the folder; resolves when it is ready. */
async function role(name: string, folder: string, primaryUrl: string, token: string) {
  const env = {
    PATH: "",
    COUNTROOM_DATA: folder,
    COUNTROOM_PORT: "0",
    COUNTROOM_PRIMARY_URL: primaryUrl,
    COUNTROOM_TOKEN_FILE: join(folder, "keys", token),
    COUNTROOM_LOG_LEVEL: "error",
  };
  const command = [process.execPath, MAIN, name];
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "inherit", env });
  const reader = child.stdout.getReader();
  await reader.read();
  reader.releaseLock();
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.exited;
    },
  };
}

/** Seq at which a projection stands. */
function standing(folder: string, file: string): number {
  if (!existsSync(join(folder, file))) return 0;
  using db = new Database(join(folder, file), { readonly: true });
  const row = db.query<{ seq: number }, []>("SELECT seq FROM head").get();
  return row?.seq ?? 0;
}

beforeAll(async () => {
  dir = await writeBook(async ({ dir: folder, url, append, player }) => {
    await using _publisher = await role("publisher", folder, url, "publisher.jwt");
    await using _search = await role("search", folder, url, "search.jwt");
    const ann = await player(1);
    const bob = await player(2);
    await append(deposit(ann, 1_000), deposit(bob, 50));
    for (let each = 0; each < 10; each += 1) {
      await append(bet(ann, `b${each}`, `r${each}`, 2), settle(`b${each}`, 1, true), dice(bob, 1));
    }
    const receipts = await append(bet(bob, "open", "r99", 2));
    const seq = Number(receipts[0]!.seq);
    const followers = [FILES.state, FILES.wallet, FILES.search];
    for (let tries = 0; tries < 100; tries += 1) {
      if (followers.every((file) => standing(folder, file) >= seq)) break;
      await Bun.sleep(100);
    }
    live = await rebuild("--data", folder);
    locked = await rebuild("--data", folder, "--replace", "--confirm");
  });
}, 40_000);

afterAll(() => remove(dir, ...copies));

function copyWith(file: string, statement: string): string {
  const copy = mkdtempSync(join(tmpdir(), "countroom-rebuild-"));
  copies.push(copy);
  cpSync(dir, copy, { recursive: true });
  using db = new Database(join(copy, file));
  db.run(statement);
  return copy;
}

const parts = (out: string) =>
  new Map<string, any>(JSON.parse(out).parts.map((part: { name: string }) => [part.name, part]));

describe("equal", () => {
  test("beside the running roles, and nothing is changed or left", () => {
    expect(live).toMatchObject({ code: 0, err: "" });
    for (const [name, part] of parts(live.out)) {
      expect([name, part.status]).toEqual([name, "equal"]);
      expect(part.found_hash).toBe(part.rebuilt_hash);
      expect(part.rows).toBeGreaterThan(0);
    }
    expect(readdirSync(dir).filter((name) => name.startsWith("rebuild-"))).toEqual([]);
  });

  test("on a stopped folder, and into a folder that stays", async () => {
    const out = join(dir, "out");
    const { code } = await rebuild("--data", dir, "--out", out);
    expect(code).toBe(0);
    for (const name of Object.keys(FILES)) expect(existsSync(join(out, `${name}.db`))).toBe(true);
    expect((await rebuild("--data", dir, "--out", out)).code).toBe(2);
  });
});

type DifferenceCase = [name: keyof typeof FILES, statement: string, first: object];
const DIFFERENCES: readonly DifferenceCase[] = [
  ["state", "UPDATE wallets SET held = held + 1", { table: "wallets", columns: ["held"] }],
  ["state", "DELETE FROM bets", { table: "bets", what: "missing" }],
  ["wallet", "UPDATE wallets SET version = 9", { table: "wallets", columns: ["version"] }],
  ["wallet", "DELETE FROM identities", { table: "identities", what: "missing" }],
  ["tree", "UPDATE tiles SET hashes = zeroblob(length(hashes))", { table: "tiles" }],
  ["search", "DELETE FROM lookups", { table: "lookups", what: "missing" }],
];

describe("different", () => {
  test.each([...DIFFERENCES])("%s: %s", async (name, statement, first) => {
    const copy = copyWith(FILES[name], statement);
    const { code, out } = await rebuild("--data", copy, "--only", name);
    expect(code).toBe(5);
    const part = parts(out).get(name);
    expect(part).toMatchObject({ status: "different", first_difference: first });
    expect(part.found_hash).not.toBe(part.rebuilt_hash);
    if (part.first_difference.table !== "wallets") return;
    expect(part.first_difference.player_ref).toMatch(/^[0-9a-f-]{36}$/);
    expect(part.first_difference.bucket).toBeLessThan(32);
  });

  test("replacing mends it: the files are equal, and the primary takes them", async () => {
    const copy = copyWith(FILES.state, "UPDATE wallets SET available = available + 1");
    using wallet = new Database(join(copy, FILES.wallet));
    wallet.run("DELETE FROM wallets");
    wallet.close();
    expect((await rebuild("--data", copy, "--replace")).code).toBe(4);
    const replaced = await rebuild("--data", copy, "--replace", "--confirm");
    expect(replaced.code).toBe(5);
    expect([...parts(replaced.out).values()].every((part) => part.replaced)).toBe(true);
    expect((await rebuild("--data", copy)).code).toBe(0);
    using found = new Database(join(copy, FILES.wallet), { readonly: true });
    // A feed is never gone on with under another file.
    expect(found.query("SELECT feed FROM head").values()).toEqual([[""]]);
    const command = [process.execPath, MAIN, "verify", "book", "--data", copy];
    const { exitCode } = Bun.spawnSync(command, { env: { PATH: "" } });
    expect(exitCode).toBe(0);
  });
});

test("however damaged a file is, the command ends with its sentence", () => {
  const pick = seeded(testSeed("rebuild damage"));
  const copy = copyWith(FILES.search, "PRAGMA wal_checkpoint(TRUNCATE)");
  const path = join(copy, FILES.search);
  const whole = readFileSync(path);
  const request = { dataDir: copy, keysDir: join(copy, "keys"), deployment: "dev" };
  const seen = new Set<string>();
  for (let turn = 0; turn < 40; turn += 1) {
    const torn = Buffer.from(whole);
    for (let flip = 0; flip < 1 + turn; flip += 1) {
      const at = Math.floor(pick() * torn.length);
      torn[at]! ^= 1 << Math.floor(pick() * 8);
    }
    writeFileSync(path, torn);
    const [part] = runRebuild({ ...request, only: ["search"] }).parts;
    expect(part!.detail === "").toBe(part!.status === "equal");
    seen.add(part!.status);
  }
  expect(seen).toContain("unreadable");
}, 30_000);

test("verify says that it didn't look at search.db, and what does", () => {
  const command = [process.execPath, MAIN, "verify", "book", "--data", dir];
  const { stdout } = Bun.spawnSync(command, { env: { PATH: "" } });
  expect(stdout.toString()).toContain("search.db; see countroom rebuild --only search");
  const json = Bun.spawnSync([...command, "--json"], { env: { PATH: "" } }).stdout.toString();
  expect(JSON.parse(json).not_compared).toEqual(["search.db"]);
});

describe("refused", () => {
  test("replacing under a running primary", () => {
    expect(locked.code).toBe(1);
    expect(locked.err).toMatch(/DATA_LOCKED|DATABASE_BUSY/);
  });

  test("what isn't there, asked for by name, is not provable", async () => {
    const copy = copyWith(FILES.state, "SELECT 1");
    remove(join(copy, "search"));
    expect((await rebuild("--data", copy, "--only", "search")).code).toBe(3);
    expect((await rebuild("--data", copy)).code).toBe(0);
  });
});
