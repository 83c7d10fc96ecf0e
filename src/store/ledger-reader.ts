/**
 * Reads `ledger.db`: records, claims, identities, epochs, commits and the tree's edge.
 *
 * @module
 */
import type { Database } from "bun:sqlite";
import { and, asc, between, desc, eq, gte, isNull, lte, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/bun-sqlite";
import {
  commits,
  epochs,
  identities,
  rangeOf,
  tree,
  type EpochRow,
  type LedgerIdentityRow,
} from "./ledger-schema.ts";
import { claimsOn, findInRuns, pagesIn, type StoredClaim } from "./claim-pages.ts";
import { completeRuns, queuedClaims, type ClaimQueue } from "./claim-queue.ts";
import { LedgerRanges, type RecordColumns } from "./ledger-ranges.ts";

/** A stored record: the event's and the outcome's exact bytes. */
export type StoredRecord = RecordColumns;

export type { StoredClaim };

/** Size and right edge of the tree at the last commit. */
export interface StoredTree {
  readonly size: number;
  readonly edge: Uint8Array;
}

/** The root of the tree at a commit's last record. */
export interface CommitRow {
  readonly lastSeq: number;
  readonly root: Uint8Array;
}

/** Reads through one connection, which may be the writer's or one of its own. */
export class LedgerReader {
  readonly #driver: Database;
  readonly #ranges: LedgerRanges;
  readonly #queue: ClaimQueue | undefined;
  readonly #queries: ReturnType<typeof prepareQueries>;

  /** `queue` is the writer's: without it, the queue of claims is read from the file. */
  constructor(driver: Database, ranges = new LedgerRanges(driver), queue?: ClaimQueue) {
    this.#driver = driver;
    this.#ranges = ranges;
    this.#queue = queue;
    this.#queries = prepareQueries(driver);
  }

  /** Fixes what is read from here on to the present commit, until {@link LedgerReader.release}. */
  hold(): void {
    this.#driver.run("BEGIN DEFERRED");
  }

  release(): void {
    if (this.#driver.inTransaction) this.#driver.run("ROLLBACK");
  }

  /** Ranges present, rising. */
  get ranges(): readonly number[] {
    return this.#queue === undefined ? this.#ranges.look() : this.#ranges.list;
  }

  tree(): StoredTree {
    const row = this.#queries.tree.get();
    if (row === undefined) throw new Error("ledger.db has lost its tree row");
    return row;
  }

  /** One record, or undefined when the ledger doesn't hold it. */
  record(seq: number): StoredRecord | undefined {
    if (seq < 1 || !this.#ranges.has(rangeOf(seq))) return undefined;
    const row = this.#ranges.of(rangeOf(seq)).records.get(seq, 1);
    return row?.seq === seq ? row : undefined;
  }

  /**
   * Records from `from` on, in order: at most `limit`, and no more once `bytesMax` bytes are
   * reached. An empty answer means that there are none.
   */
  read(from: number, limit: number, bytesMax = Number.MAX_SAFE_INTEGER): StoredRecord[] {
    const rows: StoredRecord[] = [];
    let bytes = 0;
    for (let range = rangeOf(from); this.#ranges.has(range) && rows.length < limit; range += 1) {
      const statement = this.#ranges.of(range).records;
      for (const row of statement.iterate(from, limit - rows.length)) {
        rows.push(row);
        bytes += row.event.length + row.outcome.length;
        if (bytes >= bytesMax) return rows;
      }
    }
    return rows;
  }

  /** Seq of the record that made a claim: on its way into a table, or in one, newest first. */
  claimed(hash: Uint8Array): number | undefined {
    const waiting = this.#waiting(hash);
    if (waiting !== undefined) return waiting;
    const known = this.ranges;
    for (let at = known.length - 1; at >= 0; at -= 1) {
      const range = known[at]!;
      const seq = findInRuns(this.#ranges.of(range), this.#runs(range), hash);
      if (seq !== undefined) return seq;
    }
    return undefined;
  }

  /**
   * Claims in the table of a range, in no order that means anything. Those on their way there are
   * in {@link LedgerReader.waitingClaims}; read both between `hold` and `release`.
   *
   * @throws OperatorError LEDGER_DAMAGED when a page is not what was written.
   */
  *claims(range: number): IterableIterator<StoredClaim> {
    for (const page of this.claimPages(range)) yield* claimsOn(range, page);
  }

  /** The same as {@link LedgerReader.claims}, by pages of entries as `claim-pages.ts` has them. */
  claimPages(range: number): Iterable<Uint8Array> {
    return this.#ranges.has(range) ? pagesIn(this.#ranges.of(range), this.#runs(range)) : [];
  }

  /** Claims that are in no table yet, or in a part of a run that is still being moved. */
  waitingClaims(): IterableIterator<StoredClaim> {
    return queuedClaims(this.#driver);
  }

  #waiting(hash: Uint8Array): number | undefined {
    if (this.#queue !== undefined) return this.#queue.get(hash);
    for (const claim of queuedClaims(this.#driver)) {
      if (Buffer.compare(claim.hash, hash) === 0) return claim.seq;
    }
    return undefined;
  }

  #runs(range: number): readonly number[] {
    return this.#queue?.runs(range) ?? completeRuns(this.#driver, this.#ranges, range);
  }

  /** The first record from a seq on that bound an identity. */
  nextIdentity(from: number): number | undefined {
    return this.#queries.nextIdentity.get({ from })?.seq;
  }

  /** The first commit that ends at or after a seq. */
  nextCommit(from: number): number | undefined {
    return this.#queries.nextCommit.get({ from })?.seq;
  }

  /** Identities bound by the records `from` to `to`, both included, in their order. */
  identitiesBetween(from: number, to: number): readonly LedgerIdentityRow[] {
    return this.#queries.identitiesBetween.all({ from, to });
  }

  epochs(): readonly EpochRow[] {
    return this.#queries.epochs.all();
  }

  epoch(epoch: number): EpochRow | undefined {
    return this.#queries.epoch.get({ epoch });
  }

  /** The epoch that takes records, or undefined when the ledger is sealed or has none. */
  openEpoch(): EpochRow | undefined {
    return this.#queries.openEpoch.get();
  }

  lastCommit(): CommitRow | undefined {
    return this.#queries.lastCommit.get();
  }

  /** The last commit that ends at or before a seq. */
  commitUpTo(seq: number): CommitRow | undefined {
    return this.#queries.commitUpTo.get({ seq });
  }

  /** Commits whose last record lies between two seqs, both included. */
  commitsBetween(from: number, to: number): readonly CommitRow[] {
    return this.#queries.commitsBetween.all({ from, to });
  }
}

function prepareQueries(driver: Database) {
  const orm = drizzle({ client: driver });
  const hole = sql.placeholder;
  return {
    tree: orm.select({ size: tree.size, edge: tree.edge }).from(tree).prepare(),
    epochs: orm.select().from(epochs).orderBy(asc(epochs.epoch)).prepare(),
    epoch: orm
      .select()
      .from(epochs)
      .where(eq(epochs.epoch, hole("epoch")))
      .prepare(),
    openEpoch: orm.select().from(epochs).where(isNull(epochs.lastSeq)).prepare(),
    lastCommit: orm.select().from(commits).orderBy(desc(commits.lastSeq)).limit(1).prepare(),
    commitUpTo: orm
      .select()
      .from(commits)
      .where(lte(commits.lastSeq, hole("seq")))
      .orderBy(desc(commits.lastSeq))
      .limit(1)
      .prepare(),
    commitsBetween: orm
      .select()
      .from(commits)
      .where(and(gte(commits.lastSeq, hole("from")), lte(commits.lastSeq, hole("to"))))
      .orderBy(asc(commits.lastSeq))
      .prepare(),
    nextIdentity: orm
      .select({ seq: identities.seq })
      .from(identities)
      .where(gte(identities.seq, hole("from")))
      .orderBy(asc(identities.seq))
      .limit(1)
      .prepare(),
    nextCommit: orm
      .select({ seq: commits.lastSeq })
      .from(commits)
      .where(gte(commits.lastSeq, hole("from")))
      .orderBy(asc(commits.lastSeq))
      .limit(1)
      .prepare(),
    identitiesBetween: orm
      .select()
      .from(identities)
      .where(between(identities.seq, hole("from"), hole("to")))
      .orderBy(asc(identities.seq))
      .prepare(),
  };
}
