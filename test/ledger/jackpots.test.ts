/**
 * Goal: pools gain what operators put in and pay what they hold, per operator and currency.
 * Method: every movement, posting by posting, at the edges of what pools and accounts hold.
 */
import { afterEach, expect, test } from "bun:test";
import { AccountKind, houseKey } from "../../src/ledger/index.ts";
import { lines, row } from "./bonuses.ts";
import { Book, refOf } from "./book.ts";
import { checkBook, codeOf, jackpot } from "./corrections.ts";

const MAX = 2n ** 63n - 1n;
let book = new Book();
afterEach(() => {
  checkBook(book);
  book = new Book();
});

const pool = (name = "mega", currency = "FUN", operatorId = "demo") =>
  book.draft.house(houseKey(AccountKind.LIAB_JACKPOT, name, currency, operatorId));

test("is seeded, contributed to, and won", () => {
  const ref = book.player(0n);
  expect(lines(jackpot(book, "seeded", 100n))).toEqual([
    "EXP_JACKPOT -100",
    "LIAB_JACKPOT[mega] 100",
  ]);
  const given = jackpot(book, "contributed", 5n, { playerRef: ref });
  expect(lines(given)).toEqual(["EXP_JACKPOT -5", "LIAB_JACKPOT[mega] 5"]);
  expect([given.playerRef, given.balances]).toEqual([ref, []]);
  expect(codeOf(jackpot(book, "contributed", 5n))).toBe("OK");
  expect(codeOf(jackpot(book, "contributed", 5n, { playerRef: refOf(9) }))).toBe("PLAYER_UNKNOWN");
  const won = jackpot(book, "won", 110n, { playerRef: ref });
  expect(lines(won)).toEqual(["LIAB_JACKPOT[mega] -110", "PLAYER_CASH 110"]);
  expect([row(book, ref), pool()]).toEqual([[110n, 0n, 0n], 0n]);
});

test.each([1n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, MAX])(
  "pays all of %d and no more",
  (minor) => {
    const ref = book.player(0n);
    jackpot(book, "seeded", minor);
    if (minor < MAX) {
      expect(codeOf(jackpot(book, "won", minor + 1n, { playerRef: ref }))).toBe(
        "JACKPOT_INSUFFICIENT",
      );
    }
    expect(codeOf(jackpot(book, "won", minor, { playerRef: ref }))).toBe("OK");
    expect(codeOf(jackpot(book, "won", 1n, { playerRef: ref }))).toBe("JACKPOT_INSUFFICIENT");
    expect(row(book, ref)).toEqual([minor, 0n, 0n]);
  },
);

test("belongs to an operator and a currency; opens the winner's account in it", () => {
  const ref = book.player(0n);
  jackpot(book, "seeded", 10n, { currency: "USD" });
  jackpot(book, "seeded", 10n, { operatorId: "other" });
  expect(codeOf(jackpot(book, "won", 1n, { playerRef: ref }))).toBe("JACKPOT_INSUFFICIENT");
  const usd = { playerRef: ref, currency: "USD" };
  expect(codeOf(jackpot(book, "won", 1n, { ...usd, pool: "mini" }))).toBe("JACKPOT_INSUFFICIENT");
  expect(codeOf(jackpot(book, "won", 10n, usd))).toBe("OK");
  expect(row(book, ref, "USD")).toEqual([10n, 0n, 0n]);
  expect(pool("mega", "FUN", "other")).toBe(10n);
});

test("grows beyond an int64; accounts don't", () => {
  const ref = book.player(1n);
  jackpot(book, "seeded", MAX);
  jackpot(book, "contributed", MAX);
  expect(pool()).toBe(2n * MAX);
  expect(codeOf(jackpot(book, "won", MAX, { playerRef: ref }))).toBe("BALANCE_OVERFLOW");
  expect(codeOf(jackpot(book, "won", MAX - 1n, { playerRef: ref }))).toBe("OK");
});

test("is faultless: a pool, an amount, nobody where nobody belongs", () => {
  const ref = book.player(1n);
  const amount = { minor: 1n, currency: "FUN" };
  const field = (payload: object, ids = {}) =>
    book.do({ ...ids, payload: { amount, pool: "p", ...payload } as never }).field;
  expect(field({ type: "jackpot_seeded", pool: "" })).toBe("jackpot_seeded.pool");
  expect(field({ type: "jackpot_won", pool: "a\0b" }, { playerRef: ref })).toBe("jackpot_won.pool");
  expect(field({ type: "jackpot_contributed", amount: { minor: 0n, currency: "FUN" } })).toBe(
    "jackpot_contributed.amount.minor",
  );
  expect(field({ type: "jackpot_seeded" }, { playerRef: ref })).toBe("player_ref");
  expect(field({ type: "jackpot_won" })).toBe("player_ref");
});

test("one txn_id, one movement", () => {
  const ref = book.player(10n);
  expect(codeOf(jackpot(book, "seeded", 5n, { txnId: "x" }))).toBe("OK");
  expect(codeOf(jackpot(book, "seeded", 5n, { txnId: "x" }))).toBe("TXN_DUPLICATE");
  expect(codeOf(jackpot(book, "contributed", 5n, { txnId: "x" }))).toBe("TXN_DUPLICATE");
  expect(codeOf(jackpot(book, "won", 5n, { playerRef: ref, txnId: "x" }))).toBe("TXN_DUPLICATE");
  expect(codeOf(book.bet(ref, "x", 1n))).toBe("TXN_DUPLICATE");
  expect(pool()).toBe(5n);
});
