/**
 * Goal: what was settled wrongly is put right by records that mirror it, once each; players'
 * accounts never go below zero; what they no longer have, they owe.
 * Method: each kind of correction on each kind of bet, posting by posting, and what must not be.
 */
import { afterEach, describe, expect, test } from "bun:test";
import { CORRECTIONS_MAX } from "../../src/ledger/limits.ts";
import { Code, Funding, type Outcome } from "../../src/ledger/index.ts";
import { bonusOf, end, grant, grantFree, lines, numbers, row, stake } from "./bonuses.ts";
import { Book } from "./book.ts";
import {
  checkBook,
  codeOf,
  endRound,
  jackpot,
  owed,
  resettle,
  takeWin,
  voidBet,
} from "./corrections.ts";

const MAX = 2n ** 63n - 1n;
let book = new Book();
afterEach(() => {
  checkBook(book);
  book = new Book();
});

/** A bet that is settled with a win under the txn_id "w". */
function settled(has: bigint, minor: bigint, win: bigint): string {
  const ref = book.player(has);
  book.bet(ref, "b", minor);
  book.settle("b", win, { txnId: "w" });
  return ref;
}

function marks({ correction }: Outcome): readonly (number | undefined)[] {
  return [correction?.of, correction?.mirrored];
}

describe("a win is taken back", () => {
  test("from cash; its bet stays settled", () => {
    const ref = settled(100n, 30n, 50n);
    const taken = takeWin(book, "w", { playerRef: ref, roundId: "r" });
    expect(lines(taken)).toEqual(["REV_WINS 50", "PLAYER_CASH -50"]);
    expect(marks(taken)).toEqual([4, 2]);
    expect(row(book, ref)).toEqual([70n, 0n, 0n]);
    expect(codeOf(book.rollBack("b"))).toBe("BET_ALREADY_SETTLED");
    expect(codeOf(book.settle("b", 1n))).toBe("BET_ALREADY_SETTLED");
  });

  test.each([
    [50n, 0n],
    [49n, 1n],
    [1n, 49n],
    [0n, 50n],
  ])("with %d left, %d is owed", (left, debt) => {
    const ref = settled(100n, 100n, 50n);
    if (left < 50n) book.bet(ref, "spent", 50n - left, { roundId: "other" });
    const taken = takeWin(book, "w");
    expect(lines(taken)).toEqual(
      ["REV_WINS 50", `PLAYER_CASH -${left}`, `ASSET_PLAYER_DEBT -${debt}`].filter(
        (line) => !line.endsWith(" -0"),
      ),
    );
    expect(taken.balances).toHaveLength(1);
    expect(row(book, ref)[0]).toBe(0n);
    expect(owed(book, ref)).toBe(debt);
  });

  test("once: again it is accepted without effect", () => {
    const ref = settled(100n, 30n, 50n);
    takeWin(book, "w");
    expect(codeOf(takeWin(book, "w"))).toBe("WIN_ALREADY_ROLLED_BACK");
    expect(row(book, ref)).toEqual([70n, 0n, 0n]);
  });

  test("before it comes: the late win is refused for ever, its bet stays open", () => {
    const ref = book.player(100n);
    expect(codeOf(takeWin(book, "w"))).toBe("WIN_TOMBSTONED");
    expect(codeOf(takeWin(book, "w"))).toBe("WIN_ALREADY_ROLLED_BACK");
    book.bet(ref, "b", 30n);
    expect(codeOf(book.settle("b", 50n, { txnId: "w" }))).toBe("WIN_ROLLED_BACK");
    expect(codeOf(jackpot(book, "won", 1n, { playerRef: ref, txnId: "w" }))).toBe(
      "WIN_ROLLED_BACK",
    );
    expect(row(book, ref)).toEqual([70n, 0n, 30n]);
    expect(codeOf(book.settle("b", 50n, { txnId: "w2" }))).toBe("OK");
  });

  test("of zero: without postings, and once", () => {
    const ref = settled(100n, 30n, 0n);
    const taken = takeWin(book, "w");
    expect([codeOf(taken), taken.postings, marks(taken)]).toEqual(["OK", [], [4, 0]]);
    expect(codeOf(takeWin(book, "w"))).toBe("WIN_ALREADY_ROLLED_BACK");
    expect(row(book, ref)).toEqual([70n, 0n, 0n]);
  });

  test("with its jackpot part, which returns to its pool", () => {
    jackpot(book, "seeded", 40n);
    const ref = book.player(100n);
    book.bet(ref, "b", 30n);
    const win = { minor: 50n, currency: "FUN" };
    const jackpotPart = { jackpotMinor: 40n, jackpotPool: "mega" };
    const payload = { type: "round_settled", betTxnId: "b", win, closesRound: true } as const;
    book.record({ txnId: "w", payload: { ...payload, ...jackpotPart } });
    const taken = takeWin(book, "w");
    expect(lines(taken)).toEqual(["LIAB_JACKPOT[mega] 40", "REV_WINS 10", "PLAYER_CASH -50"]);
  });

  test("of a jackpot", () => {
    jackpot(book, "seeded", 40n);
    const ref = book.player(0n);
    jackpot(book, "won", 40n, { playerRef: ref, txnId: "j" });
    const taken = takeWin(book, "j");
    expect(lines(taken)).toEqual(["LIAB_JACKPOT[mega] 40", "PLAYER_CASH -40"]);
    expect(codeOf(takeWin(book, "j"))).toBe("WIN_ALREADY_ROLLED_BACK");
    expect(codeOf(voidBet(book, "j"))).toBe("BET_UNKNOWN");
  });

  test("not when the id names a bet or another movement", () => {
    const ref = settled(100n, 30n, 50n);
    book.bet(ref, "open", 1n, { roundId: "r2" });
    book.bet(ref, "gone", 1n, { roundId: "r3" });
    book.rollBack("gone", { txnId: "back" });
    expect(codeOf(takeWin(book, "b"))).toBe("WIN_UNKNOWN");
    expect(codeOf(takeWin(book, "open"))).toBe("WIN_UNKNOWN");
    expect(codeOf(takeWin(book, "back"))).toBe("WIN_UNKNOWN");
    expect(codeOf(takeWin(book, "gone"))).toBe("WIN_TOMBSTONED");
    expect(codeOf(takeWin(book, "w", { source: "other" }))).toBe("WIN_TOMBSTONED");
  });

  test("not from another player or round", () => {
    const ref = settled(100n, 30n, 50n);
    const other = book.player(100n);
    expect(codeOf(takeWin(book, "w", { playerRef: other }))).toBe("BET_MISMATCH");
    const inRound = { roundId: "r" };
    book.bet(ref, "b2", 1n, inRound);
    book.settle("b2", 1n, { txnId: "w2", ...inRound });
    expect(codeOf(takeWin(book, "w2", { roundId: "r9" }))).toBe("BET_MISMATCH");
  });

  test("up to what an int64 can owe", () => {
    const ref = settled(1n, 1n, MAX);
    book.bet(ref, "all", MAX, { roundId: "r2" });
    expect(codeOf(takeWin(book, "w"))).toBe("OK");
    expect(owed(book, ref)).toBe(MAX);
    book.settle("all", 0n);
    book.deposit(book.player(0n), 1n);
    book.bet(book.player(1n), "c", 1n, { roundId: "r3" });
    const next = book.record({
      playerRef: ref,
      payload: {
        type: "adjustment_posted",
        amount: { minor: 1n, currency: "FUN" },
        debit: false,
        reason: "x",
        approvers: ["a", "b"],
        correctionOf: 0,
      },
    });
    expect(codeOf(next)).toBe("OK");
    book.bet(ref, "d", 1n, { roundId: "r4" });
    book.settle("d", 5n, { txnId: "w4" });
    book.bet(ref, "e", 5n, { roundId: "r5" });
    expect(codeOf(takeWin(book, "w4"))).toBe("BALANCE_OVERFLOW");
  });
});

