/**
 * Goal: an update has its effect once, however often and wherever it is brought, and nothing that
 * isn't one of Telegram's updates has any.
 * Method: real HTTP to two edges' bots over one book with the real rules, and the Telegram
 * stand-in on the other side.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createBotApp, botInfoFromToken } from "../../src/bot/index.ts";
import { logger } from "../../src/ops/index.ts";
import { systemClock } from "../../src/runtime/index.ts";
import { messageUpdate, openHouse, pressUpdate, SECRET, TOKEN } from "./house.ts";

let house: Awaited<ReturnType<typeof openHouse>>;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

let nextUser = 4_000_000_000;
const newUser = (): number => (nextUser += 1);
const count = (): number => house.book.records.length;

describe("who may post", () => {
  test.each(["", "s"])("no app without a secret: %j", (secret) => {
    const build = () => createBotApp({
      port: house.book.port("eu"), botInfo: botInfoFromToken(TOKEN), token: TOKEN,
      secret: secret === "s" ? "not allowed!" : secret, apiRoot: "http://127.0.0.1:1",
      credential: "", identityKey: { keyId: "k", secret: new Uint8Array(32) }, operator: "demo",
      clock: systemClock, log: logger("test", { level: "silent" }),
    });
    expect(build).toThrow(expect.objectContaining({ code: "TELEGRAM_SECRET_MISSING" }));
  });

  const wrong = [null, "", "wrong", `${SECRET}x`, SECRET.slice(1)];
  test.each(wrong)("secret %j: 401", async (secret) => {
    const before = count();
    const response = await house.post(0, messageUpdate(newUser(), "/start"), secret);
    expect(response.status).toBe(401);
    expect(response.headers.get("content-type")).toContain("application/problem+json");
    expect(await response.json()).toMatchObject({ code: "ACCESS_UNAUTHENTICATED", status: 401 });
    expect(count()).toBe(before);
  });
});

describe("what isn't an update", () => {
  const user = 4_100_000_000;
  const bodies: [string, unknown, string][] = [
    ["no JSON", "{", "REQUEST_MALFORMED"],
    ["empty", "", "REQUEST_MALFORMED"],
    ["a list", [], "REQUEST_INVALID"],
    ["null", "null", "REQUEST_INVALID"],
    ["no update_id", { message: {} }, "REQUEST_INVALID"],
    ["text update_id", { update_id: "5" }, "REQUEST_INVALID"],
    ["fraction", { update_id: 1.5 }, "REQUEST_INVALID"],
    ["negative", { update_id: -1 }, "REQUEST_INVALID"],
    ["unsafe", '{"update_id":9007199254740993}', "REQUEST_INVALID"],
    ["text as number", messageUpdate(user, 5 as never), "REQUEST_INVALID"],
    ["user as text", messageUpdate(user, "/start", { from: { id: "5" } }), "REQUEST_INVALID"],
    ["no date", messageUpdate(user, "/start", { date: undefined }), "REQUEST_INVALID"],
  ];
  test.each(bodies)("%s: 400", async (_name, body, code) => {
    const before = count();
    const response = await house.post(0, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code });
    expect(count()).toBe(before);
  });

  test("too large: 413", async () => {
    const response = await house.post(0, messageUpdate(user, "x".repeat(300_000)));
    expect(response.status).toBe(413);
  });
});

test("updates that ask for nothing are taken, without effect", async () => {
  const user = newUser();
  const before = count();
  const updates = [
    { update_id: 1 },
    { update_id: 2, edited_message: { text: "/deposit 100" } },
    { update_id: 3, channel_post: { message_id: 1, date: 1, chat: { id: -1001 }, text: "/start" } },
    { update_id: 4, my_chat_member: {} },
    { update_id: 5, inline_query: { id: "1", from: { id: user }, query: "" } },
    messageUpdate(user, undefined, { sticker: { file_id: "x", emoji: "🎲" } }),
    messageUpdate(user, undefined, { pinned_message: {} }),
    messageUpdate(user, "/deposit 100", { from: undefined }),
    messageUpdate(user, "/deposit 100", { from: { id: user, is_bot: true } }),
    messageUpdate(user, "/deposit 100", { chat: { id: -4, type: "group" } }),
  ];
  for (const update of updates) expect((await house.post(0, update)).status).toBe(200);
  expect(count()).toBe(before);
});

test("/start twice and at two edges at once: one player", async () => {
  const user = newUser();
  const [first, second] = [messageUpdate(user, "/start"), messageUpdate(user, "/start")];
  const before = house.book.identities.length;
  const answers = await Promise.all([
    house.post(0, first), house.post(1, first), house.post(0, second), house.post(1, second),
    house.post(1, second),
  ]);
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200]);
  expect(house.book.identities.length).toBe(before + 1);
  // Each update was handled by each edge, and brought again to one of them: four replies.
  expect((await house.sent(user)).length).toBe(4);
});

test("one update at two edges: one effect, equal receipts", async () => {
  const user = newUser();
  await house.post(0, messageUpdate(user, "/start"));
  for (const update of [messageUpdate(user, "/deposit 70"), pressUpdate(user, "/deposit 100")]) {
    const before = count();
    const answers = await Promise.all([0, 1, 1, 0].map((edge) => house.post(edge, update)));
    expect(answers.every((answer) => answer.status === 200)).toBe(true);
    expect(count()).toBe(before + 1);
  }
  const texts = (await house.sent(user)).map((entry) => entry.text).filter((text) => text !== "");
  expect(texts.filter((text) => text.includes("Added 70 FUN")).length).toBe(2);
  expect(new Set(texts.slice(1)).size).toBe(2);
  const keys = house.book.records.slice(-2).map(({ command }) => command.idempotencyKey);
  expect(keys[0]).toMatch(/^tg:7000000001:\d+:1763700000$/);
  // A callback query's id begins with the person's id, which must not enter the book.
  expect(keys[1]).toMatch(/^tg:7000000001:\d+:[0-9a-f]{32}$/);
});

test("while the primary is out of reach Telegram is told to come again", async () => {
  const user = newUser();
  await house.post(0, messageUpdate(user, "/start"));
  house.book.down = true;
  const deposit = messageUpdate(user, "/deposit 5");
  for (const update of [deposit, messageUpdate(user, "/balance")]) {
    const response = await house.post(0, update);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: "UNAVAILABLE" });
  }
  expect((await house.post(0, messageUpdate(user, "/help"))).status).toBe(200);
  house.book.down = false;
  expect((await house.post(1, deposit)).status).toBe(200);
  expect((await house.sent(user)).at(-1)?.text).toContain("Added 5 FUN");
});

describe("a reply that fails", () => {
  test("for ever (the user blocked the bot): the effect stands, 200", async () => {
    const user = newUser();
    await house.post(0, messageUpdate(user, "/start"));
    await house.sim("fault", {
      chat_id: user, method: "sendMessage", error_code: 403,
      description: "Forbidden: bot was blocked by the user",
    });
    const before = count();
    expect((await house.post(0, messageUpdate(user, "/deposit 5"))).status).toBe(200);
    expect(count()).toBe(before + 1);
  });

  test("for now: 503, and the next delivery replies without a second effect", async () => {
    const user = newUser();
    await house.post(0, messageUpdate(user, "/start"));
    await house.sim("fault", { chat_id: user, error_code: 502, description: "Bad Gateway" });
    await house.sim("fault", { chat_id: user, error_code: 429, retry_after: 7 });
    const update = messageUpdate(user, "/deposit 5");
    const before = count();
    expect((await house.post(0, update)).status).toBe(503);
    const throttled = await house.post(0, update);
    expect(throttled.status).toBe(503);
    expect(throttled.headers.get("retry-after")).toBe("7");
    expect((await house.post(0, update)).status).toBe(200);
    expect((await house.post(0, update)).status).toBe(200);
    expect(count()).toBe(before + 1);
    const replies = (await house.sent(user)).filter(({ text }) => text.includes("Added 5 FUN"));
    expect(replies.length).toBe(1);
  });

  test("again and again: it is given up", async () => {
    const user = newUser();
    await house.sim("fault", { chat_id: user, error_code: 500, times: 100 });
    const update = messageUpdate(user, "/start");
    const statuses: number[] = [];
    for (let times = 0; times < 6; times += 1) {
      statuses.push((await house.post(0, update)).status);
    }
    expect(statuses).toEqual([503, 503, 503, 503, 200, 200]);
  });
});

test("neither the book nor the logs know the Telegram id", async () => {
  const user = 4_999_999_999;
  for (const text of ["/start", "/deposit 9", "/play dice 1 over 50", "/balance", "nonsense"]) {
    await house.post(0, messageUpdate(user, text));
  }
  const book = JSON.stringify(house.book.records, (_key, value: unknown) =>
    typeof value === "bigint" ? String(value) : value);
  expect(book).not.toContain(String(user));
  expect(house.logs.join("\n")).not.toContain(String(user));
  expect(house.logs.join("\n")).not.toContain(TOKEN.split(":")[1]!);
});
