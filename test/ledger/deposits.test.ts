/**
 * Goal: a payment is credited once, whatever comes in whatever order; what goes back goes back as
 * far as it is there, and the rest is owed.
 * Method: each event alone with its postings, tables of stages and codes, edges of int64; after
 * each test the state is rebuilt from records, and accounts are held against objects.
 */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { DepositStage, type Payload } from "../../src/ledger/index.ts";
import { findDeposit } from "../../src/ledger/object-life.ts";
import { Book, type CommandInit, person, refOf } from "./book.ts";
import {
  depositIn,
  eur,
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

const { CREATED, PENDING, AUTHORIZED, PARTIALLY_PAID, CAPTURED } = DepositStage;
const { SETTLED, EXPIRED, FAILED, REFUNDED, CHARGED_BACK } = DepositStage;

let book: Book;
let ref: string;
let other: string;

beforeEach(() => {
  book = new Book();
  [ref, other] = [book.player(0n), book.player(0n)];
});
afterEach(() => settleAccounts(book));

const capture = (externalId: string, minor: bigint, partial = false) =>
  tell(book, say.captured(externalId, minor, partial), { playerRef: ref });

/** A debt of that much: captured, spent, charged back. */
function owe(minor: bigint, name = "owed"): void {
  capture(name, minor);
  tell(book, say.requested(minor), { playerRef: ref, txnId: `w-${name}` });
  tell(book, say.payment("deposit_charged_back", name, minor));
  tell(book, say.submitted(`w-${name}`));
  tell(book, say.settled(`w-${name}`));
}

describe("capture", () => {
  test("credits the player, and the rail owes it", () => {
    const outcome = capture("x", 100n);
    expect(linesOf(outcome)).toEqual([`ASSET_PSP_CLEARING(${RAIL}) -100`, "PLAYER_CASH 100"]);
    expect(leftAs(outcome)).toEqual({
      version: 1,
      stage: CAPTURED,
      expected: 0n,
      captured: 100n,
      returned: 0n,
      suspended: 0n,
    });
    expect(purse(book, ref)).toEqual([100n, 0n, 0n]);
  });

  test("of one payment happens once, whatever key or source it comes under", () => {
    capture("x", 100n);
    for (const source of ["api-cashier", "api-play"]) {
      const again = tell(
        book,
        say.captured("x", 100n),
        { playerRef: ref, source },
        "DEPOSIT_DUPLICATE",
      );
      expect(again.postings).toEqual([]);
      expect(again.balances[0]?.available).toBe(100n);
    }
    tell(book, { ...say.captured("x", 7n), rail: "test-crypto" }, { playerRef: ref });
    expect(purse(book, ref)[0]).toBe(107n);
  });

  test("of another operator's payment is another payment", () => {
    capture("x", 100n);
    const theirs = book.player(0n, "other");
    tell(book, say.captured("x", 5n), { playerRef: theirs, operatorId: "other" });
  });

  test("in parts adds up until the last one", () => {
    tell(book, say.advanced("x", CREATED, 100n), { playerRef: ref });
    expect(leftAs(capture("x", 30n, true))).toMatchObject({ stage: PARTIALLY_PAID, captured: 30n });
    expect(leftAs(capture("x", 60n, true))).toMatchObject({ stage: PARTIALLY_PAID, captured: 90n });
    // More than expected is credited as well.
    expect(leftAs(capture("x", 20n))).toMatchObject({
      version: 4,
      stage: CAPTURED,
      captured: 110n,
      expected: 100n,
    });
    tell(book, say.captured("x", 1n, true), { playerRef: ref }, "DEPOSIT_DUPLICATE");
    expect(purse(book, ref)[0]).toBe(110n);
  });

  test("without an id has no object, and only its key", () => {
    expect(capture("", 5n).changes).toBeUndefined();
    expect(capture("", 5n).changes).toBeUndefined();
    expect(purse(book, ref)[0]).toBe(10n);
  });

  test("of play money is the same payment with and without its rail", () => {
    const fun = { ...say.captured("p", 1n), amount: { minor: 1n, currency: "FUN" } };
    tell(book, { ...fun, rail: "" }, { playerRef: ref });
    tell(book, { ...fun, rail: "play" }, { playerRef: ref }, "DEPOSIT_DUPLICATE");
  });

  test("of an announced payment is for its player, in its currency", () => {
    tell(book, say.advanced("x", PENDING, 100n), { playerRef: ref });
    tell(book, say.captured("x", 100n), { playerRef: other }, "DEPOSIT_MISMATCH");
    const dollars = { ...say.captured("x", 100n), amount: { minor: 1n, currency: "USD" } };
    tell(book, dollars, { playerRef: ref }, "DEPOSIT_MISMATCH");
    capture("x", 100n);
  });

  test.each([EXPIRED, FAILED])("after %p goes by suspense", (stage) => {
    tell(book, say.advanced("x", stage, 100n), { playerRef: ref });
    expect(depositIn(book, "x")).toBeUndefined();
    tell(book, say.captured("x", 100n), { playerRef: ref }, "DEPOSIT_STAGE_INVALID");
    tell(book, say.payment("deposit_suspended", "x", 100n));
    tell(book, say.matched("x", 100n), { playerRef: other }, "DEPOSIT_MISMATCH");
    expect(leftAs(tell(book, say.matched("x", 100n), { playerRef: ref }))).toMatchObject({
      stage: CAPTURED,
      captured: 100n,
      suspended: 0n,
    });
  });

  test("fills an account to the last unit, and no further", () => {
    capture("x", MAX - 1n);
    tell(book, say.captured("y", 2n), { playerRef: ref }, "BALANCE_OVERFLOW");
    capture("y", 1n);
    expect(purse(book, ref)[0]).toBe(MAX);
  });

  test("can't make a payment larger than an int64", () => {
    capture("x", MAX, true);
    tell(book, say.requested(MAX), { playerRef: ref, txnId: "w" });
    tell(book, say.submitted("w"));
    tell(book, say.captured("x", 1n), { playerRef: ref }, "BALANCE_OVERFLOW");
  });

  test("pays debts first, in its currency", () => {
    owe(50n);
    const fun = { minor: 9n, currency: "FUN" };
    tell(book, { ...say.captured("f", 9n), amount: fun, rail: "play" }, { playerRef: ref });
    const outcome = capture("x", 20n);
    expect(linesOf(outcome)).toEqual([
      `ASSET_PSP_CLEARING(${RAIL}) -20`,
      "PLAYER_CASH 20",
      "PLAYER_CASH -20",
      "ASSET_PLAYER_DEBT 20",
    ]);
    expect(purse(book, ref)).toEqual([0n, 0n, 30n]);
    expect(linesOf(capture("", 100n)).slice(2)).toEqual([
      "PLAYER_CASH -30",
      "ASSET_PLAYER_DEBT 30",
    ]);
    expect(purse(book, ref)).toEqual([70n, 0n, 0n]);
    expect(book.draft.player(ref)?.extras?.debts ?? []).toEqual([]);
  });
});

describe("stages", () => {
  const stages = [CREATED, PENDING, AUTHORIZED, SETTLED, EXPIRED, FAILED] as const;
  /** How a deposit comes to stand there. */
  const reach: Readonly<Record<DepositStage, () => void>> = {
    [CREATED]: () => announce(CREATED),
    [PENDING]: () => announce(PENDING),
    [AUTHORIZED]: () => announce(AUTHORIZED),
    [PARTIALLY_PAID]: () => void capture("x", 1n, true),
    [CAPTURED]: () => void capture("x", 1n),
    [SETTLED]: () => (void capture("x", 1n), announce(SETTLED)),
    [EXPIRED]: () => announce(EXPIRED),
    [FAILED]: () => announce(FAILED),
    [REFUNDED]: () => {
      capture("x", 1n);
      tell(book, say.payment("deposit_refunded", "x", 1n));
    },
    [CHARGED_BACK]: () => {
      capture("x", 1n);
      tell(book, say.payment("deposit_charged_back", "x", 1n));
    },
  };
  const announce = (stage: DepositStage) => {
    tell(book, say.advanced("x", stage, 100n), { playerRef: ref });
  };
  const allowed: Readonly<Record<DepositStage, readonly DepositStage[]>> = {
    [CREATED]: [PENDING, AUTHORIZED, EXPIRED, FAILED],
    [PENDING]: [AUTHORIZED, EXPIRED, FAILED],
    [AUTHORIZED]: [EXPIRED, FAILED],
    [PARTIALLY_PAID]: [SETTLED, EXPIRED, FAILED],
    [CAPTURED]: [SETTLED],
    [SETTLED]: [],
    [EXPIRED]: [],
    [FAILED]: [],
    [REFUNDED]: [],
    [CHARGED_BACK]: [],
  };

  test.each(Object.values(DepositStage))("from %p go forward only", (from) => {
    reach[from]();
    const next = allowed[from];
    for (const stage of stages.filter((one) => !next.includes(one))) {
      const payload = say.advanced("x", stage, 100n);
      expect(tell(book, payload, {}, "DEPOSIT_STAGE_INVALID").changes).toBeUndefined();
    }
    for (const stage of next) {
      const fork = book.fork();
      const outcome = tell(fork, say.advanced("x", stage, 100n));
      expect(outcome).toMatchObject({ playerRef: ref, postings: [], balances: [] });
      expect(leftAs(outcome)).toMatchObject({ stage, expected: 100n });
    }
  });

  test("begin with an announcement that names its player", () => {
    tell(book, say.advanced("x", SETTLED, 1n), { playerRef: ref }, "DEPOSIT_UNKNOWN");
    tell(book, say.advanced("x", CREATED, 1n), {}, "PLAYER_UNKNOWN");
    tell(book, say.advanced("x", CREATED, 1n), { playerRef: refOf(99) }, "PLAYER_UNKNOWN");
    tell(book, say.advanced("x", CREATED, 0n), { playerRef: ref });
    expect(leftAs(tell(book, say.advanced("x", PENDING, 5n)))).toMatchObject({ expected: 5n });
  });

  test("belong to one player, one currency and one expectation", () => {
    tell(book, say.advanced("x", CREATED, 5n), { playerRef: ref });
    tell(book, say.advanced("x", PENDING, 5n), { playerRef: other }, "DEPOSIT_MISMATCH");
    tell(book, say.advanced("x", PENDING, 6n), {}, "DEPOSIT_MISMATCH");
    const dollars = { ...say.advanced("x", PENDING, 5n), amount: { minor: 5n, currency: "USD" } };
    tell(book, dollars, {}, "DEPOSIT_MISMATCH");
    tell(book, say.advanced("x", PENDING, 5n), { operatorId: "other" }, "PLAYER_UNKNOWN");
  });

  test("go on for a player known by an identity", () => {
    const who = person("ann");
    const { playerRef } = book.record({ payload: { type: "player_registered" } }, who);
    const payload = say.advanced("x", CREATED, 5n);
    expect(book.do({ payload }, who).outcome?.playerRef).toBe(playerRef);
  });
});

describe("refund", () => {
  const refund = (minor: bigint) => say.payment("deposit_refunded", "x", minor);

  test("takes from the player what goes back, part by part", () => {
    capture("x", 100n);
    const first = tell(book, refund(40n));
    expect(linesOf(first)).toEqual(["PLAYER_CASH -40", `ASSET_PSP_CLEARING(${RAIL}) 40`]);
    expect(first.playerRef).toBe(ref);
    expect(leftAs(first)).toMatchObject({ stage: CAPTURED, returned: 40n });
    tell(book, refund(61n), {}, "DEPOSIT_AMOUNT_EXCEEDED");
    expect(leftAs(tell(book, refund(60n)))).toMatchObject({ stage: REFUNDED, returned: 100n });
    tell(book, refund(1n), {}, "DEPOSIT_AMOUNT_EXCEEDED");
    tell(book, say.captured("x", 1n), { playerRef: ref }, "DEPOSIT_DUPLICATE");
    expect(house(book, "ASSET_PSP_CLEARING", RAIL)).toBe(0n);
  });

  test("needs the money, the player and the deposit", () => {
    tell(book, refund(1n), { playerRef: ref }, "DEPOSIT_UNKNOWN");
    capture("x", 100n);
    tell(book, refund(1n), { playerRef: other }, "DEPOSIT_MISMATCH");
    tell(book, refund(1n), { playerRef: refOf(99) }, "PLAYER_UNKNOWN");
    tell(book, say.requested(1n), { playerRef: ref, txnId: "w" });
    tell(book, refund(100n), {}, "FUNDS_INSUFFICIENT");
    tell(book, refund(99n));
  });
});

describe("chargeback", () => {
  const chargeback = (minor: bigint) => say.payment("deposit_charged_back", "x", minor);

  test("takes what is there, the rest is owed", () => {
    capture("x", 100n);
    tell(book, say.requested(70n), { playerRef: ref, txnId: "w" });
    const outcome = tell(book, chargeback(50n));
    expect(linesOf(outcome)).toEqual([
      "PLAYER_CASH -30",
      "ASSET_PLAYER_DEBT -20",
      `ASSET_PSP_CLEARING(${RAIL}) 50`,
    ]);
    expect(purse(book, ref)).toEqual([0n, 70n, 20n]);
    const rest = tell(book, chargeback(50n));
    expect(linesOf(rest)).toEqual(["ASSET_PLAYER_DEBT -50", `ASSET_PSP_CLEARING(${RAIL}) 50`]);
    expect(rest.balances).toEqual([]);
    expect(leftAs(rest)).toMatchObject({ stage: CHARGED_BACK, returned: 100n });
    tell(book, chargeback(1n), {}, "DEPOSIT_AMOUNT_EXCEEDED");
    // What returns to the player pays nothing by itself.
    tell(book, say.ended("withdrawal_released", "w"));
    expect(purse(book, ref)).toEqual([70n, 0n, 70n]);
  });

  test("of all that is there owes nothing", () => {
    capture("x", 100n);
    expect(linesOf(tell(book, chargeback(100n)))).toHaveLength(2);
    expect(book.draft.player(ref)?.extras?.debts ?? []).toEqual([]);
  });

  test("can't make a debt beyond an int64", () => {
    owe(MAX);
    tell(book, say.debt("debt_written_off", 1n), { playerRef: ref });
    // Recovers all but nothing of a deposit that isn't charged back later.
    const big = MAX - 1n;
    capture("x", big);
    owe(big, "again");
    expect(purse(book, ref)).toEqual([0n, 0n, big]);
    tell(book, chargeback(big), {}, "BALANCE_OVERFLOW");
    tell(book, chargeback(1n));
    expect(purse(book, ref)[2]).toBe(MAX);
  });
});

describe("suspense", () => {
  const suspend = (minor: bigint) => say.payment("deposit_suspended", "x", minor);

  test("keeps what nobody may have, until it finds its player", () => {
    const outcome = tell(book, suspend(100n));
    expect(linesOf(outcome)).toEqual([
      `ASSET_PSP_CLEARING(${RAIL}) -100`,
      `LIAB_SUSPENSE(${RAIL}) 100`,
    ]);
    expect(outcome).toMatchObject({ playerRef: "", balances: [] });
    expect(depositIn(book, "x")).toMatchObject({ ref: "", stage: PENDING, suspended: 100n });
    tell(book, suspend(100n), {}, "DEPOSIT_DUPLICATE");
    tell(book, say.captured("x", 100n), { playerRef: ref }, "DEPOSIT_MISMATCH");
    tell(book, say.advanced("x", AUTHORIZED, 100n), { playerRef: ref }, "DEPOSIT_MISMATCH");
    const first = tell(book, say.matched("x", 40n), { playerRef: ref });
    expect(linesOf(first)).toEqual([`LIAB_SUSPENSE(${RAIL}) -40`, "PLAYER_CASH 40"]);
    expect(depositIn(book, "x")).toMatchObject({ ref, stage: PENDING, captured: 40n });
    tell(book, say.captured("x", 60n), { playerRef: ref }, "DEPOSIT_STAGE_INVALID");
    tell(book, say.matched("x", 60n), { playerRef: other }, "DEPOSIT_MISMATCH");
    tell(book, say.matched("x", 61n), { playerRef: ref }, "DEPOSIT_AMOUNT_EXCEEDED");
    tell(book, say.matched("x", 60n), { playerRef: ref });
    expect(depositIn(book, "x")).toBeUndefined();
    tell(book, say.matched("x", 1n), { playerRef: ref }, "DEPOSIT_AMOUNT_EXCEEDED");
    tell(book, suspend(1n), {}, "DEPOSIT_DUPLICATE");
    tell(book, say.captured("x", 1n), { playerRef: ref }, "DEPOSIT_DUPLICATE");
    expect(purse(book, ref)).toEqual([100n, 0n, 0n]);
  });

  test("of a part leaves the payment open for the rest", () => {
    capture("x", 40n, true);
    tell(book, suspend(10n));
    tell(book, say.captured("x", 50n), { playerRef: ref }, "DEPOSIT_STAGE_INVALID");
    expect(leftAs(tell(book, say.matched("x", 10n), { playerRef: ref }))).toMatchObject({
      stage: PARTIALLY_PAID,
      captured: 50n,
    });
    tell(book, suspend(5n));
    expect(linesOf(tell(book, say.payment("deposit_refunded", "x", 50n)))[0]).toBe(
      "PLAYER_CASH -50",
    );
    // Nothing of it is the player's any more: what is suspended goes back.
    tell(book, say.payment("deposit_refunded", "x", 6n), {}, "DEPOSIT_AMOUNT_EXCEEDED");
    const back = tell(book, say.payment("deposit_refunded", "x", 5n));
    expect(linesOf(back)).toEqual([`LIAB_SUSPENSE(${RAIL}) -5`, `ASSET_PSP_CLEARING(${RAIL}) 5`]);
    expect(back.balances).toEqual([]);
    expect(leftAs(back)).toMatchObject({ stage: REFUNDED, captured: 50n, returned: 50n });
  });

  test("of nobody's money goes back to the payer", () => {
    tell(book, suspend(9n));
    tell(book, say.payment("deposit_refunded", "x", 9n), { playerRef: ref }, "DEPOSIT_MISMATCH");
    tell(book, say.payment("deposit_charged_back", "x", 9n), {}, "DEPOSIT_AMOUNT_EXCEEDED");
    tell(book, say.payment("deposit_refunded", "x", 4n));
    expect(leftAs(tell(book, say.payment("deposit_refunded", "x", 5n)))).toMatchObject({
      stage: REFUNDED,
      suspended: 0n,
    });
    tell(book, say.matched("x", 1n), { playerRef: ref }, "DEPOSIT_AMOUNT_EXCEEDED");
  });

  test("pays debts when it is matched, and fits", () => {
    owe(30n);
    tell(book, suspend(MAX));
    tell(book, say.matched("y", 1n), { playerRef: ref }, "DEPOSIT_UNKNOWN");
    expect(linesOf(tell(book, say.matched("x", 50n), { playerRef: ref }))).toEqual([
      `LIAB_SUSPENSE(${RAIL}) -50`,
      "PLAYER_CASH 50",
      "PLAYER_CASH -30",
      "ASSET_PLAYER_DEBT 30",
    ]);
    capture("z", 1n);
    tell(book, say.captured("", MAX - 100n), { playerRef: ref });
    tell(book, say.matched("x", MAX - 50n), { playerRef: ref }, "BALANCE_OVERFLOW");
  });

  test("of another currency isn't the payment", () => {
    tell(book, say.advanced("x", PENDING, 5n), { playerRef: ref });
    const dollars = { ...suspend(5n), amount: { minor: 5n, currency: "USD" } } as Payload;
    tell(book, dollars, {}, "DEPOSIT_MISMATCH");
    expect(tell(book, suspend(5n)).playerRef).toBe("");
    expect(depositIn(book, "x")).toMatchObject({ ref, stage: PENDING, suspended: 5n });
  });
});

describe("debts", () => {
  test("are paid from cash, or given up, as far as they go", () => {
    owe(50n);
    tell(book, say.debt("debt_recovered", 1n), { playerRef: ref }, "FUNDS_INSUFFICIENT");
    tell(book, say.debt("debt_recovered", 51n), { playerRef: ref }, "DEBT_EXCEEDED");
    const up = tell(book, say.debt("debt_written_off", 20n), { playerRef: ref });
    expect(linesOf(up)).toEqual(["EXP_CHARGEBACK_LOSS -20", "ASSET_PLAYER_DEBT 20"]);
    expect(up).toMatchObject({ playerRef: ref, balances: [] });
    tell(book, say.debt("debt_written_off", 31n), { playerRef: ref }, "DEBT_EXCEEDED");
    const adjustment = { amount: eur(35n), debit: false, reason: "", correctionOf: 0 };
    const approvers = ["ann", "bob"];
    tell(book, { type: "adjustment_posted", ...adjustment, approvers }, { playerRef: ref });
    const paid = tell(book, say.debt("debt_recovered", 30n), { playerRef: ref });
    expect(linesOf(paid)).toEqual(["PLAYER_CASH -30", "ASSET_PLAYER_DEBT 30"]);
    expect(purse(book, ref)).toEqual([5n, 0n, 0n]);
    tell(book, say.debt("debt_recovered", 1n), { playerRef: ref }, "DEBT_EXCEEDED");
    tell(book, say.debt("debt_recovered", 1n), { playerRef: refOf(99) }, "PLAYER_UNKNOWN");
  });
});

describe("rails", () => {
  test("keep fees and pay out", () => {
    const fee = { type: "psp_fee_charged", rail: RAIL, amount: eur(3n), externalId: "" } as const;
    const { postings, balances, playerRef } = tell(book, fee);
    expect(linesOf({ postings })).toEqual(["EXP_PSP_FEES -3", `ASSET_PSP_CLEARING(${RAIL}) 3`]);
    expect([balances, playerRef]).toEqual([[], ""]);
    const payout = { type: "psp_remitted", rail: RAIL, amount: eur(MAX), reference: "r" } as const;
    expect(linesOf(tell(book, payout))).toEqual([
      `ASSET_BANK_SEGREGATED -${MAX}`,
      `ASSET_PSP_CLEARING(${RAIL}) ${MAX}`,
    ]);
    tell(book, payout);
    expect(house(book, "ASSET_BANK_SEGREGATED")).toBe(-2n * MAX);
  });
});

describe("faults", () => {
  const fun = { minor: 1n, currency: "FUN" };
  const cases: readonly (readonly [string, CommandInit])[] = [
    [
      "EVENT_FIELD_MISSING deposit_refunded.external_id",
      { payload: say.payment("deposit_refunded", "", 1n) },
    ],
    [
      "AMOUNT_INVALID deposit_suspended.amount.minor",
      { payload: say.payment("deposit_suspended", "x", 0n) },
    ],
    [
      "EVENT_FIELD_INVALID player_ref",
      { playerRef: refOf(1), payload: say.payment("deposit_suspended", "x", 1n) },
    ],
    ["EVENT_FIELD_INVALID deposit_advanced.stage", { payload: say.advanced("x", CAPTURED, 1n) }],
    ["EVENT_FIELD_INVALID deposit_advanced.stage", { payload: say.advanced("x", REFUNDED, 1n) }],
    ["AMOUNT_INVALID deposit_advanced.amount.minor", { payload: say.advanced("x", CREATED, -1n) }],
    [
      "CURRENCY_UNKNOWN deposit_advanced.amount.currency",
      { payload: { ...say.advanced("x", CREATED, 1n), amount: { minor: 1n, currency: "BTC" } } },
    ],
    [
      "RAIL_UNKNOWN suspense_matched.rail",
      { playerRef: refOf(1), payload: { ...say.matched("x", 1n), rail: "mail" } },
    ],
    [
      "RAIL_UNKNOWN suspense_matched.rail",
      { playerRef: refOf(1), payload: { ...say.matched("x", 1n), rail: "play" } },
    ],
    ["EVENT_FIELD_MISSING player_ref", { payload: say.matched("x", 1n) }],
    [
      "EVENT_FIELD_INVALID psp_fee_charged.amount.currency",
      { payload: { type: "psp_fee_charged", rail: "play", amount: fun, externalId: "" } },
    ],
    [
      "EVENT_FIELD_INVALID deposit_captured.external_id",
      { playerRef: refOf(1), payload: say.captured("a\0b", 1n) },
    ],
  ];

  test.each(cases)("%s", (expected, init) => {
    const answer = book.do(init);
    expect(answer.outcome).toBeUndefined();
    expect(nameOf(answer)).toBe(expected);
  });
});

describe("a currency taken out of the configuration", () => {
  test("takes no new deposits; what is there goes on", () => {
    capture("x", 100n);
    tell(book, say.advanced("y", CREATED, 5n), { playerRef: ref });
    book.currencies = new Map([...book.currencies].filter(([code]) => code !== "EUR"));
    const refused = "CURRENCY_UNKNOWN deposit_captured.amount.currency";
    expect(nameOf(book.do({ playerRef: ref, payload: say.captured("z", 1n) }))).toBe(refused);
    const announced = book.do({ playerRef: ref, payload: say.advanced("z", CREATED, 1n) });
    expect(nameOf(announced)).toBe("CURRENCY_UNKNOWN deposit_advanced.amount.currency");
    tell(book, say.advanced("y", FAILED, 5n));
    tell(book, say.payment("deposit_suspended", "y", 5n));
    tell(book, say.matched("y", 5n), { playerRef: ref });
    tell(book, say.payment("deposit_refunded", "x", 10n));
    tell(book, say.requested(95n), { playerRef: ref, txnId: "w" });
    tell(book, say.submitted("w"));
    tell(book, say.settled("w"));
    expect(purse(book, ref)).toEqual([0n, 0n, 0n]);
  });
});

test("a payment of many parts is found again by few questions", () => {
  const book = new Book();
  const ref = book.player(0n);
  const part = (partial: boolean) => ({
    playerRef: ref,
    payload: {
      type: "deposit_captured",
      amount: { minor: 1n, currency: "FUN" },
      rail: "play",
      externalId: "many",
      partial,
    } as const,
  });
  for (let at = 0; at < 300; at += 1) book.record(part(true));
  book.record(part(false));
  const context = book.context();
  let questions = 0;
  const facts = {
    ...context.facts,
    claimed: (hash: Uint8Array) => {
      questions += 1;
      return context.facts.claimed(hash);
    },
  };
  const found = findDeposit(book.draft, { ...context, facts }, "demo", "play\0many");
  expect(found?.version).toBe(301);
  expect(questions).toBeLessThan(25);
});
