/**
 * Sends what the bot has to say, and decides what a failed call of the Bot API means.
 *
 * The effect of an update is in the book before its reply goes out, and bound to the update's key.
 * So letting Telegram bring the update again costs nothing and gives the reply another chance.
 * Where that can't help, as with a bot that its user has blocked, it must end.
 *
 * @module
 */
import { type Context, GrammyError, HttpError, InlineKeyboard } from "grammy";
import type { Logger } from "../ops/index.ts";
import { BoundedMap } from "./bounded-map.ts";
import { BotUnavailableError } from "./errors.ts";
import { ANSWERED_MAX, REPLY_ATTEMPTS_MAX, RETRY_AFTER_SECONDS_MAX } from "./limits.ts";
import type { Reply } from "./texts.ts";

interface CallFailure {
  /** The same call can never succeed. */
  readonly permanent: boolean;
  /** For the log: no chat, no text. */
  readonly why: string;
  readonly retryAfter?: number;
}

export class Replies {
  readonly #log: Logger;
  /** Failed attempts to send, by update. */
  readonly #failures = new BoundedMap<string, number>(ANSWERED_MAX);

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Ends the waiting sign of a pressed button. It is decoration: a failure changes nothing. */
  async endWaiting(ctx: Context): Promise<void> {
    if (ctx.callbackQuery === undefined) return;
    try {
      await ctx.answerCallbackQuery();
    } catch (error) {
      this.#log.debug("a callback query could not be answered", { why: judge(error).why });
    }
  }

  /**
   * Sends the reply into the update's chat.
   *
   * @throws BotUnavailableError when another attempt may succeed
   */
  async send(ctx: Context, key: string, reply: Reply): Promise<void> {
    const rows = reply.buttons.map((row) =>
      row.map((button) => InlineKeyboard.text(button.text, button.data)));
    const options = rows.length === 0 ? {} : { reply_markup: InlineKeyboard.from(rows) };
    try {
      await ctx.reply(reply.text, options);
    } catch (error) {
      const failure = judge(error);
      const attempts = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, attempts);
      if (failure.permanent || attempts >= REPLY_ATTEMPTS_MAX) {
        this.#log.warn("a reply was given up; its effect stands", { why: failure.why, attempts });
        return;
      }
      throw new BotUnavailableError("REPLY_FAILED", failure.why, failure);
    }
  }
}

/** Judges what a call threw; what isn't a failed call is thrown on. */
function judge(error: unknown): CallFailure {
  // Never the errors themselves: they carry chat and text.
  if (error instanceof HttpError) {
    return { permanent: false, why: "the Bot API can't be reached" };
  }
  if (!(error instanceof GrammyError)) throw error;
  const { error_code: code, description } = error;
  if (code === 429) {
    const asked = Math.max(error.parameters.retry_after ?? 1, 1);
    const retryAfter = Math.min(asked, RETRY_AFTER_SECONDS_MAX);
    return { permanent: false, why: "too many messages", retryAfter };
  }
  return { permanent: code < 500, why: `${code} ${description}` };
}
