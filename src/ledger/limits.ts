/**
 * Limits of the rules, each with its reason.
 *
 * @module
 */

/**
 * Longest id that a caller may give (key, round, txn, game, operator, source, rail), in UTF-16
 * units. Providers' ids go to 64; a Telegram update's key needs about 60.
 */
export const ID_LENGTH_MAX = 128;

/** Longest client seed that enters a draw. A player reference, the default, has 36. */
export const CLIENT_SEED_LENGTH_MAX = 128;

/** Buckets of the state digest; part of the checkpoint format. */
export const STATE_BUCKETS = 32;
