/**
 * What statements and rounds must say, computed from events and their receipts alone.
 */

/** A line as the service must tell it. */
export interface ModelLine {
  readonly seq: string;
  readonly type: string;
  readonly bucket: string;
  readonly currency: string;
  readonly amount: bigint;
  readonly balance: bigint;
}

export interface ModelBet {
  readonly player: string;
  readonly round: string;
  readonly stake: bigint;
  readonly currency: string;
  state: "open" | "settled" | "returned";
  won: bigint;
}

const TYPES = [
  "player_registered",
  "deposit_captured",
  "bet_placed",
  "round_settled",
  "bet_rolled_back",
  "house_round",
] as const;

/** One book in the eyes of its callers. */
export class Model {
  readonly lines = new Map<string, ModelLine[]>();
  readonly refusals = new Map<string, string[]>();
  readonly bets = new Map<string, ModelBet>();
  readonly #balances = new Map<string, bigint>();
  readonly #closed = new Set<string>();

  /** A bet's name: bets belong to their source. */
  static bet(source: string, txn: string): string {
    return `${source} ${txn}`;
  }

  take(source: string, event: any, receipt: any): void {
    if (receipt.replayed) return;
    const player = receipt.player_ref as string;
    if (receipt.status === "refused") {
      this.refusals.set(player, [...(this.refusals.get(player) ?? []), receipt.seq]);
      return;
    }
    if (receipt.code !== "OK") return;
    const type = TYPES.find((one) => event[one] !== undefined)!;
    const payload = event[type];
    const move = (bucket: string, currency: string, amount: bigint): void => {
      const key = `${player} ${currency} ${bucket}`;
      const balance = (this.#balances.get(key) ?? 0n) + amount;
      this.#balances.set(key, balance);
      const line = { seq: receipt.seq, type, bucket, currency, amount, balance };
      this.lines.set(player, [...(this.lines.get(player) ?? []), line]);
    };
    switch (type) {
      case "player_registered":
        this.lines.set(player, []);
        return;
      case "deposit_captured":
        return move("cash", payload.amount.currency, BigInt(payload.amount.minor));
      case "bet_placed": {
        const { minor, currency } = payload.amount;
        const stake = BigInt(minor);
        move("cash", currency, -stake);
        move("escrow", currency, stake);
        const bet = { player, round: event.round_id, stake, currency, won: 0n };
        this.bets.set(Model.bet(source, event.txn_id), { ...bet, state: "open" });
        return;
      }
      case "round_settled": {
        const bet = this.bets.get(Model.bet(source, payload.bet_txn_id))!;
        const win = BigInt(payload.win.minor);
        move("escrow", bet.currency, -bet.stake);
        if (win > 0n) move("cash", bet.currency, win);
        Object.assign(bet, { state: "settled", won: win });
        if (payload.closes_round) this.#closed.add(`${source} ${bet.round}`);
        return;
      }
      case "bet_rolled_back": {
        const bet = this.bets.get(Model.bet(source, payload.bet_txn_id))!;
        move("escrow", bet.currency, -bet.stake);
        move("cash", bet.currency, bet.stake);
        bet.state = "returned";
        return;
      }
      case "house_round": {
        const { minor, currency } = payload.stake;
        move("cash", currency, -BigInt(minor));
        const win = BigInt(receipt.house_round.win);
        if (win > 0n) move("cash", currency, win);
      }
    }
  }
}

/** The lines of statement entries, without what the model doesn't tell. */
export function linesOf(entries: readonly any[]): ModelLine[] {
  return entries
    .filter(({ refused }) => refused !== true)
    .map(({ seq, type, bucket, currency, amount, balance }) => ({
      seq,
      type,
      bucket,
      currency,
      amount: BigInt(amount),
      balance: BigInt(balance),
    }));
}
