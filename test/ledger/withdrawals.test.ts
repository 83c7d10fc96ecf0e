/**
 * Goal: money asked for is held, leaves or returns, in any parts and any order, and never twice.
 * Method: each move with its postings and its refusals, every pair of stages, time at its edges;
 * after each test the state is rebuilt from records, and accounts are held against holds.
 */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { WithdrawalStage, type Payload } from "../../src/ledger/index.ts";
import { Book, type CommandInit, refOf } from "./book.ts";
import {
  eur,
  holdIn,
  house,
  leftAs,
  linesOf,
  MAX,
  nameOf,
  purse,
  RAIL,
  say,
  settleAccounts,
  tell,
} from "./cashier.ts";

const { REQUESTED, HELD, SCREENED, APPROVED, FROZEN } = WithdrawalStage;

let book: Book;
let ref: string;
let other: string;

beforeEach(() => {
  book = new Book();
  [ref, other] = [book.player(0n), book.player(0n)];
  book.deposit(ref, 1000n, "EUR");
});
afterEach(() => settleAccounts(book));

const request = (minor = 100n, expiresAt = 0, txnId = "w") =>
  tell(book, say.requested(minor, expiresAt), { playerRef: ref, txnId });
/** The time of the record after so many others. */
const later = (records: number) => book.context().recordedAt + records;

describe("a request", () => {
  test("holds the money under its txn_id", () => {
    const outcome = request();
    expect(linesOf(outcome)).toEqual(["PLAYER_CASH -100", "PLAYER_WITHDRAWAL_PENDING 100"]);
    expect(purse(book, ref)).toEqual([900n, 100n, 0n]);
    expect(holdIn(book, "w")).toEqual({
      object: "hold",
      key: "w",
      version: 1,
      ref,
      currency: "EUR",
      rail: RAIL,
      stage: REQUESTED,
      requested: 100n,
      remaining: 100n,
      inTransit: 0n,
      settled: 0n,
      returned: 0n,
      expiresAt: 0,
    });
  });

  test("has a name of its own, for ever, whatever source it comes from", () => {
    request();
    const again = { playerRef: ref, txnId: "w" };
    tell(book, say.requested(1n), { ...again, source: "api-play" }, "HOLD_DUPLICATE");
    tell(book, say.ended("withdrawal_released", "w"));
    expect(holdIn(book, "w")).toBeUndefined();
    tell(book, say.requested(1n), again, "HOLD_DUPLICATE");
    const theirs = book.player(0n, "other");
    book.deposit(theirs, 5n, "EUR", "other");
    tell(book, say.requested(5n), { playerRef: theirs, txnId: "w", operatorId: "other" });
    book.record({
      operatorId: "other",
      source: "x",
      payload: say.ended("withdrawal_released", "w"),
    });
  });

  test("takes what is there, to the last unit", () => {
    tell(book, say.requested(1001n), { playerRef: ref, txnId: "w" }, "FUNDS_INSUFFICIENT");
    tell(book, say.requested(1n), { playerRef: other, txnId: "w" }, "FUNDS_INSUFFICIENT");
    // A refusal uses no name.
    request(1000n);
    expect(purse(book, ref)).toEqual([0n, 1000n, 0n]);
  });

  test("ends in time to come", () => {
    const now = book.context().recordedAt;
    tell(book, say.requested(1n, now), { playerRef: ref, txnId: "w" }, "HOLD_EXPIRED");
    request(1n, later(1));
  });
});

