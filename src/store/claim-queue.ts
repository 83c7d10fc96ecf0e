/**
 * Claims on their way into their tables.
 *
 * Hashes are random: put into the tables at once, nearly every claim of a commit dirties a page of
 * its own, some 4 KiB for 28 bytes, which was more than half of a commit's cost (measured). So a
 * commit appends its claims to a queue, which costs next to nothing, and moves a slice of older
 * ones, sorted by hash, so that neighbours share pages. All of it in the same transaction. Claims
 * that wait are found in memory; what is in memory is read back from the queue at a start.
 *
 * @module
 */
import type { Database, Statement } from "bun:sqlite";
import { CLAIM_HASH_BYTES, ClaimSet } from "./claim-set.ts";
import { rangeOf } from "./ledger-schema.ts";
import type { LedgerRanges } from "./ledger-ranges.ts";
import { MERGE_CLAIMS_MIN, MERGE_PER_CLAIM, RUN_CLAIMS } from "./limits.ts";
import { LedgerFault, type NewRecord } from "./new-records.ts";
import { transact } from "./sqlite.ts";

/** A queue entry holds per claim the hash, and how far its record lies before the commit's last. */
const ENTRY_BYTES = CLAIM_HASH_BYTES + 2;
const BACK_MAX = 0xffff;

/** How far the run has come, as the tree's row keeps it. */
export interface MergeState {
  /** Claims of records up to this one are in their tables. */
  readonly merged_seq: number;
  /** The run holds the claims of the records after `merged_seq` up to this one. */
  readonly run_seq: number;
  /** Claims of the run that are in their tables already, in the order of the run. */
  readonly run_done: number;
}

interface Run {
  readonly claims: ClaimSet;
  readonly order: Uint32Array;
  readonly seq: number;
}

/** The writer's queue of claims. */
export class ClaimQueue {
  readonly #driver: Database;
  readonly #ranges: LedgerRanges;
  readonly #push: Statement<unknown, [number, Uint8Array]>;
  readonly #drop: Statement<unknown, [number]>;
  readonly #setMerge: Statement<unknown, [number, number, number]>;
  /** Claims since the run was begun. */
  #recent = new ClaimSet();
  #run: Run | undefined;
  #state: MergeState;

