/**
 * The HTTP surface of an edge.
 *
 * @module
 */
import { Hono, type Context } from "hono";
import { Code } from "../ledger/index.ts";
import type { Logger } from "../ops/index.ts";
import { problem, PROBLEM_TYPE, problemResponse } from "../wire/index.ts";
import {
  BALANCE_SPEC,
  CHECKPOINT_SPEC,
  CONSISTENCY_SPEC,
  described,
  EVENTS_SPEC,
  HEALTH_SPEC,
  INCLUSION_SPEC,
  KEYS_SPEC,
  METRICS_SPEC,
  openApiDocument,
  READY_SPEC,
  RESOLVE_SPEC,
} from "./openapi.ts";
import type { Scrape } from "./edge-metrics.ts";
import { RECORDS_SPEC, ROUND_SPEC, STATEMENT_SPEC } from "./search-spec.ts";

type Handler = (c: Context) => Response | Promise<Response>;

/** What answers each route. */
export interface EdgeHandlers {
  readonly balance: Handler;
  readonly events: Handler;
  readonly resolve: Handler;
  /** Passes a question about the tree on to the primary. */
  readonly forwarded: Handler;
  /** Pass questions on to search. */
  readonly search: { readonly read: Handler; readonly investigate: Handler };
  /** The newest signed checkpoint held, or the empty text. */
  readonly checkpoint: () => string;
  readonly ready: () => { readonly ready: boolean } & Readonly<Record<string, unknown>>;
  readonly scrape: Scrape;
  readonly region: string;
  readonly log: Logger;
}

const FORWARDED = [
  ["/v1/proofs/inclusion", INCLUSION_SPEC],
  ["/v1/proofs/consistency", CONSISTENCY_SPEC],
  ["/v1/keys", KEYS_SPEC],
] as const;
const NO_STORE = Object.freeze({ "cache-control": "no-store" });

/** Builds the app; others may mount theirs beside it. */
export function edgeApp(handlers: EdgeHandlers): Hono {
  const app = new Hono();
  app.get("/v1/players/:player_ref/balance", described(handlers.balance, BALANCE_SPEC));
  app.post("/v1/players/resolve", described(handlers.resolve, RESOLVE_SPEC));
  app.post("/v1/events", described(handlers.events, EVENTS_SPEC));
  const { forwarded } = handlers;
  for (const [path, spec] of FORWARDED) {
    app.get(
      path,
      described((c) => forwarded(c), spec),
    );
  }
  searchRoutes(app, handlers.search);
  app.get(
    "/v1/checkpoint",
    described(() => checkpoint(handlers.checkpoint()), CHECKPOINT_SPEC),
  );
  app.get(
    "/healthz",
    described(() => health(handlers.region), HEALTH_SPEC),
  );
  app.get(
    "/readyz",
    described(() => readiness(handlers.ready()), READY_SPEC),
  );
  app.get("/metrics", described(handlers.scrape, METRICS_SPEC));
  let document: Promise<string> | undefined;
  app.get("/openapi.json", async () => {
    const text = await (document ??= openApiDocument(app));
    return new Response(text, { headers: { "content-type": "application/json" } });
  });
  app.notFound((c) => notFound(app, c));
  app.onError((error) => {
    // The caller learns a code; the cause is for the log.
    handlers.log.error("a request failed", { error });
    return problemResponse(Code.INTERNAL);
  });
  return app;
}

function searchRoutes(app: Hono, { read, investigate }: EdgeHandlers["search"]): void {
  // A handler carries one description, so each route has one of its own.
  app.get(
    "/v1/players/:player_ref/statement",
    described((c) => read(c), STATEMENT_SPEC),
  );
  app.get(
    "/v1/rounds/:round_id",
    described((c) => read(c), ROUND_SPEC),
  );
  app.get("/v1/records", described(investigate, RECORDS_SPEC));
}

function checkpoint(note: string): Response {
  if (note === "") return problemResponse(Code.UNAVAILABLE, { detail: "No checkpoint seen yet." });
  const headers = { ...NO_STORE, "content-type": "text/plain; charset=utf-8" };
  return new Response(note, { headers });
}

function health(region: string): Response {
  return Response.json({ status: "ok", region }, { headers: NO_STORE });
}

function readiness(body: { readonly ready: boolean }): Response {
  return Response.json(body, { status: body.ready ? 200 : 503, headers: NO_STORE });
}

/** A known path asked in the wrong way says which way is right. */
function notFound(app: Hono, c: Context): Response {
  const allowed = new Set<string>();
  for (const { method, path } of app.routes) {
    if (!path.includes("*") && matches(path, c.req.path)) allowed.add(method);
  }
  if (allowed.size === 0) return problemResponse(Code.ROUTE_UNKNOWN);
  if (allowed.has("GET")) allowed.add("HEAD");
  const allow = [...allowed].toSorted().join(", ");
  const body = { ...problem(Code.ROUTE_UNKNOWN, `Use ${allow}.`), status: 405 };
  return new Response(JSON.stringify(body), {
    status: 405,
    headers: { ...NO_STORE, "content-type": PROBLEM_TYPE, allow },
  });
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split("/");
  const given = path.split("/");
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => {
      return part.startsWith(":") ? given[index] !== "" : part === given[index];
    })
  );
}
