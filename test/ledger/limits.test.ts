/**
 * Goal: at every prefix of the log, what was deposited, staked and lost in a window is within the
 * strictest limit in force then; nothing is refused that would have been within.
 * Method: each rule at its edges; then random logs against a naive model that adds up what the
 * records say, with clocks that jump. Every book is rebuilt from its records.
 */
import { describe, expect, test } from "bun:test";
import { Code, LimitKind, LimitPeriod, type Payload } from "../../src/ledger/index.ts";
import { Book, everything } from "./book.ts";
import { DAY, MINUTE, limit, now, SECOND, sessionLimit, set, wait } from "./rules-of-players.ts";
import { WINDOW } from "./rules-of-players.ts";

const { DEPOSIT, LOSS, WAGER } = LimitKind;
const MAX = 2n ** 63n - 1n;

function expectReplayed(book: Book): void {
  book.commit();
  expect(everything(book.replay())).toEqual(everything(book.state));
}

let txn = 0;
const stake = (book: Book, ref: string, minor: bigint, id = `t${(txn += 1)}`): Code => {
  return book.bet(ref, id, minor, { roundId: id }).code;
};

describe("an entry counts while it is younger than the window", () => {
  test.each([
    [DEPOSIT, LimitPeriod.DAY],
    [DEPOSIT, LimitPeriod.WEEK],
    [DEPOSIT, LimitPeriod.MONTH],
    [WAGER, LimitPeriod.DAY],
    [WAGER, LimitPeriod.WEEK],
    [LOSS, LimitPeriod.MONTH],
  ] as const)("kind %d, period %d", (kind, period) => {
    const book = new Book();
    const ref = book.player(10_000n);
    const refusal = {
      [DEPOSIT]: Code.LIMIT_DEPOSIT_REACHED,
      [WAGER]: Code.LIMIT_WAGER_REACHED,
      [LOSS]: Code.LIMIT_LOSS_REACHED,
    }[kind];
    const use = (minor: bigint): Code => {
      return kind === DEPOSIT ? book.deposit(ref, minor).code : stake(book, ref, minor);
    };
    set(book, ref, limit(kind, 100n, { period }));
    expect(use(101n)).toBe(refusal);
    const first = now(book);
    expect(use(60n)).toBe(Code.OK);
    wait(book, MINUTE);
    expect(use(41n)).toBe(refusal);
    expect(use(40n)).toBe(Code.OK);
    expect(use(1n)).toBe(refusal);
    wait(book, first + WINDOW[period] - 1 - now(book));
    expect(use(1n)).toBe(refusal);
    expect(now(book)).toBe(first + WINDOW[period]);
    expect(use(61n)).toBe(refusal);
    expect(use(60n)).toBe(Code.OK);
    expectReplayed(book);
  });
});

test("deposits of money count always, so a limit of today knows those of yesterday", () => {
  const book = new Book();
  const ref = book.player();
  book.deposit(ref, 70n, "USD");
  wait(book, DAY / 2);
  const amount = { minor: 100n, currency: "USD" };
  set(book, ref, limit(DEPOSIT, 0n, { amount }));
  const deposit = (minor: bigint) => book.deposit(ref, minor, "USD").code;
  expect(deposit(31n)).toBe(Code.LIMIT_DEPOSIT_REACHED);
  expect(deposit(30n)).toBe(Code.OK);
  // Other currencies are other limits.
  expect(book.deposit(ref, 1000n, "EUR").code).toBe(Code.OK);
  expectReplayed(book);
});

