/**
 * Goal: with a real bot every update reaches an edge, and none is confirmed before one took it.
 * Method: the poller against the stand-in's getUpdates, and edges that fail on purpose.
 */
import { afterEach, expect, test } from "bun:test";
import { readConfig } from "../../src/config/index.ts";
import { devOptions } from "../../src/cli/dev/plan.ts";
import { RealBotPoller } from "../../src/cli/dev/real-bot.ts";
import { logger } from "../../src/ops/index.ts";
import { startTelegram } from "../fakes/telegram/server.ts";

const TOKEN = "7000000003:AAtest-only-not-a-real-token-00000000";
const SECRET = "hook-secret-1234567";
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function edge(answer: (count: number) => number) {
  const got: number[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      if (request.headers.get("x-telegram-bot-api-secret-token") !== SECRET) return reply(401);
      expect(new URL(request.url).pathname).toBe("/telegram/webhook");
      got.push((await request.json() as { update_id: number }).update_id);
      return reply(answer(got.length));
    },
  });
  const reply = (status: number): Response => new Response(null, { status });
  cleanups.push(() => server.stop(true));
  return { got, port: server.port!, url: `http://127.0.0.1:${server.port}` };
}

function telegram(webhook: string[] = []) {
  const server = startTelegram({
    credentials: { token: TOKEN, secret: SECRET }, hostname: "127.0.0.1", port: 0,
    keys: { read: "", admin: "" }, edges: webhook.map((url) => ({ region: "eu", url })),
  });
  cleanups.push(() => server.stop());
  return server;
}

function poller(api: string, edges: { port: number; url: string }[], token = TOKEN): RealBotPoller {
  const config = readConfig("dev", {}, { TELEGRAM_BOT_TOKEN: token });
  const options = {
    ...devOptions(config, 2, {}), realApi: api,
    edges: edges.map((one, index) => ({ region: `r${index}`, ...one })),
  };
  const built = new RealBotPoller(
    options, { token, secret: SECRET }, logger("test", { level: "silent" }),
  );
  cleanups.push(() => built.stop());
  return built;
}

async function send(api: string, text: string): Promise<void> {
  const body = new URLSearchParams({ chat_id: "5", text });
  await fetch(`${api}/sim/send`, { method: "POST", body });
}

async function pending(api: string): Promise<number> {
  const response = await fetch(`${api}/bot${TOKEN}/getWebhookInfo`);
  return (await response.json() as { result: { pending_update_count: number } })
    .result.pending_update_count;
}

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; !await done(); waited += 10) {
    if (waited > 5_000) throw new Error("waited in vain");
    await Bun.sleep(10);
  }
}

test("an update goes on to the next edge, in order, and is confirmed after", async () => {
  const server = telegram();
  const asia = edge((count) => count === 1 ? 503 : 200);
  const bot = poller(server.url, [{ port: 1, url: "http://127.0.0.1:1" }, asia]);
  await bot.check();
  await send(server.url, "one");
  await send(server.url, "two");
  expect(await pending(server.url)).toBe(2);
  bot.start();
  await until(async () => await pending(server.url) === 0);
  const [first, again, second, ...more] = asia.got;
  expect([again, second, more.length]).toEqual([first!, first! + 1, 0]);
  await send(server.url, "three");
  await until(() => asia.got.length === 4);
});

test("a token that Telegram refuses, and a bot with a webhook, are said at once", async () => {
  const server = telegram(["http://127.0.0.1:1"]);
  const bot = poller(server.url, []);
  await expect(bot.check()).rejects.toMatchObject({ code: "TELEGRAM_WEBHOOK_SET" });
  const other = poller(server.url, [], "123456:AAanother-token-entirely-0000000000");
  await expect(other.check()).rejects.toMatchObject({ code: "TELEGRAM_REFUSED" });
});
