/**
 * Goal: records of bonuses, withdrawals, deposits, debts, corrections, rounds and standings are
 * taken as they are or not at all.
 * Method: one good record of each kind on a small book, and a table of ways to falsify it. A state
 * that found something wrong isn't used again, so it need not be as it was.
 */
import { expect, test } from "bun:test";
import {
  AccountKind,
  apply,
  type Change,
  Code,
  Funding,
  houseKey,
  LedgerError,
  type LedgerErrorCode,
  type LedgerState,
  type Outcome,
  type Posting,
} from "../../src/ledger/index.ts";
import { grant, grantFree, stake } from "./bonuses.ts";
import { Book, type BookRecord, refOf } from "./book.ts";
import { RAIL, say, tell } from "./cashier.ts";
import { endRound, jackpot, resettle, takeWin, voidBet } from "./corrections.ts";
import { frozen, status } from "./rules-of-players.ts";

interface Scene {
  readonly state: LedgerState;
  readonly record: BookRecord;
}

/** A record that would follow, on a state that holds everything before it. */
const last =
  (build: (book: Book, ref: string) => void): (() => Scene) =>
  () => {
    const book = new Book();
    const ref = book.player(100n);
    book.player(100n);
    build(book, ref);
    const record = book.records.pop()!;
    return { state: book.replay(), record };
  };

const granted = last((book, ref) => void grant(book, ref, "b", 50n));
const bonusBet = last((book, ref) => {
  grant(book, ref, "b", 50n);
  stake(book, ref, "t", 20n, Funding.BONUS);
});
const freeBet = last((book, ref) => {
  grantFree(book, ref, "b", 50n);
  stake(book, ref, "t", 20n, Funding.FREE);
});
const bonusWin = last((book, ref) => {
  grant(book, ref, "b", 50n);
  stake(book, ref, "t", 20n, Funding.BONUS);
  book.settle("t", 7n);
});
const bonusBack = last((book, ref) => {
  grant(book, ref, "b", 50n);
  stake(book, ref, "t", 20n, Funding.BONUS);
  book.rollBack("t");
});
const jackpotWin = last((book, ref) => {
  jackpot(book, "seeded", 9n, { pool: "p" });
  book.bet(ref, "t", 10n);
  const payload = { type: "round_settled", betTxnId: "t", closesRound: false } as const;
  const win = { minor: 9n, currency: "FUN" };
  book.record({ payload: { ...payload, win, jackpotMinor: 9n, jackpotPool: "p" } });
});

/** A player with money of a rail, then one more record. */
const paid = (build: (book: Book, ref: string) => void): (() => Scene) =>
  last((book, ref) => {
    tell(book, say.captured("x", 90n), { playerRef: ref });
    build(book, ref);
  });
const requested = paid((book, ref) => {
  tell(book, say.requested(30n), { playerRef: ref, txnId: "w" });
});
const submitted = paid((book, ref) => {
  tell(book, say.requested(30n), { playerRef: ref, txnId: "w" });
  tell(book, say.submitted("w", 10n));
});
const suspended = paid((book) => void tell(book, say.payment("deposit_suspended", "y", 5n)));
const matched = paid((book, ref) => {
  tell(book, say.payment("deposit_suspended", "y", 5n));
  tell(book, say.matched("y", 5n), { playerRef: ref });
});
const chargedBack = paid((book, ref) => {
  tell(book, say.requested(30n), { playerRef: ref, txnId: "w" });
  tell(book, say.payment("deposit_charged_back", "x", 80n));
});

const settled = (book: Book, ref: string): void => {
  book.bet(ref, "t", 10n);
  book.settle("t", 7n, { txnId: "m" });
};
const voided = last((book, ref) => {
  settled(book, ref);
  voidBet(book, "t");
});
const voidedOpen = last((book, ref) => {
  book.bet(ref, "t", 10n);
  voidBet(book, "t");
});
const resettled = last((book, ref) => {
  settled(book, ref);
  resettle(book, "t", 9n);
});
const taken = last((book, ref) => {
  settled(book, ref);
  takeWin(book, "m");
});
const closed = last((book, ref) => {
  book.bet(ref, "t", 10n);
  book.bet(ref, "u", 20n);
  endRound(book, "round_closed", "r");
});
const refusal = last((book, ref) => void book.bet(ref, "t", 1_000n));
const blocked = last((book, playerRef) => void book.record({ playerRef, payload: status(2) }));
const iced = last((book, playerRef) => void book.record({ playerRef, payload: frozen(true) }));
const rotated = last((book, playerRef) => {
  book.record({ playerRef, payload: { type: "seeds_rotated", clientSeed: "" } });
});

