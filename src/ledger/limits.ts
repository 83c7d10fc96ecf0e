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

/** Longest name of a claim: two ids and a number, joined. */
export const NAME_LENGTH_MAX = 2 * ID_LENGTH_MAX + 32;

/** Open bets of one round. Bingo sells extra balls; nothing sells a thousand. */
export const ROUND_OPEN_BETS_MAX = 256;

/** Corrections of one bet, each of the one before. */
export const CORRECTIONS_MAX = 64;

/** Bonuses of one player that haven't ended. */
export const BONUSES_MAX = 32;

/** Limits of one player: kinds, periods, and some currencies. */
export const LIMITS_MAX = 64;

/** Texts in a list: approvers, rules, evidence. */
export const LIST_LENGTH_MAX = 32;

/** Longest client seed that enters a draw. A player reference, the default, has 36. */
export const CLIENT_SEED_LENGTH_MAX = 128;

/** Buckets of the state digest; part of the checkpoint format. */
export const STATE_BUCKETS = 32;
