/**
 * The Telegram stand-in: a Bot API server, the users of the bot, and a chat page.
 *
 * Differences from Telegram: any chat may be written to without having been opened first, texts
 * aren't parsed for formatting, nothing is throttled, and everything is forgotten at the end.
 *
 * @module
 */
import { Hono } from "hono";
import { balanceReader, type Edge } from "./balances.ts";
import type { Credentials } from "./bot.ts";
import { botApi, callMethod } from "./bot-api.ts";
import { Courier } from "./courier.ts";
import { Faults } from "./faults.ts";
import { BODY_BYTES_MAX } from "./limits.ts";
import { chatPage } from "./page.ts";
import { simApi } from "./sim.ts";
import { UpdateFactory } from "./updates.ts";
import { World } from "./world.ts";

export interface TelegramOptions {
  readonly credentials: Credentials;
  readonly hostname: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Edges to deliver to, in order of preference; none: the bot must poll or set a webhook. */
  readonly edges: readonly Edge[];
  /** API keys for the balances beside the chat; empty ones leave them out. */
  readonly keys: { readonly read: string; readonly admin: string };
}

export interface TelegramServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Where an edge takes updates. */
export function webhookUrl(edge: Edge): string {
  return `${edge.url}/telegram/webhook`;
}

export function startTelegram(options: TelegramOptions): TelegramServer {
  const world = new World();
  const faults = new Faults();
  const updates = new UpdateFactory(world, options.credentials.token);
  const courier = new Courier(async ({ method, ...params }) => {
    await callMethod(context, faults, String(method), params);
  });
  const context = { token: options.credentials.token, world, updates, courier };
  courier.setWebhooks(
    options.edges.map((edge) => ({ region: edge.region, url: webhookUrl(edge) })),
    options.credentials.secret,
  );
  const balances = balanceReader(options.edges, options.keys);
  const app = new Hono()
    .route("/sim", simApi({ world, updates, courier, balances, faults }))
    .route("/", chatPage())
    .get("/healthz", (c) => c.json({ ok: true }))
    .get("/readyz", (c) => c.json({ ok: true }))
    .route("/", botApi(context, faults));
  const notFound = { ok: false, error_code: 404, description: "Not Found" };
  app.notFound((c) => c.json(notFound, 404));

  const server = Bun.serve({
    hostname: options.hostname,
    port: options.port,
    // getUpdates holds a request for up to 50 s.
    idleTimeout: 120,
    maxRequestBodySize: 2 * BODY_BYTES_MAX,
    fetch: app.fetch,
  });
  return {
    url: `http://${options.hostname}:${server.port}`,
    async stop() {
      courier.stop();
      await server.stop(true);
    },
  };
}
