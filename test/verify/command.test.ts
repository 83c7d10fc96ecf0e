/**
 * Goal: `countroom verify book` tells sound, unprovable and damaged books apart by its exit code,
 * while their primary runs and after, and prints one document for machines.
 * Method: the real command, as a process, on folders written by a real primary.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../tree.ts";
import { damage, deposit, dice, remove, writeBook } from "./fixture.ts";

let dir = "";
const copies: string[] = [];
const FORCE = { force: true };
let whileRunning: Awaited<ReturnType<typeof verify>>;

beforeAll(async () => {
  dir = await writeBook(async ({ dir: running, append, player }) => {
    const ann = await player(1);
    await append(deposit(ann, 100));
    for (let round = 0; round < 50; round += 1) await append(dice(ann, 1), dice(ann, 1));
    whileRunning = await verify("--data", running, "--json");
  });
});

afterAll(() => remove(dir, ...copies));

async function verify(...flags: readonly string[]) {
  const main = join(ROOT, "src", "cli", "main.ts");
  const command = [process.execPath, main, "verify", "book", ...flags];
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "pipe", env: { PATH: "" } });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, err };
}

test("a running book is sound: its last records come under a checkpoint", () => {
  expect(whileRunning.code).toBe(0);
  const report = JSON.parse(whileRunning.out);
  expect(report).toMatchObject({ status: "ok", findings: [], gaps: [], players: 1 });
  expect(report.signed).toBe(report.records);
  expect(report.records).toBeGreaterThanOrEqual(103);
});

test("a stopped book is sound", async () => {
  const { code, out } = await verify("--data", dir);
  expect(code).toBe(0);
  expect(out).toStartWith("OK\n");
});

test("damage ends with code 5 and names the record", async () => {
  const cut = "DELETE FROM records_000000 WHERE seq = 50";
  const copy = damage(dir, "primary/ledger.db", cut);
  copies.push(copy);
  const { code, out } = await verify("--data", copy);
  expect(code).toBe(5);
  expect(out).toStartWith("DAMAGED\n  record 50  record_missing:");
});

test("what can't be proven ends with code 3 and is never shown as clean", async () => {
  const copy = damage(dir, "primary/state.db", "SELECT 1");
  copies.push(copy);
  rmSync(join(copy, "keys", "signing.pub"));
  const { code, out } = await verify("--data", copy);
  expect(code).toBe(3);
  expect(out).toStartWith("INCOMPLETE");
  expect(out).toContain("public_key_missing");
});

test("a book whose ledger is gone or empty is damaged, not in another folder", async () => {
  for (const [leave, told] of [
    [rmSync, "does not exist"],
    [truncateSync, "is empty"],
  ] as const) {
    const copy = damage(dir, "primary/state.db", "SELECT 1");
    copies.push(copy);
    for (const end of ["-wal", "-shm"]) rmSync(join(copy, `primary/ledger.db${end}`), FORCE);
    leave(join(copy, "primary", "ledger.db"));
    const { code, err } = await verify("--data", copy);
    expect(code).toBe(5);
    expect(err).toContain("LEDGER_MISSING");
    expect(err).toContain(told);
    expect(err).not.toContain("--data");
  }
});

test("a folder without a book, and a wrong flag", async () => {
  const missing = await verify("--data", join(dir, "nothing"));
  expect(missing.code).toBe(1);
  expect(missing.err).toContain("DATABASE_MISSING");
  expect((await verify("--deep")).code).toBe(2);
});
