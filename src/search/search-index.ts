/**
 * From records to rows of `search.db`: the same records always make the same rows.
 *
 * @module
 */
import { CODES } from "../ledger/index.ts";
import { SearchDb } from "../store/search-db.ts";
import {
  bucketOf,
  LookupKind,
  lookupHash,
  packHex,
  packId,
  packUuid,
  segmentOf,
} from "../store/search-keys.ts";
import type { SearchReader } from "../store/search-reader.ts";
import { splitEdge, TailBook, type TailRecord } from "../wire/index.ts";
import { Bets, roundSource } from "./bets.ts";
import { NameKind, Names } from "./names.ts";
import { Players } from "./players.ts";
import { StatementLines } from "./statement-lines.ts";

/** Where an index stands. */
export interface IndexHead {
  readonly seq: number;
  readonly epoch: number;
  /** `recorded_at` of the record at `seq`. */
  readonly recordedAt: number;
  /** Root of the tree of `seq` records. */
  readonly root: Uint8Array;
  /** Records that a signed checkpoint covers; never above `seq`. */
  readonly proven: number;
}

/** A `search.db` being written. After a failure it is of no further use: open the file again. */
export class SearchIndex implements Disposable {
  readonly path: string;
  readonly names: Names;
  readonly #db: SearchDb;
  readonly #book: TailBook;
  readonly #players: Players;
  readonly #lines: StatementLines;
  readonly #bets: Bets;
  readonly #lookups: [bucket: number, seq: number][] = [];
  #proven: number;

  private constructor(db: SearchDb) {
    this.path = db.path;
    this.#db = db;
    const head = db.reader.head();
    this.#book = new TailBook(head ?? NOTHING, splitEdge(head?.edge ?? new Uint8Array()));
    this.#proven = head?.proven ?? 0;
    this.names = new Names(db);
    this.#players = new Players(db);
    this.#lines = new StatementLines(db, this.names);
    this.#bets = new Bets(db, this.names);
  }