describe("money of a hold", () => {
  test("goes out in parts and arrives in others", () => {
    request();
    const out = tell(book, say.submitted("w", 60n));
    expect(linesOf(out)).toEqual([
      "PLAYER_WITHDRAWAL_PENDING -60",
      `ASSET_PSP_PAYOUT_TRANSIT(${RAIL}) 60`,
    ]);
    expect(out.playerRef).toBe(ref);
    expect(purse(book, ref)).toEqual([900n, 40n, 0n]);
    const arrived = tell(book, say.settled("w", 25n, 2n));
    expect(linesOf(arrived)).toEqual([
      `ASSET_PSP_PAYOUT_TRANSIT(${RAIL}) -25`,
      `ASSET_PSP_CLEARING(${RAIL}) 25`,
      "EXP_NETWORK_FEES -2",
      `ASSET_PSP_CLEARING(${RAIL}) 2`,
    ]);
    expect(arrived.balances).toEqual([]);
    tell(book, say.submitted("w"));
    expect(leftAs(tell(book, say.settled("w")))).toEqual({
      version: 5,
      stage: REQUESTED,
      remaining: 0n,
      inTransit: 0n,
      settled: 100n,
      returned: 0n,
    });
    expect(holdIn(book, "w")).toBeUndefined();
    expect(house(book, "ASSET_PSP_CLEARING", RAIL)).toBe(-1000n + 102n);
  });

  test("comes back when it fails, is released, or is reversed", () => {
    request();
    tell(book, say.submitted("w", 60n));
    const failed = tell(book, say.ended("withdrawal_failed", "w", 20n));
    expect(linesOf(failed)).toEqual([`ASSET_PSP_PAYOUT_TRANSIT(${RAIL}) -20`, "PLAYER_CASH 20"]);
    const released = tell(book, say.ended("withdrawal_released", "w", 15n));
    expect(linesOf(released)).toEqual(["PLAYER_WITHDRAWAL_PENDING -15", "PLAYER_CASH 15"]);
    tell(book, say.settled("w"));
    expect(purse(book, ref)).toEqual([935n, 25n, 0n]);
    tell(book, say.ended("withdrawal_released", "w"));
    // The hold is over and out of memory; what was settled can come back all the same.
    const reversed = tell(book, say.ended("withdrawal_reversed", "w", 30n));
    expect(linesOf(reversed)).toEqual([`ASSET_PSP_CLEARING(${RAIL}) -30`, "PLAYER_CASH 30"]);
    tell(book, say.ended("withdrawal_reversed", "w", 11n), {}, "HOLD_AMOUNT_EXCEEDED");
    expect(leftAs(tell(book, say.ended("withdrawal_reversed", "w", 10n)))).toMatchObject({
      settled: 0n,
      returned: 100n,
    });
    tell(book, say.ended("withdrawal_reversed", "w", 1n), {}, "HOLD_STAGE_INVALID");
    expect(purse(book, ref)).toEqual([1000n, 0n, 0n]);
  });

  const moves: readonly (readonly [string, Payload])[] = [
    ["withdrawal_submitted", say.submitted("w", 1n)],
    ["withdrawal_settled", say.settled("w", 1n)],
    ["withdrawal_failed", say.ended("withdrawal_failed", "w", 1n)],
    ["withdrawal_released", say.ended("withdrawal_released", "w", 1n)],
    ["withdrawal_reversed", say.ended("withdrawal_reversed", "w", 1n)],
    ["withdrawal_expired", say.expired("w")],
    ["withdrawal_extended", say.extended("w", 0)],
    ["withdrawal_advanced", say.stage("w", HELD)],
  ];

  test.each(moves)("%s: unknown, or somebody else's", (_, payload) => {
    tell(book, payload, {}, "HOLD_UNKNOWN");
    request();
    tell(book, payload, { playerRef: other }, "HOLD_MISMATCH");
    tell(book, payload, { playerRef: refOf(99) }, "PLAYER_UNKNOWN");
    tell(book, payload, { operatorId: "other" }, "HOLD_UNKNOWN");
    if (!("amount" in payload)) return;
    const dollars = { ...payload, amount: { minor: 1n, currency: "USD" } } as Payload;
    tell(book, dollars, {}, "HOLD_MISMATCH");
  });

  test.each(moves.slice(0, 5))("%s: never more than there is", (type, payload) => {
    request(3n);
    const isOut = /settled|failed|reversed/.test(type);
    if (isOut) tell(book, payload, {}, "HOLD_STAGE_INVALID");
    if (isOut) tell(book, say.submitted("w"));
    if (type === "withdrawal_reversed") tell(book, say.settled("w"));
    for (const minor of [4n, 2n ** 53n + 1n, MAX]) {
      const tooMuch = { ...payload, amount: eur(minor) } as Payload;
      tell(book, tooMuch, { playerRef: ref }, "HOLD_AMOUNT_EXCEEDED");
    }
    tell(book, { ...payload, amount: eur(3n) } as Payload, { playerRef: ref });
    tell(book, payload, {}, "HOLD_STAGE_INVALID");
  });

  test.each(["withdrawal_failed", "withdrawal_reversed"] as const)(
    "%s: waits until it fits the account",
    (type) => {
      request(10n);
      tell(book, say.submitted("w"));
      if (type === "withdrawal_reversed") tell(book, say.settled("w"));
      book.deposit(ref, MAX - 990n, "EUR");
      tell(book, say.ended(type, "w", 1n), {}, "BALANCE_OVERFLOW");
      tell(book, say.requested(10n), { playerRef: ref, txnId: "more" });
      tell(book, say.ended(type, "w", 1n), {}, "BALANCE_OVERFLOW");
      tell(book, say.submitted("more"));
      tell(book, say.ended(type, "w", 10n));
      expect(purse(book, ref)).toEqual([MAX, 0n, 0n]);
    },
  );

  test("of the largest amount goes all the way", () => {
    book.deposit(ref, MAX - 1000n, "EUR");
    request(MAX);
    tell(book, say.submitted("w"));
    tell(book, say.settled("w", MAX, MAX));
    expect(house(book, "EXP_NETWORK_FEES")).toBe(-MAX);
  });
});

