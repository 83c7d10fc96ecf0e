import { type Currencies, DEFAULT_CURRENCIES } from "../money/index.ts";
import { formatBookmark, type Bookmark } from "../wire/index.ts";
import type { SearchReader } from "../store/search-reader.ts";
import type { Freshness } from "./freshness.ts";
import { ARRIVING_RECORDS_MAX, WAITS_MAX } from "./limits.ts";
import type { Names } from "./names.ts";
import type { SearchIndex } from "./search-index.ts";

/** What questions are answered from, at one seq. Valid until the next turn of the event loop. */
export interface SearchSnapshot {
  readonly reader: SearchReader;
  readonly names: Names;
  /** Whose exponents amounts are shown with. */
  readonly currencies: Currencies;
  readonly epoch: number;
  readonly seq: number;
  readonly bookmark: string;
  /** Whole milliseconds, never less than the age. */
  readonly ageMs: number;
}

/** The file as questions see it: never beyond what a signed checkpoint covers. */
export class SearchView {
  readonly #index: () => SearchIndex | undefined;
  /** Newest record of the book, as far as it was heard. */
  readonly #headSeq: () => number;
  readonly #freshness: Freshness;
  readonly #currencies: Currencies;
  readonly #waiting = new Set<() => void>();

  constructor(
    index: () => SearchIndex | undefined,
    headSeq: () => number,
    freshness: Freshness,
    currencies: Currencies = DEFAULT_CURRENCIES,
  ) {
    this.#index = index;
    this.#headSeq = headSeq;
    this.#freshness = freshness;
    this.#currencies = currencies;
  }

  /** Undefined while the file is missing, empty, or written further than proven. */
  snapshot(): SearchSnapshot | undefined {
    const index = this.#index();
    if (index === undefined) return undefined;
    const { seq, epoch, recordedAt, proven } = index.head();
    if (seq === 0 || proven < seq) return undefined;
    const ageMs = Math.ceil(this.#freshness.ageMs(recordedAt));
    const bookmark = formatBookmark(epoch, seq);
    const { reader, names } = index;
    return { reader, names, currencies: this.#currencies, epoch, seq, bookmark, ageMs };
  }

  /** Milliseconds; NaN without a file. */
  ageMs(): number {
    const index = this.#index();
    return index === undefined ? Number.NaN : this.#freshness.ageMs(index.head().recordedAt);
  }

  /** Seq of the newest record written. */
  get seq(): number {
    return this.#index()?.seq ?? 0;
  }

  /**
   * True once the snapshot includes the bookmark; false when it doesn't within `limitMs`, at once
   * when nothing that can come by then would bring it.
   */
  whenReached(bookmark: Bookmark, limitMs: number): Promise<boolean> {
    const now = this.#reached(bookmark);
    if (now || this.#waiting.size >= WAITS_MAX || !this.#mayArrive(bookmark)) {
      return Promise.resolve(now);
    }
    return new Promise((resolve) => {
      const done = (reached: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(reached);
      };
      const look = (): void => {
        if (this.#reached(bookmark)) done(true);
      };
      const timer = setTimeout(() => done(false), limitMs);
      this.#waiting.add(look);
    });
  }

  /** The file was written, proven further, or closed. */
  changed(): void {
    for (const look of this.#waiting) look();
  }

  /** A file that is being built holds no epoch yet, but its own will be known soon enough. */
  #mayArrive({ epoch, seq }: Bookmark): boolean {
    if (seq > this.#headSeq() + ARRIVING_RECORDS_MAX) return false;
    const head = this.#index()?.head();
    return head !== undefined && (head.seq === 0 || epoch === head.epoch);
  }

  #reached(bookmark: Bookmark): boolean {
    const snapshot = this.snapshot();
    if (snapshot === undefined) return false;
    if (bookmark.epoch === snapshot.epoch) return bookmark.seq <= snapshot.seq;
    // Of a closed epoch: in the book when it lies before the epoch's end.
    const next = snapshot.reader.epochs().find(({ epoch }) => epoch > bookmark.epoch);
    return next !== undefined && bookmark.seq < next.seq;
  }
}
