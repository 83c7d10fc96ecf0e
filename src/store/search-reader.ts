/**
 * Reads `search.db`.
 *
 * @module
 */
import type { Database } from "bun:sqlite";
import { SEARCH_BATCH_ROWS } from "./limits.ts";
import { searchDamaged, sound } from "./search-checksum.ts";
import { contentHashOf } from "./search-hash.ts";
import { bucketOf, segmentOf } from "./search-keys.ts";
import type { SearchQueries } from "./search-queries.ts";
import type {
  PackedId,
  SearchBet,
  SearchHead,
  SearchLine,
  SearchPlayer,
  SearchRecord,
} from "./search-schema.ts";
import type { SearchPart, SearchTotal } from "./search-totals.ts";

/** Which way a scan goes. */
export type Direction = "asc" | "desc";

/** A line's place: its record, and its number there. */
export interface LinePlace {
  readonly seq: number;
  readonly n: number;
}

/** A name of the file. */
export interface SearchName {
  readonly id: number;
  readonly kind: number;
  readonly name: string;
}

/**
 * Answers what is asked. Throws OperatorError DATABASE_DAMAGED where a row isn't what was written.
 */
export class SearchReader {
  readonly #driver: Database;
  readonly #queries: SearchQueries;

  constructor(driver: Database, queries: SearchQueries) {
    this.#driver = driver;
    this.#queries = queries;
  }

  head(): SearchHead | undefined {
    return this.#row("head", () => this.#queries.head.get());
  }

  /** First record of each epoch, in order. */
  epochs(): readonly { readonly epoch: number; readonly seq: number; readonly reign: string }[] {
    return this.#rows("epochs", () => this.#queries.epochs.all());
  }

  /** Names with a higher id, in order. */
  names(after = 0): readonly SearchName[] {
    return this.#rows("names", () => this.#queries.names.all({ after }));
  }

  player(operator: number, ref: Uint8Array): SearchPlayer | undefined {
    return this.#row("players", () => this.#queries.player.get({ operator, ref }));
  }

  playerById(id: number): SearchPlayer | undefined {
    return this.#row("players", () => this.#queries.playerById.get({ id }));
  }

  /** Number of players. */
  players(): number {
    return read(() => this.#queries.lastPlayer.get()?.id ?? 0);
  }

  record(seq: number): SearchRecord | undefined {
    return this.#row("records", () => this.#queries.record.get({ seq }));
  }

  /** A record that the file itself speaks of. */
  ownRecord(seq: number): SearchRecord {
    return this.record(seq) ?? missing("record", seq);
  }

  bet(seq: number): SearchBet | undefined {
    return this.#row("bets", () => this.#queries.bet.get({ seq }));
  }

  /** A bet that the file itself speaks of. */
  ownBet(seq: number): SearchBet {
    return this.bet(seq) ?? missing("bet", seq);
  }

  holding(player: number, account: number): bigint {
    const row = this.#row("holdings", () => this.#queries.holding.get({ player, account }));
    return row?.balance ?? 0n;
  }

  /** What a segment of a part has; zeros where it has nothing. */
  total(part: SearchPart, segment: number): SearchTotal {
    return read(() => this.#queries.total.get({ part, segment })) ?? { rows: 0, sum: 0 };
  }

  /** Bets of a round that hold escrow, oldest first. */
  openBets(operator: number, source: number, round: PackedId): number[] {
    const of = { operator, source, round };
    const rows = this.#rows("open_bets", () => this.#queries.openBets.all(of));
    return rows.map(({ seq }) => seq);
  }

  /** First record at or after a time; `head + 1` when there is none. */
  seqAt(time: number, head: number): number {
    let low = 1;
    let high = head + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.ownRecord(middle).recordedAt < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * Records whose id has this hash, strangers included, from `from` to `to`, both included, in the
   * given direction.
   */
  *seqs(hash: number, from: number, to: number, direction: Direction): Generator<number> {
    for (const segment of segments(from, to, direction)) {
      const bucket = bucketOf(segment, hash);
      const query = direction === "desc" ? this.#queries.seqsDown : this.#queries.seqsUp;
      let seq = direction === "desc" ? to + 1 : from - 1;
      for (;;) {
        const start = seq;
        const rows = read(() => query.all({ bucket, seq: start, limit: SEARCH_BATCH_ROWS }));
        for (const row of rows) {
          if (row.seq < from || row.seq > to) break;
          yield (seq = row.seq);
        }
        if (rows.length < SEARCH_BATCH_ROWS) break;
      }
    }
  }

  /** A player's lines between records, both included, starting behind `after`. */
  *lines(
    player: number,
    range: { readonly from: number; readonly to: number; readonly after?: LinePlace },
    direction: Direction,
  ): Generator<SearchLine> {
    const down = direction === "desc";
    const { from, to } = range;
    const edge = down ? { seq: to + 1, n: 0 } : { seq: from - 1, n: LINE_MAX };
    const { after = edge } = range;
    // A place outside the range is as good as none.
    const start = after.seq < from || after.seq > to ? edge : after;
    const ends = down
      ? ([from, Math.min(start.seq, to)] as const)
      : ([Math.max(start.seq, from), to] as const);
    for (const segment of segments(...ends, direction)) {
      const query = down ? this.#queries.linesDown : this.#queries.linesUp;
      let place = start;
      for (;;) {
        const behind = { segment, player, ...place, limit: SEARCH_BATCH_ROWS };
        const rows = this.#rows("lines", () => query.all(behind));
        for (const row of rows) {
          if (row.seq < from || row.seq > to) return;
          yield row;
          place = { seq: row.seq, n: row.n };
        }
        if (rows.length < SEARCH_BATCH_ROWS) break;
      }
    }
  }

  /** Hash of every row that the records determine, in hex. */
  contentHash(): string {
    return contentHashOf(this.#driver);
  }

  #row<Row extends object>(table: string, query: () => Row | undefined): Row | undefined {
    return sound(table, read(query));
  }

  #rows<Row extends object>(table: string, query: () => Row[]): Row[] {
    const rows = read(query);
    for (const row of rows) sound(table, row);
    return rows;
  }
}

/** Whatever keeps a query from its rows is damage: torn pages, or numbers that nobody wrote. */
function read<Result>(query: () => Result): Result {
  try {
    return query();
  } catch (error) {
    throw searchDamaged("it can't be read", error);
  }
}

function missing(what: string, seq: number): never {
  throw searchDamaged(`${what} ${seq} is missing`);
}

/** Above any number of a line in its record. */
const LINE_MAX = 1_000_000;

function* segments(from: number, to: number, direction: Direction): Generator<number> {
  const [low, high] = [segmentOf(Math.max(from, 0)), segmentOf(to)];
  if (direction === "asc") for (let at = low; at <= high; at += 1) yield at;
  else for (let at = high; at >= low; at -= 1) yield at;
}
