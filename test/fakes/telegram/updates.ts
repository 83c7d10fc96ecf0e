/** Builds updates from what a user does, shaped as the Bot API documents them. */
import { botUser, chatObject, person } from "./bot.ts";
import { badRequest } from "./errors.ts";
import type { StoredMessage, World } from "./world.ts";

export interface Update {
  readonly update_id: number;
  readonly [kind: string]: unknown;
}

export interface QueuedUpdate {
  readonly update: Update;
  /** Order holds within a queue: messages by chat, callback queries by user. */
  readonly queue: string;
  readonly isCallback: boolean;
}

export class UpdateFactory {
  readonly #world: World;
  readonly #token: string;
  // Telegram restarts the count now and then; time keeps a restarted stand-in from repeating ids.
  #updateId = Math.floor(Date.now() / 1000);

  constructor(world: World, token: string) {
    this.#world = world;
    this.#token = token;
  }

  /** A user writes a text. */
  message(chatId: number, text: string, userId = Math.abs(chatId)): QueuedUpdate {
    const stored = this.#world.say(chatId, "user", text, { method: "message" });
    const message = this.messageObject(chatId, stored, userId);
    return {
      update: { update_id: this.#next(), message }, queue: `chat:${chatId}`, isCallback: false,
    };
  }

  /** A user presses a button below one of the bot's messages. */
  press(chatId: number, messageId: number, data: string, userId = Math.abs(chatId)): QueuedUpdate {
    const stored = this.#world.chat(chatId).messages.get(messageId);
    const button = stored?.reply_markup?.inline_keyboard?.flat()
      .find((candidate) => candidate.callback_data === data);
    if (stored === undefined || button === undefined) throw badRequest("no such button there");
    const id = String(BigInt.asUintN(63, crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n));
    this.#world.askCallback(id, chatId);
    this.#world.note(chatId, {
      from: "user", method: "press", text: button.text, message_id: messageId,
      callback_query_id: id,
    });
    const callback = {
      id, data, from: person(userId), chat_instance: String(chatId),
      message: this.messageObject(chatId, stored, userId),
    };
    return {
      update: { update_id: this.#next(), callback_query: callback },
      queue: `user:${userId}`, isCallback: true,
    };
  }

  /** A message as it stands in updates and in the answers of the sending methods. */
  messageObject(chatId: number, stored: StoredMessage, userId = Math.abs(chatId)): object {
    const command = stored.from === "user" ? /^\/[A-Za-z0-9_]+(@\w+)?/.exec(stored.text) : null;
    return {
      message_id: stored.message_id,
      from: stored.from === "user" ? person(userId) : botUser(this.#token),
      chat: chatObject(chatId),
      date: stored.date,
      text: stored.text,
      ...(command === null
        ? {}
        : { entities: [{ type: "bot_command", offset: 0, length: command[0].length }] }),
      ...(stored.reply_markup === undefined ? {} : { reply_markup: stored.reply_markup }),
    };
  }

  #next(): number {
    this.#updateId += 1;
    return this.#updateId;
  }
}