type Falsify = (outcome: Outcome) => Partial<Outcome>;

/** Every change of an object's kind, with something added to its numbers or put in their place. */
const change = (
  object: Change["object"],
  wrong: (known: Record<string, never>) => Record<string, unknown>,
): Falsify => {
  return ({ changes = [] }) => ({
    changes: changes.map((one) =>
      one.object === object ? ({ ...one, ...wrong(one as never) } as Change) : one,
    ),
  });
};
const more =
  (...names: readonly string[]) =>
  (known: Record<string, never>) =>
    Object.fromEntries(names.map((name) => [name, (known[name]! as bigint) + 1n]));
const put = (values: Record<string, unknown>) => () => values;
const set =
  (wrong: Partial<Outcome>): Falsify =>
  () =>
    wrong;
const corrects = (wrong: Partial<NonNullable<Outcome["correction"]>>): Falsify => {
  return ({ correction }) => ({ correction: { ...correction!, ...wrong } });
};
const line = (account: AccountKind, wrong: Partial<Posting>): Falsify => {
  return ({ postings }) => ({
    postings: postings.map((one) => (one.account === account ? { ...one, ...wrong } : one)),
  });
};
const { ROUND_ESCROW, PLAYER_BONUS } = AccountKind;
const WRONG = "RECORD_INCONSISTENT";
const LINES = "POSTINGS_WRONG";
const BROKEN = "INVARIANT_BROKEN";

type Case = readonly [string, () => Scene, Falsify, LedgerErrorCode];

