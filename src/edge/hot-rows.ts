/**
 * Rows of players read lately, as the JSON that answers carry.
 *
 * @module
 */
import { type Currencies, exponentOf } from "../money/index.ts";
import type { ReplicaRow } from "../store/replica.ts";

/** One player's balances, ready to send. */
export interface HotRow {
  readonly operatorId: string;
  /** The answer up to its freshness. */
  readonly json: string;
  /** The head's epoch and the largest seq among the rows. */
  readonly bookmark: string;
}

/** A player's rows as a hot row; undefined when there are none. */
export function hotRow(
  playerRef: string,
  bookmark: string,
  rows: readonly ReplicaRow[],
  currencies: Currencies,
): HotRow | undefined {
  const first = rows[0];
  if (first === undefined) return undefined;
  const balances = rows.map((row) => balanceJson(row, currencies)).join(",");
  return {
    operatorId: first.operatorId,
    json: flat(`{"player_ref":"${playerRef}","balances":[${balances}],`),
    bookmark,
  };
}

/**
 * The same text in one piece. An engine keeps a concatenation as a tree of its parts, and would
 * walk the tree for every answer that the row becomes part of (a quarter of the cost, measured).
 */
export function flat(text: string): string {
  return Buffer.from(text).toString();
}

/** A balance as in {@link BalanceJson} of the wire, written by hand because it is the hot path. */
function balanceJson(row: ReplicaRow, currencies: Currencies): string {
  const exponent = exponentOf(currencies, row.currency);
  return (
    `{"currency":${JSON.stringify(row.currency)},"exponent":${exponent},` +
    `"available":"${row.available}","bonus":"${row.bonus}","held":"${row.held}",` +
    `"version":"${row.version}"}`
  );
}

/** A bounded map of hot rows. */
export class HotRows {
  readonly #rows = new Map<string, HotRow>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(playerRef: string): HotRow | undefined {
    return this.#rows.get(playerRef);
  }

  put(playerRef: string, row: HotRow): void {
    if (this.#rows.size >= this.#limit) {
      // The oldest goes: keeping a row's place in use up to date would cost more than reading it.
      for (const oldest of this.#rows.keys()) {
        this.#rows.delete(oldest);
        break;
      }
    }
    this.#rows.set(playerRef, row);
  }

  drop(playerRefs: readonly string[]): void {
    for (const playerRef of playerRefs) this.#rows.delete(playerRef);
  }

  clear(): void {
    this.#rows.clear();
  }
}
