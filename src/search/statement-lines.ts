import type { Outcome, Posting } from "../ledger/index.ts";
import type { SearchDb } from "../store/search-db.ts";
import { segmentOf } from "../store/search-keys.ts";
import type { SearchLine } from "../store/search-schema.ts";
import { accountOf, splitAccount } from "./accounts.ts";
import { SearchError } from "./errors.ts";
import { type Names, NameKind } from "./names.ts";

interface Holding {
  readonly player: number;
  readonly account: number;
  /** As it is stored. */
  readonly former: bigint;
  balance: bigint;
}

/**
 * Makes statement lines of postings, each with the balance behind it. Cash and bonus are told by
 * the record itself; the other accounts are added up here.
 */
export class StatementLines {
  readonly #db: SearchDb;
  readonly #names: Names;
  readonly #lines: SearchLine[] = [];
  /** Balances that were read or changed since the last {@link flush}. */
  readonly #holdings = new Map<string, Holding>();

  constructor(db: SearchDb, names: Names) {
    this.#db = db;
    this.#names = names;
  }

  /** Takes a record's postings on the accounts of its player. */
  add(player: number, outcome: Outcome): void {
    if (player === 0) return;
    const { seq, postings } = outcome;
    let n = 0;
    for (const [index, posting] of postings.entries()) {
      const currency = this.#names.put(NameKind.currency, posting.currency);
      const account = accountOf(posting, currency);
      if (account === undefined) continue;
      const amount = posting.minor;
      const balance = this.#balanceAfter(player, account, outcome, index);
      this.#lines.push({ segment: segmentOf(seq), player, seq, n, account, amount, balance });
      n += 1;
    }
  }

  /** Writes what was taken. */
  flush(): void {
    // Lines of a segment lie by player: neighbours share a page.
    this.#lines.sort((a, b) => a.segment - b.segment || a.player - b.player || a.seq - b.seq);
    for (const line of this.#lines) this.#db.addLine(line);
    for (const { player, account, balance, former } of this.#holdings.values()) {
      this.#db.putHolding(player, account, balance, former);
    }
    this.#lines.length = 0;
    this.#holdings.clear();
  }

  #balanceAfter(player: number, account: number, outcome: Outcome, index: number): bigint {
    const { bucket } = splitAccount(account);
    const posting = outcome.postings[index]!;
    if (bucket === "cash" || bucket === "bonus") {
      return toldBalance(outcome, posting, index, bucket === "cash" ? "available" : "bonus");
    }
    const key = `${player} ${account}`;
    let held = this.#holdings.get(key);
    if (held === undefined) {
      const former = this.#db.reader.holding(player, account);
      held = { player, account, former, balance: former };
      this.#holdings.set(key, held);
    }
    return (held.balance += posting.minor);
  }
}

/** The record tells the balance behind all of its postings: later ones are taken off again. */
function toldBalance(
  { seq, balances, postings }: Outcome,
  { account, currency }: Posting,
  index: number,
  field: "available" | "bonus",
): bigint {
  const told = balances.find((balance) => balance.currency === currency)?.[field];
  if (told === undefined) {
    throw new SearchError("RECORD_WRONG", `record ${seq} moves ${currency} and tells no balance`);
  }
  let balance = told;
  for (let later = index + 1; later < postings.length; later += 1) {
    const posting = postings[later]!;
    const same = posting.account === account && posting.currency === currency;
    if (same) balance -= posting.minor;
  }
  return balance;
}
