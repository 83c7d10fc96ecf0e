/**
 * Goal: in whatever order bets, wins, rollbacks and their repetitions arrive, one bet has one
 * resolution and the player has the right money.
 * Method: every sequence up to a length, on one round, each step on a draft over the steps before;
 * every reply compared with the model's.
 */
import { describe, expect, test } from "bun:test";
import {
  Code,
  type Command,
  LedgerState,
  type Payload,
  stateText,
} from "../../src/ledger/index.ts";
import { Book, command, refOf } from "./book.ts";
import { folded } from "./folded-round.ts";
import { Model, rowText } from "./model.ts";

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

const event = (key: string, payload: Payload, ids: Partial<Command> = {}): Command =>
  command({ idempotencyKey: key, playerRef: ref, ...ids, payload });

/** What a provider sends, and the round's void, which comes when nobody answers any more. */
const EXPIRING: Readonly<Record<string, Command>> = {
  ...BASIC,
  expire: event("expire", { type: "round_voided", reason: "", roundSource: "" }, { roundId: "r" }),
};

const VOID = { type: "bet_voided", betTxnId: "a", reason: "", betSource: "" } as const;

/** Everything that can still happen to a bet that is settled, with nothing left to take it from. */
const CORRECTING: Readonly<Record<string, Command>> = {
  win: { ...settle("win", "a", WIN, false), txnId: "w" },
  rollback: back("rollback", "a"),
  takeWin: event("take", { type: "win_rolled_back", winTxnId: "w" }),
  void: event("void", VOID),
  voidAgain: event("void again", VOID),
  resettle: event(
    "again",
    {
      type: "bet_resettled",
      betTxnId: "a",
      win: { minor: 7n, currency: "" },
      reason: "",
      betSource: "",
    },
    { txnId: "w2" },
  ),
  takeAgain: event("take again", { type: "win_rolled_back", winTxnId: "w2" }),
  close: event("close", { type: "round_closed", roundSource: "" }, { roundId: "r" }),
  spend: { ...bet("spend", "s", true, START), roundId: "r2" },
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
  readonly replays?: boolean;
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

/** Takes one more step in every way; the last ones are rebuilt from records, if that is asked. */
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
    const told = outcome?.balances.map(rowText);
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
    if (left === 1 && steps.replays === true) checkReplay(book);
    steps.sequences++;
    steps.codes.add(code);
    walk({ book, model }, steps, alphabet, left - 1);
  }
}

/** What must hold whatever happened, told by codes and events alone. */
function check(book: Book): void {
  const { worth, held, openRounds, closed } = folded(book, START);
  const row = book.draft.account(ref, "FUN")!;
  const owed = book.draft.player(ref)?.extras?.debts[0]?.owed ?? 0n;
  if (row.available < 0n || row.available - owed !== worth || row.held !== held) {
    throw new Error(`${row.available}, ${row.held} held, ${owed} owed; not ${worth}, ${held}`);
  }
  for (const round of ["r", "r2"]) {
    const isOpen = book.draft.round(`demo\0api-play\0${round}`) !== undefined;
    if (isOpen !== openRounds.has(round) || (isOpen && closed.has(round))) {
      throw new Error(`round ${round} is ${isOpen ? "open" : "gone"}`);
    }
  }
  let sum = 0n;
  for (const { minor } of book.records.at(-1)?.outcome.postings ?? []) sum += minor;
  if (sum !== 0n) throw new Error(`postings sum to ${sum}`);
}

/** Records alone lead to the same money, bets and rounds. */
function checkReplay(book: Book): void {
  const state = book.replay();
  const same =
    stateText(state.player(ref)) === stateText(book.draft.player(ref)) &&
    ["a", "b", "s"].every((id) => sameText(book, state, `demo\0api-play\0${id}`));
  if (!same) throw new Error("records don't rebuild the state");
}

function sameText(book: Book, state: LedgerState, bet: string): boolean {
  return stateText(state.bet(bet)) === stateText(book.draft.bet(bet));
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

  test(
    "bet, win, rollback, duplicates, and the round's void, up to six steps",
    () => {
      const steps: Walk = { sequences: 0, codes: new Set(), replays: true };
      walk(opening(), steps, Object.values(EXPIRING), 6);
      expect(steps.sequences).toBe(6 + 6 ** 2 + 6 ** 3 + 6 ** 4 + 6 ** 5 + 6 ** 6);
      expect(steps.codes).toContain(Code.ROUND_UNKNOWN);
      expect(steps.codes).toContain(Code.ROUND_ALREADY_CLOSED);
    },
    TIMEOUT_MS,
  );

  test(
    "win, rollback, corrections, the round's close, and the money spent, up to five steps",
    () => {
      const steps: Walk = { sequences: 0, codes: new Set(), replays: true };
      const { book, model } = opening();
      const first = bet("bet", "a", false);
      walk({ book, model }, steps, [first, ...Object.values(CORRECTING)], 4);
      book.send(first);
      model.send(first, undefined);
      walk({ book, model }, steps, Object.values(CORRECTING), 5);
      expect(steps.sequences).toBeGreaterThan(9 ** 5 + 10 ** 4);
      for (const name of [
        "BET_OPEN",
        "BET_VOIDED",
        "BET_ALREADY_VOIDED",
        "WIN_TOMBSTONED",
        "WIN_ROLLED_BACK",
        "WIN_ALREADY_ROLLED_BACK",
        "ROUND_CLOSED",
      ] as const) {
        expect(steps.codes).toContain(Code[name]);
      }
    },
    TIMEOUT_MS,
  );
});
