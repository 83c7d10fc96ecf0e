/**
 * Limits of the bot, each with its reason.
 *
 * @module
 */

/** An update is a few kilobytes; a long forwarded text with its entities stays far below. */
export const UPDATE_BYTES_MAX = 256 * 1024;

/** Largest amount of one command, whole FUN. */
export const AMOUNT_WHOLE_MAX = 1_000_000n;

/** Digits of {@link AMOUNT_WHOLE_MAX}; more needn't be converted to be refused. */
export const AMOUNT_DIGITS_MAX = 7;

/** Operations that a history shows unless told otherwise, and at most: one message holds them. */
export const HISTORY_DEFAULT = 10;
export const HISTORY_MAX = 50;

/** Characters of a message: Telegram takes 4096. */
export const MESSAGE_CHARS_MAX = 4_000;

/** Words of a command that are looked at; the longest command has five and a currency. */
export const COMMAND_WORDS_MAX = 8;

/** Characters of a text that are looked at: commands are short. */
export const COMMAND_CHARS_MAX = 256;

/** How long one call of the Bot API may take: Telegram gives a webhook 60 s in all. */
export const API_CALL_SECONDS = 10;

/** Updates remembered as answered, so that a re-sent one isn't answered twice by this edge. */
export const ANSWERED_MAX = 10_000;

/** A reply that fails so often is given up: its effect is in the book, and others wait behind. */
export const REPLY_ATTEMPTS_MAX = 5;

/** Newest receipts remembered per player, so that a balance read here includes them. */
export const BOOKMARKS_MAX = 10_000;

/** Longest pause that this bot asks of Telegram (which honours up to an hour). */
export const RETRY_AFTER_SECONDS_MAX = 3_600;
