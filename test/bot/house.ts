/** Two edges with a bot each, over one book, and the Telegram stand-in that brings updates. */
import { createBotApp, botInfoFromToken } from "../../src/bot/index.ts";
import { Hono } from "hono";
import { logger } from "../../src/ops/index.ts";
import { randomBytes, serve, systemClock } from "../../src/runtime/index.ts";
import { startTelegram } from "../fakes/telegram/server.ts";
import { Book } from "./book.ts";

export const TOKEN = "7000000001:AAtest-only-not-a-real-token-00000000";
export const SECRET = "test-only-webhook-secret";
const SETTLE_MS = 5_000;

export interface SentMessage {
  readonly method: string;
  readonly text: string;
  readonly at: string;
  readonly message_id?: number;
  readonly reply_markup?: { inline_keyboard: { text: string; callback_data: string }[][] };
}

/** `username`: what the bots are told of themselves; empty: they ask the stand-in. */
export async function openHouse(username?: string) {
  const book = new Book();
  const logs: string[] = [];
  const log = logger("edge", { level: "debug", write: (line) => void logs.push(line) });
  const identityKey = { keyId: "k1", secret: randomBytes(32) };
  // The stand-in wants to know the edges, and the edges the stand-in: the edges' calls start late.
  let telegramUrl = "";
  const edges = ["eu", "asia"].map((region) => {
    const bots = new Map<string, Hono>();
    const server = serve({
      port: 0,
      fetch: (request) => {
        const app = bots.get(telegramUrl) ?? new Hono().route("/telegram", createBotApp({
          port: book.port(region), botInfo: botInfoFromToken(TOKEN, username),
          token: TOKEN, secret: SECRET,
          apiRoot: telegramUrl, credential: "test", identityKey, operator: "demo",
          clock: systemClock, log,
        }));
        bots.set(telegramUrl, app);
        return app.fetch(request);
      },
    });
    return { region, url: server.url, server };
  });
  const telegram = startTelegram({
    credentials: { token: TOKEN, secret: SECRET }, hostname: "127.0.0.1", port: 0, edges,
    keys: { read: "", admin: "" },
  });
  telegramUrl = telegram.url;

  const house = {
    book,
    logs,
    edges,
    telegram: telegram.url,
    /** Posts a body to one edge as Telegram would. */
    post(edge: number, body: unknown, secret: string | null = SECRET): Promise<Response> {
      return fetch(`${edges[edge]!.url}/telegram/webhook`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(secret === null ? {} : { "x-telegram-bot-api-secret-token": secret }),
        },
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
    },
    async sim(path: string, body: object): Promise<void> {
      const response = await fetch(`${telegram.url}/sim/${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(await response.text());
    },
    async sent(chat: number): Promise<SentMessage[]> {
      const response = await fetch(`${telegram.url}/sim/messages?chat_id=${chat}`);
      return await response.json() as SentMessage[];
    },
    /** Writes as a user and waits for the bot's next message. */
    async say(chat: number, text: string): Promise<SentMessage> {
      return house.next(chat, () => house.sim("send", { chat_id: chat, text }));
    },
    async press(chat: number, message: SentMessage, label: string): Promise<SentMessage> {
      const button = message.reply_markup?.inline_keyboard.flat()
        .find(({ text }) => text === label);
      if (button === undefined) throw new Error(`no button ${label} below: ${message.text}`);
      const press = { chat_id: chat, message_id: message.message_id, data: button.callback_data };
      return house.next(chat, () => house.sim("press", press));
    },
    async next(chat: number, act: () => Promise<void>): Promise<SentMessage> {
      const replies = async () =>
        (await house.sent(chat)).filter((entry) => entry.method === "sendMessage");
      const before = (await replies()).length;
      await act();
      for (let waited = 0; waited < SETTLE_MS; waited += 10) {
        const now = await replies();
        if (now.length > before) return now[before]!;
        await Bun.sleep(10);
      }
      throw new Error("the bot said nothing");
    },
    async [Symbol.asyncDispose]() {
      await telegram.stop();
      for (const edge of edges) await edge.server.stop(0);
    },
  };
  return house;
}

let lastUpdate = 500_000;

/** A message update as Telegram shapes it. */
export function messageUpdate(user: number, text: string | undefined, more: object = {}): object {
  lastUpdate += 1;
  return {
    update_id: lastUpdate,
    message: {
      message_id: lastUpdate, date: 1_763_700_000,
      from: { id: user, is_bot: false, first_name: "Vəfa", language_code: "az" },
      chat: { id: user, type: "private", first_name: "Vəfa" },
      ...(text === undefined ? {} : { text }),
      ...more,
    },
  };
}

/** A pressed button as Telegram shapes it. */
export function pressUpdate(user: number, data: string): object {
  lastUpdate += 1;
  return {
    update_id: lastUpdate,
    callback_query: {
      id: `4382${lastUpdate}`, data, chat_instance: "-1", from: { id: user, is_bot: false,
        first_name: "Vəfa" },
      message: {
        message_id: 7, date: 1_763_700_000, chat: { id: user, type: "private" }, text: "earlier",
      },
    },
  };
}
