/**
 * Goal: bonuses are wagered by what is settled, end as LOST with the last of them, and house rounds
 * do all of it in one record.
 * Method: small books, with every number of every bonus.
 */
import { afterEach, describe, expect, test } from "bun:test";
import { BonusStage, Code, Funding } from "../../src/ledger/index.ts";
import { bonusOf, checkBonuses, grant, grantFree, lines, numbers, row, stake } from "./bonuses.ts";
import { Book, EPOCH_US } from "./book.ts";

const MAX = 2n ** 63n - 1n;
const { FREE } = Funding;
const SOON = EPOCH_US + 1_000_000;

let book = new Book();
let ref = "";
function start(cash: bigint): void {
  book = new Book();
  ref = book.player(cash);
}
afterEach(() => checkBonuses(book));

describe("wagering", () => {
  test("is what was settled, in spend order, one bonus at a time", () => {
    start(100n);
    grant(book, ref, "later", 10n, { wagering: 100n });
    grant(book, ref, "first", 10n, { wagering: 25n, expiresAt: SOON });
    const left = () =>
      [bonusOf(book, ref, "first"), bonusOf(book, ref, "later")].map(
        (bonus) => bonus?.wageringLeft,
      );
    stake(book, ref, "t", 20n);
    expect(left()).toEqual([25n, 100n]);
    book.settle("t", 5n);
    expect(left()).toEqual([5n, 100n]);
    stake(book, ref, "u", 20n);
    book.settle("u");
    expect(left()).toEqual([0n, 85n]);
    stake(book, ref, "v", 20n);
    book.rollBack("v");
    expect(left()).toEqual([0n, 85n]);
  });

  test("counts the whole of a mixed stake, and no free one", () => {
    start(3n);
    grant(book, ref, "a", 7n, { wagering: 50n });
    grantFree(book, ref, "f", 10n);
    stake(book, ref, "free", 10n, FREE);
    book.settle("free", 1n);
    expect(numbers(book, ref, "a")).toEqual([7n, 0n, 0n, 50n]);
    stake(book, ref, "t", 10n);
    book.settle("t", 20n);
    expect(numbers(book, ref, "a")).toEqual([14n, 0n, 0n, 40n]);
  });

  test("passes by a bonus whose time is over, and another currency's", () => {
    start(50n);
    grant(book, ref, "a", 10n, { wagering: 10n, expiresAt: SOON });
    grant(book, ref, "b", 10n, { wagering: 10n });
    grant(book, ref, "c", 10n, { wagering: 10n, currency: "USD" });
    stake(book, ref, "t", 8n);
    book.laterUs = 1_000_000;
    book.settle("t");
    const left = ["a", "b", "c"].map((id) => bonusOf(book, ref, id)?.wageringLeft);
    expect(left).toEqual([10n, 2n, 10n]);
  });

  test("goes to a bonus that the same record ends, before the next", () => {
    start(0n);
    grant(book, ref, "a", 10n, { wagering: 6n });
    grant(book, ref, "b", 10n, { wagering: 10n });
    stake(book, ref, "t", 10n);
    const outcome = book.settle("t");
    expect(outcome.changes).toMatchObject([
      { key: "a", stage: BonusStage.LOST, wageringLeft: 0n, version: 3 },
      { key: "b", stage: BonusStage.ACTIVE, wageringLeft: 6n, version: 2 },
    ]);
  });
});

describe("a bonus of which nothing is left ends as LOST", () => {
  test("with its last bet, not before", () => {
    start(0n);
    grant(book, ref, "a", 20n, { wagering: 1000n });
    stake(book, ref, "t", 10n);
    stake(book, ref, "u", 10n);
    expect(book.settle("t").changes).toMatchObject([{ key: "a", stage: BonusStage.ACTIVE }]);
    expect(book.settle("u").changes).toMatchObject([{ key: "a", stage: BonusStage.LOST }]);
    expect(bonusOf(book, ref, "a")).toBeUndefined();
    expect(row(book, ref)).toEqual([0n, 0n, 0n]);
  });

  test("free bets, too, when the last of them wins nothing", () => {
    start(0n);
    grantFree(book, ref, "f", 10n);
    stake(book, ref, "t", 4n, FREE);
    expect(book.settle("t").changes).toMatchObject([{ key: "f", stage: BonusStage.ACTIVE }]);
    stake(book, ref, "u", 6n, FREE);
    expect(book.settle("u").changes).toMatchObject([{ key: "f", stage: BonusStage.LOST }]);
  });
});

describe("a house round", () => {
  /** One roll, and bets on both sides of it. */
  test("takes cash first, pays pro rata and is wagered, in one record", () => {
    const seen = new Set<boolean>();
    for (let cash = 1n; cash < 40n; cash += 1n) {
      start(cash);
      grant(book, ref, "a", 100n - cash, { wagering: 150n });
      const outcome = book.dice(ref, 100n, 5000, cash % 2n === 0n);
      const win = outcome.houseRound!.win;
      seen.add(win > 0n);
      const staked = [`PLAYER_CASH -${cash}`, `PLAYER_BONUS[a] -${100n - cash}`, "REV_BETS 100"];
      const share = 198n - (198n * cash) / 100n;
      const paid = ["REV_WINS -198", `PLAYER_CASH ${198n - share}`, `PLAYER_BONUS[a] ${share}`];
      expect(lines(outcome)).toEqual(win > 0n ? [...staked, ...paid] : staked);
      if (win > 0n) expect(numbers(book, ref, "a")).toEqual([share, 0n, 0n, 50n]);
      else {
        expect(outcome.changes).toMatchObject([{ key: "a", stage: BonusStage.LOST, version: 2 }]);
      }
      checkBonuses(book);
    }
    expect(seen.size).toBe(2);
  });

  test("from cash alone is wagered all the same", () => {
    start(100n);
    grant(book, ref, "a", 5n, { wagering: 150n });
    const outcome = book.dice(ref, 100n);
    expect(lines(outcome).slice(0, 2)).toEqual(["PLAYER_CASH -100", "REV_BETS 100"]);
    expect(numbers(book, ref, "a")).toEqual([5n, 0n, 0n, 50n]);
  });

  test("is refused without a look at the dice", () => {
    start(50n);
    grant(book, ref, "a", 49n);
    expect(book.dice(ref, 100n).code).toBe(Code.FUNDS_INSUFFICIENT);
    start(MAX - 97n);
    grant(book, ref, "a", 1n);
    expect(book.dice(ref, 100n).code).toBe(Code.BALANCE_OVERFLOW);
  });
});
