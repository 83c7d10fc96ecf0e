/**
 * Goal: corrections by hand, exchanges and fees move exactly what they say, to the last unit.
 * Method: each with its postings and its refusals, at the edges of int64; after each test the state
 * is rebuilt from records.
 */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Payload, PayloadOf } from "../../src/ledger/index.ts";
import { Book, type CommandInit, refOf } from "./book.ts";
import { eur, house, linesOf, MAX, nameOf, purse, settleAccounts, tell } from "./cashier.ts";

let book: Book;
let ref: string;

beforeEach(() => {
  book = new Book();
  ref = book.player(0n);
});
afterEach(() => settleAccounts(book));

type Adjustment = PayloadOf<"adjustment_posted">;

function adjusted(minor: bigint, change: Partial<Adjustment> = {}): Adjustment {
  const approvers = ["ann", "bob"];
  const rest = { debit: false, reason: "gift", approvers, correctionOf: 0 };
  return { type: "adjustment_posted", amount: eur(minor), ...rest, ...change };
}

const usd = (minor: bigint) => ({ minor, currency: "USD" });
const exchanged = (sell: bigint, buy: bigint, change: object = {}): Payload => {
  const both = { sell: eur(sell), buy: usd(buy), quoteId: "q", ...change };
  return { type: "currency_exchanged", ...both };
};

describe("an adjustment", () => {
  test("gives and takes", () => {
    const given = tell(book, adjusted(100n), { playerRef: ref });
    expect(linesOf(given)).toEqual(["EXP_ADJUSTMENTS -100", "PLAYER_CASH 100"]);
    expect(given.correction).toBeUndefined();
    const taken = tell(book, adjusted(40n, { debit: true }), { playerRef: ref });
    expect(linesOf(taken)).toEqual(["PLAYER_CASH -40", "EXP_ADJUSTMENTS 40"]);
    expect(purse(book, ref)).toEqual([60n, 0n, 0n]);
  });

  test("names an earlier record of its operator", () => {
    const first = book.deposit(ref, 5n, "EUR");
    for (let times = 0; times < 2; times += 1) {
      const payload = adjusted(1n, { correctionOf: first.seq });
      const { correction } = tell(book, payload, { playerRef: ref });
      expect(correction).toEqual({ of: first.seq, mirrored: 0 });
    }
    const theirs = book.record({ operatorId: "other", payload: { type: "player_registered" } });
    const next = book.context().seq;
    for (const correctionOf of [theirs.seq, next + 1, next + 2, 2 ** 53 - 1]) {
      const payload = adjusted(1n, { correctionOf });
      tell(book, payload, { playerRef: ref }, "RECORD_UNKNOWN");
    }
    const itself = adjusted(1n, { correctionOf: book.context().seq });
    tell(book, itself, { playerRef: ref }, "RECORD_UNKNOWN");
  });

  test("stays between zero and the largest amount", () => {
    tell(book, adjusted(1n, { debit: true }), { playerRef: ref }, "FUNDS_INSUFFICIENT");
    tell(book, adjusted(MAX), { playerRef: ref });
    tell(book, adjusted(1n), { playerRef: ref }, "BALANCE_OVERFLOW");
    tell(book, adjusted(MAX, { debit: true }), { playerRef: ref });
    expect(purse(book, ref)[0]).toBe(0n);
    tell(book, adjusted(1n), { playerRef: refOf(99) }, "PLAYER_UNKNOWN");
  });

  test.each([[[]], [["ann"]], [["ann", "ann"]]])("needs two: %p", (approvers) => {
    const answer = book.do({ playerRef: ref, payload: adjusted(1n, { approvers }) });
    expect(nameOf(answer)).toBe("APPROVAL_MISSING adjustment_posted.approvers");
    expect(answer.outcome).toBeUndefined();
  });

  test.each(["", " ann", "Ann", "ann\u200b", "x".repeat(65)])(
    "takes one spelling of a person: %p",
    (other) => {
      const answer = book.do({
        playerRef: ref,
        payload: adjusted(1n, { approvers: ["ann", other] }),
      });
      expect(nameOf(answer)).toBe("EVENT_FIELD_INVALID adjustment_posted.approvers");
    },
  );
});

