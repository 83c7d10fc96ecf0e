/**
 * Goal: a stake is taken from where it may be, and returns there.
 * Method: every rule as a table on small books, with each posting line; after each of them bonuses
 * must explain the balances, and records alone rebuild the state.
 */
import { afterEach, describe, expect, test } from "bun:test";
import { Code, Funding } from "../../src/ledger/index.ts";
import { checkBonuses, end, grant, grantFree, lines, numbers, row, stake } from "./bonuses.ts";
import { Book, EPOCH_US } from "./book.ts";

const MAX = 2n ** 63n - 1n;
const { CASH, BONUS, FREE } = Funding;
const SOON = EPOCH_US + 1_000_000;

let book = new Book();
let ref = "";
function start(cash: bigint): void {
  book = new Book();
  ref = book.player(cash);
}
afterEach(() => checkBonuses(book));

describe("a stake of 100 is taken from", () => {
  /** Cash, bonuses a and b, free bets f. */
  type Has = readonly [cash: bigint, a: bigint, b: bigint, f: bigint];
  test.each<[string, Has, Funding | 0, string[] | null]>([
    ["cash", [100n, 50n, 0n, 0n], 0, ["PLAYER_CASH -100"]],
    ["cash, then bonus", [40n, 60n, 0n, 0n], 0, ["PLAYER_CASH -40", "PLAYER_BONUS[a] -60"]],
    ["no cash at all", [0n, 200n, 0n, 0n], 0, ["PLAYER_BONUS[a] -100"]],
    [
      "cash, then both",
      [1n, 98n, 1n, 0n],
      0,
      ["PLAYER_CASH -1", "PLAYER_BONUS[a] -98", "PLAYER_BONUS[b] -1"],
    ],
    ["never free bets unasked", [50n, 49n, 0n, 100n], 0, null],
    ["nothing when it isn't there", [99n, 0n, 0n, 0n], 0, null],
    ["cash alone", [100n, 100n, 0n, 0n], CASH, ["PLAYER_CASH -100"]],
    ["not from bonus when cash is asked for", [99n, 100n, 0n, 0n], CASH, null],
    ["bonus before cash when asked", [100n, 100n, 0n, 0n], BONUS, ["PLAYER_BONUS[a] -100"]],
    ["both bonuses", [100n, 99n, 100n, 0n], BONUS, ["PLAYER_BONUS[a] -99", "PLAYER_BONUS[b] -1"]],
    ["not from cash when bonus is asked for", [100n, 50n, 49n, 0n], BONUS, null],
    ["the allowance", [100n, 100n, 0n, 100n], FREE, ["EXP_FREEBETS -100"]],
    ["not more than the allowance", [100n, 100n, 0n, 99n], FREE, null],
  ])("%s", (_, [cash, a, b, f], funding, expected) => {
    start(cash);
    if (a > 0n) grant(book, ref, "a", a);
    if (b > 0n) grant(book, ref, "b", b);
    if (f > 0n) grantFree(book, ref, "f", f);
    const outcome = stake(book, ref, "t", 100n, funding);
    if (expected === null) {
      expect(outcome.code).toBe(Code.FUNDS_INSUFFICIENT);
      expect(row(book, ref)).toEqual(cash + a + b === 0n ? [] : [cash, a + b, 0n]);
      return;
    }
    expect(lines(outcome)).toEqual([...expected, "ROUND_ESCROW 100"]);
    const before = book.draft.account(ref, "FUN")!;
    expect(before.held).toBe(100n);
    // It returns to where it came from, line by line.
    const back = book.rollBack("t");
    const returned = expected.map((line) => line.replace("-", ""));
    expect(lines(back)).toEqual(["ROUND_ESCROW -100", ...returned]);
    expect(row(book, ref)).toEqual([cash, a + b, 0n]);
    if (a > 0n) expect(numbers(book, ref, "a")).toEqual([a, 0n, 0n, 0n]);
    if (f > 0n) expect(numbers(book, ref, "f")).toEqual([0n, 0n, f, 0n]);
  });

  test("a free bet needs no row of the player, and a rollback leaves one", () => {
    start(0n);
    grantFree(book, ref, "f", 7n, { currency: "TON" });
    expect(row(book, ref, "TON")).toEqual([undefined, undefined, undefined]);
    expect(stake(book, ref, "t", 7n, FREE, "TON").balances).toEqual([
      { currency: "TON", available: 0n, bonus: 0n, held: 7n, version: 1 },
    ]);
    book.rollBack("t");
    expect(row(book, ref, "TON")).toEqual([0n, 0n, 0n]);
  });

  test("a free stake may not carry the row over 2^63 - 1", () => {
    start(MAX - 9n);
    grantFree(book, ref, "f", 10n);
    expect(stake(book, ref, "t", 10n, FREE).code).toBe(Code.BALANCE_OVERFLOW);
    expect(stake(book, ref, "u", 9n, FREE).code).toBe(Code.OK);
  });

  test("another currency's bonus gives nothing", () => {
    start(0n);
    grant(book, ref, "a", 100n, { currency: "USD" });
    expect(stake(book, ref, "t", 1n).code).toBe(Code.FUNDS_INSUFFICIENT);
    expect(stake(book, ref, "u", 1n, 0, "USD").code).toBe(Code.OK);
  });
});

