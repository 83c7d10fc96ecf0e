/**
 * Goal: every event gets exactly the answer it deserves, whatever else is in its group: the first
 * receipt again for a repetition, a conflict that names the field, a refusal that touches nobody
 * else, nothing recorded for what may not be or came too late.
 * Method: a primary in this process on a real folder; its log is read back where it matters.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Code } from "../../src/ledger/index.ts";
import type { AppendEvent } from "../../src/primary/index.ts";
import { uuidv7 } from "../../src/runtime/index.ts";
import { openLedgerView } from "../../src/store/ledger-db.ts";
import type { Receipt } from "../../src/wire/gen/countroom/v1/record_pb.ts";
import { bet, deposit, dice, event, FUN, registration, settlement } from "./events.ts";
import { makeFolder, startIn, type Folder, type Started } from "./folder.ts";

let folder: Folder;
let started: Started;
let player: string;
beforeAll(async () => {
  folder = await makeFolder();
  started = await startIn(folder);
  player = (await send(registration()))[0]!.playerRef;
  await send(deposit(player, 1_000n * FUN));
});
afterAll(async () => {
  await started.primary.stop();
  expect(started.fatal).toEqual([]);
  await folder[Symbol.asyncDispose]();
});

async function as(key: string, ...events: Uint8Array[]): Promise<readonly Receipt[]> {
  const access = await folder.credential(key);
  return started.primary.append(events.map((one): AppendEvent => ({ event: one, access })));
}
const send = (...events: Uint8Array[]) => as("api-play", ...events);
const codes = (receipts: readonly Receipt[]): number[] => receipts.map(({ code }) => code);

/** Records in the log that carry a key. */
function recorded(key: string): number {
  using view = openLedgerView(folder.paths.ledger);
  return view.reader
    .read(1, 100_000)
    .filter((row) => Buffer.from(row.event).includes(Buffer.from(key))).length;
}

const comparable = ({ replayed: _, ...rest }: Receipt) => rest;

describe("the same key", () => {
  test("twice in one group gives one record and equal receipts", async () => {
    const key = uuidv7();
    const money = { idempotencyKey: key };
    const receipts = await send(
      deposit(player, FUN, money),
      deposit(player, FUN, { ...money, traceId: "0".repeat(32) }),
      deposit(player, FUN, money),
    );
    expect(receipts.map(({ replayed }) => replayed)).toEqual([false, true, true]);
    expect(comparable(receipts[1]!)).toEqual(comparable(receipts[0]!));
    const later = (await send(deposit(player, FUN, money)))[0]!;
    expect(later.replayed).toBe(true);
    expect(comparable(later)).toEqual(comparable(receipts[0]!));
    expect(recorded(key)).toBe(1);
  });

  test("with another meaning is a conflict that names the first field", async () => {
    const idempotencyKey = uuidv7();
    const other = (await send(registration()))[0]!.playerRef;
    const txn = uuidv7();
    await send(bet(player, FUN, txn, { idempotencyKey }));
    const tries: [Uint8Array, string][] = [
      [deposit(player, FUN, { idempotencyKey }), "payload"],
      [bet(other, FUN, txn, { idempotencyKey }), "player_ref"],
      [bet(player, FUN, txn, { idempotencyKey, roundId: "other" }), "round_id"],
      [bet(player, FUN, "other", { idempotencyKey, roundId: `r-${txn}` }), "txn_id"],
      [bet(player, 2n * FUN, txn, { idempotencyKey }), "bet_placed.amount.minor"],
    ];
    for (const [again, field] of tries) {
      const receipt = (await send(again))[0]!;
      expect([receipt.code, receipt.field]).toEqual([Code.KEY_CONFLICT, field]);
    }
    expect(recorded(idempotencyKey)).toBe(1);
  });

  test("of a refusal is refused for ever, also once there is money", async () => {
    const poor = (await send(registration()))[0]!.playerRef;
    const idempotencyKey = uuidv7();
    const again = () => bet(poor, FUN, `t-${idempotencyKey}`, { idempotencyKey });
    expect(codes(await send(again()))).toEqual([Code.FUNDS_INSUFFICIENT]);
    const receipts = await send(deposit(poor, FUN), again());
    expect(codes(receipts)).toEqual([Code.OK, Code.FUNDS_INSUFFICIENT]);
    expect(receipts[1]!.replayed).toBe(true);
    expect(receipts[1]!.balances[0]!.available).toBe(0n);
  });

  test("of another source is another key", async () => {
    const idempotencyKey = uuidv7();
    const mine = deposit(player, FUN, { idempotencyKey });
    expect((await send(mine))[0]!.replayed).toBe(false);
    expect((await as("bot", deposit(player, FUN, { idempotencyKey })))[0]!.replayed).toBe(false);
  });
});

