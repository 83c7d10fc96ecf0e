/**
 * Goal: the published rows are the book's at a named seq, or nothing new is published and an alarm
 * says why; whatever happens to primary, publisher or their files.
 * Method: a real publisher over HTTP behind a primary that can vanish, lie, restore and promote;
 * rows are compared by a hash over all of them.
 */
import { describe, expect, test } from "bun:test";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Database } from "bun:sqlite";
import { decodeEvent, decodeOutcome, encodeOutcome } from "../../src/wire/index.ts";
import type { Outcome } from "../../src/ledger/index.ts";
import type {
  StateResponse,
  TailResponse,
} from "../../src/wire/gen/countroom/v1/ledger_service_pb.ts";
import { bookContentHash, walletFileContentHash } from "./content-hash.ts";
import { seeded, Stage, testSeed, until } from "./harness.ts";
import { TestBook } from "./test-book.ts";

const file = (stage: Stage): string => join(stage.path, "wallet.db");
const published = (stage: Stage): string => walletFileContentHash(file(stage));

/** Rewrites one outcome of the Tail. */
function lying(seq: number, change: (outcome: Outcome) => Outcome) {
  return (message: TailResponse): TailResponse => {
    const records = message.records.map((record) => {
      const event = decodeEvent(record.event);
      if (!event.ok) throw new Error(event.message);
      const outcome = decodeOutcome(record.outcome, event.command);
      if (outcome.seq !== seq) return record;
      return { ...record, outcome: encodeOutcome(change(outcome), event.command) };
    });
    return { ...message, records };
  };
}

describe("following", () => {
  test("rows, identities, head and ring are the book's", async () => {
    const pick = seeded(testSeed("follow"));
    await using stage = await Stage.open(30);
    await stage.play(600, 300, pick);
    stage.book.register();
    await stage.settled();
    expect(published(stage)).toBe(bookContentHash(stage.book));
    using db = new Database(file(stage), { readonly: true });
    const head = db.query("SELECT * FROM head").get() as Record<string, unknown>;
    expect(head.seq).toBe(stage.book.seq);
    expect(Buffer.compare(head.root as Buffer, stage.book.edge.root())).toBe(0);
    const prefixes = stage.book.digest.bucketDigests().map((digest) => digest.subarray(0, 16));
    expect(Buffer.compare(head.buckets as Buffer, Buffer.concat(prefixes))).toBe(0);
    const ring = db.query("SELECT tick, refs FROM changes ORDER BY tick DESC LIMIT 60").all();
    const ticks = (ring as { tick: number }[]).map((row) => row.tick);
    expect(ticks).toEqual(ticks.map((_, index) => (head.tick as number) - index));
    const touched = (ring as { refs: Uint8Array | null }[]).map((row) => row.refs?.toHex());
    const newest = stage.book.players.at(-1)!.replaceAll("-", "");
    expect(touched.some((refs) => refs?.includes(newest))).toBe(true);
  });

  test("an idle book's head still moves, several times a second", async () => {
    await using stage = await Stage.open(3);
    await stage.settled();
    const [first, start] = [await stage.feed(), performance.now()];
    await until("four heartbeats", async () => (await stage.feed()).tick >= first.tick + 4);
    expect(performance.now() - start).toBeLessThan(2_000);
    const later = await stage.feed();
    expect(later.seq).toBe(first.seq);
    expect(later.time).toBeGreaterThan(first.time);
    expect(Math.abs(Date.now() * 1000 - later.time)).toBeLessThan(1_000_000);
  });

  test("a primary that is away leaves the feed served; its return is noticed", async () => {
    await using stage = await Stage.open(5);
    const feed = await stage.feed();
    await stage.server.down();
    stage.book.populate(3);
    await Bun.sleep(300);
    expect((await stage.get("/info", feed)).status).toBe(200);
    expect((await stage.feed()).seq).toBeLessThan(stage.book.seq);
    stage.server.up();
    await stage.settled();
    expect((await stage.feed()).feed).toBe(feed.feed);
    expect(published(stage)).toBe(bookContentHash(stage.book));
    expect(stage.server.shown.at(-1)).toContain("countroom/dev/1/");
  });
});

