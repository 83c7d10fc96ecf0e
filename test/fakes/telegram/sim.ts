/** The user's side: what a person or a test does in a chat, and what it sees. */
import { Hono } from "hono";
import type { BalanceReader } from "./balances.ts";
import type { Courier } from "./courier.ts";
import { badRequest, BotApiError } from "./errors.ts";
import type { Faults } from "./faults.ts";
import { PAGE_POLL_MS, TEXT_UNITS_MAX } from "./limits.ts";
import { chatId, integer, type Params, readParams, text } from "./params.ts";
import type { UpdateFactory } from "./updates.ts";
import type { World } from "./world.ts";

export interface SimContext {
  readonly world: World;
  readonly updates: UpdateFactory;
  readonly courier: Courier;
  readonly balances: BalanceReader;
  readonly faults: Faults;
}

export function simApi(sim: SimContext): Hono {
  const app = new Hono();
  app.onError((error, c) => {
    if (error instanceof BotApiError) {
      return Response.json(error.envelope(), { status: error.errorCode });
    }
    return c.json({ ok: false, error_code: 500, description: "Internal Server Error" }, 500);
  });

  app.get("/messages", async (c) => {
    const entries = sim.world.entries(chatId(await readParams(c.req.raw)));
    const sent = entries.filter((entry) => entry.from === "bot");
    return c.json(sent.map(({ from: _from, n: _n, method, text: said, at, ...more }) => ({
      method, text: said, at, ...more,
    })));
  });

  app.get("/chat", async (c) => {
    const params = await readParams(c.req.raw);
    const chat = chatId(params);
    const after = integer(params, "after");
    if (after !== undefined) await sim.world.changed(chat, after, PAGE_POLL_MS);
    return c.json({ last: sim.world.chat(chat).last, entries: sim.world.entries(chat) });
  });

  app.get("/balance", async (c) =>
    c.json(await sim.balances.read(chatId(await readParams(c.req.raw)))));

  app.get("/edges", (c) =>
    c.json(sim.courier.webhooks.map(({ region, url }) => ({ region, url }))));

  app.post("/send", async (c) => {
    const params = await readParams(c.req.raw);
    const chat = chatId(params);
    const value = text(params, "text");
    if (value.length > TEXT_UNITS_MAX) throw badRequest("message is too long");
    const queued = sim.updates.message(chat, value, integer(params, "user_id"));
    sim.courier.deliver(queued, edge(params));
    return c.json({ ok: true, update: queued.update });
  });

  app.post("/press", async (c) => {
    const params = await readParams(c.req.raw);
    const message = integer(params, "message_id") ?? 0;
    const queued = sim.updates.press(
      chatId(params), message, text(params, "data"), integer(params, "user_id"),
    );
    sim.courier.deliver(queued, edge(params));
    return c.json({ ok: true, update: queued.update });
  });

  app.post("/fault", async (c) => {
    sim.faults.arm(readFault(await readParams(c.req.raw)));
    return c.json({ ok: true });
  });
  return app;
}

function edge(params: Params): string | undefined {
  return text(params, "edge") || undefined;
}

function readFault(params: Params): Parameters<Faults["arm"]>[0] {
  const code = integer(params, "error_code");
  if (code === undefined || code < 400 || code > 599) throw badRequest("error_code: 400 to 599");
  const retryAfter = integer(params, "retry_after");
  return {
    error_code: code,
    description: text(params, "description") || "Fault on demand",
    times: integer(params, "times") ?? 1,
    ...(text(params, "method") === "" ? {} : { method: text(params, "method") }),
    ...(params["chat_id"] === undefined ? {} : { chat_id: chatId(params) }),
    ...(retryAfter === undefined ? {} : { retry_after: retryAfter }),
  };
}
