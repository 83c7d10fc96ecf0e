import { Hono } from "hono";
import { GUEST } from "../access/index.ts";
import { Code } from "../ledger/index.ts";
import type { ConnectionInfo } from "../runtime/index.ts";
import { problemResponse } from "../wire/index.ts";
import type { Engine } from "./engine.ts";
import type { PublisherMetrics } from "./metrics.ts";
import { syncRoutes, type SyncRoutesOptions } from "./sync-routes.ts";

/** What the HTTP surface stands on. */
export interface PublisherAppOptions extends Omit<SyncRoutesOptions, "feed"> {
  readonly engine: Engine;
  readonly metrics: PublisherMetrics;
  /** This publisher's address as edges reach it, without a trailing slash. */
  readonly publicUrl: () => string;
}

/** Sync protocol, feed, health and metrics. */
export function publisherApp(options: PublisherAppOptions): Hono<{ Bindings: ConnectionInfo }> {
  const { engine, metrics } = options;
  const app = new Hono<{ Bindings: ConnectionInfo }>();
  app.route("/sync", syncRoutes({ ...options, feed: () => engine.feed }));
  // `edge` is the replica that the caller's token names; the URL is ready for a client's syncUrl.
  app.get("/v1/feed", (c) => {
    const { feed } = engine;
    if (feed === undefined) return problemResponse(Code.UNAVAILABLE, { detail: "no feed yet" });
    const edge = encodeURIComponent(c.req.query("edge") ?? GUEST);
    const { epoch, id, segment, head } = feed;
    const sync_url = `${options.publicUrl()}/sync/${segment}/wallet/${edge}`;
    const { seq, tick, time } = head;
    return json({ epoch, feed: id, seq, tick, time, sync_url });
  });
  app.get("/healthz", () => json({ status: "ok" }));
  app.get("/readyz", () => {
    const { feed, state, alarm } = engine;
    const ready = feed !== undefined && alarm === undefined;
    const why = alarm === undefined ? {} : { code: alarm.code, hint: alarm.hint };
    const body = { ready, state, feed: feed?.segment ?? null, seq: feed?.head.seq ?? null, ...why };
    return json(body, ready ? 200 : 503);
  });
  app.get("/metrics", () => metrics.response());
  app.notFound(() => problemResponse(Code.ROUTE_UNKNOWN));
  return app;
}

function json(body: Readonly<Record<string, unknown>>, status = 200): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store" } });
}