describe("a group", () => {
  test("lets later events see earlier ones, and a bad one hurts nobody", async () => {
    const ref = (await send(registration()))[0]!.playerRef;
    const txn = uuidv7();
    const receipts = await send(
      bet(ref, FUN, uuidv7()),
      deposit(ref, 3n * FUN),
      new Uint8Array([1, 2, 3]),
      bet(ref, FUN, txn),
      settlement(txn, 2n * FUN),
      settlement(txn, 2n * FUN),
      event({ case: "betPlaced", value: {} }, { playerRef: ref }),
      dice(ref, FUN),
    );
    expect(codes(receipts)).toEqual([
      Code.FUNDS_INSUFFICIENT,
      Code.OK,
      Code.EVENT_MALFORMED,
      Code.OK,
      Code.OK,
      Code.BET_ALREADY_SETTLED,
      receipts[6]!.code,
      Code.OK,
    ]);
    expect(receipts[6]!.status).toBe(3);
    const seqs = receipts.map(({ seq }) => seq).filter((seq) => seq > 0n);
    expect(seqs.map((seq) => Number(seq - seqs[0]!))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(receipts[4]!.balances[0]).toMatchObject({ available: 4n * FUN, held: 0n });
  });

  test("of many concurrent callers keeps every receipt with its event", async () => {
    const calls = Array.from({ length: 200 }, (_, index) => {
      return send(deposit(player, BigInt(index + 1), { txnId: `many-${index}` }));
    });
    const receipts = (await Promise.all(calls)).flat();
    expect(receipts.map(({ txnId }) => txnId)).toEqual(calls.map((_, index) => `many-${index}`));
    expect(new Set(receipts.map(({ seq }) => seq)).size).toBe(200);
  });

  test("is cut where a call is larger than a group may be", async () => {
    const receipts = await send(...Array.from({ length: 2_500 }, () => deposit(player, 1n)));
    expect(receipts.every(({ code }) => code === Code.OK)).toBe(true);
    expect(Number(receipts[2_499]!.seq - receipts[0]!.seq)).toBe(2_499);
  });
});

describe("rights", () => {
  test("are those of the credential, event by event", async () => {
    const table: [string, Uint8Array, number][] = [
      ["api-read", deposit(player, FUN), Code.ACCESS_SCOPE],
      ["api-play", bet(player, FUN, uuidv7(), { source: "telegram" }), Code.ACCESS_SOURCE_MISMATCH],
      ["api-play", bet(player, FUN, uuidv7(), { operatorId: "x" }), Code.ACCESS_SOURCE_MISMATCH],
      ["api-play", bet(player, FUN, uuidv7(), { operatorId: "demo" }), Code.OK],
      ["api-play", event({ case: "epochStarted", value: {} }), Code.EVENT_FIELD_INVALID],
    ];
    for (const [key, one, code] of table) {
      expect(codes(await as(key, one)), `${key} ${code}`).toEqual([code]);
    }
    const none = await started.primary.append([
      { event: deposit(player, FUN), access: Code.ACCESS_UNAUTHENTICATED },
      { event: deposit(player, FUN), access: await folder.credential("api-play") },
    ]);
    expect(codes(none)).toEqual([Code.ACCESS_UNAUTHENTICATED, Code.OK]);
  });

  test("don't reach another source's bet", async () => {
    const txn = uuidv7();
    await send(bet(player, FUN, txn));
    expect(codes(await as("bot", settlement(txn, FUN)))[0]).not.toBe(Code.OK);
  });
});

describe("identities", () => {
  const identity = (fill: number, keyId = "k1") => ({ keyId, hash: new Uint8Array(32).fill(fill) });

  test("bind once, however often and however close together they register", async () => {
    const access = await folder.credential("bot");
    const items = Array.from({ length: 5 }, () => {
      return { event: registration(), access, identity: identity(7) };
    });
    const receipts = (
      await Promise.all([started.primary.append(items.slice(0, 3)), started.primary.append(items)])
    ).flat();
    expect(new Set(receipts.map(({ playerRef }) => playerRef)).size).toBe(1);
    const others = receipts.slice(1).map(({ code, replayed }) => replayed || code);
    expect(others.every((one) => one === true || one === Code.PLAYER_ALREADY_REGISTERED)).toBe(
      true,
    );
    const paid = await started.primary.append([
      { event: deposit("", FUN), access, identity: identity(7) },
    ]);
    expect(paid[0]).toMatchObject({ code: Code.OK, playerRef: receipts[0]!.playerRef });
  });

  test("that are no hashes are refused", async () => {
    const access = await folder.credential("bot");
    for (const wrong of [
      { keyId: "", hash: new Uint8Array(32) },
      { keyId: "a\0b", hash: new Uint8Array(32) },
      { keyId: "k1", hash: new Uint8Array(8) },
    ]) {
      const receipts = await started.primary.append([
        { event: registration(), access, identity: wrong },
      ]);
      expect(receipts[0]).toMatchObject({ code: Code.EVENT_FIELD_INVALID, field: "identity" });
    }
  });
});

describe("time and space", () => {
  test("an event whose caller has stopped waiting is not recorded", async () => {
    const access = await folder.credential("api-play");
    const key = uuidv7();
    const late = [{ event: deposit(player, FUN, { idempotencyKey: key }), access }];
    const [timedOut, other] = await Promise.all([
      started.primary.append(late, 0),
      send(deposit(player, FUN)),
    ]);
    expect(codes(timedOut!)).toEqual([Code.TIMEOUT]);
    expect(codes(other!)).toEqual([Code.OK]);
    expect(recorded(key)).toBe(0);
    expect((await started.primary.append(late))[0]).toMatchObject({
      code: Code.OK,
      replayed: false,
    });
  });

  test("more than the queue holds is refused at once, and can come again", async () => {
    const access = await folder.credential("api-play");
    const load = Array.from({ length: 12_000 }, () => ({ event: deposit(player, 1n), access }));
    const [first, second] = await Promise.all([
      started.primary.append(load),
      started.primary.append(load),
    ]);
    expect(first!.every(({ code }) => code === Code.OK)).toBe(true);
    expect(second!.every(({ code }) => code === Code.OVERLOADED)).toBe(true);
    const again = await started.primary.append(load.slice(0, 10));
    expect(again.every(({ replayed }) => replayed)).toBe(true);
  });
});