describe("stages", () => {
  const all = [REQUESTED, HELD, SCREENED, APPROVED, FROZEN] as const;
  const pairs = all.flatMap((from) => all.map((to) => [from, to] as const));

  test.each(pairs)("from %p to %p", (from, to) => {
    request();
    if (from !== REQUESTED) tell(book, say.stage("w", from));
    const isStep = from === FROZEN ? to !== FROZEN : to > from;
    const outcome = tell(book, say.stage("w", to), {}, isStep ? "OK" : "HOLD_STAGE_INVALID");
    expect(outcome.postings).toEqual([]);
    expect(holdIn(book, "w")?.stage).toBe(isStep ? to : from);
  });

  test("FROZEN keeps money from going out, not from coming back", () => {
    request();
    tell(book, say.submitted("w", 10n));
    tell(book, say.stage("w", FROZEN));
    tell(book, say.submitted("w", 1n), {}, "HOLD_STAGE_INVALID");
    tell(book, say.settled("w", 5n));
    tell(book, say.ended("withdrawal_failed", "w"));
    tell(book, say.ended("withdrawal_released", "w", 1n));
    tell(book, say.stage("w", APPROVED));
    tell(book, say.submitted("w"));
    tell(book, say.stage("w", FROZEN), {}, "HOLD_STAGE_INVALID");
  });

  test("of the player stop the request, and nothing after it", () => {
    request();
    tell(book, { type: "player_frozen", reason: "", withdrawalsToo: true }, { playerRef: ref });
    tell(book, say.requested(1n), { playerRef: ref, txnId: "v" }, "PLAYER_FROZEN");
    tell(book, say.submitted("w", 50n));
    tell(book, say.settled("w", 20n));
    tell(book, say.ended("withdrawal_failed", "w"));
    tell(book, say.ended("withdrawal_reversed", "w", 20n));
    tell(book, say.ended("withdrawal_released", "w"));
    expect(purse(book, ref)).toEqual([1000n, 0n, 0n]);
  });
});

