/**
 * What can be said of records when those before them are unknown: each one's own arithmetic, and
 * the balances of a player from the first record on that tells them.
 *
 * @module
 */
import { AccountKind, type Balance } from "../wire/gen/countroom/v1/money_pb.ts";
import { Code } from "../wire/gen/countroom/v1/record_pb.ts";
import { codeName, type Entry, verdictOf } from "./entry.ts";
import type { Findings } from "./findings.ts";
import { isPlayers, unbalanced } from "./lines.ts";

interface Amounts {
  readonly available: bigint;
  readonly bonus: bigint;
  readonly held: bigint;
  readonly version: bigint;
}

const NOTHING: Amounts = { available: 0n, bonus: 0n, held: 0n, version: 0n };
const TOUCHED: Amounts = { ...NOTHING, version: 1n };

/** Balances of a part of the book. */
export class PartRows {
  /** `player NUL currency`. */
  readonly #rows = new Map<string, Amounts>();

  /** Checks a record as far as it goes. */
  record(entry: Entry, findings: Findings): void {
    const { seq, outcome } = entry;
    const verdict = verdictOf(outcome.code);
    if (verdict === undefined) {
      const detail = `${codeName(outcome.code)} is no outcome of a record`;
      findings.add("acceptance_unjustified", seq, detail);
    } else if (verdict === "refused" && (outcome.postings.length > 0 || outcome.roundClosed)) {
      const detail = `${codeName(outcome.code)} must have no effect, but it posts or settles`;
      findings.add("refusal_has_effect", seq, detail);
    }
    const wrong = unbalanced(outcome.postings);
    if (wrong.length > 0) {
      findings.add("postings_unbalanced", seq, `the postings sum to ${wrong.join(", ")}, not zero`);
    }
    const moved = movedBy(entry);
    for (const balance of outcome.balances) {
      this.#balance(entry, balance, moved.get(balance.currency), findings);
      moved.delete(balance.currency);
    }
    for (const currency of moved.keys()) {
      const detail = `the record doesn't tell the new ${currency} balance`;
      findings.add("balance_missing", seq, detail);
    }
  }

  #balance(entry: Entry, told: Balance, moved: Amounts | undefined, findings: Findings): void {
    const { seq, ref, event, outcome } = entry;
    const { currency, available, bonus, held, version } = told;
    const key = `${ref}\0${currency}`;
    const before = this.#rows.get(key);
    this.#rows.set(key, told);
    if (available < 0n || bonus < 0n || held < 0n) {
      const detail = `${ref} has ${available}, bonus ${bonus}, held ${held} ${currency}`;
      findings.add("balance_negative", seq, detail);
    }
    if (before === undefined) return;
    // A player's standing is a part of each of its rows.
    const isTouched = outcome.code === Code.OK && event.payload.case === "playerStatusChanged";
    const by = moved ?? (isTouched ? TOUCHED : NOTHING);
    const same =
      available === before.available + by.available &&
      bonus === before.bonus + by.bonus &&
      held === before.held + by.held &&
      version === before.version + by.version;
    if (same) return;
    const right = `${before.available + by.available}/${before.bonus + by.bonus}`;
    const derived = `${right}/${before.held + by.held} version ${before.version + by.version}`;
    const recorded = `${available}/${bonus}/${held} version ${version}`;
    const detail = `${ref} ${currency}: recorded ${recorded}, derived ${derived}`;
    findings.add("balance_wrong", seq, detail);
  }
}

/** What a record's postings do to its player, by currency; a touched row gets its next version. */
function movedBy({ outcome }: Entry): Map<string, Amounts> {
  const moved = new Map<string, Amounts>();
  for (const { account, currency, minor } of outcome.postings) {
    if (!isPlayers(account)) continue;
    const { available, bonus, held } = moved.get(currency) ?? NOTHING;
    const version = 1n;
    if (account === AccountKind.PLAYER_CASH) {
      moved.set(currency, { available: available + minor, bonus, held, version });
    } else if (account === AccountKind.PLAYER_BONUS) {
      moved.set(currency, { available, bonus: bonus + minor, held, version });
    } else {
      moved.set(currency, { available, bonus, held: held + minor, version });
    }
  }
  return moved;
}
