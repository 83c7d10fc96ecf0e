/**
 * Goal: apply takes a record as it is or not at all: whatever is tampered with is found, with a
 * code that says what kind of thing is wrong, and the state stays as it was.
 * Method: one good record of each kind on a small book, and a table of ways to falsify it.
 */
import { describe, expect, test } from "bun:test";
import {
  AccountKind,
  apply,
  Code,
  Draft,
  houseKey,
  LedgerError,
  type LedgerErrorCode,
  type LedgerState,
  type Outcome,
  type Posting,
} from "../../src/ledger/index.ts";
import { Book, type BookRecord, everything, person, refOf } from "./book.ts";

const UNIT = 1_000_000n;

/** A record that would follow, on a state that holds everything before it. */
function last(build: (book: Book, ref: string) => void): {
  state: LedgerState;
  record: BookRecord;
} {
  const book = new Book();
  const ref = book.player();
  build(book, ref);
  const record = book.records.pop()!;
  return { state: book.replay(), record };
}

const bet = () => last((book, ref) => void book.bet(ref, "t", UNIT));
const win = () =>
  last((book, ref) => {
    book.bet(ref, "t", UNIT);
    book.settle("t", 5n, { closesRound: true });
  });
const rollback = () =>
  last((book, ref) => {
    book.bet(ref, "t", UNIT);
    book.bet(ref, "u", UNIT, { closesRound: true });
    book.rollBack("t");
  });
const dice = () => last((book, ref) => void book.dice(ref, UNIT));
const refusal = () => last((book, ref) => void book.bet(ref, "t", UNIT * UNIT));
const deposit = () => last((book, ref) => void book.deposit(ref, 5n, "USD"));
const tombstone = () => last((book, ref) => void book.rollBack("t", { playerRef: ref }));
const registration = () => last((book) => void book.player(0n));

type Falsify = (outcome: Outcome) => Partial<Outcome>;

const posting = (index: number, change: Partial<Posting>): Falsify => {
  return ({ postings }) => ({
    postings: postings.map((line, at) => (at === index ? { ...line, ...change } : line)),
  });
};
const balance = (change: object): Falsify => {
  return ({ balances }) => ({ balances: balances.map((row) => ({ ...row, ...change })) });
};
const result = (change: object): Falsify => {
  return ({ houseRound }) => ({ houseRound: { ...houseRound!, ...change } });
};
const set =
  (change: Partial<Outcome>): Falsify =>
  () =>
    change;

type Case = readonly [
  string,
  () => { state: LedgerState; record: BookRecord },
  Falsify,
  LedgerErrorCode,
];