  constructor(driver: Database, ranges: LedgerRanges) {
    this.#driver = driver;
    this.#ranges = ranges;
    this.#push = driver.prepare("INSERT INTO claim_queue (last_seq, claims) VALUES (?, ?)");
    this.#drop = driver.prepare("DELETE FROM claim_queue WHERE last_seq <= ?");
    this.#setMerge = driver.prepare(
      "UPDATE tree SET merged_seq = ?, run_seq = ?, run_done = ? WHERE id = 1",
    );
    this.#state = readMergeState(driver);
    this.#load();
  }

  /** Claims that wait in memory. */
  get size(): number {
    return this.#recent.size + (this.#run?.claims.size ?? 0);
  }

  /** Seq of the record whose claim waits here or has passed through lately. */
  get(hash: Uint8Array): number | undefined {
    return this.#recent.get(hash) ?? this.#run?.claims.get(hash);
  }

  /** Every claim that {@link ClaimQueue.get} finds. */
  each(visit: (hash: Uint8Array) => void): void {
    for (const set of [this.#run?.claims, this.#recent]) {
      for (let index = 0; index < (set?.size ?? 0); index += 1) visit(set!.hashAt(index));
    }
  }

  /**
   * Queues a group's claims and moves a slice of the run, inside the group's transaction. What is
   * returned makes memory follow, and is called once the transaction is durable.
   */
  append(records: readonly NewRecord[], firstSeq: number): () => void {
    const lastSeq = firstSeq + records.length - 1;
    for (const { claims } of records) for (const hash of claims) this.#refuseTwice(hash);
    const packed = pack(records);
    if (packed.length > 0) this.#push.run(lastSeq, packed);
    const count = packed.length / ENTRY_BYTES;
    if (this.#run === undefined && this.#recent.size >= RUN_CLAIMS) this.#begin(firstSeq - 1);
    const next = this.#merge(Math.max(MERGE_CLAIMS_MIN, count * MERGE_PER_CLAIM));
    return () => {
      for (let index = 0; index < records.length; index += 1) {
        for (const hash of records[index]!.claims) this.#recent.add(hash, firstSeq + index);
      }
      this.#settle(next);
    };
  }

  /** Moves everything that waits, in transactions of its own. */
  drain(): void {
    while (this.size > 0) this.rest(RUN_CLAIMS);
  }

  /** Moves up to `limit` of the claims that wait, in a transaction of its own. */
  rest(limit: number): void {
    if (this.size === 0) return;
    if (this.#run === undefined) this.#begin(lastQueued(this.#driver));
    let next: MergeState | undefined;
    transact(this.#driver, "IMMEDIATE", () => {
      next = this.#merge(limit);
    });
    this.#settle(next);
  }

  /** The tables' keys notice a second claim only when it is moved, which is too late. */
  #refuseTwice(hash: Uint8Array): void {
    const seq = this.get(hash);
    if (seq !== undefined) throw new LedgerFault(`record ${seq} has made the claim`);
  }

  /** What waits becomes the run. Its order follows from the queue's, so it can be repeated. */
  #begin(seq: number): void {
    const claims = this.#recent;
    this.#run = { claims, order: claims.sorted(), seq };
    this.#recent = new ClaimSet();
    this.#state = { ...this.#state, run_seq: seq, run_done: 0 };
  }

  #merge(limit: number): MergeState | undefined {
    const run = this.#run;
    if (run === undefined) return undefined;
    const from = this.#state.run_done;
    const to = Math.min(run.order.length, from + limit);
    for (let at = from; at < to; at += 1) {
      const index = run.order[at]!;
      const seq = run.claims.seqAt(index);
      this.#ranges.of(rangeOf(seq)).insertClaim.run(run.claims.hashAt(index), seq);
    }
    const done = to === run.order.length;
    const next: MergeState = done
      ? { merged_seq: run.seq, run_seq: 0, run_done: 0 }
      : { ...this.#state, run_seq: run.seq, run_done: to };
    if (done) this.#drop.run(run.seq);
    this.#setMerge.run(next.merged_seq, next.run_seq, next.run_done);
    return next;
  }

  #settle(next: MergeState | undefined): void {
    if (next === undefined) return;
    if (next.run_seq === 0) this.#run = undefined;
    this.#state = next;
  }

  /** Reads the queue back: the run as it was begun, and what came after it. */
  #load(): void {
    const { run_seq: runSeq } = this.#state;
    for (const { hash, seq, lastSeq } of queuedClaims(this.#driver)) {
      if (runSeq !== 0 && lastSeq > runSeq && this.#run === undefined) this.#resume(runSeq);
      this.#recent.add(hash, seq);
    }
    if (runSeq !== 0 && this.#run === undefined) this.#resume(runSeq);
  }

  #resume(seq: number): void {
    const state = this.#state;
    this.#begin(seq);
    this.#state = state;
  }
}

/** A claim in the queue. */
export interface QueuedClaim {
  readonly hash: Uint8Array;
  readonly seq: number;
  /** The commit that made it. */
  readonly lastSeq: number;
}

/** Everything in the queue, in the order it came: waiting, or moved by a run that goes on. */
export function* queuedClaims(driver: Database): IterableIterator<QueuedClaim> {
  const rows = driver
    .query<{ last_seq: number; claims: Uint8Array }, []>(
      "SELECT last_seq, claims FROM claim_queue ORDER BY last_seq",
    )
    .iterate();
  for (const { last_seq: lastSeq, claims } of rows) {
    const bytes = Buffer.from(claims.buffer, claims.byteOffset, claims.length);
    for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
      const hash = bytes.subarray(at, at + CLAIM_HASH_BYTES);
      yield { hash, seq: lastSeq - bytes.readUInt16BE(at + CLAIM_HASH_BYTES), lastSeq };
    }
  }
}

function readMergeState(driver: Database): MergeState {
  const row = driver.query<MergeState, []>("SELECT merged_seq, run_seq, run_done FROM tree").get();
  if (row === null) throw new Error("ledger.db has lost its tree row");
  return row;
}

function lastQueued(driver: Database): number {
  const row = driver
    .query<{ seq: number | null }, []>("SELECT max(last_seq) AS seq FROM claim_queue")
    .get();
  return row?.seq ?? 0;
}

function pack(records: readonly NewRecord[]): Uint8Array {
  let count = 0;
  for (const { claims } of records) count += claims.length;
  if (records.length > BACK_MAX) throw new RangeError(`a group has more than ${BACK_MAX} records`);
  const packed = Buffer.allocUnsafe(count * ENTRY_BYTES);
  let at = 0;
  for (let index = 0; index < records.length; index += 1) {
    for (const hash of records[index]!.claims) {
      packed.set(hash, at);
      packed.writeUInt16BE(records.length - 1 - index, at + CLAIM_HASH_BYTES);
      at += ENTRY_BYTES;
    }
  }
  return packed;
}
