/**
 * Claims on their way into their tables.
 *
 * A commit appends its claims to a queue, which costs next to nothing, and moves some pages of
 * older ones, which are sorted by then. All of it in the same transaction. Claims that wait are
 * found in memory; what is in memory is read back from the queue at a start.
 *
 * @module
 */
import type { Database, Statement } from "bun:sqlite";
import { pageId, runsIn, type StoredClaim } from "./claim-pages.ts";
import { ClaimRun } from "./claim-run.ts";
import { CLAIM_HASH_BYTES, ClaimSet } from "./claim-set.ts";
import { rangeOf } from "./ledger-schema.ts";
import type { LedgerRanges } from "./ledger-ranges.ts";
import { MERGE_PER_CLAIM, PAGE_CLAIMS, RUN_CLAIMS } from "./limits.ts";
import { LedgerFault, type NewRecord } from "./new-records.ts";
import { transact } from "./sqlite.ts";

/** A queue entry holds per claim the hash, and how far its record lies before the commit's last. */
const ENTRY_BYTES = CLAIM_HASH_BYTES + 2;
const BACK_MAX = 0xffff;

/** How far the moving has come, as the tree's row keeps it. */
export interface MergeState {
  /** Claims of records up to this one are in complete runs. */
  readonly merged_seq: number;
  /** The run being moved holds the claims of the records after `merged_seq` up to this one. */
  readonly run_seq: number;
  /** Pages of the run that are in the table. */
  readonly run_done: number;
}

/** The writer's queue of claims. */
export class ClaimQueue {
  readonly #driver: Database;
  readonly #ranges: LedgerRanges;
  readonly #push: Statement<unknown, [number, Uint8Array]>;
  readonly #drop: Statement<unknown, [number]>;
  readonly #setMerge: Statement<unknown, [number, number, number]>;
  /** Complete runs of each range, as {@link runsIn} counts them. */
  readonly #runs = new Map<number, number[]>();
  /** Claims that are in no run yet. */
  #recent = new ClaimSet();
  #run: ClaimRun | undefined;
  #state: MergeState;
  /** Claims that may be moved, because others have come. */
  #due = 0;
  /** While a group's transaction runs: claims before it, and where the moving will stand. */
  #sizeBefore: number | undefined;
  #next: MergeState | undefined;

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