describe("a void", () => {
  test("returns the stake of an open bet, which never comes again", () => {
    const ref = book.player(100n);
    book.bet(ref, "b", 30n, { closesRound: true });
    const gone = voidBet(book, "b", { playerRef: ref, roundId: "r" });
    expect(lines(gone)).toEqual(["ROUND_ESCROW -30", "PLAYER_CASH 30"]);
    expect([gone.roundClosed, gone.correction]).toEqual([true, undefined]);
    expect(codeOf(book.bet(ref, "b", 30n, { roundId: "x" }))).toBe("BET_ROLLED_BACK");
    expect(codeOf(book.bet(ref, "c", 30n))).toBe("ROUND_CLOSED");
    expect(codeOf(book.settle("b", 1n))).toBe("BET_ROLLED_BACK");
    expect(codeOf(book.rollBack("b"))).toBe("BET_ALREADY_ROLLED_BACK");
    expect(codeOf(voidBet(book, "b"))).toBe("BET_ALREADY_VOIDED");
    expect(codeOf(resettle(book, "b", 1n))).toBe("BET_VOIDED");
  });

  test("mirrors a settled bet, then returns the stake", () => {
    const ref = settled(100n, 30n, 50n);
    const gone = voidBet(book, "b");
    expect(lines(gone)).toEqual([
      "ROUND_ESCROW 30",
      "REV_BETS -30",
      "REV_WINS 50",
      "PLAYER_CASH -50",
      "ROUND_ESCROW -30",
      "PLAYER_CASH 30",
    ]);
    expect(marks(gone)).toEqual([4, 4]);
    expect(row(book, ref)).toEqual([100n, 0n, 0n]);
    expect(codeOf(voidBet(book, "b"))).toBe("BET_ALREADY_VOIDED");
    expect(codeOf(resettle(book, "b", 1n))).toBe("BET_VOIDED");
    expect(codeOf(takeWin(book, "w"))).toBe("BET_VOIDED");
    expect(codeOf(book.settle("b", 1n))).toBe("BET_ALREADY_SETTLED");
  });

  test("owes no more than the player is short of after all", () => {
    const ref = settled(100n, 30n, 120n);
    book.bet(ref, "spent", 180n, { roundId: "r2" });
    // 120 are taken, 30 come back, 10 are there: 80 are missing.
    const gone = voidBet(book, "b");
    expect(lines(gone).slice(3)).toEqual([
      "PLAYER_CASH -40",
      "ASSET_PLAYER_DEBT -80",
      "ROUND_ESCROW -30",
      "PLAYER_CASH 30",
    ]);
    expect([row(book, ref)[0], owed(book, ref)]).toEqual([0n, 80n]);
  });

  test("of a bet of another source", () => {
    const ref = settled(100n, 30n, 50n);
    const by = { source: "office" };
    expect(codeOf(voidBet(book, "b", by))).toBe("BET_UNKNOWN");
    expect(codeOf(voidBet(book, "b", { ...by, txnId: "b" }))).toBe("TXN_DUPLICATE");
    // The same id means another movement of another source.
    expect(codeOf(voidBet(book, "b", { ...by, txnId: "b", betSource: "api-play" }))).toBe("OK");
    expect(row(book, ref)).toEqual([100n, 0n, 0n]);
  });

  test("of what was rolled back, is unknown, or another's", () => {
    const ref = settled(100n, 30n, 50n);
    book.bet(ref, "back", 1n, { roundId: "r2" });
    book.bet(ref, "open", 1n, { roundId: "r3" });
    book.rollBack("back");
    const other = book.player(1n);
    expect(codeOf(voidBet(book, "back"))).toBe("BET_ROLLED_BACK");
    expect(codeOf(voidBet(book, "none"))).toBe("BET_UNKNOWN");
    expect(codeOf(voidBet(book, "w"))).toBe("BET_UNKNOWN");
    expect(codeOf(voidBet(book, "b", { playerRef: other }))).toBe("BET_MISMATCH");
    expect(codeOf(voidBet(book, "open", { playerRef: other }))).toBe("BET_MISMATCH");
    expect(codeOf(voidBet(book, "open", { roundId: "r2" }))).toBe("BET_MISMATCH");
    // An unknown bet left no tombstone.
    expect(codeOf(book.bet(ref, "none", 1n, { roundId: "r4" }))).toBe("OK");
  });

  test("that would overflow the account is refused", () => {
    const ref = settled(100n, 100n, 0n);
    book.deposit(ref, MAX - 99n);
    expect(codeOf(voidBet(book, "b"))).toBe("BALANCE_OVERFLOW");
  });

  test("of a house round, named by its txn_id; its draw stays used", () => {
    const ref = book.player(1000n);
    const stakeOf = { minor: 100n, currency: "FUN" };
    const game = { type: "dice", targetX100: 5000, over: true } as const;
    const payload = { type: "house_round", stake: stakeOf, game } as const;
    const played = book.record({ playerRef: ref, txnId: "h", payload });
    const { win } = played.houseRound!;
    const gone = voidBet(book, "h");
    const wins = win === 0n ? [] : [`REV_WINS ${win}`, `PLAYER_CASH -${win}`];
    expect(lines(gone)).toEqual(["REV_BETS -100", ...wins, "PLAYER_CASH 100"]);
    expect(marks(gone)).toEqual([played.seq, gone.postings.length]);
    expect(row(book, ref)).toEqual([1000n, 0n, 0n]);
    expect(book.draft.player(ref)?.nonce).toBe(1);
    expect(codeOf(voidBet(book, "h"))).toBe("BET_ALREADY_VOIDED");
    expect(codeOf(resettle(book, "h", 1n))).toBe("BET_UNKNOWN");
    expect(codeOf(takeWin(book, "h"))).toBe("WIN_UNKNOWN");
    expect(codeOf(book.record({ playerRef: ref, txnId: "h", payload }))).toBe("TXN_DUPLICATE");
  });
});

