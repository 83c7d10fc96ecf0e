/**
 * Claims at rest: runs of sorted pages in their range's table.
 *
 * Hashes are random. With a row and a key for each claim, a claim cost 1.6 µs and 34 bytes, a
 * quarter of the writer's time (measured); on a page with its neighbours it costs a tenth. A page
 * holds a fixed share of all possible hashes, so a run is searched by reading one page.
 *
 * @module
 */
import { EXIT, OperatorError } from "../ops/index.ts";
import { CLAIM_HASH_BYTES, headAt } from "./claim-set.ts";
import type { RangeStatements } from "./ledger-ranges.ts";
import { rangeStart } from "./ledger-schema.ts";
import { RUN_PAGES_MAX } from "./limits.ts";

/** On a page a claim is its hash, and how far its record lies behind the range's first. */
export const PAGE_ENTRY_BYTES = CLAIM_HASH_BYTES + 4;

const HEADS = 2 ** 32;

/** A stored claim. */
export interface StoredClaim {
  readonly hash: Uint8Array;
  readonly seq: number;
}

/** The page of a run on which a hash lies, by its first 32 bits. */
export function pageOf(head: number, pages: number): number {
  return Math.floor((head * pages) / HEADS);
}

/** The row of a page. */
export function pageId(run: number, page: number): number {
  return run * RUN_PAGES_MAX + page;
}

/** Pages of each run in a range's table, oldest run first. */
export function runsIn({ lastPage }: RangeStatements): number[] {
  const runs: number[] = [];
  const last = lastPage.get(Number.MAX_SAFE_INTEGER)?.id ?? -1;
  for (let run = 0; pageId(run, 0) <= last; run += 1) {
    const end = lastPage.get(pageId(run + 1, 0))?.id ?? -1;
    if (end < pageId(run, 0)) throw damaged(`run ${run} of claims`);
    runs.push(end - pageId(run, 0) + 1);
  }
  return runs;
}

/** Seq of the record that made a claim, if the claim lies in one of these runs of a range. */
export function findInRuns(
  { range, page }: RangeStatements,
  runs: readonly number[],
  hash: Uint8Array,
): number | undefined {
  const head = headAt(hash, 0);
  for (let run = runs.length - 1; run >= 0; run -= 1) {
    const row = page.get(pageId(run, pageOf(head, runs[run]!)));
    if (row === null) throw damaged(`a page of run ${run} of claims`);
    const offset = findOnPage(row.claims, hash, head);
    if (offset !== undefined) return rangeStart(range) + offset;
  }
  return undefined;
}

/** The pages of these runs of a range. A page on which a claim couldn't be found is damage. */
export function* pagesIn(
  { page }: RangeStatements,
  runs: readonly number[],
): IterableIterator<Uint8Array> {
  for (const [run, pages] of runs.entries()) {
    for (let index = 0; index < pages; index += 1) {
      const claims = page.get(pageId(run, index))?.claims;
      if (claims === undefined || !isOrdered(claims, index, pages)) {
        throw damaged(`page ${index} of run ${run} of claims`);
      }
      yield claims;
    }
  }
}

/** The claims of a page. Their bytes are the page's. */
export function* claimsOn(range: number, page: Uint8Array): IterableIterator<StoredClaim> {
  const first = rangeStart(range);
  for (let at = 0; at < page.length; at += PAGE_ENTRY_BYTES) {
    const end = at + CLAIM_HASH_BYTES;
    yield { hash: page.subarray(at, end), seq: first + headAt(page, end) };
  }
}

function findOnPage(page: Uint8Array, hash: Uint8Array, head: number): number | undefined {
  let from = 0;
  let to = page.length / PAGE_ENTRY_BYTES;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (headAt(page, middle * PAGE_ENTRY_BYTES) < head) from = middle + 1;
    else to = middle;
  }
  for (let at = from * PAGE_ENTRY_BYTES; at < page.length; at += PAGE_ENTRY_BYTES) {
    if (headAt(page, at) !== head) return undefined;
    if (isAt(page, at, hash)) return headAt(page, at + CLAIM_HASH_BYTES);
  }
  return undefined;
}

function isAt(page: Uint8Array, at: number, hash: Uint8Array): boolean {
  for (let index = 0; index < CLAIM_HASH_BYTES; index += 1) {
    if (page[at + index] !== hash[index]) return false;
  }
  return true;
}

/** Whole entries, rising, and none that belongs to another page. */
function isOrdered(page: Uint8Array, index: number, pages: number): boolean {
  if (page.length % PAGE_ENTRY_BYTES !== 0) return false;
  let last = 0;
  for (let at = 0; at < page.length; at += PAGE_ENTRY_BYTES) {
    const head = headAt(page, at);
    if (head < last || (at === 0 && pageOf(head, pages) !== index)) return false;
    last = head;
  }
  return page.length === 0 || pageOf(last, pages) === index;
}

function damaged(what: string): OperatorError {
  return new OperatorError("LEDGER_DAMAGED", `${what} is not what was written`, {
    hint: "Keep the file, run `countroom verify book --data DIR`, and restore from a snapshot.",
    exitCode: EXIT.integrity,
  });
}