  /** Complete runs of a range whose tables exist. */
  runs(range: number): readonly number[] {
    let runs = this.#runs.get(range);
    if (runs === undefined) {
      runs = completeRuns(this.#driver, this.#ranges, range);
      this.#runs.set(range, runs);
    }
    return runs;
  }

  /**
   * Queues a group's claims and moves some pages of the run, inside the group's transaction. Memory
   * follows at once; call {@link ClaimQueue.settle} when the transaction is durable, and
   * {@link ClaimQueue.undo} when it has failed.
   */
  append(records: readonly NewRecord[], firstSeq: number): void {
    if (this.#run === undefined && this.#isDue()) this.#begin();
    this.#sizeBefore = this.#recent.size;
    for (let index = 0; index < records.length; index += 1) {
      for (const hash of records[index]!.claims) this.#add(hash, firstSeq + index);
    }
    const count = this.#recent.size - this.#sizeBefore;
    if (count > 0) this.#push.run(firstSeq + records.length - 1, pack(records, count));
    this.#due += count * MERGE_PER_CLAIM;
    const pages = Math.floor(this.#due / PAGE_CLAIMS);
    this.#due -= pages * PAGE_CLAIMS;
    this.#next = this.#merge(pages);
  }

  /** The transaction of the last group is durable. */
  settle(): void {
    const next = this.#next;
    this.#next = undefined;
    this.#sizeBefore = undefined;
    if (next === undefined) return;
    this.#state = next;
    if (next.run_seq !== 0) return;
    const { range, pages } = this.#run!;
    this.#runs.get(range)!.push(pages);
    this.#run = undefined;
  }

  /** The transaction of the last group has failed: nothing of it stays. */
  undo(): void {
    if (this.#sizeBefore !== undefined) this.#recent.truncate(this.#sizeBefore);
    this.#sizeBefore = undefined;
    this.#next = undefined;
  }

  /** Moves everything that waits, each run in a transaction of its own. */
  drain(): void {
    while (this.size > 0) {
      if (this.#run === undefined) this.#begin();
      transact(this.#driver, "IMMEDIATE", () => {
        this.#next = this.#merge(Infinity);
      });
      this.settle();
    }
  }

  /** Nothing in the tables notices a second claim, so this does: it can only be a fault of ours. */
  #add(hash: Uint8Array, seq: number): void {
    const before = this.#run?.claims.get(hash) ?? this.#recent.add(hash, seq);
    if (before !== undefined) throw new LedgerFault(`record ${before} has made the claim`);
  }

  /** Enough claims wait for a run, or a range has ended. */
  #isDue(): boolean {
    const { size } = this.#recent;
    if (size === 0) return false;
    if (size >= RUN_CLAIMS) return true;
    return rangeOf(this.#recent.seqAt(0)) !== rangeOf(this.#recent.seqAt(size - 1));
  }

  /**
   * What waits becomes the run, as far as it belongs to the oldest claim's range. All of it follows
   * from the queue, so it can be repeated after a crash.
   */
  #begin(): void {
    const waiting = this.#recent;
    const range = rangeOf(waiting.seqAt(0));
    let count = waiting.size;
    while (rangeOf(waiting.seqAt(count - 1)) !== range) count -= 1;
    const later = new ClaimSet();
    for (let at = count; at < waiting.size; at += 1)
      later.add(waiting.hashAt(at), waiting.seqAt(at));
    const run = new ClaimRun(count === waiting.size ? waiting : waiting.first(count), range);
    this.#run = run;
    this.#recent = later;
    this.#state = { ...this.#state, run_seq: run.seq, run_done: 0 };
  }

  #merge(pages: number): MergeState | undefined {
    const run = this.#run;
    if (run === undefined || pages === 0) return undefined;
    const number = this.runs(run.range).length;
    const { insertPage } = this.#ranges.of(run.range);
    const from = this.#state.run_done;
    const to = Math.min(run.pages, from + pages);
    for (let page = from; page < to; page += 1) {
      insertPage.run(pageId(number, page), run.page(page));
    }
    const done = to === run.pages;
    const next: MergeState = done
      ? { merged_seq: run.seq, run_seq: 0, run_done: 0 }
      : { ...this.#state, run_done: to };
    if (done) this.#drop.run(run.seq);
    this.#setMerge.run(next.merged_seq, next.run_seq, next.run_done);
    return next;
  }

  /** Reads the queue back: the run as it was begun, and what came after it. */
  #load(): void {
    const { run_seq: runSeq } = this.#state;
    for (const { hash, seq } of queuedClaims(this.#driver)) {
      if (runSeq !== 0 && seq > runSeq && this.#run === undefined) this.#resume();
      this.#recent.add(hash, seq);
    }
    if (runSeq !== 0 && this.#run === undefined) this.#resume();
  }

  #resume(): void {
    const state = this.#state;
    this.#begin();
    if (this.#run?.seq !== state.run_seq) throw new LedgerFault("the queue of claims has a gap");
    this.#state = state;
  }
}

/** Everything that is in no complete run, in the order in which it came. */
export function* queuedClaims(driver: Database): IterableIterator<StoredClaim> {
  const { merged_seq: merged } = readMergeState(driver);
  const rows = driver
    .query<{ last_seq: number; claims: Uint8Array }, [number]>(
      "SELECT last_seq, claims FROM claim_queue WHERE last_seq > ? ORDER BY last_seq",
    )
    .iterate(merged);
  for (const { last_seq: lastSeq, claims } of rows) {
    const bytes = Buffer.from(claims.buffer, claims.byteOffset, claims.length);
    for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
      const hash = bytes.subarray(at, at + CLAIM_HASH_BYTES);
      const seq = lastSeq - bytes.readUInt16BE(at + CLAIM_HASH_BYTES);
      // A commit may lie across the border of two ranges, and so of two runs.
      if (seq > merged) yield { hash, seq };
    }
  }
}

/** Runs of a range, as {@link runsIn} counts them, without one that is still being moved. */
export function completeRuns(driver: Database, ranges: LedgerRanges, range: number): number[] {
  const { run_seq: runSeq, run_done: done } = readMergeState(driver);
  const runs = runsIn(ranges.of(range));
  return done > 0 && rangeOf(runSeq) === range ? runs.slice(0, -1) : runs;
}

function readMergeState(driver: Database): MergeState {
  const row = driver.query<MergeState, []>("SELECT merged_seq, run_seq, run_done FROM tree").get();
  if (row === null) throw new Error("ledger.db has lost its tree row");
  return row;
}

function pack(records: readonly NewRecord[], count: number): Uint8Array {
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