test("tightening counts at once, loosening after a day; a tightening cancels it", () => {
  const book = new Book();
  const ref = book.player(10_000n);
  const most = () => {
    const { limits } = book.draft.player(ref)!.extras!.rules!;
    return limits.map((one) => [one.value, one.pendingValue, one.pendingAt]);
  };
  set(book, ref, limit(WAGER, 100n));
  set(book, ref, limit(WAGER, 50n));
  expect(stake(book, ref, 51n)).toBe(Code.LIMIT_WAGER_REACHED);
  const asked = now(book);
  set(book, ref, limit(WAGER, 200n));
  expect(most()).toEqual([[50n, 200n, asked + DAY]]);
  wait(book, DAY / 2);
  // The same again doesn't wait anew.
  set(book, ref, limit(WAGER, 200n));
  expect(most()).toEqual([[50n, 200n, asked + DAY]]);
  wait(book, asked + DAY - 1 - now(book));
  expect(stake(book, ref, 51n)).toBe(Code.LIMIT_WAGER_REACHED);
  expect(stake(book, ref, 200n)).toBe(Code.OK);
  // What was pending is in force, and is recorded so with the next change.
  const again = now(book);
  set(book, ref, limit(WAGER, 300n));
  expect(most()).toEqual([[200n, 300n, again + DAY]]);
  const another = now(book);
  set(book, ref, limit(WAGER, 400n));
  expect(most()).toEqual([[200n, 400n, another + DAY]]);
  set(book, ref, limit(WAGER, 200n));
  expect(most()).toEqual([[200n, 0n, 0]]);
  wait(book, 2 * DAY);
  expect(stake(book, ref, 201n)).toBe(Code.LIMIT_WAGER_REACHED);
  expectReplayed(book);
});

test("removing waits a day, asked again or not; a limit that is set again counts anew", () => {
  const book = new Book();
  const ref = book.player(10_000n);
  const remove = limit(WAGER, 0n, { remove: true });
  expect(set(book, ref, remove).code).toBe(Code.LIMIT_UNKNOWN);
  set(book, ref, limit(WAGER, 100n));
  expect(stake(book, ref, 100n)).toBe(Code.OK);
  expect(set(book, ref, limit(WAGER, 0n, { remove: true, period: 2 })).code).toBe(
    Code.LIMIT_UNKNOWN,
  );
  const asked = now(book);
  set(book, ref, remove);
  wait(book, DAY / 2);
  expect(set(book, ref, remove).code).toBe(Code.OK);
  wait(book, asked + DAY - 1 - now(book));
  expect(stake(book, ref, 101n)).toBe(Code.LIMIT_WAGER_REACHED);
  expect(stake(book, ref, 101n)).toBe(Code.OK);
  expect(set(book, ref, remove).code).toBe(Code.LIMIT_UNKNOWN);
  set(book, ref, limit(WAGER, 150n));
  expect(book.draft.player(ref)!.extras?.usage?.counters.length).toBe(2);
  wait(book, DAY);
  expect(stake(book, ref, 150n)).toBe(Code.OK);
  set(book, ref, remove);
  wait(book, DAY);
  set(book, ref, limit(DEPOSIT, 150n));
  // Nobody asks for stakes any more.
  expect(book.draft.player(ref)!.extras?.usage).toBeUndefined();
  set(book, ref, limit(WAGER, 10n));
  expect(stake(book, ref, 10n)).toBe(Code.OK);
  expectReplayed(book);
});

test("a removal that a new value replaces doesn't happen", () => {
  const book = new Book();
  const ref = book.player(10_000n);
  set(book, ref, limit(WAGER, 100n));
  set(book, ref, limit(WAGER, 0n, { remove: true }));
  set(book, ref, limit(WAGER, 120n));
  wait(book, 2 * DAY);
  expect(stake(book, ref, 121n)).toBe(Code.LIMIT_WAGER_REACHED);
  set(book, ref, limit(WAGER, 0n, { remove: true }));
  set(book, ref, limit(WAGER, 120n));
  wait(book, 2 * DAY);
  expect(stake(book, ref, 121n)).toBe(Code.LIMIT_WAGER_REACHED);
  expectReplayed(book);
});

test("the strictest of a day, a week and a month refuses; zero lets nothing pass", () => {
  const book = new Book();
  const ref = book.player(MAX - 10n);
  set(book, ref, limit(WAGER, MAX, { period: LimitPeriod.MONTH }));
  set(book, ref, limit(WAGER, 100n, { period: LimitPeriod.WEEK }));
  set(book, ref, limit(WAGER, 2n ** 53n + 1n));
  expect(stake(book, ref, 100n)).toBe(Code.OK);
  wait(book, DAY);
  expect(stake(book, ref, 1n)).toBe(Code.LIMIT_WAGER_REACHED);
  wait(book, 6 * DAY);
  expect(stake(book, ref, 100n)).toBe(Code.OK);
  set(book, ref, limit(WAGER, 0n));
  wait(book, 7 * DAY);
  expect(stake(book, ref, 1n)).toBe(Code.LIMIT_WAGER_REACHED);
  expect(book.dice(ref, 1n).code).toBe(Code.LIMIT_WAGER_REACHED);
  expectReplayed(book);
});

