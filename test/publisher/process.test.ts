/**
 * Goal: `countroom publisher` as an operator meets it: its ready line, its exit codes, and what a
 * SIGKILL leaves behind.
 * Method: the real command in a process of its own, in front of a primary in this one.
 */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureDevKeys, type Keys } from "../../src/access/index.ts";
import { spawn, type Child } from "../../src/runtime/index.ts";
import { BookServer } from "./book-server.ts";
import { bookContentHash, walletFileContentHash } from "./content-hash.ts";
import { seeded, testSeed, until } from "./harness.ts";
import { TestBook } from "./test-book.ts";

const MAIN = join(import.meta.dirname, "..", "..", "src", "cli", "main.ts");

let data: string;
let keys: Keys;
let book: TestBook;
let server: BookServer;
const children: Child[] = [];

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), "countroom-publisher-process-"));
  keys = await ensureDevKeys(join(data, "keys"), ["eu"]);
  book = new TestBook(keys.signing);
  book.populate(10);
  server = new BookServer(book);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await server[Symbol.asyncDispose]();
  rmSync(data, { recursive: true, force: true });
});

async function run(env: Record<string, string> = {}) {
  const said: string[] = [];
  const errors: string[] = [];
  const child = await spawn({
    command: [process.execPath, MAIN, "publisher", "--data", data, "--port", "0"],
    env: { PATH: process.env.PATH, COUNTROOM_PRIMARY_URL: server.url, ...env },
    onStdout: (line) => void said.push(line),
    onStderr: (line) => void errors.push(line),
  });
  children.push(child);
  const ready = async (): Promise<string> => {
    await until("the ready line", () => said.length > 0);
    const line = JSON.parse(said[0]!) as Record<string, unknown>;
    expect(line).toMatchObject({ ready: true, role: "publisher", pid: child.pid });
    return line.url as string;
  };
  return { child, errors, ready };
}

const feedOf = async (url: string) =>
  (await (await fetch(`${url}/v1/feed`)).json()) as { feed: string; seq: number };

test("after a SIGKILL the same rows come under a new feed; SIGTERM ends with 0", async () => {
  const pick = seeded(testSeed("publisher process"));
  const first = await run();
  const url = await first.ready();
  const old = await feedOf(url);
  for (let i = 0; i < 100; i += 1) {
    book.play(pick);
    server.wake();
    await Bun.sleep(1);
  }
  first.child.kill("SIGKILL");
  await first.child.exited;
  for (let i = 0; i < 50; i += 1) book.play(pick);
  const second = await run();
  const again = await second.ready();
  await until("the book", async () => (await feedOf(again)).seq === book.seq);
  expect((await feedOf(again)).feed).not.toBe(old.feed);
  const wallet = join(data, "publisher", "wallet.db");
  expect(walletFileContentHash(wallet)).toBe(bookContentHash(book));
  const output = second.errors.join("\n");
  expect(output).not.toContain(keys.token("publisher"));
  second.child.kill("SIGTERM");
  expect((await second.child.exited).code).toBe(0);
}, 20_000);

test("a contradicted checkpoint ends it with 5; without a primary it waits", async () => {
  const { child, errors, ready } = await run();
  await ready();
  const forged = book.checkpoint({ root: new Uint8Array(32) });
  server.disguise = (message) => ({ ...message, checkpoint: forged });
  server.wake();
  expect((await child.exited).code).toBe(5);
  expect(errors.some((line) => line.includes("TREE_MISMATCH"))).toBe(true);
  const alone = await run({ COUNTROOM_PRIMARY_URL: "http://127.0.0.1:9" });
  await until("a complaint", () => alone.errors.some((line) => line.includes("TAIL_LOST")));
  alone.child.kill("SIGTERM");
  expect((await alone.child.exited).code).toBe(0);
}, 20_000);

test("wrong configuration ends with 2, a missing token with 1 and a hint", async () => {
  const wrong = await run({ COUNTROOM_TICK_MS: "0" });
  expect((await wrong.child.exited).code).toBe(2);
  const tokenless = await run({ COUNTROOM_TOKEN_FILE: join(data, "nowhere") });
  expect((await tokenless.child.exited).code).toBe(1);
  expect(tokenless.errors.join("\n")).toContain("hint:");
}, 20_000);
