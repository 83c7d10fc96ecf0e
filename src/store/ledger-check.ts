/**
 * What can be wrong with `ledger.db` as a file, whatever its records say: torn pages, missing
 * triggers, rows where no reader looks, a queue of claims that doesn't fit its tables.
 *
 * @module
 */
import type { Database } from "bun:sqlite";
import { pageId, runsIn } from "./claim-pages.ts";
import { queuedClaims, type MergeState } from "./claim-queue.ts";
import { ClaimRun } from "./claim-run.ts";
import { ClaimSet } from "./claim-set.ts";
import {
  damagedFile as damaged,
  type FileFlaw,
  numberFrom,
  schemaFlaws,
  structureFlaws,
} from "./file-check.ts";
import { LedgerRanges } from "./ledger-ranges.ts";
import { LEDGER_KIND, rangeDdl, rangeOf, rangeStart } from "./ledger-schema.ts";

/** Looks at everything in one table after another: seconds for each million records. */
export function* ledgerFlaws(driver: Database): Generator<FileFlaw> {
  const ranges = new LedgerRanges(driver);
  const ddl = [...LEDGER_KIND.ddl, ...ranges.list.flatMap(rangeDdl)];
  yield* schemaFlaws("ledger.db", driver, ddl);
  yield* structureFlaws("ledger.db", driver);
  driver.run("BEGIN DEFERRED");
  try {
    yield* placeFlaws(driver, ranges.list);
    yield* queueFlaws(driver, ranges);
  } finally {
    if (driver.inTransaction) driver.run("ROLLBACK");
  }
}

/** Every row lies where it is looked for, and none beyond the end of the book. */
function* placeFlaws(driver: Database, ranges: readonly number[]): Generator<FileFlaw> {
  const one = (query: string): number => numberFrom(driver, query);
  const size = one("SELECT size FROM tree");
  if (one("SELECT count(*) FROM tree") !== 1) yield damaged("ledger.db has lost its tree row");
  const committed = one("SELECT max(last_seq) FROM commits");
  if (committed !== size) {
    yield damaged(`the tree has ${size} leaves, the last commit ends at ${committed}`);
  }
  for (const range of ranges) {
    const table = `records_${String(range).padStart(6, "0")}`;
    const last = Math.min(size, rangeStart(range + 1) - 1);
    const stray = one(
      `SELECT count(*) FROM ${table} WHERE seq < ${rangeStart(range)} OR seq > ${last}`,
    );
    if (stray > 0) yield damaged(`${table} has ${stray} records that don't belong there`);
  }
  for (const [table, column] of [
    ["identities", "seq"],
    ["commits", "last_seq"],
    ["claim_queue", "last_seq"],
  ] as const) {
    const stray = one(`SELECT count(*) FROM ${table} WHERE ${column} < 1 OR ${column} > ${size}`);
    if (stray > 0) yield damaged(`${table} has ${stray} rows of records that don't exist`);
  }
}

/** The queue goes on where the runs end, and a run under way is the one that it would make. */
function* queueFlaws(driver: Database, ranges: LedgerRanges): Generator<FileFlaw> {
  const {
    merged_seq: merged,
    run_seq: runSeq,
    run_done: done,
  } = driver.query<MergeState, []>("SELECT merged_seq, run_seq, run_done FROM tree").get() ?? {
    merged_seq: 0,
    run_seq: 0,
    run_done: 0,
  };
  const run = new ClaimSet();
  let first: number | undefined;
  for (const { hash, seq } of queuedClaims(driver)) {
    first ??= seq;
    if (seq <= runSeq && rangeOf(seq) === rangeOf(merged + 1)) run.add(hash, seq);
  }
  const size = numberFrom(driver, "SELECT size FROM tree");
  const left = numberFrom(
    driver,
    "SELECT count(*) FROM claim_queue WHERE last_seq <= (SELECT merged_seq FROM tree)",
  );
  // Every record makes a claim, so the first that waits is the next one's.
  if ((first ?? size + 1) !== merged + 1 || left > 0) {
    yield damaged(`the queue of claims doesn't go on at record ${merged + 1}`);
  }
  if (runSeq === 0 && done === 0) return;
  if (done < 1 || run.size === 0 || run.seqAt(run.size - 1) !== runSeq) {
    yield damaged(`no run of claims ends at record ${runSeq}`);
    return;
  }
  yield* runFlaws(new ClaimRun(run, rangeOf(runSeq)), done, ranges);
}

function* runFlaws(run: ClaimRun, done: number, ranges: LedgerRanges): Generator<FileFlaw> {
  const statements = ranges.of(run.range);
  const runs = runsIn(statements);
  const number = runs.length - 1;
  if (runs[number] !== done || done >= run.pages) {
    yield damaged(`${runs[number]} pages of the last run of claims are there, ${done} are noted`);
    return;
  }
  for (let page = 0; page < done; page += 1) {
    const stored = statements.page.get(pageId(number, page))?.claims;
    if (stored !== undefined && Buffer.compare(stored, run.page(page)) === 0) continue;
    yield damaged(`page ${page} of the last run of claims is not what was written`);
  }
}
