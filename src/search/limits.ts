/** Records written in one transaction: some tens of milliseconds in which nobody is answered. */
export const WRITE_RECORDS = 1_024;

/** The same while nobody is answered anyway: pages of the newest segment are written less often. */
export const CATCH_UP_RECORDS = 8_192;

/**
 * Records held in memory until a signed checkpoint covers them, about 2 KiB each: a second at full
 * load. With more waiting, what is oldest is written unproven, and nobody is answered until it is.
 */
export const HOLD_RECORDS_MAX = 32_768;

/** Signed checkpoints kept until the records get there. */
export const CHECKPOINTS_AHEAD_MAX = 16;

/** Waits between attempts to reach the primary: doubled, jittered. */
export const RETRY_MS_MIN = 50;
export const RETRY_MS_MAX = 1_000;

/** Waits start short again after the Tail was followed for this long. */
export const STEADY_MS = 5_000;

/** Records that no sound primary sends are fetched and judged again after this. */
export const WITHHELD_RETRY_MS = 15_000;

/** The same failure is logged again after this. */
export const SAY_AGAIN_MS = 10_000;

/** Following yields to requests after this long, also when the Tail never pauses. */
export const FOLLOW_TURN_MS = 20;

/** Moments at which the head was known, kept until the file has reached them. */
export const MARKS_MAX = 1_024;

/** Players whose numbers are kept in memory, about 200 bytes each. */
export const PLAYERS_KEPT = 200_000;

/** Recent bets kept in memory by their txn: what resolves a bet mostly follows soon. */
export const BETS_KEPT = 100_000;

/** A question that carries a bookmark waits this long for the file. */
export const BOOKMARK_WAIT_MS = 1_000;

/**
 * Records that may come within {@link BOOKMARK_WAIT_MS}, at full load: a bookmark further beyond
 * the book's end, as far as that was heard, isn't waited for.
 */
export const ARRIVING_RECORDS_MAX = 100_000;

/** Questions that wait for a bookmark at one time. */
export const WAITS_MAX = 256;

/**
 * The background check rests this long after every thousand rows: some 20,000 rows a second for
 * one or two hundredths of a core (measured). A million records are six million rows: five minutes.
 */
export const SCRUB_PAUSE_MS = 50;

/** It begins again this long after it has been through. */
export const SCRUB_EVERY_MS = 600_000;

/** Entries of one answer, unless it asks for fewer. */
export const PAGE_DEFAULT = 50;
export const PAGE_MAX = 200;

/** Entries of one CSV answer: a person's download. */
export const CSV_PAGE_MAX = 5_000;

/** Rows looked at for one page: a filter that fits nothing ends here, with a cursor to go on. */
export const SCAN_ROWS_MAX = 20_000;

/** Records of one round that are shown; sums cover them alone, and `truncated` says so. */
export const ROUND_RECORDS_MAX = 2_000;
