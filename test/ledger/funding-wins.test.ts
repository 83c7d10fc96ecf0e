/**
 * Goal: a win goes to the sources of its stake, exactly, and a pool pays its part of it.
 * Method: tables with each posting line; random shares at every size.
 */
import { afterEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { AccountKind, Code, Funding } from "../../src/ledger/index.ts";
import { sharesOf } from "../../src/ledger/shares.ts";
import { checkBonuses, grant, grantFree, lines, numbers, row, stake } from "./bonuses.ts";
import { Book } from "./book.ts";
import { seeded } from "./seed.ts";

const MAX = 2n ** 63n - 1n;
const { FREE } = Funding;

let book = new Book();
let ref = "";
function start(cash: bigint): void {
  book = new Book();
  ref = book.player(cash);
}
afterEach(() => checkBonuses(book));

describe("a win goes to the sources of its stake", () => {
  test.each<[string, bigint, string[]]>([
    ["nothing", 0n, []],
    ["less than a unit each: all to the last bonus", 1n, ["REV_WINS -1", "PLAYER_BONUS[b] 1"]],
    [
      "floors, and the rest to the last bonus",
      11n,
      ["REV_WINS -11", "PLAYER_CASH 4", "PLAYER_BONUS[a] 3", "PLAYER_BONUS[b] 4"],
    ],
    [
      "exact shares",
      700n,
      ["REV_WINS -700", "PLAYER_CASH 300", "PLAYER_BONUS[a] 200", "PLAYER_BONUS[b] 200"],
    ],
  ])("cash 3, a 2, b 2: %s", (_, win, expected) => {
    start(3n);
    grant(book, ref, "a", 2n);
    grant(book, ref, "b", 100n);
    stake(book, ref, "t", 7n);
    expect(lines(book.settle("t", win))).toEqual(["ROUND_ESCROW -7", "REV_BETS 7", ...expected]);
  });

  test("without cash, the last bonus has the rest", () => {
    start(0n);
    grant(book, ref, "a", 2n);
    grant(book, ref, "b", 1n);
    stake(book, ref, "t", 3n);
    expect(lines(book.settle("t", 10n)).slice(2)).toEqual([
      "REV_WINS -10",
      "PLAYER_BONUS[a] 6",
      "PLAYER_BONUS[b] 4",
    ]);
    expect(row(book, ref)).toEqual([0n, 10n, 0n]);
  });

  test("of a cash bet to cash, whatever bonuses there are", () => {
    start(10n);
    grant(book, ref, "a", 100n, { wagering: 4n });
    stake(book, ref, "t", 10n);
    const outcome = book.settle("t", 25n);
    expect(lines(outcome).slice(2)).toEqual(["REV_WINS -25", "PLAYER_CASH 25"]);
    expect(numbers(book, ref, "a")).toEqual([100n, 0n, 0n, 0n]);
  });

  test.each<[number, bigint, bigint]>([
    [0, 33n, 0n],
    [100, 33n, 33n],
    [3000, 33n, 990n],
    [250, 33n, 82n],
    [1, 99n, 0n],
    [1, 101n, 1n],
    [2 ** 32 - 1, MAX / 2n, MAX],
  ])("of a free bet to its bonus, to be wagered x%d/100: %d asks for %d", (x100, win, wagering) => {
    start(0n);
    grantFree(book, ref, "f", 20n, { winWageringX100: x100 });
    stake(book, ref, "t", 10n, FREE);
    const outcome = book.settle("t", win);
    expect(lines(outcome)).toEqual([
      "ROUND_ESCROW -10",
      "REV_BETS 10",
      `REV_WINS -${win}`,
      `PLAYER_BONUS[f] ${win}`,
    ]);
    expect(numbers(book, ref, "f")).toEqual([win, 0n, 10n, wagering]);
  });

  test("shares are exact at every size", () => {
    const minor = fc.oneof(
      fc.bigInt(1n, 100n),
      fc.constantFrom(2n ** 53n - 1n, 2n ** 53n + 1n, 2n ** 61n),
    );
    fc.assert(
      fc.property(
        fc.array(minor, { minLength: 1, maxLength: 3 }),
        fc.oneof(minor, fc.constant(0n)),
        fc.oneof(fc.bigInt(0n, 1000n), fc.constantFrom(2n ** 53n, MAX)),
        (minors, cash, win) => {
          const parts = minors.map((one, at) => ({ bonus: `b${at}`, minor: one }));
          const amount = minors.reduce((sum, one) => sum + one, cash);
          const shares = sharesOf({ amount, parts }, win);
          const sum = shares.parts.reduce((all, one) => all + one.minor, shares.cash);
          expect(sum).toBe(win);
          const floors = minors.map((one) => (win * one) / amount);
          const last = floors.length - 1;
          shares.parts.forEach((one, at) => {
            if (at < last) expect(one.minor).toBe(floors[at]!);
            else expect(one.minor).toBeGreaterThanOrEqual(floors[at]!);
          });
          expect(shares.cash).toBe((win * cash) / amount);
        },
      ),
      seeded(300),
    );
  });
});

describe("the jackpot part of a win", () => {
  function won(minor: bigint, jackpotMinor: bigint, jackpotPool = "mega") {
    const win = { minor, currency: "FUN" };
    const payload = { type: "round_settled", betTxnId: "t", win, closesRound: true } as const;
    return book.do({ payload: { ...payload, jackpotMinor, jackpotPool } });
  }
  function pool(minor: bigint): void {
    book.commit();
    const key = `${AccountKind.LIAB_JACKPOT}|mega|FUN|demo`;
    book.state.addToHouse(key, minor);
  }
  /** The pool's money came from nowhere: records alone can't rebuild it. */
  function done(): void {
    start(1n);
  }

  test.each<[bigint, bigint, bigint, string[] | null]>([
    [100n, 30n, 30n, ["LIAB_JACKPOT[mega] -30", "REV_WINS -70", "PLAYER_CASH 100"]],
    [100n, 100n, 100n, ["LIAB_JACKPOT[mega] -100", "PLAYER_CASH 100"]],
    [100n, 0n, 0n, ["REV_WINS -100", "PLAYER_CASH 100"]],
    [100n, 30n, 29n, null],
    [100n, 1n, 0n, null],
  ])("of %d is %d from a pool that holds %d", (win, part, holds, expected) => {
    start(10n);
    if (holds > 0n) pool(holds);
    stake(book, ref, "t", 10n);
    const { outcome } = won(win, part);
    if (expected === null) expect(outcome?.code).toBe(Code.JACKPOT_INSUFFICIENT);
    else expect(lines(outcome!).slice(2)).toEqual(expected);
    done();
  });

  test("goes to bonuses as the rest of the win does", () => {
    start(5n);
    grant(book, ref, "a", 5n);
    pool(50n);
    stake(book, ref, "t", 10n);
    expect(lines(won(60n, 50n).outcome!).slice(2)).toEqual([
      "LIAB_JACKPOT[mega] -50",
      "REV_WINS -10",
      "PLAYER_CASH 30",
      "PLAYER_BONUS[a] 30",
    ]);
    done();
  });

  test.each<[bigint, string, number, string]>([
    [101n, "mega", Code.AMOUNT_INVALID, "round_settled.jackpot_minor"],
    [-1n, "mega", Code.AMOUNT_INVALID, "round_settled.jackpot_minor"],
    [1n, "", Code.EVENT_FIELD_MISSING, "round_settled.jackpot_pool"],
    [1n, "a\0b", Code.EVENT_FIELD_INVALID, "round_settled.jackpot_pool"],
  ])("%d from %p makes no sense", (part, name, code, field) => {
    start(10n);
    stake(book, ref, "t", 10n);
    expect(won(100n, part, name)).toMatchObject({ code, field });
  });
});
