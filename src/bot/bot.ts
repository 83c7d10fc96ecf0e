/**
 * The grammY bot: finds out who wants what, has the desk do it, and sends the reply.
 *
 * @module
 */
import { Bot, BotError, type Context } from "grammy";
import type { Update, UserFromGetMe } from "grammy/types";
import { identityOf, type IdentityKeyMaterial } from "../access/index.ts";
import type { Logger } from "../ops/index.ts";
import type { Desk } from "./desk.ts";
import { addressee, type Intent, readIntent } from "./intent.ts";
import { API_CALL_SECONDS } from "./limits.ts";
import { OwnName } from "./own-name.ts";
import { Replies } from "./replies.ts";
import * as texts from "./texts.ts";

export interface BotParts {
  readonly desk: Desk;
  readonly operator: string;
  readonly identityKey: IdentityKeyMaterial;
  readonly token: string;
  readonly apiRoot: string;
  readonly botInfo: UserFromGetMe;
  readonly log: Logger;
}

/** Handles one update under its key; what it throws is the cause itself. */
export type UpdateHandler = (update: Update, key: string) => Promise<void>;

/** What a person may send instead of a text; other messages without one are Telegram's own. */
const NOT_TEXT = [
  "message:file",
  "message:contact",
  "message:location",
  "message:dice",
  "message:poll",
] as const;

/** Builds the bot. Nothing is called until an update comes: `botInfo` spares the getMe. */
export function createUpdateHandler(parts: BotParts): UpdateHandler {
  const keys = new WeakMap<Update, string>();
  const replies = new Replies(parts.log);
  const client = { apiRoot: parts.apiRoot, timeoutSeconds: API_CALL_SECONDS };
  const bot = new Bot(parts.token, { botInfo: parts.botInfo, client });
  const ownName = new OwnName(bot.api, parts.botInfo.username);
  /** Commands for other bots have no effect here and get no answer. */
  const isForUs = async (text: string): Promise<boolean> => {
    const name = addressee(text);
    return name === undefined || ownName.is(name);
  };

  const answer = async (ctx: Context, intent: Intent): Promise<void> => {
    const { chat, from: person } = ctx;
    const key = keys.get(ctx.update);
    if (chat === undefined || person === undefined || person.is_bot || key === undefined) return;
    const identity = identityOf(parts.identityKey, parts.operator, "telegram", String(person.id));
    const reply = chat.type === "private"
      ? await parts.desk.carryOut(intent, { identity, key })
      : texts.privateOnly();
    await replies.endWaiting(ctx);
    await replies.send(ctx, key, reply);
  };

  bot.on("callback_query", async (ctx) => {
    const { data, message } = ctx.callbackQuery;
    if (data === undefined || message === undefined || !(await isForUs(data))) {
      return replies.endWaiting(ctx);
    }
    return answer(ctx, readIntent(data));
  });
  bot.on("message:text", async (ctx) => {
    const { text } = ctx.message;
    // In a group only what is addressed to a bot is meant for this one.
    if (ctx.chat.type !== "private" && !text.startsWith("/")) return;
    if (await isForUs(text)) await answer(ctx, readIntent(text));
  });
  bot.chatType("private").on([...NOT_TEXT], (ctx) => answer(ctx, { kind: "unknown" }));

  return async (update, key) => {
    keys.set(update, key);
    try {
      await bot.handleUpdate(update);
    } catch (error) {
      throw error instanceof BotError ? error.error : error;
    }
  };
}
