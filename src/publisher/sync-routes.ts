/**
 * libSQL sync protocol V2 over the page log.
 *
 * The client's reactions dictate the answers: `/info` is 200 or 401, because anything else makes
 * it fall back to another protocol and brick its file; a position that can't be served is 410,
 * never a newer generation, which it would take as "caught up"; errors are slow, because it
 * repeats them at its sync interval; nothing is redirected or compressed.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Hono, type Context } from "hono";
import { AccessError, bearerToken, type CredentialVerifier } from "../access/index.ts";
import type { Logger } from "../ops/index.ts";
import type { Clock } from "../runtime/index.ts";
import type { Edges } from "./edges.ts";
import type { Feed } from "./feed.ts";
import { ERROR_DELAY_MS, EXPORT_PIECE_BYTES, HOLD_MS } from "./limits.ts";
import type { PublisherMetrics } from "./metrics.ts";
import type { PageLog, Pull } from "./page-log.ts";

/** What the routes stand on. */
export interface SyncRoutesOptions {
  readonly feed: () => Feed | undefined;
  readonly verifier: CredentialVerifier;
  readonly edges: Edges;
  readonly metrics: PublisherMetrics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly holdMs?: number;
}

const ROLES: ReadonlySet<string> = new Set(["edge", "publisher", "system"]);
const EDGE = ":edge{[A-Za-z0-9][A-Za-z0-9._-]{0,63}}";
const NUMBER = "{[0-9]{1,15}}";

/** The routes below `/sync`. */
export function syncRoutes(options: SyncRoutesOptions): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    if (c.req.method !== "GET") return refuse(405, "METHOD_NOT_ALLOWED");
    if (!(await mayReplicate(options.verifier, c))) return refuse(401, "ACCESS_UNAUTHENTICATED");
    return next();
  });
  const feedOf = (c: Context): Feed | undefined => {
    const feed = options.feed();
    return feed?.segment === c.req.param("segment") ? feed : undefined;
  };
  app.get(`/:segment/wallet/${EDGE}/info`, (c) => {
    const feed = feedOf(c);
    if (feed === undefined) return refuse(401, "FEED_GONE");
    return answer({ current_generation: feed.log.generation });
  });
  app.get(`/:segment/wallet/${EDGE}/export/:generation${NUMBER}`, (c) => {
    const image = feedOf(c)?.log.image(Number(c.req.param("generation")));
    if (image === undefined) return refuse(410, "FEED_GONE");
    options.metrics.served.inc({ edge: c.req.param("edge") }, image.length);
    return pages(inPieces(image));
  });
  app.get(`/:segment/wallet/${EDGE}/sync/:generation${NUMBER}/:from${NUMBER}/:to${NUMBER}`, (c) => {
    const feed = feedOf(c);
    return feed === undefined ? refuse(410, "FEED_GONE") : pull(c, feed, options);
  });
  app.get("*", (c) => refuse(c.req.path.endsWith("/info") ? 401 : 410, "FEED_GONE"));
  return app;
}

async function pull(c: Context, feed: Feed, options: SyncRoutesOptions): Promise<Response> {
  const [edge = "", generation, from] = [
    c.req.param("edge"),
    Number(c.req.param("generation")),
    Number(c.req.param("from")),
  ];
  const { log, edges, metrics, clock } = options;
  // Only a position that exists is an acknowledgement.
  const first = feed.log.pull(generation, from);
  if (first.type !== "gone") edges.polled(edge, feed.log, generation, from);
  const endMs = clock.monotonicMs() + (options.holdMs ?? HOLD_MS);
  const result = await held(feed.log, generation, from, first, () => {
    return c.req.raw.signal.aborted ? 0 : endMs - clock.monotonicMs();
  });
  if (result.type === "frames") {
    metrics.served.inc({ edge: edges.knows(edge) ? edge : "other" }, result.bytes.length);
    return pages(result.bytes);
  }
  if (result.type !== "gone") return answer({ generation: feed.log.generation }, 400);
  if (result.impossible) {
    metrics.impossible.inc();
    log.error("an edge asks for frames that were never made", {
      code: "POSITION_IMPOSSIBLE",
      hint: "Discard this edge's replica: it is of another history.",
      edge,
      feed: feed.segment,
      generation,
      from,
    });
  }
  return refuse(410, "FEED_GONE");
}

/** Waits at the end of the log until there is more, or `leftMs` says that it is enough. */
async function held(
  log: PageLog,
  generation: number,
  from: number,
  first: Pull,
  leftMs: () => number,
): Promise<Pull> {
  let result = first;
  for (let left = leftMs(); result.type === "caught_up" && left > 0; left = leftMs()) {
    await changeWithin(log.changed, left);
    result = log.pull(generation, from);
  }
  return result;
}

function changeWithin(change: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    void change.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function mayReplicate(verifier: CredentialVerifier, c: Context): Promise<boolean> {
  const token = bearerToken(c.req.header("authorization"));
  if (token === undefined) return false;
  try {
    const { role, scopes } = verifier.cached(token) ?? (await verifier.verify(token));
    return ROLES.has(role) || (role === "api" && scopes.has("admin"));
  } catch (error) {
    if (error instanceof AccessError) return false;
    throw error;
  }
}

/** JSON in the two statuses that the client reads it in: 200 and 400. */
function answer(body: Readonly<Record<string, number>>, status: 200 | 400 = 200): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store" } });
}

function pages(body: Uint8Array | ReadableStream<Uint8Array>): Response {
  const headers = { "content-type": "application/octet-stream", "cache-control": "no-store" };
  return new Response(body as BodyInit, { headers });
}

function inPieces(image: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(image.subarray(at, (at += EXPORT_PIECE_BYTES)));
      if (at >= image.length) controller.close();
    },
  });
}

async function refuse(status: 401 | 405 | 410, code: string): Promise<Response> {
  await sleep(ERROR_DELAY_MS);
  return Response.json({ code }, { status, headers: { "cache-control": "no-store" } });
}