describe("doubt", () => {
  test.each([
    ["a negative amount", (o: Outcome) => ({ ...o, balances: [{ ...o.balances[0]!, held: -1n }] })],
    [
      "a version too far",
      (o: Outcome) => {
        return { ...o, balances: [{ ...o.balances[0]!, version: o.balances[0]!.version + 1 }] };
      },
    ],
    [
      "more than was posted",
      (o: Outcome) => {
        return {
          ...o,
          balances: [{ ...o.balances[0]!, available: o.balances[0]!.available + 1n }],
        };
      },
    ],
    ["postings without a sum of zero", (o: Outcome) => ({ ...o, postings: [o.postings[0]!] })],
    ["a seq that skips", (o: Outcome) => ({ ...o, seq: o.seq + 1 })],
    ["a time that stands still", (o: Outcome) => ({ ...o, recordedAt: 1 })],
  ])("%s is withheld, alarms, and heals", async (_, change) => {
    await using stage = await Stage.open(5);
    const before = published(stage);
    const feed = await stage.feed();
    stage.server.disguise = lying(stage.book.seq + 1, change as (outcome: Outcome) => Outcome);
    stage.book.deposit(stage.book.players[0]!, 77n);
    stage.server.wake();
    await until("the alarm", async () => (await stage.readyz()).status === 503);
    expect((await stage.readyz()).body.code).toBe("TICK_WITHHELD");
    expect(published(stage)).toBe(before);
    expect((await stage.get("/info", feed)).status).toBe(200);
    stage.server.disguise = (message) => message;
    await stage.settled();
    expect(published(stage)).toBe(bookContentHash(stage.book));
    expect((await stage.readyz()).status).toBe(200);
    expect((await stage.feed()).feed).toBe(feed.feed);
  });

  test("records that don't fit a signed root end the publisher with exit code 5", async () => {
    await using stage = await Stage.open(5);
    // Only the leaf differs: no invariant of the rows is broken.
    stage.server.disguise = lying(stage.book.seq + 1, (o) => ({ ...o, logicVersion: 9 }));
    stage.book.deposit(stage.book.players[0]!, 77n);
    stage.server.wake();
    const error = await stage.publisher.ended.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "TREE_MISMATCH", exitCode: 5 });
    expect((await stage.readyz()).body).toMatchObject({ ready: false, code: "TREE_MISMATCH" });
  });

  test("rows that don't fit a signed digest end it too", async () => {
    await using stage = await Stage.open(5);
    const forged = stage.book.checkpoint({ state: new Uint8Array(32) });
    stage.server.disguise = (message) => ({ ...message, checkpoint: forged });
    stage.server.wake();
    const error = await stage.publisher.ended.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "TREE_MISMATCH", exitCode: 5 });
  });

  test("a contradiction before the first feed is never served", async () => {
    await using stage = await Stage.open(5);
    await stage.publisher.stop();
    rmSync(stage.path, { recursive: true });
    const forged = stage.book.checkpoint({ root: new Uint8Array(32) });
    stage.server.disguise = (message) => ({ ...message, checkpoint: forged });
    const error = await stage.start().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "TREE_MISMATCH", exitCode: 5 });
  });

  test.each([
    [
      "changed",
      (m: StateResponse) => ({ ...m, wallets: m.wallets.map((w) => ({ ...w, seq: 1n })) }),
    ],
    ["missing", (m: StateResponse) => ({ ...m, wallets: m.wallets.slice(1) })],
    [
      "given twice",
      (m: StateResponse) => ({ ...m, identities: [...m.identities, ...m.identities] }),
    ],
  ])("a state with rows %s is not taken", async (_, spoil) => {
    await using stage = await Stage.open(5);
    await stage.publisher.stop();
    rmSync(stage.path, { recursive: true });
    stage.server.spoil = spoil as (message: StateResponse) => StateResponse;
    const started = stage.start();
    await until("a refusal", () => stage.log.some((line) => line.includes("STATE_WRONG")));
    stage.server.spoil = (message) => message;
    await started;
    expect(published(stage)).toBe(bookContentHash(stage.book));
  });

  test("a primary with fewer records than it signed is not followed", async () => {
    await using stage = await Stage.open(20);
    const { feed, seq } = await stage.feed();
    const shorter = new TestBook(stage.book.keys);
    shorter.populate(3);
    stage.server.book = shorter;
    await stage.server.down();
    stage.server.up();
    await until("the alarm", async () => (await stage.readyz()).body.code === "PRIMARY_BEHIND");
    expect(await stage.feed()).toMatchObject({ feed, seq });
    await stage.publisher.stop();
    let served = false;
    void stage.start().then(() => (served = true));
    await Bun.sleep(500);
    expect(served).toBe(false);
    stage.server.book = stage.book;
    await until("service", () => served);
    expect(published(stage)).toBe(bookContentHash(stage.book));
  }, 20_000);

  test("two reigns of one epoch end it", async () => {
    await using stage = await Stage.open(5);
    stage.book.reign = "c".repeat(32);
    stage.book.deposit(stage.book.players[0]!, 1n);
    stage.server.wake();
    const error = await stage.publisher.ended.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "REIGN_CONFLICT", exitCode: 5 });
  });

  test("a primary of a closed epoch is not followed", async () => {
    await using stage = await Stage.open(5);
    stage.book.promote();
    await stage.settled();
    const { feed, epoch, seq } = await stage.feed();
    expect(epoch).toBe(2);
    const old = new TestBook(stage.book.keys);
    old.populate(50);
    stage.server.book = old;
    stage.server.wake();
    await until("the alarm", async () => (await stage.readyz()).body.code === "PRIMARY_EPOCH_OLD");
    expect(await stage.feed()).toMatchObject({ feed, epoch, seq });
  });
});

