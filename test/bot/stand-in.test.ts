/**
 * Goal: the stand-in behaves as Telegram's Bot API server does where a bot can tell.
 * Method: HTTP calls as any bot framework makes them, and webhooks that fail on purpose.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { retryDelayMs } from "../fakes/telegram/retry.ts";
import { startTelegram, type TelegramServer } from "../fakes/telegram/server.ts";

const TOKEN = "7000000002:AAtest-only-not-a-real-token-00000000";
const SECRET = "hook-secret";

interface Call {
  readonly secret: string | null;
  readonly update: { update_id: number; message?: { text: string; chat: { id: number } } };
}

/** A webhook that answers what the test tells it, and remembers what came. */
function hook() {
  const calls: Call[] = [];
  const answers: (Response | Promise<Response>)[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const secret = request.headers.get("x-telegram-bot-api-secret-token");
      calls.push({ secret, update: await request.json() as Call["update"] });
      return await (answers.shift() ?? new Response("ok"));
    },
  });
  return { calls, answers, server, url: `http://127.0.0.1:${server.port}` };
}

let telegram: TelegramServer;
const [eu, asia] = [hook(), hook()];
beforeAll(() => {
  telegram = startTelegram({
    credentials: { token: TOKEN, secret: SECRET }, hostname: "127.0.0.1", port: 0,
    keys: { read: "", admin: "" },
    edges: [{ region: "eu", url: eu.url }, { region: "asia", url: asia.url }],
  });
});
afterAll(async () => {
  await telegram.stop();
  await Promise.all([eu.server.stop(true), asia.server.stop(true)]);
});

