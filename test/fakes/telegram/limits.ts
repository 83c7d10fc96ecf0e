/**
 * Bounds of the stand-in; where Telegram documents a figure, it is Telegram's.
 *
 * @module
 */

/** Longest message text, UTF-16 code units (Bot API, sendMessage). */
export const TEXT_UNITS_MAX = 4096;

/** Longest text of an answered callback query, UTF-16 code units (Bot API). */
export const ANSWER_UNITS_MAX = 200;

/** callback_data of one button, bytes (Bot API). */
export const CALLBACK_DATA_BYTES_MAX = 64;

/** Buttons of one inline keyboard; Telegram refuses more. */
export const BUTTONS_MAX = 100;

/** Updates of one getUpdates answer (Bot API). */
export const GET_UPDATES_MAX = 100;

/** Longest long poll that getUpdates grants, seconds (Bot API server). */
export const GET_UPDATES_SECONDS_MAX = 50;

/** Parallel webhook deliveries (default of setWebhook's max_connections). */
export const CONNECTIONS_MAX = 40;

/** A webhook that says nothing for so long has failed (Bot API server). */
export const WEBHOOK_TIMEOUT_MS = 60_000;

/** The second retry comes after this, doubling from there; the first comes at once. */
export const RETRY_BASE_MS = 2_000;

/** The longest pause between retries is random in this range (Bot API server). */
export const RETRY_CAP_MS = [60_000, 120_000] as const;

/** A webhook's Retry-After is honoured up to this, seconds (Bot API server). */
export const RETRY_AFTER_SECONDS_MAX = 3_600;

/** How long Telegram keeps trying an update. */
export const MESSAGE_LIFE_MS = 24 * 3_600_000;
export const CALLBACK_LIFE_MS = 150_000;

/** A callback query can be answered for so long. */
export const CALLBACK_ANSWER_MS = 15 * 60_000;

/** Largest request body taken. */
export const BODY_BYTES_MAX = 256 * 1024;

/** The stand-in keeps everything in memory, so everything has an end; the oldest goes first. */
export const CHATS_MAX = 10_000;
export const CHAT_ENTRIES_MAX = 1_000;
export const CALLBACKS_MAX = 10_000;
export const PENDING_UPDATES_MAX = 100_000;
export const FAULTS_MAX = 1_000;

/** Longest wait of the chat page for something new, below common idle timeouts. */
export const PAGE_POLL_MS = 8_000;

/** An edge that doesn't answer a balance read for so long is shown as down. */
export const BALANCE_TIMEOUT_MS = 2_000;