describe("new feeds", () => {
  test("a promotion continues the tree under a new feed", async () => {
    await using stage = await Stage.open(5);
    const old = await stage.feed();
    stage.book.promote();
    stage.book.populate(2);
    await stage.settled();
    const feed = await stage.feed();
    expect(feed.epoch).toBe(2);
    expect(feed.feed).not.toBe(old.feed);
    expect((await stage.get("/info", old)).status).toBe(401);
    expect((await stage.get("/info", feed)).status).toBe(200);
    expect(published(stage)).toBe(bookContentHash(stage.book));
    expect(stage.server.states).toBe(1);
  });

  test("a restored book that lost records is taken over from its state", async () => {
    await using stage = await Stage.open(5);
    const restored = new TestBook(stage.book.keys);
    restored.populate(2);
    restored.promote("d".repeat(32));
    stage.server.book = restored;
    stage.server.wake();
    await until("the new epoch", async () => (await stage.feed()).epoch === 2);
    expect(published(stage)).toBe(bookContentHash(restored));
  });

  test("a restart takes the file up again, after proof; anything odd is rebuilt", async () => {
    const pick = seeded(testSeed("restart"));
    await using stage = await Stage.open(10);
    const restart = async (damage?: () => void): Promise<boolean> => {
      const old = await stage.feed();
      await stage.publisher.stop();
      damage?.();
      await stage.play(20, 5, pick);
      const lines = stage.log.length;
      await stage.start();
      await stage.settled();
      const feed = await stage.feed();
      expect(feed.feed).not.toBe(old.feed);
      const dead = { sync_url: feed.sync_url.replace(feed.feed, old.feed) };
      expect((await stage.get("/info", dead)).status).toBe(401);
      expect(published(stage)).toBe(bookContentHash(stage.book));
      return stage.log.slice(lines).some((line) => line.includes("built from the primary's state"));
    };
    const edit = (sql: string) => () => {
      using db = new Database(file(stage));
      db.run(sql);
    };
    expect(await restart()).toBe(false);
    expect(await restart(() => rmSync(file(stage)))).toBe(true);
    expect(await restart(() => writeFileSync(file(stage), "no database"))).toBe(true);
    expect(await restart(edit("CREATE TABLE stray (id INTEGER)"))).toBe(true);
    expect(await restart(edit("UPDATE wallets SET bonus = bonus + 1"))).toBe(true);
    expect(await restart(edit("UPDATE head SET seq = seq - 1"))).toBe(true);
    expect(await restart(edit("DELETE FROM head"))).toBe(true);
    expect(await restart()).toBe(false);
  }, 30_000);
});

describe("files", () => {
  test.each([
    ["the folder is deleted", (path: string) => rmSync(path, { recursive: true })],
    ["the log is deleted", (path: string) => rmSync(join(path, "wallet.db-wal"))],
    [
      "the database is replaced",
      (path: string) => {
        const copy = readFileSync(join(path, "wallet.db"));
        writeFileSync(join(path, "other"), copy);
        renameSync(join(path, "other"), join(path, "wallet.db"));
      },
    ],
  ])("%s while running: the same rows under a new feed", async (_, destroy) => {
    const pick = seeded(testSeed("files"));
    await using stage = await Stage.open(10);
    const old = await stage.feed();
    destroy(stage.path);
    await stage.play(100, 200, pick);
    await until("a new feed", async () => (await stage.feed()).feed !== old.feed);
    await stage.settled();
    expect(published(stage)).toBe(bookContentHash(stage.book));
    expect((await stage.get("/info", old)).status).toBe(401);
    expect(readFileSync(join(stage.path, "checkpoint"), "utf8")).toContain("countroom/dev/1/");
  });
});
