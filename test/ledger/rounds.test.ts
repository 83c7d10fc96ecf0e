/**
 * Goal: a round is open while it has open bets, settled without, closed for ever once that is said;
 * closed rounds hold no escrow, and rounds that nobody closes cost no memory.
 * Method: rounds of several bets ended in every way, posting by posting; what comes afterwards.
 */
import { afterEach, describe, expect, test } from "bun:test";
import { ClaimKind, claimHash, Funding } from "../../src/ledger/index.ts";
import { encodeOutcome } from "../../src/wire/index.ts";
import { ROUND_OPEN_BETS_MAX } from "../../src/ledger/limits.ts";
import { grant, lines, numbers, row, stake } from "./bonuses.ts";
import { Book, hex } from "./book.ts";
import { checkBook, codeOf, endRound, voidBet } from "./corrections.ts";

let book = new Book();
afterEach(() => {
  checkBook(book);
  book = new Book();
});

const claimed = (kind: ClaimKind, name: string) =>
  book.claims.get(hex(claimHash(kind, "demo", "api-play", name)));
const rounds = () => {
  book.commit();
  return book.state.counts().rounds;
};

describe("a round", () => {
  test("leaves memory with its last open bet, and a bet opens it anew, for anyone", () => {
    const [ref, other] = [book.player(100n), book.player(100n)];
    book.bet(ref, "a", 10n);
    book.bet(ref, "b", 10n);
    expect(codeOf(book.bet(other, "c", 10n))).toBe("ROUND_MISMATCH");
    book.settle("a", 0n);
    expect(rounds()).toBe(1);
    book.rollBack("b");
    expect(rounds()).toBe(0);
    expect(codeOf(book.bet(other, "d", 10n))).toBe("OK");
    expect(codeOf(book.bet(ref, "e", 10n))).toBe("ROUND_MISMATCH");
    book.settle("d", 0n, { closesRound: true });
    expect(codeOf(book.bet(other, "f", 10n))).toBe("ROUND_CLOSED");
    expect(claimed(ClaimKind.ROUND_CLOSED, "r")).toBeGreaterThan(0);
  });

  test("holds so many open bets and no more", () => {
    const ref = book.player(1000n);
    for (let n = 0; n < ROUND_OPEN_BETS_MAX; n += 1) book.bet(ref, `b${n}`, 1n);
    expect(codeOf(book.bet(ref, "more", 1n))).toBe("ROUND_TOO_MANY_BETS");
    expect(codeOf(book.bet(ref, "elsewhere", 1n, { roundId: "r2" }))).toBe("OK");
    book.settle("b7", 0n);
    expect(codeOf(book.bet(ref, "after", 1n))).toBe("OK");
    const closed = endRound(book, "round_closed", "r");
    expect(closed.postings).toHaveLength(2 * ROUND_OPEN_BETS_MAX);
    expect(row(book, ref)).toEqual([1000n - BigInt(ROUND_OPEN_BETS_MAX + 2), 0n, 1n]);
  });
});