describe("a resettlement", () => {
  test("mirrors what stands and posts anew", () => {
    const ref = settled(100n, 30n, 50n);
    const again = resettle(book, "b", 70n, { txnId: "w2" });
    expect(lines(again)).toEqual([
      "ROUND_ESCROW 30",
      "REV_BETS -30",
      "REV_WINS 50",
      "PLAYER_CASH -50",
      "ROUND_ESCROW -30",
      "REV_BETS 30",
      "REV_WINS -70",
      "PLAYER_CASH 70",
    ]);
    expect(marks(again)).toEqual([4, 4]);
    expect(row(book, ref)).toEqual([140n, 0n, 0n]);
    const third = resettle(book, "b", 0n);
    expect([...marks(third), row(book, ref)[0]]).toEqual([5, 4, 70n]);
    expect(marks(voidBet(book, "b"))).toEqual([6, 2]);
    expect(row(book, ref)).toEqual([100n, 0n, 0n]);
  });

  test("owes only what the new win doesn't cover", () => {
    const ref = settled(100n, 100n, 50n);
    book.bet(ref, "spent", 50n, { roundId: "r2" });
    resettle(book, "b", 20n);
    expect([row(book, ref)[0], owed(book, ref)]).toEqual([0n, 30n]);
    // A better one gives cash; debts are another matter.
    resettle(book, "b", 50n);
    expect([row(book, ref)[0], owed(book, ref)]).toEqual([30n, 30n]);
  });

  test("has a win that can be taken back, by its own txn_id or the first", () => {
    const ref = settled(100n, 30n, 50n);
    resettle(book, "b", 70n, { txnId: "w2" });
    expect(lines(takeWin(book, "w"))).toEqual(["REV_WINS 70", "PLAYER_CASH -70"]);
    expect(codeOf(takeWin(book, "w2"))).toBe("WIN_ALREADY_ROLLED_BACK");
    resettle(book, "b", 40n, { txnId: "w3" });
    expect(codeOf(takeWin(book, "w"))).toBe("WIN_ALREADY_ROLLED_BACK");
    expect(lines(takeWin(book, "w3"))).toEqual(["REV_WINS 40", "PLAYER_CASH -40"]);
    expect(row(book, ref)).toEqual([70n, 0n, 0n]);
    expect(codeOf(voidBet(book, "b"))).toBe("OK");
    expect(row(book, ref)).toEqual([100n, 0n, 0n]);
  });

  test("only of settled bets, within the ceiling, in the bet's currency", () => {
    const ref = settled(100n, 30n, 50n);
    book.bet(ref, "open", 1n, { roundId: "r2" });
    book.bet(ref, "back", 1n, { roundId: "r3" });
    book.rollBack("back");
    expect(codeOf(resettle(book, "open", 1n))).toBe("BET_OPEN");
    expect(codeOf(resettle(book, "back", 1n))).toBe("BET_ROLLED_BACK");
    expect(codeOf(resettle(book, "none", 1n))).toBe("BET_UNKNOWN");
    expect(codeOf(resettle(book, "b", 1n, { currency: "USD" }))).toBe("BET_MISMATCH");
    expect(codeOf(resettle(book, "b", 1n, { roundId: "r2" }))).toBe("OK");
    book.ceiling = 9n;
    expect(codeOf(resettle(book, "b", 10n))).toBe("WIN_ABOVE_CEILING");
    book.ceiling = MAX;
    expect(codeOf(resettle(book, "b", MAX))).toBe("BALANCE_OVERFLOW");
  });

  test("not for ever; a void and a rollback of the win may still follow", () => {
    const ref = settled(100n, 30n, 50n);
    for (let n = 1; n <= CORRECTIONS_MAX; n += 1) {
      expect(codeOf(resettle(book, "b", BigInt(n)))).toBe("OK");
    }
    expect(codeOf(resettle(book, "b", 1n))).toBe("CORRECTION_TOO_MANY");
    expect(codeOf(takeWin(book, "w"))).toBe("OK");
    expect(codeOf(resettle(book, "b", 1n))).toBe("CORRECTION_TOO_MANY");
    expect(codeOf(voidBet(book, "b"))).toBe("OK");
    expect(row(book, ref)).toEqual([100n, 0n, 0n]);
  });

  test("of a bet that was lost with its round, each for itself", () => {
    const ref = book.player(100n);
    for (const id of ["x", "y", "z"]) book.bet(ref, id, 10n);
    const closed = endRound(book, "round_closed", "r");
    expect(marks(resettle(book, "y", 25n, { roundId: "r" }))).toEqual([closed.seq, 2]);
    expect(marks(voidBet(book, "x"))).toEqual([closed.seq, 2]);
    expect(codeOf(voidBet(book, "x"))).toBe("BET_ALREADY_VOIDED");
    expect(row(book, ref)).toEqual([105n, 0n, 0n]);
    expect(codeOf(resettle(book, "z", 1n, { roundId: "r2" }))).toBe("BET_MISMATCH");
  });
});

