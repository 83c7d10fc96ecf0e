/**
 * Claims about to be written as a run of pages.
 *
 * @module
 */
import { PAGE_ENTRY_BYTES, pageOf } from "./claim-pages.ts";
import { CLAIM_HASH_BYTES, type ClaimSet } from "./claim-set.ts";
import { rangeStart } from "./ledger-schema.ts";
import { PAGE_CLAIMS } from "./limits.ts";

/** A sort key is a hash's first 32 bits and the claim's index, together an exact double. */
const INDEX_SPAN = 2 ** 21;

/** A run: what it holds, dealt out to pages, and each page sorted when its turn comes. */
export class ClaimRun {
  readonly claims: ClaimSet;
  /** All claims belong to this range. */
  readonly range: number;
  readonly pages: number;
  /** Indexes of claims, page by page, in the order in which they came. */
  readonly #dealt: Uint32Array;
  readonly #starts: Uint32Array;

  constructor(claims: ClaimSet, range: number) {
    const { size } = claims;
    if (size > INDEX_SPAN) throw new RangeError(`more than ${INDEX_SPAN} claims in a run`);
    this.claims = claims;
    this.range = range;
    this.pages = Math.max(1, Math.ceil(size / PAGE_CLAIMS));
    this.#dealt = new Uint32Array(size);
    this.#starts = new Uint32Array(this.pages + 1);
    this.#deal();
  }

  /** Seq of the last record that has a claim in it. */
  get seq(): number {
    return this.claims.seqAt(this.claims.size - 1);
  }

  /** The bytes of a page. Claims whose hashes begin alike stay in the order in which they came. */
  page(page: number): Uint8Array {
    const { claims } = this;
    const from = this.#starts[page]!;
    const count = this.#starts[page + 1]! - from;
    const keys = new Float64Array(count);
    for (let at = 0; at < count; at += 1) {
      const index = this.#dealt[from + at]!;
      keys[at] = claims.headAt(index) * INDEX_SPAN + index;
    }
    keys.sort();
    const bytes = Buffer.allocUnsafe(count * PAGE_ENTRY_BYTES);
    const first = rangeStart(this.range);
    for (let at = 0, to = 0; at < count; at += 1, to += PAGE_ENTRY_BYTES) {
      const index = keys[at]! % INDEX_SPAN;
      claims.copy(index, bytes, to);
      bytes.writeUInt32BE(claims.seqAt(index) - first, to + CLAIM_HASH_BYTES);
    }
    return bytes;
  }

  /** Counts each page's claims, then puts them one behind the other: no pause for sorting all. */
  #deal(): void {
    const { claims, pages } = this;
    const { size } = claims;
    const starts = this.#starts;
    for (let index = 0; index < size; index += 1) {
      starts[pageOf(claims.headAt(index), pages) + 1]! += 1;
    }
    for (let page = 0; page < pages; page += 1) starts[page + 1]! += starts[page]!;
    const next = starts.slice();
    for (let index = 0; index < size; index += 1) {
      const page = pageOf(claims.headAt(index), pages);
      this.#dealt[next[page]!++] = index;
    }
  }
}