describe("round_closed", () => {
  test("loses what is open, bet by bet in the order of keys, each named", () => {
    const ref = book.player(100n);
    book.deposit(ref, 50n, "USD");
    book.bet(ref, "c", 30n);
    book.bet(ref, "a", 10n);
    book.bet(ref, "d", 20n, { currency: "USD" });
    book.bet(ref, "b", 5n);
    book.settle("b", 6n);
    const closed = endRound(book, "round_closed", "r", { playerRef: ref, txnId: "end" });
    expect(lines(closed)).toEqual([
      "ROUND_ESCROW[a] -10",
      "REV_BETS 10",
      "ROUND_ESCROW[c] -30",
      "REV_BETS 30",
      "ROUND_ESCROW[d] -20",
      "REV_BETS 20",
    ]);
    expect(closed.roundClosed).toBe(true);
    expect(closed.balances.map(({ currency }) => currency)).toEqual(["FUN", "USD"]);
    expect([row(book, ref), row(book, ref, "USD")]).toEqual([
      [61n, 0n, 0n],
      [30n, 0n, 0n],
    ]);
    expect(rounds()).toBe(0);
    for (const id of ["a", "c", "d"]) {
      expect(claimed(ClaimKind.RESOLVED, id)).toBe(closed.seq);
      expect(codeOf(book.settle(id, 1n))).toBe("BET_ALREADY_SETTLED");
      expect(codeOf(book.rollBack(id))).toBe("BET_ALREADY_SETTLED");
    }
    expect(codeOf(book.bet(ref, "e", 1n))).toBe("ROUND_CLOSED");
    expect(codeOf(endRound(book, "round_closed", "r"))).toBe("ROUND_ALREADY_CLOSED");
    expect(codeOf(endRound(book, "round_voided", "r"))).toBe("ROUND_ALREADY_CLOSED");
    expect(codeOf(book.settle("e", 1n, { txnId: "end" }))).toBe("TXN_DUPLICATE");
  });

  test("closes a settled round, and one whose bets never came", () => {
    const ref = book.player(100n);
    book.bet(ref, "a", 10n);
    book.settle("a", 1n);
    const closed = endRound(book, "round_closed", "r");
    expect([codeOf(closed), closed.postings, closed.roundClosed]).toEqual(["OK", [], true]);
    expect(codeOf(endRound(book, "round_closed", "lost", { playerRef: ref }))).toBe("OK");
    expect(codeOf(book.bet(ref, "b", 1n))).toBe("ROUND_CLOSED");
    expect(codeOf(book.bet(ref, "c", 1n, { roundId: "lost" }))).toBe("ROUND_CLOSED");
    expect(row(book, ref)).toEqual([91n, 0n, 0n]);
  });

  test("of another source; of another player not", () => {
    const [ref, other] = [book.player(100n), book.player(100n)];
    book.bet(ref, "a", 10n);
    expect(codeOf(endRound(book, "round_closed", "r", { playerRef: other }))).toBe(
      "ROUND_MISMATCH",
    );
    const by = { source: "office", roundSource: "api-play" };
    expect(codeOf(endRound(book, "round_closed", "r", by))).toBe("OK");
    expect(row(book, ref)).toEqual([90n, 0n, 0n]);
    expect(codeOf(endRound(book, "round_closed", "r"))).toBe("ROUND_ALREADY_CLOSED");
  });

  test("counts wagering, and ends bonuses that are lost", () => {
    const ref = book.player(0n);
    grant(book, ref, "one", 10n, { wagering: 100n });
    grant(book, ref, "two", 10n, { wagering: 100n });
    book.bet(ref, "a", 10n);
    book.bet(ref, "b", 6n);
    const closed = endRound(book, "round_closed", "r");
    expect(closed.changes).toHaveLength(2);
    expect(numbers(book, ref, "one")).toBeUndefined();
    expect(numbers(book, ref, "two")).toEqual([4n, 0n, 0n, 100n]);
  });
});

describe("round_voided", () => {
  test("returns what is open to where it came from, for ever", () => {
    const ref = book.player(100n);
    grant(book, ref, "one", 20n);
    book.bet(ref, "b", 90n);
    book.bet(ref, "a", 10n);
    stake(book, ref, "own", 1n, Funding.BONUS);
    const amount = { minor: 19n, currency: "FUN" };
    const payload = { type: "bet_placed", amount, closesRound: false, funding: 2 } as const;
    book.record({ playerRef: ref, txnId: "c", roundId: "r", payload });
    const gone = endRound(book, "round_voided", "r");
    expect(lines(gone)).toEqual([
      "ROUND_ESCROW[a] -10",
      "PLAYER_CASH 10",
      "ROUND_ESCROW[b] -90",
      "PLAYER_CASH 90",
      "ROUND_ESCROW[c] -19",
      "PLAYER_BONUS[one] 19",
    ]);
    expect(row(book, ref)).toEqual([100n, 19n, 1n]);
    for (const id of ["a", "b", "c"]) {
      expect(claimed(ClaimKind.TOMBSTONE, id)).toBe(gone.seq);
      expect(codeOf(book.settle(id, 1n))).toBe("BET_ROLLED_BACK");
      expect(codeOf(book.rollBack(id))).toBe("BET_ALREADY_ROLLED_BACK");
      expect(codeOf(voidBet(book, id))).toBe("BET_ALREADY_VOIDED");
      expect(codeOf(book.bet(ref, id, 1n, { roundId: "x" }))).toBe("BET_ROLLED_BACK");
    }
    expect(codeOf(endRound(book, "round_voided", "r"))).toBe("ROUND_ALREADY_CLOSED");
  });

  test("without open bets there is nothing to return", () => {
    const ref = book.player(100n);
    book.bet(ref, "a", 10n);
    book.settle("a", 1n);
    expect(codeOf(endRound(book, "round_voided", "r"))).toBe("ROUND_UNKNOWN");
    expect(codeOf(endRound(book, "round_voided", "never"))).toBe("ROUND_UNKNOWN");
    expect(codeOf(book.bet(ref, "b", 10n))).toBe("OK");
  });
});