const CASES: readonly Case[] = [
  ["a grant of more than was posted", granted, change("bonus", more("remaining")), LINES],
  ["a grant to somebody else", granted, change("bonus", put({ ref: refOf(2) })), WRONG],
  ["a grant that begins at version 0", granted, change("bonus", put({ version: 0 })), WRONG],
  ["an allowance below zero", granted, change("bonus", put({ freeLeft: -1n })), BROKEN],
  ["wagering below zero", granted, change("bonus", put({ wageringLeft: -1n })), BROKEN],
  ["an ended bonus with money", granted, change("bonus", put({ stage: 3 })), BROKEN],
  ["no bonus for bonus money", granted, set({ changes: undefined }), LINES],
  ["a bonus that stakes more", bonusBet, change("bonus", more("staked")), WRONG],
  ["a bonus that gives less", bonusBet, change("bonus", more("remaining")), WRONG],
  ["a bonus of another currency", bonusBet, change("bonus", put({ currency: "EUR" })), WRONG],
  ["a bonus that isn't there", bonusBet, change("bonus", put({ key: "c" })), WRONG],
  ["a version left out", bonusBet, change("bonus", put({ version: 3 })), WRONG],
  ["a bet from no bonus", bonusBet, set({ changes: undefined }), LINES],
  ["bonus money from elsewhere", bonusBet, line(PLAYER_BONUS, { account: 1 }), LINES],
  ["a free bet that stakes more", freeBet, change("bonus", more("staked")), WRONG],
  ["a free bet that costs", freeBet, change("bonus", put({ remaining: -20n })), LINES],
  ["a free bet from nothing", freeBet, set({ changes: [] }), WRONG],
  ["a settled bet still staked", bonusWin, change("bonus", more("staked")), WRONG],
  ["a win that isn't in its bonus", bonusWin, change("bonus", more("remaining")), LINES],
  ["a returned bet still staked", bonusBack, change("bonus", more("staked")), WRONG],
  ["a hold that doesn't add up", requested, change("hold", more("remaining")), BROKEN],
  ["a hold of more", requested, change("hold", more("requested", "remaining")), LINES],
  ["a hold below zero", requested, change("hold", put({ settled: -1n, requested: 29n })), BROKEN],
  ["somebody else's hold", requested, change("hold", put({ ref: refOf(2) })), WRONG],
  ["a hold of version 0", requested, change("hold", put({ version: 0 })), WRONG],
  ["no hold", requested, set({ changes: [] }), LINES],
  ["a hold's version again", submitted, change("hold", put({ version: 1 })), WRONG],
  ["a hold in another currency", submitted, change("hold", put({ currency: "USD" })), WRONG],
  ["more on its way", submitted, change("hold", more("requested", "inTransit")), LINES],
  ["more suspended", suspended, change("deposit", more("suspended")), LINES],
  ["less than nothing captured", suspended, change("deposit", put({ captured: -1n })), BROKEN],
  ["more returned than captured", suspended, change("deposit", put({ returned: 1n })), BROKEN],
  ["less than nothing suspended", matched, change("deposit", put({ suspended: -1n })), BROKEN],
  ["a match for somebody else", matched, change("deposit", put({ ref: refOf(2) })), WRONG],
  ["a match in another currency", matched, change("deposit", put({ currency: "USD" })), WRONG],
  ["a larger debt", chargedBack, change("debt", more("owed")), LINES],
  ["a debt below zero", chargedBack, change("debt", put({ owed: -1n })), BROKEN],
  ["no debt", chargedBack, ({ changes }) => ({ changes: changes?.slice(0, 1) }), LINES],
  ["a void of nothing", voided, set({ correction: undefined }), WRONG],
  ["a void of record 0", voided, corrects({ of: 0 }), WRONG],
  [
    "a void of itself",
    voided,
    ({ seq, correction }) => corrects({ of: seq })({ correction } as Outcome),
    WRONG,
  ],
  ["a mirror longer than the record", voided, corrects({ mirrored: 99 }), WRONG],
  ["a void that closes a round", voided, set({ roundClosed: true }), WRONG],
  [
    "a void that leaves escrow",
    voided,
    ({ postings }) => ({
      postings: postings.map((one) => {
        const isBack = one.account === ROUND_ESCROW && one.minor < 0n;
        return isBack ? { ...one, account: AccountKind.REV_WINS } : one;
      }),
    }),
    LINES,
  ],
  ["a mirror of an open bet", voidedOpen, set({ correction: { of: 1, mirrored: 0 } }), WRONG],
  ["a resettlement of nothing", resettled, set({ correction: undefined }), WRONG],
  ["a win taken from nothing", taken, set({ correction: undefined }), WRONG],
  ["an end that isn't one", closed, set({ roundClosed: false }), WRONG],
  ["an end of somebody else's round", closed, set({ playerRef: refOf(2) }), WRONG],
  ["stakes that aren't named", closed, line(ROUND_ESCROW, { qualifier: "" }), LINES],
  [
    "a bet left in a closed round",
    closed,
    ({ postings }) => ({ postings: postings.slice(2) }),
    LINES,
  ],
  ["a refusal that changes objects", refusal, set({ changes: [] }), WRONG],
  ["a refusal that corrects", refusal, set({ correction: { of: 1, mirrored: 0 } }), WRONG],
  ["a status without its rows", blocked, set({ balances: [] }), "BALANCES_WRONG"],
  ["a status of nobody", blocked, set({ playerRef: refOf(9) }), WRONG],
  ["a status that changes objects", blocked, set({ changes: [] }), WRONG],
  ["a status that closes a round", blocked, set({ roundClosed: true }), WRONG],
  ["somebody else's rules", iced, change("rules", put({ ref: refOf(2) })), WRONG],
  ["seeds and something else", rotated, set({ changes: [] }), WRONG],
  ["seeds of nobody", rotated, set({ playerRef: refOf(9) }), WRONG],
];

test.each(CASES)("finds %s", (_, build, falsify, code) => {
  const wrong = build();
  const { command, outcome } = wrong.record;
  expect(outcome.code === Code.OK || build === refusal).toBe(true);
  const falsified = { ...outcome, ...falsify(outcome) };
  expect(caught(() => apply(wrong.state, command, falsified)).code).toBe(code);
  // And the true one fits.
  const right = build();
  apply(right.state, right.record.command, right.record.outcome);
  expect(right.state.head().seq).toBe(outcome.seq);
});

function caught(run: () => void): LedgerError {
  try {
    run();
  } catch (error) {
    if (error instanceof LedgerError) return error;
    throw error;
  }
  throw new Error("nothing was found");
}

test("a pool that holds less than it paid is found", () => {
  const { state, record } = jackpotWin();
  state.addToHouse(houseKey(AccountKind.LIAB_JACKPOT, "p", "FUN", "demo"), -1n);
  expect(caught(() => apply(state, record.command, record.outcome)).code).toBe(BROKEN);
});

test("a round that is another player's can't be ended", () => {
  const { state, record } = closed();
  const round = state.round("demo\0api-play\0r")!;
  state.putRound({ ...round, ref: refOf(2) });
  expect(caught(() => apply(state, record.command, record.outcome)).code).toBe(WRONG);
});

test("a rail's name doesn't stand for another's", () => {
  const { record } = requested();
  expect(record.outcome.changes?.[0]).toMatchObject({ object: "hold", rail: RAIL });
});