describe("time", () => {
  test("brings back what is still held, at its moment and not before", () => {
    const at = later(3);
    request(100n, at);
    tell(book, say.submitted("w", 30n));
    tell(book, say.expired("w"), {}, "HOLD_NOT_DUE");
    // The primary's own events come from another source.
    const outcome = tell(book, say.expired("w"), { source: "primary" });
    expect(outcome.recordedAt).toBe(at);
    expect(linesOf(outcome)).toEqual(["PLAYER_WITHDRAWAL_PENDING -70", "PLAYER_CASH 70"]);
    expect(leftAs(outcome)).toMatchObject({ remaining: 0n, inTransit: 30n, returned: 70n });
    tell(book, say.expired("w"), {}, "HOLD_STAGE_INVALID");
    // What is on its way isn't held any more.
    tell(book, say.settled("w"));
    tell(book, say.expired("w"), {}, "HOLD_STAGE_INVALID");
    expect(purse(book, ref)).toEqual([970n, 0n, 0n]);
  });

  test("that is over stops what goes out, and nothing else", () => {
    request(100n, later(2));
    tell(book, say.submitted("w", 30n));
    book.laterUs += 10;
    tell(book, say.submitted("w", 30n), {}, "HOLD_EXPIRED");
    tell(book, say.stage("w", APPROVED), {}, "HOLD_EXPIRED");
    tell(book, say.extended("w", 0), {}, "HOLD_EXPIRED");
    tell(book, say.settled("w", 10n));
    tell(book, say.ended("withdrawal_failed", "w"));
    tell(book, say.ended("withdrawal_released", "w", 1n));
    tell(book, say.expired("w"));
  });

  test("is extended, never shortened", () => {
    const at = later(100);
    request(100n, at);
    for (const expiresAt of [1, at - 1, at]) {
      tell(book, say.extended("w", expiresAt), {}, "HOLD_STAGE_INVALID");
    }
    tell(book, say.extended("w", at + 1));
    expect(holdIn(book, "w")?.expiresAt).toBe(at + 1);
    tell(book, say.extended("w", 0));
    tell(book, say.extended("w", at + 2), {}, "HOLD_STAGE_INVALID");
    tell(book, say.expired("w"), {}, "HOLD_NOT_DUE");
    tell(book, say.submitted("w"));
    tell(book, say.extended("w", 0), {}, "HOLD_STAGE_INVALID");
  });
});

describe("faults", () => {
  const asked = (change: object): CommandInit => {
    const payload = { ...say.requested(1n), ...change } as Payload;
    return { playerRef: refOf(1), txnId: "w", payload };
  };
  const cases: readonly (readonly [string, CommandInit])[] = [
    ["EVENT_FIELD_MISSING txn_id", { ...asked({}), txnId: "" }],
    ["EVENT_FIELD_MISSING player_ref", { ...asked({}), playerRef: "" }],
    ["AMOUNT_INVALID withdrawal_requested.amount.minor", asked({ amount: eur(0n) })],
    [
      "EVENT_FIELD_INVALID withdrawal_requested.amount.currency",
      asked({ amount: { minor: 1n, currency: "FUN" }, rail: "play" }),
    ],
    ["RAIL_UNKNOWN withdrawal_requested.rail", asked({ rail: "mail" })],
    ["EVENT_FIELD_MISSING withdrawal_requested.rail", asked({ rail: "" })],
    ["EVENT_FIELD_INVALID withdrawal_requested.expires_at", asked({ expiresAt: -1 })],
    ["EVENT_FIELD_MISSING withdrawal_submitted.withdrawal_id", { payload: say.submitted("") }],
    ["AMOUNT_INVALID withdrawal_submitted.amount.minor", { payload: say.submitted("w", 0n) }],
    ["AMOUNT_INVALID withdrawal_settled.network_fee_minor", { payload: say.settled("w", 1n, -1n) }],
    [
      "EVENT_FIELD_INVALID withdrawal_advanced.stage",
      { payload: say.stage("w", 6 as WithdrawalStage) },
    ],
    ["EVENT_FIELD_INVALID withdrawal_extended.expires_at", { payload: say.extended("w", 2 ** 53) }],
  ];

  test.each(cases)("%s", (expected, init) => {
    const answer = book.do(init);
    expect(answer.outcome).toBeUndefined();
    expect(nameOf(answer)).toBe(expected);
  });
});