const CASES: readonly Case[] = [
  ["a gap", bet, ({ seq }) => ({ seq: seq + 1 }), "RECORD_OUT_OF_ORDER"],
  ["a repetition", bet, ({ seq }) => ({ seq: seq - 1 }), "RECORD_OUT_OF_ORDER"],
  [
    "time standing",
    bet,
    ({ recordedAt }) => ({ recordedAt: recordedAt - 1 }),
    "RECORD_OUT_OF_ORDER",
  ],
  ["time no integer", bet, set({ recordedAt: 2e16 }), "RECORD_OUT_OF_ORDER"],
  ["an epoch without a start", bet, set({ epoch: 2 }), "RECORD_OUT_OF_ORDER"],
  ["another operator", bet, set({ operatorId: "x" }), "RECORD_INCONSISTENT"],
  ["another source", bet, set({ source: "x" }), "RECORD_INCONSISTENT"],
  ["newer rules", bet, set({ logicVersion: 2 }), "RECORD_INCONSISTENT"],
  ["no rules", bet, set({ logicVersion: 0 }), "RECORD_INCONSISTENT"],
  ["a code from the future", bet, set({ code: 999 as Code }), "RECORD_INCONSISTENT"],
  ["no code", bet, set({ code: Code.UNSPECIFIED }), "RECORD_INCONSISTENT"],
  ["another event's code", bet, set({ code: Code.BET_TOMBSTONED }), "RECORD_INCONSISTENT"],
  ["a registration's code", tombstone, set({ code: 2 }), "RECORD_INCONSISTENT"],
  ["an unknown player", bet, set({ playerRef: refOf(9) }), "RECORD_INCONSISTENT"],
  ["a refusal that posts", bet, set({ code: Code.FUNDS_INSUFFICIENT }), "POSTINGS_WRONG"],
  ["a posting changed", bet, posting(0, { minor: -1n }), "POSTINGS_WRONG"],
  ["a posting in another currency", bet, posting(0, { currency: "USD" }), "POSTINGS_WRONG"],
  ["a posting of nothing", bet, posting(0, { minor: 0n }), "POSTINGS_WRONG"],
  ["a posting beyond int64", bet, posting(0, { minor: 2n ** 63n }), "POSTINGS_WRONG"],
  [
    "a posting to another account",
    bet,
    posting(1, { account: AccountKind.REV_BETS }),
    "POSTINGS_WRONG",
  ],
  [
    "a posting to bonus",
    deposit,
    posting(1, { account: AccountKind.PLAYER_BONUS }),
    "POSTINGS_WRONG",
  ],
  ["no postings", bet, set({ postings: [] }), "POSTINGS_WRONG"],
  [
    "half the postings",
    win,
    ({ postings }) => ({ postings: postings.slice(0, 2) }),
    "POSTINGS_WRONG",
  ],
  [
    "balanced postings of another amount",
    deposit,
    ({ postings }) => ({
      postings: postings.map((line) => ({ ...line, minor: line.minor * 2n })),
    }),
    "POSTINGS_WRONG",
  ],
  ["available", bet, balance({ available: 1n }), "BALANCES_WRONG"],
  ["bonus", bet, balance({ bonus: 1n }), "BALANCES_WRONG"],
  ["held", win, balance({ held: 1n }), "BALANCES_WRONG"],
  ["version", rollback, balance({ version: 9 }), "BALANCES_WRONG"],
  ["currency of a balance", deposit, balance({ currency: "FUN" }), "BALANCES_WRONG"],
  ["no balance", bet, set({ balances: [] }), "BALANCES_WRONG"],
  [
    "two balances",
    bet,
    ({ balances }) => ({ balances: [...balances, ...balances] }),
    "BALANCES_WRONG",
  ],
  ["a refusal's balance", refusal, balance({ available: 1n }), "BALANCES_WRONG"],
  ["a refusal's row that isn't there", refusal, balance({ currency: "USD" }), "BALANCES_WRONG"],
  ["a tombstone's balance", tombstone, balance({ version: 7 }), "BALANCES_WRONG"],
  ["a refusal that closes", refusal, set({ roundClosed: true }), "RECORD_INCONSISTENT"],
  ["a bet that closes", bet, set({ roundClosed: true }), "RECORD_INCONSISTENT"],
  ["closing over an open bet", rollback, set({ roundClosed: true }), "RECORD_INCONSISTENT"],
  ["a house round that closes", dice, set({ roundClosed: true }), "RECORD_INCONSISTENT"],
  ["no result", dice, set({ houseRound: undefined }), "RECORD_INCONSISTENT"],
  ["a nonce again", dice, result({ nonce: 1 }), "RECORD_INCONSISTENT"],
  ["another seed pair", dice, result({ seedPair: 2 }), "RECORD_INCONSISTENT"],
  ["another client seed", dice, result({ clientSeed: "x" }), "RECORD_INCONSISTENT"],
  ["another win", dice, result({ win: 12345n }), "POSTINGS_WRONG"],
  ["a player twice", registration, set({ playerRef: refOf(1) }), "RECORD_INCONSISTENT"],
  ["a player without a reference", registration, set({ playerRef: "" }), "RECORD_INCONSISTENT"],
  ["a player with money", registration, balance({ available: 1n }), "BALANCES_WRONG"],
  ["a player with a history", registration, balance({ version: 2 }), "BALANCES_WRONG"],
  ["a player without a row", registration, set({ balances: [] }), "BALANCES_WRONG"],
  [
    "a registration that posts",
    registration,
    set({
      postings: [{ account: AccountKind.PLAYER_CASH, qualifier: "", minor: 1n, currency: "FUN" }],
    }),
    "POSTINGS_WRONG",
  ],
];

