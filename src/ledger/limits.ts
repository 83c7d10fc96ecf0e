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

/**
 * Open bets of one round, each counted with its parts from bonuses. A round ends in one record
 * with lines for all of them, which has to fit the 65 535 bytes that a tiled log allows, also with
 * the longest ids. Bingo sells extra balls; nothing sells a hundred.
 */
export const ROUND_OPEN_BETS_MAX = 96;

/** Corrections of one bet, each of the one before. */
export const CORRECTIONS_MAX = 64;

/** Bonuses of one player that haven't ended. */
export const BONUSES_MAX = 32;

/** Limits of one player: kinds, periods, and some currencies. */
export const LIMITS_MAX = 64;

/** Entries of one counter: about 8 KB of state, written anew when the player bets. */
export const USAGE_ENTRIES_MAX = 192;

/** Newest entries that stay exact when a counter is made coarser. */
export const USAGE_ENTRIES_EXACT = 32;

/** Cells of a velocity rule's window once its counter is made coarser. */
export const VELOCITY_CELLS = 64;

/** Counted bets that are still open. The stake of one beyond them is not taken back. */
export const USAGE_BETS_MAX = 64;

/** A session ends with so long a break between stakes, microseconds: 15 minutes. */
export const SESSION_BREAK_US = 15 * 60 * 1_000_000;

/** Velocity rules of one operator: each is looked at for every bet. */
export const VELOCITY_RULES_MAX = 32;

/** Longest window of a velocity rule, seconds: 30 days. */
export const VELOCITY_WINDOW_SECONDS_MAX = 30 * 24 * 60 * 60;

/** Texts in a list: approvers, rules, evidence. */
export const LIST_LENGTH_MAX = 32;

/** Longest client seed that enters a draw. A player reference, the default, has 36. */
export const CLIENT_SEED_LENGTH_MAX = 128;

/** Buckets of the state digest; part of the checkpoint format. */
export const STATE_BUCKETS = 32;
