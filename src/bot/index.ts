/**
 * The Telegram bot: updates in, events to the primary, replies out.
 *
 * @module
 */
export { type BotAppOptions, createBotApp } from "./app.ts";
export { botInfoFromToken } from "./bot-info.ts";
