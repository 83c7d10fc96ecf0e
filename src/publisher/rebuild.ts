/**
 * Builds `wallet.db` anew from the records alone, beside the file in use.
 *
 * @module
 */
import { StateDigest } from "../ledger/index.ts";
import { WalletDb, type WalletHead } from "../store/wallet.ts";
import { TailBook, type TailRecord } from "../wire/index.ts";
import { bucketPrefixes, Projection } from "./projection.ts";

const COMMIT_RECORDS = 20_000;

/** What is built. */
export interface WalletRebuild {
  /** Where the new file goes; what lies there is deleted. */
  readonly path: string;
  /** Records from the first on. */
  readonly records: Iterable<TailRecord>;
  readonly onProgress?: ((records: number) => void) | undefined;
}

/**
 * Writes every row that the records add up to. The file belongs to no feed: the publisher that
 * starts on it begins a new one, and every replica starts over.
 *
 * @throws TailFault BOOK_FORKED, PublisherError TICK_WITHHELD for records that can't be published
 */
export function rebuildWallet({ path, records, onProgress }: WalletRebuild): WalletHead {
  using db = WalletDb.create(path);
  const book = new TailBook({ epoch: 0, seq: 0, recordedAt: 0 }, []);
  const digest = new StateDigest();
  const projection = new Projection(db, digest);
  let tick = 0;
  let head = headOf(book, digest, tick);
  const commit = (): void => {
    projection.digest();
    tick += 1;
    head = headOf(book, digest, tick);
    db.commit({ head, ...projection.pending(), refs: null });
    projection.clear();
    onProgress?.(book.seq);
  };
  for (const record of records) {
    book.append(record);
    projection.apply(record);
    if (book.seq % COMMIT_RECORDS === 0) commit();
  }
  commit();
  db.checkpoint();
  return head;
}

function headOf(book: TailBook, digest: StateDigest, tick: number): WalletHead {
  const { epoch, seq, recordedAt: time } = book;
  const [root, edge, buckets] = [book.root(), book.edge(), bucketPrefixes(digest)];
  return { epoch, feed: "", seq, time, tick, root, edge, buckets };
}
