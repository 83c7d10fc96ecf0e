/**
 * Goal: a search.db that isn't what was written is never answered from once anything of it was
 * looked at, and is made anew from the book by itself.
 * Method: the file of a running or stopped search is edited, thinned out and hit by random bits;
 * answers are held against those of the sound file.
 */
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { searchHash, SearchIndex } from "../../src/search/index.ts";
import { readTailRecord } from "../../src/wire/index.ts";
import { seeded, testSeed, until } from "../publisher/harness.ts";
import { rebuiltHash } from "./site.ts";
import { Stage } from "./stage.ts";

const ROUNDS = 60;
/** In a row that is never asked for, only the background check finds it. */
const OFTEN_MS = 20;

async function played(pick: () => number, scrubEveryMs?: number): Promise<Stage> {
  const stage = new Stage(4, scrubEveryMs);
  for (let turn = 0; turn < ROUNDS; turn += 1) stage.book.play(pick);
  await stage.settled();
  return stage;
}

function edit(stage: Stage, statement: string): void {
  using db = new Database(stage.file);
  db.run("PRAGMA busy_timeout = 2000");
  expect(db.run(statement).changes).toBeGreaterThan(0);
}

const asides = (stage: Stage): number => stage.log.join("").split("is set aside").length - 1;

/** Everything that the players of the book are told. */
async function answers(stage: Stage): Promise<Map<string, unknown>> {
  const told = new Map<string, unknown>();
  for (const ref of stage.book.players) {
    const target = `/v1/players/${ref}/statement?limit=200`;
    const { status, body } = await stage.get(target);
    told.set(target, status === 200 ? [body.entries, body.balances] : status);
    for (const { round_id } of status === 200 ? body.entries : []) {
      if (round_id === undefined) continue;
      const round = await stage.get(`/v1/rounds/${round_id}`);
      told.set(round_id, round.status === 200 ? round.body.rounds : round.status);
    }
  }
  return told;
}

/** What was told is the truth, or nothing. */
function honest(told: Map<string, unknown>, truth: Map<string, unknown>): void {
  for (const [target, said] of told) {
    if (said !== 503) expect(said).toEqual(truth.get(target));
  }
}

const READ_AT_ONCE = [
  "UPDATE lines SET amount = amount * 1000, balance = balance + 123456789",
  "UPDATE lines SET n = n + 10",
  "UPDATE records SET recorded_at = recorded_at + 1",
  "UPDATE records SET round = 'another' WHERE round IS NOT NULL",
  "UPDATE bets SET won = won + 1",
  "DELETE FROM bets",
  "DELETE FROM records WHERE seq > 10",
  "UPDATE players SET operator = 99",
];

test("an edited row is refused when it is read, and the file made anew", async () => {
  const pick = seeded(testSeed("search damage"));
  await using stage = await played(pick, 600_000);
  const truth = await answers(stage);
  for (const [count, statement] of READ_AT_ONCE.entries()) {
    edit(stage, statement);
    if (!statement.includes("players")) honest(await answers(stage), truth);
    else await stage.get(`/v1/rounds/${[...truth.keys()].at(-1)}`);
    await until(`${statement} to be found`, () => asides(stage) > count);
    await stage.settled();
    expect(await answers(stage)).toEqual(truth);
  }
  expect(existsSync(`${stage.file}.damaged`)).toBe(true);
  expect(stage.log.join("")).toContain("SEARCH_DB_DAMAGED");
}, 40_000);

test("nobody is answered while the rows are made anew", async () => {
  const pick = seeded(testSeed("search damage"));
  await using stage = await played(pick, 600_000);
  stage.server.disguise = (message) => ({ ...message, checkpoint: "" });
  const target = `/v1/players/${stage.book.players[0]}/statement`;
  expect((await stage.get(target)).status).toBe(200);
  edit(stage, "UPDATE lines SET balance = 7");
  const { status, headers, body } = await stage.get(target);
  expect([status, body.code, headers.get("retry-after")]).toEqual([503, "UNAVAILABLE", "1"]);
  const { ready, ...rest } = await stage.ready();
  expect(ready).toBe(false);
  expect(rest.code ?? "SEARCH_DB_DAMAGED").toBe("SEARCH_DB_DAMAGED");
  await until("the records to be there again", async () => {
    return (await stage.ready()).head_seq === stage.book.seq;
  });
  expect((await stage.get(target)).status).toBe(503);
  stage.server.disguise = (message) => message;
  stage.book.populate(1);
  await stage.settled();
}, 20_000);

const FOUND_IN_TIME = [
  "DELETE FROM lines WHERE seq % 2 = 0",
  "DELETE FROM lookups WHERE seq % 5 = 0",
  "UPDATE lookups SET seq = seq + 1 WHERE bucket = (SELECT max(bucket) FROM lookups)",
  "DELETE FROM players WHERE id = 2",
  "DELETE FROM open_bets",
  "DELETE FROM holdings",
  "DELETE FROM totals WHERE part = 1",
  "UPDATE names SET name = 'another' WHERE id = 2",
  "DELETE FROM epochs",
];

test("what nobody asks for is found by the background check", async () => {
  const pick = seeded(testSeed("search damage"));
  await using stage = await played(pick, OFTEN_MS);
  const truth = await answers(stage);
  for (const [count, statement] of FOUND_IN_TIME.entries()) {
    edit(stage, statement);
    await until(`${statement} to be found`, () => asides(stage) > count);
    await stage.settled();
  }
  expect(await answers(stage)).toEqual(truth);
  expect(asides(stage)).toBe(FOUND_IN_TIME.length);
}, 40_000);

test("random bits in a stopped file are noticed, and the right answers come back", async () => {
  const pick = seeded(testSeed("search damage"));
  await using stage = await played(pick, OFTEN_MS);
  const truth = await answers(stage);
  const wanted = rebuiltHash(stage.book.records.map(readTailRecord));
  for (let turn = 0; turn < 6; turn += 1) {
    await stage.search.stop();
    const file = readFileSync(stage.file);
    for (let flip = 0; flip < 1 + turn * 8; flip += 1) {
      file[Math.floor(pick() * file.length)]! ^= 1 << Math.floor(pick() * 8);
    }
    writeFileSync(stage.file, file);
    stage.start();
    honest(await answers(stage), truth);
    await until("the rows to be right", async () => {
      try {
        const { ready, seq } = await stage.ready();
        return ready && seq === stage.book.seq && searchHash(stage.file)?.hash === wanted;
      } catch {
        return false;
      }
    });
    expect(await answers(stage)).toEqual(truth);
  }
}, 60_000);

test("a sound file is never suspected, whatever is written meanwhile", async () => {
  const pick = seeded(testSeed("search damage"));
  await using stage = await played(pick, 1);
  for (let turn = 0; turn < 300; turn += 1) {
    stage.book.play(pick);
    if (turn % 5 === 0) {
      stage.server.wake();
      await Bun.sleep(3);
    }
  }
  await stage.settled();
  const scraped = await (await fetch(`${stage.search.url}/metrics`)).text();
  const [, rows] = /^countroom_search_checked_rows_total\S* (\d+)/m.exec(scraped) ?? [];
  expect(Number(rows)).toBeGreaterThan(stage.book.seq);
  expect(asides(stage)).toBe(0);
  expect(stage.log.join("")).not.toContain("DAMAGED");
  await stage.search.stop();
  SearchIndex.open(stage.file).close();
});
