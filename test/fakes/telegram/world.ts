/**
 * What the stand-in knows: chats, what was said in them, and callback queries waiting for an
 * answer. All in memory; the oldest is forgotten first.
 *
 * @module
 */
import { badRequest } from "./errors.ts";
import * as limits from "./limits.ts";
import type { ReplyMarkup } from "./markup.ts";

/** One line of a chat, as the page and `/sim/messages` show it. */
export interface Entry {
  /** Counts the lines of this chat from 1. */
  readonly n: number;
  readonly from: "user" | "bot";
  /** The Bot API method of the bot, or `message` and `press` of the user. */
  readonly method: string;
  readonly text: string;
  /** RFC 3339, milliseconds, UTC. */
  readonly at: string;
  readonly message_id?: number;
  readonly reply_markup?: ReplyMarkup;
  readonly callback_query_id?: string;
  readonly show_alert?: boolean;
}

export interface StoredMessage {
  readonly message_id: number;
  readonly from: "user" | "bot";
  readonly date: number;
  text: string;
  reply_markup: ReplyMarkup | undefined;
}

interface Chat {
  readonly id: number;
  readonly entries: Entry[];
  readonly messages: Map<number, StoredMessage>;
  /** Numbers of the last line and the last message. */
  last: number;
  lastMessage: number;
  readonly waiters: Set<() => void>;
}

interface Callback {
  readonly chatId: number;
  readonly askedAt: number;
}

export class World {
  readonly #chats = new Map<number, Chat>();
  readonly #callbacks = new Map<string, Callback>();

  /** The chat of that id, which any user or test may open by writing into it. */
  chat(id: number): Chat {
    const known = this.#chats.get(id);
    if (known !== undefined) return known;
    forgetOldest(this.#chats, limits.CHATS_MAX);
    const chat: Chat = {
      id, entries: [], messages: new Map(), last: 0, lastMessage: 0, waiters: new Set(),
    };
    this.#chats.set(id, chat);
    return chat;
  }

  entries(chatId: number): readonly Entry[] {
    return this.#chats.get(chatId)?.entries ?? [];
  }

  /** Adds a message of either side and its line. */
  say(
    chatId: number,
    from: "user" | "bot",
    text: string,
    more: { method: string; reply_markup?: ReplyMarkup | undefined },
  ): StoredMessage {
    const chat = this.chat(chatId);
    chat.lastMessage += 1;
    const message: StoredMessage = {
      message_id: chat.lastMessage, from, text, date: Math.floor(Date.now() / 1000),
      reply_markup: more.reply_markup,
    };
    forgetOldest(chat.messages, limits.CHAT_ENTRIES_MAX);
    chat.messages.set(message.message_id, message);
    this.note(chatId, { from, text, ...more, message_id: message.message_id });
    return message;
  }

  /** Adds a line and wakes whoever watches the chat. */
  note(chatId: number, line: Omit<Entry, "n" | "at">): void {
    const chat = this.chat(chatId);
    chat.last += 1;
    if (chat.entries.length >= limits.CHAT_ENTRIES_MAX) chat.entries.shift();
    chat.entries.push({ n: chat.last, at: new Date().toISOString(), ...line });
    for (const wake of chat.waiters) wake();
    chat.waiters.clear();
  }

  /** A message of the bot that is to be edited. */
  editable(chatId: number, messageId: number | undefined): StoredMessage {
    const message = this.#chats.get(chatId)?.messages.get(messageId ?? 0);
    if (message === undefined) throw badRequest("message to edit not found");
    if (message.from !== "bot") throw badRequest("message can't be edited");
    return message;
  }

  askCallback(id: string, chatId: number): void {
    forgetOldest(this.#callbacks, limits.CALLBACKS_MAX);
    this.#callbacks.set(id, { chatId, askedAt: Date.now() });
  }

  /** The chat of a callback query that may still be answered. */
  callbackChat(id: string): number {
    const callback = this.#callbacks.get(id);
    if (callback === undefined || Date.now() - callback.askedAt > limits.CALLBACK_ANSWER_MS) {
      throw badRequest("query is too old and response timeout expired or query ID is invalid");
    }
    return callback.chatId;
  }

  /** Resolves when the chat has a line after `after`, or after a while. */
  async changed(chatId: number, after: number, waitMs: number): Promise<void> {
    const chat = this.chat(chatId);
    if (chat.last !== after) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, waitMs);
      function done(): void {
        clearTimeout(timer);
        chat.waiters.delete(done);
        resolve();
      }
      chat.waiters.add(done);
    });
  }
}

function forgetOldest<V>(map: Map<unknown, V>, max: number): void {
  if (map.size < max) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
