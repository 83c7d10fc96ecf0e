/**
 * Goal: unmodified @libsql/client replicas, on Node and Bun, end with exactly the publisher's rows,
 * whatever happens on the way.
 * Method: clients in processes of their own against a publisher with small generations; hashes over
 * all rows, integrity checks, and a reader that must never see a torn or an older snapshot.
 */
import { Database } from "bun:sqlite";
import { afterEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { FRAME_BYTES } from "../../src/publisher/limits.ts";
import { walletFileContentHash } from "./content-hash.ts";
import { seeded, Stage, testSeed, until } from "./harness.ts";

const CLIENT = join(import.meta.dirname, "replica-client.mjs");
const RUNTIMES = { node: "node", bun: process.execPath };
const SMALL = { rotateBytes: 200 * FRAME_BYTES, retainBytes: 1000 * FRAME_BYTES };

let stage: Stage;
afterEach(() => stage[Symbol.asyncDispose]());

/** Starts a client on a file and waits until it has opened it. */
async function replicate(runtime: string, file: string, syncUrl: string) {
  const { child, lines } = await stage.child([runtime, CLIENT, file, syncUrl, stage.token]);
  let over = false;
  void child.exited.then(() => (over = true));
  await until("the replica to open", () => over || lines.length > 0);
  return { child, opened: lines.some((line) => line.includes("opened")) };
}

/** The replica has caught up, is whole, and holds the same rows. */
async function same(file: string): Promise<void> {
  const want = walletFileContentHash(join(stage.path, "wallet.db"));
  await until("the replica to equal the publisher", () => walletFileContentHash(file) === want);
  using db = new Database(file, { readonly: true });
  expect(db.query("PRAGMA integrity_check").values()).toEqual([["ok"]]);
}

describe.each(Object.entries(RUNTIMES))("on %s", (name, runtime) => {
  test("follows live commits through rotations, never torn, never back", async () => {
    const pick = seeded(testSeed(`replica ${name}`));
    stage = await Stage.open(200, { pageLog: SMALL });
    const file = join(stage.folder, "replica.db");
    const { sync_url } = await stage.feed();
    expect((await replicate(runtime, file, sync_url)).opened).toBe(true);
    const watching = watch(file);
    await stage.play(1500, 1200, pick);
    await stage.settled();
    await same(file);
    const { reads, seqs } = watching.stop();
    expect(reads).toBeGreaterThan(50);
    expect(seqs).toBeGreaterThan(10);
    const info = (await (await stage.get("/info")).json()) as { current_generation: number };
    expect(info.current_generation).toBeGreaterThan(2);
  }, 20_000);
});

test("a client that syncs only when told to is let go, also while the book is busy", async () => {
  const pick = seeded(testSeed("sync"));
  stage = await Stage.open(50);
  const { sync_url } = await stage.feed();
  const file = join(stage.folder, "asked.db");
  const script = join(import.meta.dirname, "sync-client.mjs");
  const { child, lines } = await stage.child(["node", script, file, sync_url, stage.token]);
  const said = () => lines.map((line) => JSON.parse(line) as { seq: number; ms: number });
  await until("a first sync", () => lines.length > 0);
  await stage.play(300, 1_500, pick);
  await stage.settled();
  const done = lines.length;
  await until("two more", () => lines.length >= done + 2);
  expect(said().at(-1)!.seq).toBe(stage.book.seq);
  const slow = said().filter(({ ms }) => ms > 2_500);
  expect(slow).toEqual([]);
  expect(lines.length).toBeGreaterThan(5);
  child.kill("SIGKILL");
}, 20_000);

/** Reads snapshots until stopped; parts of two commits in one, or an older seq, are fatal. */
function watch(file: string): { stop(): { reads: number; seqs: number } } {
  const db = new Database(file, { readonly: true, safeIntegers: true });
  const query = db.query(`SELECT (SELECT seq FROM head), (SELECT tick FROM head),
    (SELECT max(seq) FROM wallets), (SELECT max(tick) FROM changes)`);
  const seen = new Set<bigint>();
  let [reads, last, failure] = [0, 0n, ""];
  const timer = setInterval(() => {
    const [seq, tick, newest, ringTick] = query.values()[0] as bigint[];
    reads += 1;
    seen.add(seq!);
    // Rows of another commit than the head's would show a newer seq or another tick.
    if (newest! > seq! || ringTick !== tick) failure = `torn at ${seq}/${tick}`;
    if (seq! < last) failure = `back from ${last} to ${seq}`;
    last = seq!;
  }, 2);
  const stop = () => {
    clearInterval(timer);
    db.close();
    expect(failure).toBe("");
    return { reads, seqs: seen.size };
  };
  return { stop };
}

test("killed under load again and again, it goes on from its files", async () => {
  const pick = seeded(testSeed("killed"));
  stage = await Stage.open(100, { pageLog: SMALL });
  const file = join(stage.folder, "replica.db");
  const { sync_url } = await stage.feed();
  for (let round = 0; round < 5; round += 1) {
    const { child, opened } = await replicate(process.execPath, file, sync_url);
    expect(opened).toBe(true);
    await stage.play(150, 60 + pick() * 120, pick);
    child.kill("SIGKILL");
    await child.exited;
    using db = new Database(file, { readonly: true });
    expect(db.query("PRAGMA integrity_check").values()).toEqual([["ok"]]);
  }
  await replicate(process.execPath, file, sync_url);
  await stage.play(50, 50, pick);
  await stage.settled();
  await same(file);
}, 20_000);

test("one that missed much catches up; after a restart the old feed turns it away", async () => {
  const pick = seeded(testSeed("lag"));
  stage = await Stage.open(100, { pageLog: { ...SMALL, retainBytes: 20_000 * FRAME_BYTES } });
  const file = join(stage.folder, "replica.db");
  const old = await stage.feed();
  const first = await replicate(process.execPath, file, old.sync_url);
  first.child.kill("SIGKILL");
  await stage.play(1000, 500, pick);
  await stage.settled();
  await replicate(process.execPath, file, old.sync_url);
  await same(file);
  const port = Number(new URL(stage.publisher.url).port);
  await stage.publisher.stop();
  await stage.start({ port });
  await stage.settled();
  const fresh = await stage.feed();
  expect(fresh.feed).not.toBe(old.feed);
  const late = await replicate(process.execPath, join(stage.folder, "late.db"), old.sync_url);
  expect(late.opened).toBe(false);
  const other = join(stage.folder, "fresh.db");
  expect((await replicate("node", other, fresh.sync_url)).opened).toBe(true);
  await same(other);
}, 20_000);
