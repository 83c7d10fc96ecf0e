/**
 * Goal: search shows what is proven and nothing else, and finds out by itself when the book under
 * it has become another one.
 * Method: search in this process, in front of a primary over real HTTP that can lie.
 */
import { expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { seeded, testSeed, until } from "../publisher/harness.ts";
import { TestBook } from "../publisher/test-book.ts";
import { Stage } from "./stage.ts";

test("rows follow the records, also into the next epoch; bookmarks of both hold", async () => {
  const pick = seeded(testSeed("search follow"));
  await using stage = new Stage(20);
  const { book } = stage;
  await stage.settled();
  for (let turn = 0; turn < 200; turn += 1) {
    book.play(pick);
    if (turn % 20 === 0) {
      stage.server.wake();
      await Bun.sleep(5);
    }
  }
  await stage.settled();
  const last = book.seq;
  book.promote();
  for (let turn = 0; turn < 50; turn += 1) book.play(pick);
  await stage.settled();
  const target = `/v1/players/${book.players[0]}/statement?at_least=`;
  expect((await stage.get(`${target}1-${last}`)).status).toBe(200);
  expect((await stage.get(`${target}2-${book.seq}`)).status).toBe(200);
  // It was promised by an epoch that ended before it: the primary will say that it is lost.
  for (const never of [`1-${last + 1}`, "3-1", `2-${book.seq + 1_000_000}`]) {
    const began = performance.now();
    const answer = await stage.get(target + never);
    expect([answer.status, answer.headers.get("countroom-behind")]).toEqual([503, "bookmark"]);
    // Nothing that comes would bring it.
    expect(performance.now() - began).toBeLessThan(800);
  }
  expect(stage.log.join("")).not.toContain("is rebuilt");
});

test("nothing is shown before a checkpoint covers it", async () => {
  await using stage = new Stage(3);
  await stage.settled();
  const proven = stage.book.seq;
  stage.server.disguise = (message) => ({ ...message, checkpoint: "" });
  const player = stage.book.register();
  stage.book.deposit(player, 5n);
  stage.server.wake();
  await until("the records to be heard of", async () => {
    return (await stage.ready()).head_seq === stage.book.seq;
  });
  await Bun.sleep(100);
  expect(await stage.ready()).toMatchObject({ ready: true, seq: proven });
  expect((await stage.get(`/v1/players/${player}/statement`)).status).toBe(404);
  const { age_ms } = await stage.ready();
  expect(age_ms!).toBeGreaterThanOrEqual(100);
  stage.server.disguise = (message) => message;
  // The Tail tells each checkpoint once; the next one covers both.
  stage.book.deposit(player, 6n);
  await stage.settled();
  const { status, body } = await stage.get(`/v1/players/${player}/statement`);
  expect(status).toBe(200);
  expect(body.entries.map(({ amount }: any) => amount)).toEqual(["6", "5"]);
});

test("a restored book, a foreign book and a damaged file are built anew", async () => {
  await using stage = new Stage(5);
  await stage.settled();
  // Restored to fewer records: the Tail ends before the file does.
  const restored = new TestBook(stage.book.keys);
  restored.populate(2);
  restored.promote("d".repeat(32));
  stage.server.book = restored;
  await stage.settled();
  expect(stage.log.join("")).toContain("BOOK_FORKED");
  // Restored, and grown beyond the file meanwhile: its records don't continue the file's.
  const grown = new TestBook(stage.book.keys);
  grown.populate(9);
  grown.promote("e".repeat(32));
  grown.promote("f".repeat(32));
  grown.populate(3);
  stage.server.book = grown;
  await stage.settled();
  await stage.search.stop();
  writeFileSync(stage.file, "SQLite format 3\0 but torn");
  grown.populate(1);
  stage.start();
  await stage.settled();
  await stage.search.stop();
  for (const suffix of ["", "-wal", "-shm"]) rmSync(stage.file + suffix, { force: true });
  stage.start();
  await stage.settled();
}, 20_000);

test("a file deleted under a running process is built anew", async () => {
  await using stage = new Stage(5);
  await stage.settled();
  for (const suffix of ["", "-wal", "-shm"]) rmSync(stage.file + suffix, { force: true });
  stage.book.populate(1);
  await stage.settled();
});

test("a tree that doesn't fit is built anew once; then it is the book's fault", async () => {
  await using stage = new Stage(5);
  await stage.settled();
  const wrong = Buffer.alloc(32, 7);
  stage.server.disguise = (message) => {
    const lie = message.checkpoint === "" ? "" : stage.book.checkpoint({ root: wrong });
    return { ...message, checkpoint: lie };
  };
  stage.book.populate(1);
  stage.server.wake();
  const failure = await stage.search.ended.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ code: "TREE_MISMATCH", exitCode: 5 });
  expect(await stage.ready()).toMatchObject({ ready: false, code: "TREE_MISMATCH" });
  expect((await stage.get(`/v1/players/${stage.book.players[0]}/statement`)).status).toBe(503);
});

test("a record that no primary sends is withheld; what was proven is served on", async () => {
  await using stage = new Stage(5);
  await stage.settled();
  const proven = stage.book.seq;
  const outcome = Buffer.from("nonsense");
  stage.server.disguise = (message) => ({
    ...message,
    records: message.records.map((record) => ({ ...record, outcome })),
  });
  stage.book.populate(1);
  stage.server.wake();
  await until("the alarm", async () => (await stage.ready()).state === "alarmed");
  expect(await stage.ready()).toMatchObject({ ready: true, seq: proven, code: "RECORD_WRONG" });
  stage.server.disguise = (message) => message;
  await stage.settled();
});

test("a primary that is away leaves answers that age", async () => {
  await using stage = new Stage(3);
  await stage.settled();
  await stage.server.down();
  await until("the loss to be noticed", async () => {
    return (await stage.ready()).state === "disconnected";
  });
  const first = (await stage.ready()).age_ms!;
  await Bun.sleep(100);
  const { status, body } = await stage.get(`/v1/players/${stage.book.players[0]}/statement`);
  expect(status).toBe(200);
  expect(body.freshness.age_ms).toBeGreaterThanOrEqual(first + 100);
  stage.book.populate(1);
  stage.server.up();
  await stage.settled();
});