test.each([-1, 4, 1.5])("funding %d is no funding", (funding) => {
  start(100n);
  const amount = { minor: 1n, currency: "FUN" };
  const payload = { type: "bet_placed", amount, closesRound: false, funding } as never;
  expect(book.do({ playerRef: ref, roundId: "r", txnId: "t", payload })).toMatchObject({
    code: Code.EVENT_FIELD_INVALID,
    field: "bet_placed.funding",
  });
});

describe("spend order", () => {
  test("the earliest expiry first, never last, then the one granted first", () => {
    start(0n);
    grant(book, ref, "never-1", 10n);
    grant(book, ref, "late", 10n, { expiresAt: SOON + 1 });
    grant(book, ref, "never-2", 10n);
    grant(book, ref, "soon-1", 10n, { expiresAt: SOON });
    grant(book, ref, "soon-2", 10n, { expiresAt: SOON });
    const outcome = stake(book, ref, "t", 50n);
    expect(outcome.changes?.map((change) => change.object === "bonus" && change.key)).toEqual([
      "soon-1",
      "soon-2",
      "late",
      "never-1",
      "never-2",
    ]);
    expect(book.draft.bet("demo\0api-play\0t")?.parts?.map(({ bonus }) => bonus)).toEqual([
      "soon-1",
      "soon-2",
      "late",
      "never-1",
      "never-2",
    ]);
  });

  test("a bonus whose time is over gives nothing, swept or not", () => {
    start(5n);
    grant(book, ref, "a", 10n, { expiresAt: SOON });
    grantFree(book, ref, "f", 10n, { expiresAt: SOON });
    // The next records are at SOON - 1 and SOON.
    book.laterUs = SOON - EPOCH_US - book.records.length - 2;
    expect(stake(book, ref, "t", 6n).code).toBe(Code.OK);
    expect(stake(book, ref, "u", 1n).code).toBe(Code.FUNDS_INSUFFICIENT);
    expect(stake(book, ref, "v", 1n, BONUS).code).toBe(Code.FUNDS_INSUFFICIENT);
    expect(stake(book, ref, "w", 1n, FREE).code).toBe(Code.FUNDS_INSUFFICIENT);
    expect(row(book, ref)).toEqual([0n, 9n, 6n]);
    // What is in play comes back to it all the same.
    expect(lines(book.rollBack("t"))).toEqual([
      "ROUND_ESCROW -6",
      "PLAYER_CASH 5",
      "PLAYER_BONUS[a] 1",
    ]);
    expect(end(book, ref, "bonus_expired", "a").code).toBe(Code.OK);
  });
});