describe("an exchange", () => {
  test("sells one currency and buys another", () => {
    book.deposit(ref, 100n, "EUR");
    const outcome = tell(book, exchanged(90n, 99n), { playerRef: ref });
    expect(linesOf(outcome)).toEqual([
      "PLAYER_CASH -90",
      "FX_POSITION(EUR) 90",
      "FX_POSITION(USD) -99 USD",
      "PLAYER_CASH 99 USD",
    ]);
    expect(
      outcome.balances.map(({ currency, available, version }) => [currency, available, version]),
    ).toEqual([
      ["EUR", 10n, 2],
      ["USD", 99n, 1],
    ]);
    expect(house(book, "FX_POSITION", "USD", "USD")).toBe(-99n);
  });

  test("needs what it sells, and room for what it buys", () => {
    tell(book, exchanged(1n, 1n), { playerRef: ref }, "FUNDS_INSUFFICIENT");
    book.deposit(ref, MAX, "EUR");
    book.deposit(ref, 1n, "USD");
    tell(book, exchanged(1n, MAX), { playerRef: ref }, "BALANCE_OVERFLOW");
    tell(book, exchanged(MAX, MAX - 1n), { playerRef: ref });
    expect([...purse(book, ref), ...purse(book, ref, "USD")]).toEqual([0n, 0n, 0n, MAX, 0n, 0n]);
    tell(book, exchanged(1n, 1n), { playerRef: refOf(99) }, "PLAYER_UNKNOWN");
  });

  const fun = { minor: 1n, currency: "FUN" };
  const faults: readonly (readonly [string, Payload])[] = [
    ["EVENT_FIELD_INVALID currency_exchanged.sell.currency", exchanged(1n, 1n, { sell: fun })],
    ["EVENT_FIELD_INVALID currency_exchanged.buy.currency", exchanged(1n, 1n, { buy: fun })],
    ["EVENT_FIELD_INVALID currency_exchanged.buy.currency", exchanged(1n, 1n, { buy: eur(1n) })],
    ["AMOUNT_INVALID currency_exchanged.sell.minor", exchanged(0n, 1n)],
    ["AMOUNT_INVALID currency_exchanged.buy.minor", exchanged(1n, 0n)],
    ["AMOUNT_INVALID currency_exchanged.buy.minor", exchanged(1n, MAX + 1n)],
  ];
  test.each(faults)("%s", (expected, payload) => {
    expect(nameOf(book.do({ playerRef: ref, payload }))).toBe(expected);
  });

  test("leaves a currency that was taken out of the configuration, never enters it", () => {
    book.deposit(ref, 10n, "EUR");
    book.deposit(ref, 10n, "USD");
    book.currencies = new Map([...book.currencies].filter(([code]) => code !== "EUR"));
    const back = exchanged(1n, 1n, { sell: usd(1n), buy: eur(1n) });
    const answer = book.do({ playerRef: ref, payload: back });
    expect(nameOf(answer)).toBe("CURRENCY_UNKNOWN currency_exchanged.buy.currency");
    tell(book, exchanged(10n, 11n), { playerRef: ref });
    const given = book.do({ playerRef: ref, payload: adjusted(1n) });
    expect(nameOf(given)).toBe("CURRENCY_UNKNOWN adjustment_posted.amount.currency");
  });
});

describe("a fee", () => {
  const accrued = (kind: number, payee = "studio"): CommandInit => {
    return { payload: { type: "fee_accrued", kind, payee, amount: eur(7n) } };
  };
  test.each([
    [1, "provider", "PAYABLE_PROVIDER"],
    [2, "affiliate", "PAYABLE_AFFILIATE"],
    [3, "tax", "PAYABLE_TAX"],
  ] as const)("of kind %p is owed to its payee", (kind, name, account) => {
    const outcome = tell(book, accrued(kind).payload);
    expect(linesOf(outcome)).toEqual([`EXP_PROVIDER_FEES(${name}) -7`, `${account}(studio) 7`]);
    expect(outcome).toMatchObject({ playerRef: "", balances: [] });
  });

  test.each([
    ["EVENT_FIELD_INVALID fee_accrued.kind", accrued(4)],
    ["EVENT_FIELD_INVALID fee_accrued.kind", accrued(0)],
    ["EVENT_FIELD_MISSING fee_accrued.payee", accrued(1, "")],
    ["EVENT_FIELD_INVALID player_ref", { ...accrued(1), playerRef: refOf(1) }],
  ])("%s", (expected, init) => {
    expect(nameOf(book.do(init))).toBe(expected);
  });
});
