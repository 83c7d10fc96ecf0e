/**
 * Goal: a player's new status reaches every row of it at publisher and edge, in rows that open
 * later too, under digests that the primary signs; limits bind whoever asks through an edge.
 * Method: a whole deployment; rows are read from the publisher's file and from the replica.
 */
import { Database } from "bun:sqlite";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { deposit, Deployment, event, until } from "./deployment.ts";

let site: Deployment;
beforeAll(async () => {
  site = await Deployment.open();
});
afterAll(() => site[Symbol.asyncDispose]());

type Shown = readonly (readonly [currency: string, status: bigint, version: bigint, seq: bigint])[];

function rows(path: string, playerRef: string): Shown {
  using db = new Database(path, { readonly: true, safeIntegers: true });
  const query = "SELECT currency, status, version, seq FROM wallets WHERE player_ref = ?";
  return db.query(`${query} ORDER BY currency`).values(playerRef) as never;
}

/** Posts one event and answers its receipt. */
async function send(key: "play" | "cashier" | "admin", body: object) {
  const { body: answer } = await site.post({ ...event(), ...body }, site.key(key));
  // One event without any effect on the book is answered by its problem alone.
  const receipt = answer["receipts"]?.[0] ?? answer;
  return receipt as { status: string; code: string; seq: string };
}

const paid = (player_ref: string, currency: string) => ({
  player_ref,
  deposit_captured: { amount: { minor: "5", currency }, rail: "test-card" },
});

test("a status reaches publisher and replica, and rows that open under it", async () => {
  const ref = await site.player("100");
  await send("cashier", paid(ref, "USD"));
  const blocked = await send("admin", {
    player_ref: ref,
    player_status_changed: { status: "PLAYER_STATUS_BLOCKED" },
  });
  expect(blocked.status).toBe("accepted");
  const opened = await send("cashier", paid(ref, "EUR"));
  const seq = BigInt(blocked.seq);
  const expected: Shown = [
    ["EUR", 2n, 1n, BigInt(opened.seq)],
    ["FUN", 2n, 3n, seq],
    ["USD", 2n, 2n, seq],
  ];
  const files = [join(site.dir, "publisher", "wallet.db"), site.pointer().path];
  for (const file of files) {
    await until("the rows", () => rows(file, ref).some(([currency]) => currency === "EUR"));
    expect(rows(file, ref)).toEqual(expected);
  }
  const bet = { bet_placed: { amount: { minor: "1", currency: "FUN" } } };
  const ids = { player_ref: ref, round_id: "r", txn_id: "t" };
  expect(await send("play", { ...ids, ...bet })).toMatchObject({
    status: "refused",
    code: "PLAYER_BLOCKED",
  });
  // Every digest that the primary signs from here on is compared by the publisher with its own.
  const before = await feedSeq();
  await site.settle(deposit(ref, "1"));
  await until("a later tick", async () => (await feedSeq()) > before);
  await Bun.sleep(1_500);
  const ready = await fetch(`${site.publisher.url}/readyz`);
  expect([ready.status, await ready.json()]).toMatchObject([200, { state: "following" }]);
});

async function feedSeq(): Promise<number> {
  const answer = await fetch(`${site.publisher.url}/v1/feed`);
  return ((await answer.json()) as { seq: number }).seq;
}

test("limits are set through the edge, and bind", async () => {
  const ref = await site.player("100");
  const set = (limit_set: object) => send("play", { player_ref: ref, limit_set });
  const day = { kind: "LIMIT_KIND_WAGER", period: "LIMIT_PERIOD_DAY" };
  const amount = { minor: "10", currency: "FUN" };
  expect(await set({ ...day, amount })).toMatchObject({ code: "OK" });
  const bet = (txn_id: string, minor: string) =>
    send("play", {
      player_ref: ref,
      round_id: txn_id,
      txn_id,
      bet_placed: { amount: { minor, currency: "FUN" } },
    });
  expect(await bet("a", "11")).toMatchObject({ code: "LIMIT_WAGER_REACHED" });
  expect(await bet("b", "10")).toMatchObject({ code: "OK" });
  const excluded = { player_ref: ref, self_excluded: {} };
  expect(await send("play", excluded)).toMatchObject({ code: "OK" });
  expect(await send("play", deposit(ref, "1"))).toMatchObject({
    status: "refused",
    code: "PLAYER_EXCLUDED",
  });
  expect(
    await send("admin", {
      velocity_rule_set: { rule_id: "v", subject: "VELOCITY_SUBJECT_BET", window_seconds: 60 },
    }),
  ).toMatchObject({ code: "EVENT_FIELD_MISSING" });
});

test("a restart of the primary knows the same limits and standing", async () => {
  const ref = await site.player("100");
  const limit = {
    kind: "LIMIT_KIND_LOSS",
    period: "LIMIT_PERIOD_WEEK",
    amount: { minor: "10", currency: "FUN" },
  };
  await send("play", { player_ref: ref, limit_set: limit });
  const bet = (txn_id: string) =>
    send("play", {
      player_ref: ref,
      round_id: txn_id,
      txn_id,
      bet_placed: { amount: { minor: "6", currency: "FUN" } },
    });
  expect(await bet("before")).toMatchObject({ code: "OK" });
  // Once with what state.db has, and what came after it.
  site.primary.kill("SIGTERM");
  await site.primary.exited;
  await site.startPrimary();
  expect(await bet("after")).toMatchObject({ code: "LIMIT_LOSS_REACHED" });
});