describe("a txn_id", () => {
  test("names one movement of its source", () => {
    const ref = book.player(100n);
    for (const id of ["a", "b", "c", "d"]) book.bet(ref, id, 10n, { roundId: id });
    book.settle("a", 1n, { txnId: "w" });
    book.rollBack("b", { txnId: "back" });
    for (const id of ["a", "b", "c", "d", "w", "back"]) {
      expect(codeOf(book.settle("c", 1n, { txnId: id }))).toBe("TXN_DUPLICATE");
      expect(codeOf(book.rollBack("c", { txnId: id }))).toBe("TXN_DUPLICATE");
      expect(codeOf(voidBet(book, "a", { txnId: id }))).toBe("TXN_DUPLICATE");
      expect(codeOf(endRound(book, "round_closed", "c", { txnId: id }))).toBe("TXN_DUPLICATE");
    }
    expect(codeOf(book.bet(ref, "w", 1n))).toBe("TXN_DUPLICATE");
    expect(codeOf(book.bet(ref, "back", 1n))).toBe("TXN_DUPLICATE");
    expect(codeOf(book.rollBack("never", { txnId: "never" }))).toBe("TXN_DUPLICATE");
    expect(codeOf(book.bet(ref, "w", 1n, { source: "other" }))).toBe("OK");
    // A refused movement uses nothing up.
    expect(codeOf(book.settle("c", 1n, { txnId: "w2", roundId: "zz" }))).toBe("BET_MISMATCH");
    expect(codeOf(book.settle("c", 1n, { txnId: "w2" }))).toBe("OK");
  });

  test("of an accepted rollback without effect is used up, too", () => {
    const ref = book.player(100n);
    expect(codeOf(book.rollBack("a", { txnId: "x" }))).toBe("BET_TOMBSTONED");
    expect(codeOf(book.rollBack("a", { txnId: "y" }))).toBe("BET_ALREADY_ROLLED_BACK");
    book.bet(ref, "b", 1n);
    expect(codeOf(book.settle("b", 1n, { txnId: "y" }))).toBe("TXN_DUPLICATE");
    expect(codeOf(book.settle("b", 1n, { txnId: "a" }))).toBe("TXN_DUPLICATE");
  });
});

test("the record that ends a full round fits a tiled log, with the longest ids", () => {
  const book = new Book();
  const long = (text: string): string => text.padEnd(128, "x");
  const ref = book.player(0n);
  for (let at = 0; at < 32; at += 1) {
    const grant = { campaign: "", amount: { minor: 3n, currency: "FUN" }, wageringMinor: 9n };
    const bonus = { bonusId: long(`b${at}`), ...grant, expiresAt: 0, conversionMinorMax: 0n };
    book.record({ playerRef: ref, payload: { type: "bonus_granted", ...bonus } });
  }
  const place = (at: number, minor: bigint) => {
    const init = { playerRef: ref, roundId: long("r"), txnId: long(`t${at}`) };
    const amount = { minor, currency: "FUN" };
    const payload = { type: "bet_placed", amount, closesRound: false } as const;
    return codeOf(book.record({ ...init, payload }));
  };
  const codes = [place(0, 95n)];
  for (let at = 1; at < 200; at += 1) codes.push(place(at, 1n));
  expect(codes.filter((code) => code === "OK").length).toBeGreaterThan(1);
  const ended = book.record({
    roundId: long("r"),
    payload: { type: "round_voided", reason: long("y"), roundSource: "" },
  });
  expect(encodeOutcome(ended, { playerRef: "" }).length).toBeLessThan(40_000);
});
