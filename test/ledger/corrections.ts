/** Corrections, ends of rounds and jackpots in a test's book. */
import { expect } from "bun:test";
import { AccountKind, Code, type Command, type Outcome } from "../../src/ledger/index.ts";
import { type Book, type CommandInit, everything } from "./book.ts";

type Ids = Partial<Omit<Command, "payload">>;

/** Takes a win back. */
export function takeWin(book: Book, winTxnId: string, ids: Ids = {}): Outcome {
  return book.record({ ...ids, payload: { type: "win_rolled_back", winTxnId } });
}

/** Makes a bet void. */
export function voidBet(book: Book, betTxnId: string, ids: Ids & { betSource?: string } = {}) {
  const { betSource = "", ...rest } = ids;
  const payload = { type: "bet_voided", betTxnId, reason: "broken", betSource } as const;
  return book.record({ ...rest, payload });
}

/** Settles a bet anew. */
export function resettle(
  book: Book,
  betTxnId: string,
  minor: bigint,
  ids: Ids & { betSource?: string; currency?: string } = {},
): Outcome {
  const { betSource = "", currency = "", ...rest } = ids;
  const win = { minor, currency };
  const payload = { type: "bet_resettled", betTxnId, win, reason: "wrong", betSource } as const;
  return book.record({ ...rest, payload });
}

/** Ends a round. */
export function endRound(
  book: Book,
  type: "round_closed" | "round_voided",
  roundId: string,
  ids: Ids & { roundSource?: string } = {},
): Outcome {
  const { roundSource = "", ...rest } = ids;
  const payload = { type, roundSource, ...(type === "round_voided" && { reason: "broken" }) };
  return book.record({ ...rest, roundId, payload: payload as Command["payload"] });
}

/** Moves money of a jackpot pool. */
export function jackpot(
  book: Book,
  kind: "contributed" | "seeded" | "won",
  minor: bigint,
  ids: Ids & { pool?: string; currency?: string } = {},
): Outcome {
  const { pool = "mega", currency = "FUN", ...rest } = ids;
  const amount = { minor, currency };
  return book.record({ ...rest, payload: { type: `jackpot_${kind}`, pool, amount } });
}

/** Name of an outcome's code. */
export function codeOf({ code }: Outcome): string | undefined {
  return Object.entries(Code).find(([, number]) => number === code)?.[0];
}

/** What a player owes. */
export function owed(book: Book, ref: string, currency = "FUN"): bigint {
  const debts = book.draft.player(ref)?.extras?.debts ?? [];
  return debts.find((debt) => debt.currency === currency)?.owed ?? 0n;
}

/** What is true of every book: postings sum to zero, one resolution stands, records suffice. */
export function checkBook(book: Book): void {
  book.commit();
  for (const { outcome } of book.records) {
    const sums = new Map<string, bigint>();
    for (const { currency, minor, account, qualifier } of outcome.postings) {
      sums.set(currency, (sums.get(currency) ?? 0n) + minor);
      if (account === AccountKind.ASSET_PLAYER_DEBT) expect(qualifier).toBe("");
    }
    expect([...sums.values()].filter((sum) => sum !== 0n)).toEqual([]);
  }
  let held = 0n;
  for (const bet of book.state.openBets()) held += bet.amount;
  const rounds = new Set([...book.state.openBets()].map((bet) => bet.roundKey));
  expect([...book.state.openRounds()].map(({ key }) => key).toSorted()).toEqual(
    [...rounds].toSorted(),
  );
  let rowsHold = 0n;
  for (const player of book.state.players()) {
    for (const account of player.accounts) {
      rowsHold += account.held;
      expect(account.available >= 0n && account.bonus >= 0n && account.held >= 0n).toBe(true);
    }
  }
  expect(rowsHold).toBe(held);
  expect(everything(book.replay())).toEqual(everything(book.state));
}

/** What spoils a command that carries a txn_id of its own. */
interface Spoilt {
  readonly book: Book;
  init: CommandInit;
}

/** The command's txn_id is another movement's. */
export function duplicateTxn(scene: Spoilt, active: ReadonlySet<string>): void {
  // Once the id is a movement's, it can't be a lost win's any more.
  if (active.has("WIN_ROLLED_BACK")) takenWin(scene);
  scene.book.rollBack("never", { txnId: "x" });
  scene.init = { ...scene.init, txnId: "x" };
}

/** The command's txn_id is that of a win which was taken back before it came. */
export function takenWin(scene: Spoilt): void {
  takeWin(scene.book, "x");
  scene.init = { ...scene.init, txnId: "x" };
}
