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
import {
  AccessError,
  bearerToken,
  edgeSubject,
  type Credential,
  type CredentialVerifier,
} from "../access/index.ts";
import type { Logger } from "../ops/index.ts";
import type { Clock, ConnectionInfo } from "../runtime/index.ts";
import type { Edges } from "./edges.ts";
import type { Feed } from "./feed.ts";
import { ERROR_DELAY_MS, EXPORT_PIECE_BYTES, HOLD_MS } from "./limits.ts";
import type { PublisherMetrics } from "./metrics.ts";
import type { PageLog } from "./page-log.ts";
import type { PullSession, PullSessions } from "./pull-sessions.ts";

/** What the routes stand on. */
export interface SyncRoutesOptions {
  readonly feed: () => Feed | undefined;
  readonly verifier: CredentialVerifier;
  readonly edges: Edges;
  readonly pulls: PullSessions;
  readonly metrics: PublisherMetrics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly holdMs?: number;
}

type Env = { Bindings: ConnectionInfo };
type Ctx = Context<Env>;

/** Roles that hold one replica, under the name that their subject gives. */
const OWN_ONLY: ReadonlySet<string> = new Set(["edge", "replica"]);
/** Roles that may read under any name. */
const ANY: ReadonlySet<string> = new Set(["publisher", "system"]);
/** `/sync/<segment>/wallet/<edge>/…` */
const EDGE_PLACE = 4;
const EDGE = ":edge{[A-Za-z0-9][A-Za-z0-9._-]{0,63}}";
const NUMBER = "{[0-9]{1,15}}";

/** The routes below `/sync`. */
export function syncRoutes(options: SyncRoutesOptions): Hono<Env> {
  const app = new Hono<Env>();
  app.use(async (c, next) => {
    if (c.req.method !== "GET") return refuse(405, "METHOD_NOT_ALLOWED");
    if (!(await mayReplicate(options.verifier, c))) return refuse(401, "ACCESS_UNAUTHENTICATED");
    return next();
  });
  const feedOf = (c: Ctx): Feed | undefined => {
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
    options.metrics.served(c.req.param("edge"), image.length);
    return pages(inPieces(image));
  });
  app.get(`/:segment/wallet/${EDGE}/sync/:generation${NUMBER}/:from${NUMBER}/:to${NUMBER}`, (c) => {
    const feed = feedOf(c);
    return feed === undefined ? refuse(410, "FEED_GONE") : pull(c, feed, options);
  });
  app.get("*", (c) => refuse(c.req.path.endsWith("/info") ? 401 : 410, "FEED_GONE"));
  // A bare 500 on /info would brick a fresh replica; 503 is tried again.
  app.onError((error, c) => {
    options.log.error("a replica's request failed", { error });
    return refuse(c.req.path.endsWith("/info") ? 401 : 503, "INTERNAL");
  });
  return app;
}

async function pull(c: Ctx, feed: Feed, options: SyncRoutesOptions): Promise<Response> {
  const { edge = "" } = c.req.param();
  const [generation, from] = [Number(c.req.param("generation")), Number(c.req.param("from"))];
  const { edges, metrics, clock, pulls } = options;
  const { log } = feed;
  const session = pulls.of(`${edge} ${c.env.remoteAddress} ${c.env.remotePort}`);
  // Judged when the poll comes: what it then waited for is its to have.
  const { mayHold, tired } = session;
  let result = log.pull(generation, from);
  // Only a position that exists is an acknowledgement.
  if (result.type !== "gone") edges.polled(edge, log, generation, from);
  const endMs = clock.monotonicMs() + (options.holdMs ?? HOLD_MS);
  while (result.type === "caught_up" && mayHold && !c.req.raw.signal.aborted) {
    const leftMs = endMs - clock.monotonicMs();
    if (leftMs <= 0) break;
    await log.changed(leftMs);
    result = log.pull(generation, from);
  }
  switch (result.type) {
    case "frames":
      if (tired && result.atStart) return endOfPull(session, generation);
      metrics.served(edge, result.bytes.length);
      return pages(result.bytes);
    case "caught_up":
      return endOfPull(session, generation);
    case "next":
      // The client goes on with the next generation in the same pull, unless it is told its own.
      return tired ? endOfPull(session, generation) : nextGeneration(log);
    case "gone":
      if (result.impossible) reportImpossible(options, { edge, feed, generation, from });
      return refuse(410, "FEED_GONE");
    default:
      return result satisfies never;
  }
}

/** Ends the client's pull: its own generation means that there is no more, or not now. */
function endOfPull(session: PullSession, generation: number): Response {
  session.end();
  return answer({ generation }, 400);
}

function nextGeneration(log: PageLog): Response {
  return answer({ generation: log.generation }, 400);
}

function reportImpossible(
  { metrics, log }: SyncRoutesOptions,
  at: { edge: string; feed: Feed; generation: number; from: number },
): void {
  metrics.impossible.inc();
  const { edge, feed, generation, from } = at;
  log.error("an edge asks for frames that were never made", {
    code: "POSITION_IMPOSSIBLE",
    hint: "Discard this edge's replica: it is of another history.",
    edge,
    feed: feed.segment,
    generation,
    from,
  });
}

async function mayReplicate(verifier: CredentialVerifier, c: Ctx): Promise<boolean> {
  const token = bearerToken(c.req.header("authorization"));
  if (token === undefined) return false;
  try {
    const credential = verifier.cached(token) ?? (await verifier.verify(token));
    return ANY.has(credential.role) || isOwn(credential, c.req.path);
  } catch (error) {
    if (error instanceof AccessError) return false;
    throw error;
  }
}

/** Polls are acknowledgements: nobody makes them in the name of another. */
function isOwn({ role, subject }: Credential, path: string): boolean {
  return OWN_ONLY.has(role) && subject === edgeSubject(path.split("/")[EDGE_PLACE] ?? "");
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

async function refuse(status: 401 | 405 | 410 | 503, code: string): Promise<Response> {
  await sleep(ERROR_DELAY_MS);
  return Response.json({ code }, { status, headers: { "cache-control": "no-store" } });
}
