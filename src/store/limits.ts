/** A statement waits this long for another connection's lock before it fails. */
export const BUSY_MS = 5_000;

/** Records in one range table: the unit that is sealed, archived and dropped as a whole. */
export const RANGE_RECORDS = 1_000_000;

/**
 * Pages of `ledger.db`'s write-ahead log (16 MiB). Claims are random, so their pages repeat; at
 * 1,000 pages copying them home cost a third of the throughput (measured), at 64,000 it stalls.
 */
export const LEDGER_WAL_PAGES = 4_000;

/** Page cache of the writer: the upper levels and a good part of one range of claims. */
export const LEDGER_CACHE_KIB = 65_536;

/** Page cache of the checkpointer's connection to `state.db`. */
export const STATE_CACHE_KIB = 65_536;

/** Players that the checkpointer keeps in memory, about half a KiB each. */
export const STATE_PLAYERS_KEPT = 50_000;

/** Signed checkpoints that `state.db` keeps, newest first. */
export const CHECKPOINTS_KEPT = 1_000;

/**
 * Claims that are sorted and moved into a table together. A lookup that memory can't answer reads a
 * page of every run; in memory a claim takes some 50 bytes.
 */
export const RUN_CLAIMS = 262_144;

/** Claims on a page, on average: with what is around them they fill one of SQLite's pages. */
export const PAGE_CLAIMS = 160;

/** Pages of a run are numbered below this. */
export const RUN_PAGES_MAX = 2 ** 20;

/** Claims of a run moved per new claim: a run ends long before the next one is due. */
export const MERGE_PER_CLAIM = 2;

/** First filter of claims; each further one is twice as large as the one before. */
export const FILTER_CLAIMS = 1_048_576;

/** Bits of the claim filter per claim: with six probes about one lookup in 3,000 is wasted. */
export const FILTER_BITS_PER_CLAIM = 24;

/** Page cache of `tree.db`: the tiles at the right end, which every checkpoint touches. */
export const TREE_CACHE_KIB = 2_048;

/** Page cache of `search.db`: the newest segment of lookups and lines, and what is asked for. */
export const SEARCH_CACHE_KIB = 65_536;

/** Pages of `search.db`'s write-ahead log (16 MiB): neighbouring chunks change the same pages. */
export const SEARCH_WAL_PAGES = 4_000;

/** A `search.db` up to this size has its pages checked at start: within a second (measured). */
export const SEARCH_CHECK_BYTES_MAX = 64 * 1024 * 1024;

/** Rows of `search.db` that the background check reads before it lets others go on: 1 ms. */
export const SEARCH_SCAN_ROWS = 1_024;

/** Rows that a scan of `search.db` fetches at once. */
export const SEARCH_BATCH_ROWS = 128;

/** Rows of `search.db` hashed at once. */
export const SEARCH_HASH_ROWS = 512;

/** Operators and currencies whose names rows in memory share. */
export const SHARED_TEXTS_MAX = 1_000;
