/**
 * How many rows each part of `search.db` has, and the sum of their checksums: what no single row
 * can tell, that one is missing. Parts are cut into segments, so that each is read in a moment.
 *
 * @module
 */
import type { Statement } from "bun:sqlite";
import { SEGMENT_RECORDS } from "./search-keys.ts";

/** The parts, by the numbers that are stored. */
export const SearchPart = Object.freeze({
  records: 1,
  lines: 2,
  lookups: 3,
  bets: 4,
  players: 5,
  holdings: 6,
  openBets: 7,
  names: 8,
  epochs: 9,
} as const);
export type SearchPart = (typeof SearchPart)[keyof typeof SearchPart];

/** Rows of one segment of a part. */
export interface SearchTotal {
  readonly rows: number;
  /** Of the rows' checksums, in 32 bits. */
  readonly sum: number;
}

type Mutable = { -readonly [Field in keyof SearchTotal]: SearchTotal[Field] };

/** Where totals are read and written. */
export interface TotalsFile {
  total(part: SearchPart, segment: number): SearchTotal;
  readonly put: Pick<Statement<unknown, number[]>, "run">;
  readonly drop: Pick<Statement<unknown, number[]>, "run">;
}

/** Numbers of parts fit below. */
const PARTS_MAX = 16;

/** Counts rows that come and go. */
export class SearchTotals {
  readonly #file: TotalsFile;
  readonly #changed = new Map<number, Mutable>();

  constructor(file: TotalsFile) {
    this.#file = file;
  }

  /** A row came; `key` is what its part is cut by: a seq, a player, or 0. */
  add(part: SearchPart, key: number, sum: number): void {
    const total = this.#of(part, key);
    total.rows += 1;
    total.sum = (total.sum + sum) | 0;
  }

  /** A row went. */
  drop(part: SearchPart, key: number, sum: number): void {
    const total = this.#of(part, key);
    total.rows -= 1;
    total.sum = (total.sum - sum) | 0;
  }

  /** Writes what has changed. */
  flush(): void {
    for (const [place, { rows, sum }] of this.#changed) {
      const where = [place % PARTS_MAX, Math.floor(place / PARTS_MAX)];
      // As if there had never been any: how records are cut into commits must not show.
      if (rows === 0 && sum === 0) this.#file.drop.run(...where);
      else this.#file.put.run(...where, rows, sum);
    }
    this.#changed.clear();
  }

  #of(part: SearchPart, key: number): Mutable {
    const segment = Math.floor(key / SEGMENT_RECORDS);
    const place = segment * PARTS_MAX + part;
    let total = this.#changed.get(place);
    if (total === undefined) {
      total = { ...this.#file.total(part, segment) };
      this.#changed.set(place, total);
    }
    return total;
  }
}
