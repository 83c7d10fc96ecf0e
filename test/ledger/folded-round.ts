/**
 * What one player's bets come to, folded from the codes and events of records: no posting, balance
 * or claim is looked at. Throws where a bet is resolved twice or a closed round is bet on.
 */
import { Code, type Command } from "../../src/ledger/index.ts";
import type { Book, BookRecord } from "./book.ts";

interface FoldedBet {
  readonly round: string;
  readonly stake: bigint;
  state: "open" | "settled" | "undone";
  win: bigint;
}

/** The player's money, less what is owed, and what is in escrow. */
export interface Folded {
  readonly worth: bigint;
  readonly held: bigint;
  readonly openRounds: ReadonlySet<string>;
  readonly closed: ReadonlySet<string>;
}

class Fold {
  readonly bets = new Map<string, FoldedBet>();
  /** Bets by the ids of their wins. */
  readonly wins = new Map<string, string>();
  readonly closed = new Set<string>();

  take({ command, outcome }: BookRecord): void {
    if (outcome.code !== Code.OK) return;
    this.#take(command);
    if (!outcome.roundClosed) return;
    const { payload, roundId } = command;
    const round = "betTxnId" in payload ? this.bets.get(payload.betTxnId)!.round : roundId;
    if (this.closed.has(round)) throw new Error(`round ${round} is closed twice`);
    this.closed.add(round);
    if (this.#openIn(round).length > 0) throw new Error("a closed round has open bets");
  }

  #take({ payload, txnId, roundId }: Command): void {
    switch (payload.type) {
      case "bet_placed":
        if (this.bets.has(txnId) || this.closed.has(roundId)) throw new Error("a bet too many");
        this.bets.set(txnId, {
          round: roundId,
          stake: payload.amount.minor,
          state: "open",
          win: 0n,
        });
        break;
      case "round_settled":
        this.#resolve(payload.betTxnId, "open", "settled", payload.win.minor);
        this.wins.set(txnId, payload.betTxnId);
        break;
      case "bet_rolled_back":
        this.#resolve(payload.betTxnId, "open", "undone", 0n);
        break;
      case "bet_resettled":
        this.#resolve(payload.betTxnId, "settled", "settled", payload.win.minor);
        this.wins.set(txnId, payload.betTxnId);
        break;
      case "win_rolled_back":
        this.#resolve(this.wins.get(payload.winTxnId)!, "settled", "settled", 0n);
        break;
      case "bet_voided": {
        const { state } = this.bets.get(payload.betTxnId)!;
        this.#resolve(payload.betTxnId, state === "open" ? "open" : "settled", "undone", 0n);
        break;
      }
      case "round_closed":
        for (const id of this.#openIn(roundId)) this.#resolve(id, "open", "settled", 0n);
        break;
      case "round_voided":
        for (const id of this.#openIn(roundId)) this.#resolve(id, "open", "undone", 0n);
    }
  }

  #openIn(round: string): string[] {
    const open = [...this.bets].filter(([, bet]) => bet.round === round && bet.state === "open");
    return open.map(([id]) => id);
  }

  #resolve(id: string, from: FoldedBet["state"], to: FoldedBet["state"], win: bigint): void {
    const bet = this.bets.get(id);
    if (bet?.state !== from) throw new Error(`bet ${id} is ${bet?.state}, and then ${to}`);
    bet.state = to;
    bet.win = win;
  }
}

/** Folds the records of a book with one player who began with this much. */
export function folded(book: Book, start: bigint): Folded {
  const fold = new Fold();
  for (const record of book.records) fold.take(record);
  let worth = start;
  let held = 0n;
  const openRounds = new Set<string>();
  for (const { state, stake, win, round } of fold.bets.values()) {
    if (state === "undone") continue;
    worth += win - stake;
    if (state !== "open") continue;
    held += stake;
    openRounds.add(round);
  }
  return { worth, held, openRounds, closed: fold.closed };
}
