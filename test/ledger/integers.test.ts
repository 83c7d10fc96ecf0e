/**
 * Goal: amounts are exact wherever doubles and int64 end, and nothing wraps.
 * Method: every edge value carried through deposit, bet, win and rollback; bounds tried at, below
 * and above; sums that no int64 holds in the operator's accounts.
 */
import { describe, expect, test } from "bun:test";
import { AccountKind, apply, Code, houseKey } from "../../src/ledger/index.ts";
import { Book, digestOf } from "./book.ts";

const MAX = 2n ** 63n - 1n;

/** 2^k ± 8 around the powers that matter. */
const EDGES = [31n, 32n, 52n, 53n, 54n, 62n, 63n]
  .flatMap((power) => Array.from({ length: 17 }, (_, index) => 2n ** power + BigInt(index) - 8n))
  .filter((value) => value <= MAX)
  .concat([1n, 2n, 3n, 10n ** 18n, MAX]);

test.each(EDGES.map((edge) => [edge]))("%p survives every move", (edge) => {
  const book = new Book();
  const ref = book.player(0n);
  expect(book.deposit(ref, edge).balances[0]?.available).toBe(edge);
  expect(book.bet(ref, "a", edge).balances[0]).toMatchObject({ available: 0n, held: edge });
  expect(book.rollBack("a").balances[0]).toMatchObject({ available: edge, held: 0n });
  expect(book.bet(ref, "b", edge).code).toBe(Code.OK);
  expect(book.settle("b", edge).balances[0]).toMatchObject({ available: edge, held: 0n });
  expect(book.bet(ref, "c", 1n).balances[0]).toMatchObject({ available: edge - 1n, held: 1n });
  expect(book.bet(ref, "d", edge).code).toBe(Code.FUNDS_INSUFFICIENT);
  expect(book.settle("c").balances[0]).toMatchObject({ available: edge - 1n, held: 0n });
  book.commit();
  const bets = book.state.house(houseKey(AccountKind.REV_BETS, "", "FUN", "demo"));
  expect(bets).toBe(edge + 1n);
  expect(digestOf(book.replay())).toBe(digestOf(book.state));
});

describe("2^63 - 1 is the most a player can have in a currency", () => {
  test("by deposits", () => {
    for (const room of [0n, 1n, 5n]) {
      const book = new Book();
      const ref = book.player(MAX - room);
      const full = book.deposit(ref, room + 1n);
      expect(full).toMatchObject({ code: Code.BALANCE_OVERFLOW, postings: [] });
      expect(full.balances[0]?.available).toBe(MAX - room);
      if (room > 0n) expect(book.deposit(ref, room).balances[0]?.available).toBe(MAX);
      expect(book.deposit(ref, MAX, "USD").code).toBe(Code.OK);
    }
  });

  test("held stakes count, so that a rollback always has room", () => {
    const book = new Book();
    const ref = book.player(MAX);
    book.bet(ref, "t", MAX);
    expect(book.deposit(ref, 1n).code).toBe(Code.BALANCE_OVERFLOW);
    expect(book.rollBack("t").balances[0]?.available).toBe(MAX);
  });

  test("bonus counts as well", () => {
    const book = new Book();
    const ref = book.player(MAX - 10n);
    book.bet(ref, "t", 1n);
    book.commit();
    book.state.edit(ref)!.accounts[0]!.bonus = 4n;
    expect(book.deposit(ref, 7n).code).toBe(Code.BALANCE_OVERFLOW);
    expect(book.settle("t", 8n).code).toBe(Code.BALANCE_OVERFLOW);
    const full = { available: MAX - 5n, bonus: 4n, held: 1n };
    expect(book.deposit(ref, 6n).balances[0]).toMatchObject(full);
    book.commit();
    // Records that say otherwise don't apply.
    const { command: sent, outcome } = book.records.at(-1)!;
    const below = new Book(book.state);
    below.state.edit(ref)!.accounts[0]!.bonus = 5n;
    const next = { ...outcome, seq: outcome.seq + 1, recordedAt: outcome.recordedAt + 1 };
    expect(() => apply(below.state, sent, next)).toThrow("leaves 0 to 2^63 - 1");
  });

  test("by wins", () => {
    const book = new Book();
    const ref = book.player(MAX - 10n);
    book.bet(ref, "a", 5n);
    book.bet(ref, "b", 5n);
    expect(book.settle("a", 16n).code).toBe(Code.BALANCE_OVERFLOW);
    expect(book.settle("a", 15n).code).toBe(Code.OK);
    expect(book.settle("b", 6n).code).toBe(Code.BALANCE_OVERFLOW);
    expect(book.settle("b", 5n).balances[0]).toMatchObject({ available: MAX, held: 0n });
  });
});

test("one player's play money can't fill the operator's accounts for the others", () => {
  const book = new Book();
  const refs = Array.from({ length: 4 }, () => book.player(MAX));
  for (const [index, ref] of refs.entries()) {
    expect(book.bet(ref, `t${index}`, MAX, { roundId: `r${index}` }).code).toBe(Code.OK);
    expect(book.settle(`t${index}`, MAX).code).toBe(Code.OK);
  }
  book.commit();
  const house = (kind: AccountKind, qualifier: string) =>
    book.state.house(houseKey(kind, qualifier, "FUN", "demo"));
  expect(house(AccountKind.ASSET_PSP_CLEARING, "play")).toBe(-4n * MAX);
  expect(house(AccountKind.REV_BETS, "")).toBe(4n * MAX);
  expect(house(AccountKind.REV_WINS, "")).toBe(-4n * MAX);
});

test("payouts are floored exactly at stakes no double can hold", () => {
  for (const stake of [2n ** 53n + 1n, 2n ** 53n - 1n, 4_611_686_018_427_387_903n, 1n, 50n, 51n]) {
    for (const over of [true, false]) {
      const book = new Book();
      const outcome = book.dice(book.player(stake), stake, 5000, over);
      const { win, multiplierX100 } = outcome.houseRound!;
      expect(multiplierX100).toBe(198);
      expect([0n, (stake * 198n) / 100n]).toContain(win);
      expect(outcome.balances[0]?.available).toBe(win);
    }
  }
});