describe("what is staked and lost", () => {
  /** A player with both limits at 100. */
  const start = (kind: LimitKind): { book: Book; ref: string } => {
    const book = new Book();
    const ref = book.player(10_000n);
    set(book, ref, limit(kind, 100n));
    return { book, ref };
  };

  test("a win gives room to lose, none to wager", () => {
    for (const [kind, code] of [
      [WAGER, Code.LIMIT_WAGER_REACHED],
      [LOSS, Code.OK],
    ] as const) {
      const { book, ref } = start(kind);
      stake(book, ref, 100n, "a");
      book.settle("a", 60n);
      expect(stake(book, ref, 61n)).not.toBe(Code.OK);
      expect(stake(book, ref, 60n)).toBe(code);
      expectReplayed(book);
    }
  });

  test("a stake that is rolled back was never there, however late that is", () => {
    for (const kind of [WAGER, LOSS]) {
      const { book, ref } = start(kind);
      stake(book, ref, 90n, "a");
      wait(book, DAY - MINUTE);
      expect(stake(book, ref, 10n, "b")).toBe(Code.OK);
      book.rollBack("b");
      expect(stake(book, ref, 10n, "c")).toBe(Code.OK);
      wait(book, MINUTE);
      // The stake of 90 is out of the window already: giving it back makes no room here.
      expect(stake(book, ref, 90n)).toBe(Code.OK);
      book.rollBack("a");
      expect(stake(book, ref, 1n)).not.toBe(Code.OK);
      expectReplayed(book);
    }
  });

  test("a stake of longer ago than any window takes nothing with it", () => {
    const { book, ref } = start(WAGER);
    stake(book, ref, 100n, "a");
    wait(book, 30 * DAY);
    expect(stake(book, ref, 100n, "b")).toBe(Code.OK);
    book.rollBack("a");
    expect(stake(book, ref, 1n)).toBe(Code.LIMIT_WAGER_REACHED);
    expectReplayed(book);
  });

  test("of very many open bets, the oldest stay counted when they are rolled back", () => {
    const { book, ref } = start(WAGER);
    for (let at = 0; at <= 64; at += 1) stake(book, ref, 1n, `b${at}`);
    for (const id of ["b0", "b1"]) book.rollBack(id);
    expect(stake(book, ref, 37n)).toBe(Code.LIMIT_WAGER_REACHED);
    expect(stake(book, ref, 36n)).toBe(Code.OK);
    expectReplayed(book);
  });

  test("a bet from before the limit isn't counted, nor given back", () => {
    for (const kind of [WAGER, LOSS]) {
      const book = new Book();
      const ref = book.player(10_000n);
      stake(book, ref, 100n, "before");
      set(book, ref, limit(kind, 100n));
      expect(stake(book, ref, 100n)).toBe(Code.OK);
      book.rollBack("before");
      expect(stake(book, ref, 1n)).not.toBe(Code.OK);
      expectReplayed(book);
    }
  });

  test("a bet that was counted for one limit is given back to both kinds", () => {
    const { book, ref } = start(LOSS);
    stake(book, ref, 60n, "a");
    set(book, ref, limit(WAGER, 100n));
    expect(stake(book, ref, 40n, "b")).toBe(Code.OK);
    expect(stake(book, ref, 1n)).toBe(Code.LIMIT_WAGER_REACHED);
    book.rollBack("a");
    expect(stake(book, ref, 61n)).toBe(Code.LIMIT_WAGER_REACHED);
    expect(stake(book, ref, 60n)).toBe(Code.OK);
    expectReplayed(book);
  });

  test("a house round is wagered and lost at once", () => {
    const { book, ref } = start(LOSS);
    let lost = 0n;
    for (let round = 0; round < 40; round += 1) {
      const outcome = book.dice(ref, 10n);
      if (lost + 10n > 100n) expect(outcome.code).toBe(Code.LIMIT_LOSS_REACHED);
      else expect(outcome.code).toBe(Code.OK);
      lost += outcome.code === Code.OK ? 10n - outcome.houseRound!.win : 0n;
    }
    expectReplayed(book);
  });

  test("closed and void rounds, corrections and jackpots", () => {
    const { book, ref } = start(LOSS);
    set(book, ref, limit(WAGER, 300n));
    const [a, b] = ["a", "b"].map((id) => book.bet(ref, id, 30n, { roundId: "void" }).code);
    expect([a, b]).toEqual([Code.OK, Code.OK]);
    const ends = (type: "round_voided" | "round_closed", roundId: string): Code => {
      const payload = { type, reason: "", roundSource: "" } as Payload;
      return book.record({ playerRef: ref, roundId, payload }).code;
    };
    expect(ends("round_voided", "void")).toBe(Code.OK);
    book.bet(ref, "c", 50n, { roundId: "closed" });
    expect(ends("round_closed", "closed")).toBe(Code.OK);
    // 50 lost, 50 wagered; 50 more may be lost.
    expect(stake(book, ref, 51n)).toBe(Code.LIMIT_LOSS_REACHED);
    stake(book, ref, 50n, "d");
    book.settle("d", 0n);
    expect(stake(book, ref, 1n)).toBe(Code.LIMIT_LOSS_REACHED);
    const resettled: Payload = {
      type: "bet_resettled",
      betTxnId: "d",
      win: { minor: 20n, currency: "FUN" },
      reason: "",
      betSource: "",
    };
    expect(book.record({ playerRef: ref, payload: resettled }).code).toBe(Code.OK);
    expect(stake(book, ref, 21n)).toBe(Code.LIMIT_LOSS_REACHED);
    expect(stake(book, ref, 20n, "e")).toBe(Code.OK);
    book.settle("e", 200n);
    expect(stake(book, ref, 181n)).toBe(Code.LIMIT_WAGER_REACHED);
    expect(stake(book, ref, 180n)).toBe(Code.OK);
    expectReplayed(book);
  });
});