  /**
   * Opens the file at `path`, or makes an empty one.
   *
   * @throws OperatorError DATABASE_FOREIGN, DATABASE_NEWER or DATABASE_DAMAGED.
   */
  static open(path: string): SearchIndex {
    const db = SearchDb.open(path);
    try {
      return new SearchIndex(db);
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** Deletes the file at `path`; nobody may hold it open. */
  static delete(path: string): void {
    SearchDb.delete(path);
  }

  /** Moves whatever is at `path` out of the way; answers where it is now. */
  static setAside(path: string, why: "foreign" | "damaged"): string {
    return SearchDb.setAside(path, why);
  }

  head(): IndexHead {
    const { seq, epoch, recordedAt } = this.#book;
    return { seq, epoch, recordedAt, root: this.#book.root(), proven: this.#proven };
  }

  /** Seq of the newest record written. */
  get seq(): number {
    return this.#book.seq;
  }

  /** For questions. */
  get reader(): SearchReader {
    return this.#db.reader;
  }

  /** The chain of records behind the file, for a follower that reads ahead of it. */
  position(): TailBook {
    const { epoch, seq, recordedAt } = this.#book;
    return new TailBook({ epoch, seq, recordedAt }, splitEdge(this.#book.edge()));
  }

  /**
   * Writes the records that come next, in one transaction. `proven` is the size up to which the
   * caller has held the tree against a signed checkpoint.
   *
   * @throws TailFault BOOK_FORKED or RECORD_WRONG when they don't come next
   */
  apply(records: readonly TailRecord[], proven = this.#proven): void {
    if (records.length === 0) return;
    this.#db.transact(() => {
      for (const record of records) this.#take(record);
      this.#lines.flush();
      this.#bets.flush();
      this.#flushLookups();
      this.#putHead(proven);
    });
  }

  /** Notes that the rows up to `size` are covered by a signed checkpoint. */
  prove(size: number): void {
    if (Math.min(size, this.seq) <= this.#proven) return;
    this.#db.transact(() => this.#putHead(size));
  }

  /** SHA-256 in hex of every row that follows from the records up to {@link seq}. */
  contentHash(): string {
    return this.#db.reader.contentHash();
  }

  close(): void {
    this.#db.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #take(record: TailRecord): void {
    this.#book.append(record);
    const { event, command, outcome } = record;
    const { seq, recordedAt, code } = outcome;
    const operator = this.names.put(NameKind.operator, outcome.operatorId);
    const source = this.names.put(NameKind.source, outcome.source);
    const status = CODES[code]?.status;
    const player = this.#players.put(operator, outcome.playerRef, status === "accepted");
    const bet = this.#bets.take(record, operator, source);
    const roundId = command.roundId === "" ? (bet?.roundId ?? "") : command.roundId;
    const roundOf = roundSource(record, this.names);
    this.#db.addRecord({
      seq,
      recordedAt,
      operator,
      source,
      type: this.names.put(NameKind.type, command.payload.type),
      code,
      player,
      bet: bet?.seq ?? 0,
      closes: outcome.roundClosed ? 1 : 0,
      roundSource: roundOf === source ? 0 : roundOf,
      game: command.gameId === "" ? null : command.gameId,
      event: event.eventId === "" ? null : packUuid(event.eventId),
      trace: packHex(event.traceId),
      txn: packId(command.txnId),
      round: packId(roundId),
    });
    this.#lines.add(player, outcome);
    const find = (kind: LookupKind, id: string): void => this.#lookup(kind, operator, id, seq);
    find(LookupKind.event, event.eventId);
    find(LookupKind.trace, event.traceId);
    find(LookupKind.txn, command.txnId);
    find(LookupKind.round, roundId);
    find(LookupKind.player, outcome.playerRef);
    if (status === "refused") find(LookupKind.refusal, outcome.playerRef);
    const { payload } = command;
    if (payload.type === "epoch_started") {
      this.#db.addEpoch(outcome.epoch, seq, payload.reign);
    }
  }

  #lookup(kind: LookupKind, operator: number, id: string, seq: number): void {
    if (id === "") return;
    this.#lookups.push([bucketOf(segmentOf(seq), lookupHash(kind, operator, id)), seq]);
  }

  /** Sorted, so that one page after the other is written, each once. */
  #flushLookups(): void {
    this.#lookups.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    let [lastBucket, lastSeq] = [-1, -1];
    for (const [bucket, seq] of this.#lookups) {
      // Two ids of one record may have the same hash.
      if (bucket === lastBucket && seq === lastSeq) continue;
      this.#db.addLookup(bucket, seq);
      [lastBucket, lastSeq] = [bucket, seq];
    }
    this.#lookups.length = 0;
  }

  #putHead(proven: number): void {
    const { epoch, seq, recordedAt } = this.#book;
    const [root, edge] = [this.#book.root(), this.#book.edge()];
    // What lies ahead of the file may come differently after a restart.
    this.#proven = Math.min(Math.max(proven, this.#proven), seq);
    this.#db.putHead({ seq, epoch, recordedAt, proven: this.#proven, root, edge });
  }
}

/** What a file holds at a seq. */
export interface SearchContent {
  readonly seq: number;
  readonly epoch: number;
  /** Records that a signed checkpoint covers. */
  readonly proven: number;
  /** Root of the tree of `seq` records. */
  readonly root: Uint8Array;
  /** As {@link SearchIndex.contentHash}. */
  readonly hash: string;
}

/**
 * What the file at `path` holds, at one seq, also while its process writes it. Undefined before its
 * first record.
 *
 * @throws OperatorError DATABASE_MISSING, DATABASE_FOREIGN, DATABASE_NEWER or DATABASE_DAMAGED.
 */
export function searchHash(path: string): SearchContent | undefined {
  return SearchDb.contentOf(path);
}

const NOTHING = Object.freeze({ epoch: 0, seq: 0, recordedAt: 0 });
