/**
 * Goal: whatever happens to `tree.db`, a proof that is handed out holds; the file is mended from
 * the book, and says so. A book that is not the one that was signed is found.
 * Method: a stopped primary's file is deleted, cut, flipped, exchanged and put ahead; then every
 * answer of the next start is checked by a verifier of the test's own. kill -9 under load.
 */
import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { copyFileSync, existsSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { createLedgerClient, type LedgerClient } from "../../src/wire/index.ts";
import { deposit, registration } from "./events.ts";
import { makeFolder, startIn, type Folder, type Started } from "./folder.ts";
import { startProcess } from "./process.ts";
import { isIncluded, openNote, recordLeaf } from "./witness.ts";

const RECORDS = 600;
const SEED = Number(process.env["TEST_SEED"] ?? "7");
const WAIT_MS_MAX = 10_000;

async function fill(folder: Folder, client: LedgerClient, records = RECORDS): Promise<void> {
  const credentials = [folder.token("api-play")];
  const [player] = (await client.append({ credentials, items: [{ event: registration() }] }))
    .receipts;
  for (let left = records; left > 0; left -= 100) {
    const items = Array.from({ length: 100 }, () => ({ event: deposit(player!.playerRef, 1n) }));
    await client.append({ credentials, items });
  }
}

const clientOf = (folder: Folder, url: string): LedgerClient =>
  createLedgerClient({ baseUrl: url, token: folder.token("edge-eu") });

/** A stopped book of some hundred records. */
async function filledFolder(): Promise<Folder> {
  const folder = await makeFolder();
  const { primary } = await startIn(folder);
  await fill(folder, clientOf(folder, primary.url));
  await primary.stop();
  return folder;
}

async function leavesOf(folder: Folder, url: string): Promise<Buffer[]> {
  const leaves: Buffer[] = [];
  for await (const { records, headSeq } of clientOf(folder, url).tail({ fromSeq: 1n })) {
    for (const { event, outcome } of records) leaves.push(recordLeaf(event, outcome));
    if (leaves.length >= Number(headSeq)) break;
  }
  return leaves;
}

/** Asks for proofs of many records, each until it is there; every one that comes has to hold. */
async function proveAll(folder: Folder, url: string, every = 37): Promise<void> {
  const leaves = await leavesOf(folder, url);
  const end = performance.now() + WAIT_MS_MAX;
  for (let seq = 1; seq <= leaves.length;) {
    const answer = await fetch(`${url}/v1/proofs/inclusion?seq=${seq}`);
    const proof: any = await answer.json();
    if (answer.status === 503 && performance.now() < end) {
      await Bun.sleep(20);
      continue;
    }
    expect(answer.status).toBe(200);
    const tree = openNote(proof.checkpoint, folder.keys.signingPublic);
    expect(isIncluded(proof, tree)).toBe(true);
    expect(proof.leaf_hash).toBe(leaves[seq - 1]!.toString("base64"));
    seq = seq === leaves.length ? seq + 1 : Math.min(seq + every, leaves.length);
  }
}

const told = ({ lines }: Started, part: string): boolean =>
  lines.some((line) => JSON.stringify(line).includes(part));

/** Starts, lets `look` look, stops. */
async function during(folder: Folder, look: (started: Started) => Promise<void>): Promise<void> {
  const started = await startIn(folder);
  try {
    await look(started);
    expect(started.fatal).toEqual([]);
  } finally {
    await started.primary.stop();
  }
}

/** Changes the file while nobody has it open. */
function change(folder: Folder, sql: string): void {
  using db = new Database(folder.paths.tree, { readwrite: true });
  db.run(sql);
  db.run("PRAGMA wal_checkpoint(TRUNCATE)");
}

describe("tree.db", () => {
  test("takes some 32 bytes per record, and goes on after a restart", async () => {
    await using folder = await filledFolder();
    using db = new Database(folder.paths.tree, { readonly: true });
    const { bytes } = db.query("SELECT sum(length(hashes)) AS bytes FROM tiles").get() as any;
    expect(bytes).toBe(32 * (RECORDS + 2 + 2));
    await during(folder, async (started) => {
      await proveAll(folder, started.primary.url);
      expect(told(started, "tree.db")).toBe(false);
    });
  });

  test("is rebuilt when it is missing", async () => {
    await using folder = await filledFolder();
    rmSync(folder.paths.tree);
    await during(folder, async (started) => {
      await proveAll(folder, started.primary.url);
      expect(told(started, "tree.db is complete")).toBe(true);
    });
  });

  const damages: readonly (readonly [string, (folder: Folder) => void])[] = [
    ["no database at all", (folder) => writeFileSync(folder.paths.tree, "hello")],
    ["cut in the middle", ({ paths }) => truncateSync(paths.tree, statSync(paths.tree).size / 2)],
    ["empty", (folder) => truncateSync(folder.paths.tree, 0)],
    ["ahead of the book", (folder) => change(folder, "UPDATE head SET size = size + 1")],
    ["behind its own tiles", (folder) => change(folder, "UPDATE head SET size = size - 1")],
    ["without a head", (folder) => change(folder, "DELETE FROM head")],
    ["without its last tile", (folder) => change(folder, "DELETE FROM tiles WHERE place = 2")],
    ["with a tile too short", (f) => change(f, "UPDATE tiles SET hashes = x'00' WHERE place = 0")],
    [
      "with its last tile flipped",
      (folder) =>
        change(folder, "UPDATE tiles SET hashes = zeroblob(length(hashes)) WHERE place = 2"),
    ],
    [
      "with the tile above flipped",
      (folder) =>
        change(folder, "UPDATE tiles SET hashes = zeroblob(length(hashes)) WHERE place > 1000"),
    ],
  ];
  for (const [what, damage] of damages) {
    test(`${what} is noticed and mended`, async () => {
      await using folder = await filledFolder();
      damage(folder);
      await during(folder, async (started) => {
        await proveAll(folder, started.primary.url);
        const isTold = told(started, "can't be relied on") || told(started, "tree.db is complete");
        expect(isTold).toBe(true);
      });
      await during(folder, async (started) => {
        await proveAll(folder, started.primary.url);
        expect(told(started, "tree.db")).toBe(false);
      });
    });
  }

  test("one flipped bit in an old tile never makes a proof or a tile that is wrong", async () => {
    await using folder = await filledFolder();
    for (let round = 0; round < 3; round += 1) {
      const at = (SEED * 7_919 + round * 104_729) % 8_192;
      using db = new Database(folder.paths.tree, { readwrite: true });
      const row = db.query("SELECT hashes FROM tiles WHERE place = 0").get() as any;
      const hashes = Buffer.from(row.hashes);
      hashes[at]! ^= 1 << (round + 1);
      db.query("UPDATE tiles SET hashes = ? WHERE place = 0").run(hashes);
      db.close();
      await during(folder, async (started) => {
        const tile = await fetch(`${started.primary.url}/tlog/tile/0/000`);
        expect(tile.status).toBe(503);
        await proveAll(folder, started.primary.url, 5);
        expect(told(started, "can't be relied on")).toBe(true);
        const again = await fetch(`${started.primary.url}/tlog/tile/0/000`);
        expect(again.status).toBe(200);
        expect(Buffer.from(await again.arrayBuffer()).equals(hashes)).toBe(false);
      });
    }
  }, 30_000);

  test("of another book is not taken for this one's", async () => {
    await using folder = await filledFolder();
    await using other = await filledFolder();
    copyFileSync(other.paths.tree, folder.paths.tree);
    await during(folder, async (started) => {
      await proveAll(folder, started.primary.url);
      expect(told(started, "another root")).toBe(true);
    });
  });

  test("a record exchanged long ago ends the primary when the tiles are made anew", async () => {
    await using folder = await filledFolder();
    using db = new Database(folder.paths.ledger, { readwrite: true });
    db.run("DROP TRIGGER records_000000_no_update");
    db.run(
      "UPDATE records_000000 SET outcome = " +
        "(SELECT outcome FROM records_000000 WHERE seq = 8) WHERE seq = 9",
    );
    db.close();
    const calm = await startIn(folder);
    const bundle = `${calm.primary.url}/tlog/tile/entries/000`;
    const headers = { authorization: `Bearer ${folder.token("edge-eu")}` };
    await fetch(bundle, { headers, signal: AbortSignal.timeout(5_000) }).catch(() => {});
    expect(calm.fatal).toMatchObject([{ code: "LEDGER_DAMAGED" }]);
    await calm.primary.stop();
    rmSync(folder.paths.tree);
    const started = await startIn(folder);
    const end = performance.now() + WAIT_MS_MAX;
    while (started.fatal.length === 0 && performance.now() < end) await Bun.sleep(20);
    expect(started.fatal).toMatchObject([{ code: "LEDGER_DAMAGED", exitCode: 5 }]);
    await started.primary.stop();
  }, 30_000);
});

test("kill -9 under load leaves tiles that prove everything, or are mended", async () => {
  await using folder = await makeFolder();
  for (let round = 0; round < 3; round += 1) {
    await using running = await startProcess(folder);
    if (round > 0) await proveAll(folder, running.url, 211);
    const work = (async () => {
      for (;;) await fill(folder, running.client(), 1_000);
    })().catch(() => {});
    await Bun.sleep(700 + ((SEED * (round + 1) * 131) % 500));
    await running.kill();
    await work;
    expect(existsSync(folder.paths.tree)).toBe(true);
  }
  await using last = await startProcess(folder);
  await proveAll(folder, last.url, 97);
}, 60_000);