async function call(method: string, params: object = {}, token = TOKEN) {
  const response = await fetch(`${telegram.url}/bot${token}/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(params),
  });
  const body = await response.json() as {
    ok: boolean; result?: unknown; error_code?: number; description?: string;
  };
  expect(response.status).toBe(body.ok ? 200 : body.error_code!);
  return body;
}

async function send(chatId: number, text: string, edge = ""): Promise<void> {
  const body = new URLSearchParams({ chat_id: `${chatId}`, text, edge });
  const response = await fetch(`${telegram.url}/sim/send`, { method: "POST", body });
  expect(response.status).toBe(200);
}

async function until(done: () => boolean): Promise<void> {
  for (let waited = 0; !done(); waited += 5) {
    if (waited > 5_000) throw new Error("waited in vain");
    await Bun.sleep(5);
  }
}

const texts = (calls: readonly Call[], chat: number): (string | undefined)[] =>
  calls.filter(({ update }) => update.message?.chat.id === chat)
    .map(({ update }) => update.message?.text);

describe("Bot API", () => {
  const errors: [string, string, object, number, string][] = [
    ["wrong token", "getMe", {}, 401, "Unauthorized"],
    ["no such method", "sendNothing", {}, 404, "Not Found"],
    ["no chat", "sendMessage", { text: "a" }, 400, "Bad Request: chat_id is empty"],
    ["bad chat", "sendMessage", { chat_id: "x", text: "a" }, 400, "Bad Request: chat not found"],
    ["no text", "sendMessage", { chat_id: 1 }, 400, "Bad Request: message text is empty"],
    ["blank text", "sendMessage", { chat_id: 1, text: " " }, 400,
      "Bad Request: message text is empty"],
    ["too long", "sendMessage", { chat_id: 1, text: "x".repeat(4097) }, 400,
      "Bad Request: message is too long"],
    ["long data", "sendMessage", keyboard({ text: "a", callback_data: "ə".repeat(33) }), 400,
      "Bad Request: BUTTON_DATA_INVALID"],
    ["no action", "sendMessage", keyboard({ text: "a" }), 400,
      "Bad Request: text buttons are unallowed in the inline keyboard"],
    ["unknown message", "editMessageText", { chat_id: 1, message_id: 99, text: "a" }, 400,
      "Bad Request: message to edit not found"],
    ["unknown query", "answerCallbackQuery", { callback_query_id: "1" }, 400,
      "Bad Request: query is too old and response timeout expired or query ID is invalid"],
    ["polling beside a webhook", "getUpdates", {}, 409, "Conflict: can't use getUpdates method"],
  ];
  test.each(errors)("%s", async (name, method, params, code, description) => {
    const token = name === "wrong token" ? `${TOKEN.slice(0, -1)}1` : TOKEN;
    const answer = await call(method, params, token);
    expect(answer.ok).toBe(false);
    expect(answer.error_code).toBe(code);
    expect(answer.description).toStartWith(description);
  });

  test("what is sent can be read, oldest first, and edited", async () => {
    const chat = 700;
    const first = await call("sendMessage", { chat_id: chat, text: "x".repeat(4096) });
    const { message_id } = first.result as { message_id: number };
    await call("sendMessage", { chat_id: String(chat), text: "b",
      reply_markup: JSON.stringify({ inline_keyboard: [[{ text: "c", callback_data: "d" }]] }) });
    const edit = { chat_id: chat, message_id, text: "e" };
    expect((await call("editMessageText", edit)).ok).toBe(true);
    expect((await call("editMessageText", edit)).description).toContain("is not modified");
    const sent = await fetch(`${telegram.url}/sim/messages?chat_id=${chat}`);
    const entries = await sent.json() as { method: string; text: string; at: string }[];
    expect(entries.map(({ method, text }) => [method, text])).toEqual([
      ["sendMessage", "x".repeat(4096)], ["sendMessage", "b"], ["editMessageText", "e"],
    ]);
    expect(entries[1]).toMatchObject({
      reply_markup: { inline_keyboard: [[{ text: "c", callback_data: "d" }]] },
    });
    expect(Number.isNaN(new Date(entries[0]!.at).getTime())).toBe(false);
  });

  test("who the bot is", async () => {
    expect((await call("getMe")).result).toMatchObject({ id: 7000000002, is_bot: true });
  });
});

describe("webhooks", () => {
  test("the secret comes along, and a command has its entity", async () => {
    await send(801, "/start now");
    await until(() => texts(eu.calls, 801).length === 1);
    const got = eu.calls.findLast(({ update }) => update.message?.chat.id === 801)!;
    expect(got.secret).toBe(SECRET);
    expect(got.update.message).toMatchObject({
      from: { id: 801, is_bot: false }, chat: { type: "private" },
      entities: [{ type: "bot_command", offset: 0, length: 6 }],
    });
  });

  test("a failed try goes on at once, elsewhere, and later messages wait", async () => {
    const slow = Promise.withResolvers<Response>();
    eu.answers.push(new Response("no", { status: 503 }));
    asia.answers.push(slow.promise);
    await send(802, "one", "eu");
    await send(802, "two", "eu");
    await until(() => texts(asia.calls, 802).length === 1);
    expect(texts(eu.calls, 802)).toEqual(["one"]);
    slow.resolve(new Response("ok"));
    await until(() => texts(eu.calls, 802).length === 2);
    expect(texts(asia.calls, 802)).toEqual(["one"]);
    expect(texts(eu.calls, 802)).toEqual(["one", "two"]);
    const info = (await call("getWebhookInfo")).result as Record<string, unknown>;
    expect(info["last_error_message"]).toContain("503");
    expect(info["pending_update_count"]).toBe(0);
  });

  test("other chats don't wait, and Retry-After is kept", async () => {
    const busy = { status: 503, headers: { "retry-after": "1" } };
    eu.answers.push(new Response("", busy));
    const started = performance.now();
    await send(803, "patience", "eu");
    await until(() => eu.answers.length === 0);
    await send(804, "meanwhile", "eu");
    await until(() => texts(eu.calls, 804).length === 1);
    expect(texts(asia.calls, 803)).toEqual([]);
    await until(() => texts(asia.calls, 803).length === 1);
    expect(performance.now() - started).toBeGreaterThan(950);
  });

  test("a webhook may answer with one call", async () => {
    const reply = { method: "sendMessage", chat_id: 805, text: "in the answer" };
    eu.answers.push(Response.json(reply));
    await send(805, "hello", "eu");
    let sent: unknown[] = [];
    for (let waited = 0; sent.length === 0 && waited < 2_000; waited += 10) {
      await Bun.sleep(10);
      sent = await (await fetch(`${telegram.url}/sim/messages?chat_id=805`)).json() as unknown[];
    }
    expect(sent).toMatchObject([{ method: "sendMessage", text: "in the answer" }]);
  });
});

test("the retry schedule: at once, 2, 4, 8 s, then a random 60 to 120 s", () => {
  const delays = [1, 2, 3, 4, 5, 6, 7, 20].map((failed) => retryDelayMs(failed, 0));
  expect(delays).toEqual([0, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  expect(retryDelayMs(99, 0.999)).toBeGreaterThan(119_000);
  expect(retryDelayMs(1, 0, "99999")).toBe(3_600_000);
  expect(retryDelayMs(1, 0, "Wed, 21 Oct")).toBe(0);
});

test("the chat page needs nothing from elsewhere", async () => {
  for (const path of ["/", "/chat.css", "/chat.js"]) {
    const response = await fetch(telegram.url + path);
    expect(response.status).toBe(200);
    expect(await response.text()).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
  }
});

function keyboard(button: object): object {
  return { chat_id: 1, text: "a", reply_markup: { inline_keyboard: [[button]] } };
}
