/**
 * Goal: in whatever order bets, wins, rollbacks and their repetitions arrive, one bet has one
 * resolution and the player has the right money.
 * Method: every sequence up to a length, on one round, each step on a draft over the steps before;
 * every reply compared with the model's.
 */
import { describe, expect, test } from "bun:test";
import { Code, type Command, LedgerState } from "../../src/ledger/index.ts";
import { Book, command, refOf } from "./book.ts";
import { Model } from "./model.ts";

const TIMEOUT_MS = 60_000;
const START = 100n;
const STAKE = 30n;
const WIN = 50n;

const ref = refOf(1);
const bet = (key: string, txnId: string, closesRound: boolean, minor = STAKE): Command =>
  command({
    idempotencyKey: key,
    playerRef: ref,
    roundId: "r",
    txnId,
    payload: { type: "bet_placed", amount: { minor, currency: "FUN" }, closesRound },
  });
const settle = (key: string, betTxnId: string, minor: bigint, closesRound: boolean): Command =>
  command({
    idempotencyKey: key,
    playerRef: ref,
    roundId: "r",
    payload: { type: "round_settled", betTxnId, win: { minor, currency: "FUN" }, closesRound },
  });
const back = (key: string, betTxnId: string): Command =>
  command({ idempotencyKey: key, playerRef: ref, payload: { type: "bet_rolled_back", betTxnId } });

/** The smallest set in which everything can go wrong that does go wrong between two parties. */
const BASIC: Readonly<Record<string, Command>> = {
  bet: bet("bet", "a", true),
  win: settle("win", "a", WIN, true),
  rollback: back("rollback", "a"),
  duplicateBet: bet("bet again", "a", true),
  duplicateRollback: back("rollback again", "a"),
};

/** The same with repetitions of keys, a second bet, a loss that closes, and another meaning. */
const WIDE: Readonly<Record<string, Command>> = {
  bet: bet("bet", "a", false),
  duplicateBet: bet("bet again", "a", false),
  conflict: bet("bet", "a", false, STAKE + 1n),
  otherBet: bet("other bet", "b", true),
  win: settle("win", "a", WIN, false),
  loss: settle("loss", "a", 0n, true),
  otherWin: settle("other win", "b", WIN, true),
  rollback: back("rollback", "a"),
  otherRollback: back("other rollback", "b"),
};

interface Walk {
  sequences: number;
  readonly codes: Set<Code>;
}

function opening(): { book: Book; model: Model } {
  const book = new Book(new LedgerState());
  const model = new Model();
  const amount = { minor: START, currency: "FUN" };
  const payload = { type: "deposit_captured", amount, rail: "play", externalId: "" } as const;
  for (const first of [
    command({ idempotencyKey: "1", payload: { type: "player_registered" } }),
    command({ idempotencyKey: "2", playerRef: ref, payload }),
  ]) {
    book.send(first);
    model.send(first, undefined);
  }
  book.commit();
  return { book, model };
}

/** Takes one more step in every way. */
function walk(
  at: { book: Book; model: Model },
  steps: Walk,
  alphabet: Command[],
  left: number,
): void {
  if (left === 0) return;
  for (const next of alphabet) {
    const book = at.book.fork();
    const model = new Model(at.model);
    const { code, outcome, replayed } = book.send(next);
    const expected = model.send(next, undefined);
    const told = outcome?.balances.map(
      (row) => `${row.currency} ${row.available} ${row.held} ${row.version}`,
    );
    if (code !== expected.code || replayed !== (expected.replayed ?? false)) {
      const keys = book.records.map(({ command: one }) => one.idempotencyKey);
      throw new Error(`${keys.join(", ")}: code ${code}, not ${expected.code}`);
    }
    if (String(told) !== String(expected.balances)) {
      throw new Error(`${next.idempotencyKey}: ${told}, not ${expected.balances}`);
    }
    if ((outcome?.roundClosed ?? false) !== (expected.roundClosed ?? false)) {
      throw new Error(`${next.idempotencyKey}: round closed ${outcome?.roundClosed}`);
    }
    check(book);
    steps.sequences++;
    steps.codes.add(code);
    walk({ book, model }, steps, alphabet, left - 1);
  }
}

/** What must hold whatever happened, told by the records alone. */
function check(book: Book): void {
  let total = START;
  const stakes = new Map<string, bigint>();
  const resolved = new Set<string>();
  let hasClosed = false;
  for (const { command: one, outcome } of book.records) {
    if (outcome.code !== Code.OK) continue;
    const { payload } = one;
    if (payload.type === "bet_placed") {
      if (hasClosed) throw new Error("a bet in a closed round");
      stakes.set(one.txnId, payload.amount.minor);
      total -= payload.amount.minor;
    } else if (payload.type === "round_settled" || payload.type === "bet_rolled_back") {
      if (resolved.has(payload.betTxnId)) throw new Error("a bet resolved twice");
      resolved.add(payload.betTxnId);
      const stake = stakes.get(payload.betTxnId)!;
      total += payload.type === "round_settled" ? payload.win.minor : stake;
    }
    hasClosed ||= outcome.roundClosed;
  }
  const row = book.draft.account(ref, "FUN");
  if (row?.available !== total) throw new Error(`${row?.available} is wrong`);
  const isOpen = book.draft.round("demo\0api-play\0r") !== undefined;
  if (hasClosed && (isOpen || row.held !== 0n)) throw new Error("a closed round holds escrow");
}

describe("every order of", () => {
  test(
    "bet, win, rollback, duplicate bet, duplicate rollback, up to six steps",
    () => {
      const steps: Walk = { sequences: 0, codes: new Set() };
      walk(opening(), steps, Object.values(BASIC), 6);
      expect(steps.sequences).toBe(5 + 5 ** 2 + 5 ** 3 + 5 ** 4 + 5 ** 5 + 5 ** 6);
      for (const name of ["BET_DUPLICATE", "BET_ALREADY_SETTLED", "BET_ROLLED_BACK"] as const) {
        expect(steps.codes).toContain(Code[name]);
      }
      expect(steps.codes).toContain(Code.BET_TOMBSTONED);
      expect(steps.codes).toContain(Code.BET_ALREADY_ROLLED_BACK);
    },
    TIMEOUT_MS,
  );

  test(
    "two bets, losses, conflicts and closes, up to five steps",
    () => {
      const steps: Walk = { sequences: 0, codes: new Set() };
      walk(opening(), steps, Object.values(WIDE), 5);
      expect(steps.sequences).toBe(9 + 9 ** 2 + 9 ** 3 + 9 ** 4 + 9 ** 5);
      expect(steps.codes).toContain(Code.KEY_CONFLICT);
      expect(steps.codes).toContain(Code.ROUND_CLOSED);
    },
    TIMEOUT_MS,
  );
});