describe("sessions", () => {
  test("a stake within the time passes, one later waits for a break", () => {
    const book = new Book();
    const ref = book.player();
    set(book, ref, sessionLimit(3600));
    const from = now(book);
    const at = (us: number): Code => {
      wait(book, from + us - now(book));
      return stake(book, ref, 1n);
    };
    expect(at(0)).toBe(Code.OK);
    for (let us = 10 * MINUTE; us < 60 * MINUTE; us += 10 * MINUTE) expect(at(us)).toBe(Code.OK);
    expect(at(60 * MINUTE)).toBe(Code.OK);
    expect(at(60 * MINUTE + 1)).toBe(Code.LIMIT_SESSION_REACHED);
    expect(book.dice(ref, 1n).code).toBe(Code.LIMIT_SESSION_REACHED);
    // Deposits don't play.
    expect(book.deposit(ref, 1n).code).toBe(Code.OK);
    expect(at(75 * MINUTE - 1)).toBe(Code.LIMIT_SESSION_REACHED);
    expect(at(75 * MINUTE)).toBe(Code.OK);
    expect(at(76 * MINUTE)).toBe(Code.OK);
    expectReplayed(book);
  });

  test("a shorter limit ends a session that is on; without a limit nothing is kept", () => {
    const book = new Book();
    const ref = book.player();
    set(book, ref, sessionLimit(600));
    stake(book, ref, 1n);
    wait(book, 2 * SECOND);
    set(book, ref, sessionLimit(1));
    expect(stake(book, ref, 1n)).toBe(Code.LIMIT_SESSION_REACHED);
    set(book, ref, sessionLimit(0, true));
    wait(book, DAY);
    expect(stake(book, ref, 1n)).toBe(Code.OK);
    set(book, ref, limit(DEPOSIT, 1n));
    expect(book.draft.player(ref)!.extras?.usage).toBeUndefined();
    expectReplayed(book);
  });
});