describe("with bonus money", () => {
  test("a void gives each source its part again, to be wagered again", () => {
    const ref = book.player(10n);
    grant(book, ref, "one", 20n, { wagering: 100n, expiresAt: 2_000_000_000_000_000 });
    grant(book, ref, "two", 50n, { wagering: 100n });
    stake(book, ref, "b", 40n);
    book.settle("b", 80n, { txnId: "w" });
    // 20 from each of cash (10), one (20), two (10); the win goes the same way.
    expect(row(book, ref)).toEqual([20n, 100n, 0n]);
    expect(numbers(book, ref, "one")).toEqual([40n, 0n, 0n, 60n]);
    const gone = voidBet(book, "b");
    expect(lines(gone)).toEqual([
      "ROUND_ESCROW 40",
      "REV_BETS -40",
      "REV_WINS 80",
      "PLAYER_CASH -20",
      "PLAYER_BONUS[one] -40",
      "PLAYER_BONUS[two] -20",
      "ROUND_ESCROW -40",
      "PLAYER_CASH 10",
      "PLAYER_BONUS[one] 20",
      "PLAYER_BONUS[two] 10",
    ]);
    expect(row(book, ref)).toEqual([10n, 70n, 0n]);
    expect(numbers(book, ref, "one")).toEqual([20n, 0n, 0n, 100n]);
    expect(numbers(book, ref, "two")).toEqual([50n, 0n, 0n, 100n]);
  });

  test("a bonus gives what it has, cash the rest, then it is owed", () => {
    const ref = book.player(0n);
    grant(book, ref, "one", 20n, { wagering: 500n });
    stake(book, ref, "b", 10n);
    book.settle("b", 60n, { txnId: "w" });
    stake(book, ref, "spent", 65n);
    book.deposit(ref, 15n);
    const taken = takeWin(book, "w");
    expect(lines(taken)).toEqual([
      "REV_WINS 60",
      "PLAYER_CASH -15",
      "ASSET_PLAYER_DEBT -40",
      "PLAYER_BONUS[one] -5",
    ]);
    expect(row(book, ref)).toEqual([0n, 0n, 65n]);
    expect(numbers(book, ref, "one")).toEqual([0n, 65n, 0n, 490n]);
  });

  test("free bets: the allowance returns, the win's wagering goes", () => {
    const ref = book.player(5n);
    grantFree(book, ref, "free", 30n, { winWageringX100: 150 });
    stake(book, ref, "b", 10n, Funding.FREE);
    book.settle("b", 21n, { txnId: "w" });
    expect(numbers(book, ref, "free")).toEqual([21n, 0n, 20n, 31n]);
    resettle(book, "b", 7n);
    expect(numbers(book, ref, "free")).toEqual([7n, 0n, 20n, 10n]);
    const gone = voidBet(book, "b");
    expect(lines(gone).slice(4)).toEqual(["ROUND_ESCROW -10", "EXP_FREEBETS 10"]);
    expect(numbers(book, ref, "free")).toEqual([0n, 0n, 30n, 0n]);
    expect(row(book, ref)).toEqual([5n, 0n, 0n]);
  });

  test("what became of a converted bonus is cash", () => {
    const ref = book.player(0n);
    grant(book, ref, "one", 20n);
    stake(book, ref, "b", 10n);
    book.settle("b", 30n, { txnId: "w" });
    end(book, ref, "bonus_converted", "one");
    expect(row(book, ref)).toEqual([40n, 0n, 0n]);
    const gone = voidBet(book, "b");
    expect(lines(gone).filter((line) => /PLAYER|EXP/.test(line))).toEqual([
      "PLAYER_CASH -30",
      "PLAYER_CASH 10",
    ]);
    expect(row(book, ref)).toEqual([20n, 0n, 0n]);
  });

  test.each(["bonus_forfeited", "bonus_converted"] as const)(
    "what became of a bonus that was %s is the operator's",
    (how) => {
      const ref = book.player(7n);
      grant(book, ref, "one", 20n, { max: 5n });
      stake(book, ref, "b", 10n, Funding.BONUS);
      book.settle("b", 30n, { txnId: "w" });
      end(book, ref, how, "one");
      const [before] = row(book, ref);
      const again = resettle(book, "b", 90n);
      expect(lines(again).filter((line) => /PLAYER|EXP/.test(line))).toEqual([
        "EXP_BONUS -30",
        "EXP_BONUS 90",
      ]);
      expect(row(book, ref)).toEqual([before, 0n, 0n]);
      expect(lines(voidBet(book, "b")).at(-1)).toBe("EXP_BONUS 10");
    },
  );

  test("a bonus that a correction leaves empty is lost", () => {
    const ref = book.player(0n);
    grant(book, ref, "one", 10n);
    stake(book, ref, "b", 10n);
    book.settle("b", 30n, { txnId: "w" });
    takeWin(book, "w");
    expect(bonusOf(book, ref, "one")).toBeUndefined();
    const again = resettle(book, "b", 30n);
    expect(lines(again).at(-1)).toBe("EXP_BONUS 30");
  });

  test("cash that was wagered for a bonus is wagered again", () => {
    const ref = book.player(50n);
    grant(book, ref, "one", 20n, { wagering: 100n });
    stake(book, ref, "b", 30n, Funding.CASH);
    book.settle("b", 0n);
    expect(numbers(book, ref, "one")?.[3]).toBe(70n);
    resettle(book, "b", 1n);
    expect(numbers(book, ref, "one")?.[3]).toBe(70n);
    voidBet(book, "b");
    expect(numbers(book, ref, "one")?.[3]).toBe(100n);
  });
});

test("corrections pass whatever the player may not", () => {
  const ref = settled(100n, 30n, 50n);
  const frozen = { type: "player_frozen", reason: "x", withdrawalsToo: true } as const;
  expect(book.record({ playerRef: ref, payload: frozen }).code).toBe(Code.OK);
  expect(codeOf(resettle(book, "b", 60n))).toBe("OK");
  expect(codeOf(takeWin(book, "w"))).toBe("OK");
  expect(codeOf(voidBet(book, "b"))).toBe("OK");
  expect(row(book, ref)).toEqual([100n, 0n, 0n]);
});