test.each(CASES)("finds %s", (_, build, falsify, code) => {
  const { state, record } = build();
  const { command, outcome } = record;
  const before = everything(state);
  const error = caught(() => apply(state, command, { ...outcome, ...falsify(outcome) }));
  expect(error.code).toBe(code);
  expect(error.name).toBe("LedgerError");
  expect(error.hint).not.toBe("");
  expect(everything(state)).toEqual(before);
  // And the true one still fits.
  apply(state, command, outcome);
  expect(state.head().seq).toBe(outcome.seq);
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

describe("events that the state doesn't allow", () => {
  test("a bet that is open, a round that is another's or closing", () => {
    const { state, record } = bet();
    const { command, outcome } = record;
    const key = "demo\0api-play\0t";
    const roundKey = "demo\0api-play\0r";
    const ref = refOf(1);
    const open = { key, ref, roundKey, amount: 1n, currency: "FUN", funding: 1 } as const;
    const rounds = [
      { key: roundKey, ref, closing: true, openBets: ["x"] },
      { key: roundKey, ref: refOf(2), closing: false, openBets: ["x"] },
    ];
    for (const round of rounds) {
      state.putRound(round);
      expect(() => apply(state, command, outcome)).toThrow("can't take the bet");
    }
    state.dropRound(roundKey);
    state.putBet(open);
    expect(() => apply(state, command, outcome)).toThrow("open already");
    state.dropBet(key);
    apply(state, command, outcome);
  });

  test("a settlement of a bet that isn't open, or lost its round or hold", () => {
    const { state, record } = win();
    const { command, outcome } = record;
    const open = state.bet("demo\0api-play\0t")!;
    const round = state.round(open.roundKey)!;
    state.dropBet(open.key);
    expect(() => apply(state, command, outcome)).toThrow("isn't the player's open bet");
    state.putBet(open);
    state.dropRound(round.key);
    expect(() => apply(state, command, outcome)).toThrow("lost its round");
    state.putRound({ ...round, openBets: [] });
    expect(() => apply(state, command, outcome)).toThrow("isn't counted");
    state.putRound(round);
    state.putBet({ ...open, amount: open.amount + 1n });
    expect(caught(() => apply(state, command, outcome)).code).toBe("INVARIANT_BROKEN");
    state.putBet(open);
    apply(state, command, outcome);
  });

  test("a row that would leave its bounds", () => {
    const { state, record } = bet();
    state.edit(refOf(1))!.accounts[0]!.available = 1n;
    const error = caught(() => apply(state, record.command, record.outcome));
    expect(error.code).toBe("INVARIANT_BROKEN");
    expect(error.seq).toBe(record.outcome.seq);
  });

  test("an identity of somebody else", () => {
    const { state, record } = registration();
    state.bindIdentity(person("a"), refOf(1));
    const wrong = () => apply(state, record.command, record.outcome, person("a"));
    expect(wrong).toThrow("binds an identity");
    apply(state, record.command, record.outcome, person("b"));
    expect(state.identity(person("b"))).toBe(record.outcome.playerRef);
  });

  test("a reference minted twice stops the writer", () => {
    const book = new Book();
    const context = { ...book.context(), mintPlayerRef: () => refOf(1) };
    book.context = () => ({ ...context, seq: book.records.length + 1 });
    book.do({ payload: { type: "player_registered" } });
    expect(() => book.do({ payload: { type: "player_registered" } })).toThrow("in use");
  });
});

describe("a draft", () => {
  test("answers for the operator's accounts, and for players it doesn't know", () => {
    const book = new Book();
    const ref = book.player(10n);
    book.commit();
    const clearing = houseKey(AccountKind.ASSET_PSP_CLEARING, "play", "FUN", "demo");
    expect(book.draft.house(clearing)).toBe(-10n);
    book.deposit(ref, 5n);
    expect([book.draft.house(clearing), book.state.house(clearing)]).toEqual([-15n, -10n]);
    expect(book.draft.edit(refOf(9))).toBeUndefined();
    expect(book.draft.account(refOf(9), "FUN")).toBeUndefined();
    expect([...book.draft.changedPlayers()].length).toBe(1);
  });

  test("shows its own effects, and none below until it is committed", () => {
    const book = new Book();
    const ref = book.player();
    book.commit();
    const below = everything(book.state);
    book.bet(ref, "t", UNIT);
    book.player();
    expect(book.draft.account(ref, "FUN")?.held).toBe(UNIT);
    expect(book.draft.bet("demo\0api-play\0t")?.amount).toBe(UNIT);
    expect(book.draft.head().seq).toBe(5);
    expect(everything(book.state)).toEqual(below);
    const changed = [...book.draft.changedPlayers()];
    expect(changed.map(({ before, after }) => [before?.ref, after.ref])).toEqual([
      [ref, ref],
      [undefined, refOf(2)],
    ]);
    expect(changed[0]?.before?.accounts[0]?.held).toBe(0n);
    book.commit();
    expect(everything(book.state)).toEqual(everything(book.replay()));
    expect([...book.draft.changedPlayers()]).toEqual([]);
  });

  test("forgets everything when reset", () => {
    const book = new Book();
    const ref = book.player();
    book.bet(ref, "a");
    book.commit();
    const below = everything(book.state);
    book.settle("a", 5n, { closesRound: true });
    book.player();
    book.record({ payload: { type: "player_registered" } }, person("x"));
    book.draft.reset();
    expect(everything(book.state)).toEqual(below);
    expect(book.draft.bet("demo\0api-play\0a")).toBeDefined();
    expect(book.draft.identity(person("x"))).toBeUndefined();
    expect(book.draft.player(refOf(2))).toBeUndefined();
    expect(book.draft.head()).toEqual(book.state.head());
  });

  test("lies over another draft as well", () => {
    const book = new Book();
    const ref = book.player();
    const [middle, state] = [new Draft(book.state), book.replay()];
    book.commit();
    middle.reset();
    const top = new Draft(middle);
    book.bet(ref, "t", UNIT, { closesRound: true });
    const settled = book.settle("t", 7n);
    for (const { command, outcome } of book.records.slice(2)) apply(top, command, outcome);
    expect(middle.head().seq).toBe(2);
    top.commit();
    expect(middle.account(ref, "FUN")?.seq).toBe(settled.seq);
    middle.commit();
    for (const { command, outcome } of book.records.slice(2)) apply(state, command, outcome);
    expect(everything(book.state)).toEqual(everything(state));
  });
});
