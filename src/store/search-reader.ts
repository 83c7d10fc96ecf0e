/**
 * Reads `search.db`.
 *
 * @module
 */
import type { Database } from "bun:sqlite";
import { SEARCH_BATCH_ROWS } from "./limits.ts";
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

/** Answers what is asked. */
export class SearchReader {
  readonly #driver: Database;
  readonly #queries: SearchQueries;

  constructor(driver: Database, queries: SearchQueries) {
    this.#driver = driver;
    this.#queries = queries;
  }

  head(): SearchHead | undefined {
    return this.#queries.head.get();
  }

  /** First record of each epoch, in order. */
  epochs(): readonly { readonly epoch: number; readonly seq: number; readonly reign: string }[] {
    return this.#queries.epochs.all();
  }

  /** Names with a higher id. */
  names(after = 0): readonly SearchName[] {
    return this.#queries.names.all({ after });
  }

  player(operator: number, ref: Uint8Array): SearchPlayer | undefined {
    return this.#queries.player.get({ operator, ref });
  }

  playerById(id: number): SearchPlayer | undefined {
    return this.#queries.playerById.get({ id });
  }

  /** Number of players. */
  players(): number {
    return this.#queries.lastPlayer.get()?.id ?? 0;
  }

  record(seq: number): SearchRecord | undefined {
    return this.#queries.record.get({ seq });
  }

  bet(seq: number): SearchBet | undefined {
    return this.#queries.bet.get({ seq });
  }

  holding(player: number, account: number): bigint {
    return this.#queries.holding.get({ player, account })?.balance ?? 0n;
  }

  /** Bets of a round that hold escrow, oldest first. */
  openBets(operator: number, source: number, round: PackedId): number[] {
    return this.#queries.openBets.all({ operator, source, round }).map(({ seq }) => seq);
  }

  /** First record at or after a time; `head + 1` when there is none. */
  seqAt(time: number, head: number): number {
    let low = 1;
    let high = head + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const found = this.#queries.recordedAt.get({ seq: middle });
      if (found !== undefined && found.recordedAt < time) low = middle + 1;
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
        const rows = query.all({ bucket, seq, limit: SEARCH_BATCH_ROWS });
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
        const rows = query.all({ segment, player, ...place, limit: SEARCH_BATCH_ROWS });
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
}

/** Above any number of a line in its record. */
const LINE_MAX = 1_000_000;

function* segments(from: number, to: number, direction: Direction): Generator<number> {
  const [low, high] = [segmentOf(Math.max(from, 0)), segmentOf(to)];
  if (direction === "asc") for (let at = low; at <= high; at += 1) yield at;
  else for (let at = high; at >= low; at -= 1) yield at;
}
