/**
 * The primary's routes beside the service: health, metrics, the checkpoint, and proofs.
 *
 * @module
 */
import { Code } from "../ledger/index.ts";
import type { Metrics } from "../ops/index.ts";
import type { Clock, FetchHandler } from "../runtime/index.ts";
import { CHECKPOINT_BYTES_MAX, problemResponse, type ConnectFetch } from "../wire/index.ts";
import type { Fence } from "./fence.ts";
import type { ProofRoutes } from "./proof-routes.ts";
import type { TlogRoutes } from "./tlog-routes.ts";

/** What the routes tell. */
export interface HttpOptions {
  readonly service: ConnectFetch;
  readonly fence: Fence;
  readonly proofs: ProofRoutes;
  readonly tlog: TlogRoutes;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly epoch: number;
  readonly headSeq: () => number;
  readonly checkpoint: () => string;
  /** The body of `GET /v1/keys`. */
  readonly keys: string;
  /** Why the primary takes no events just now; undefined when it does. */
  readonly notReady: () => string | undefined;
}

const NO_STORE = { "cache-control": "no-store" } as const;

/** Answers every request to a primary. */
export function primaryFetch(options: HttpOptions): FetchHandler {
  return (request, info) => {
    const called = options.service(request);
    if (called !== undefined) {
      // A tail may be silent for as long as its reader is slow.
      info.keepOpen();
      return called;
    }
    const url = new URL(request.url);
    const { pathname } = url;
    const route = `${request.method} ${pathname}`;
    switch (route) {
      case "GET /healthz":
        return health(options);
      case "GET /readyz":
        return ready(options);
      case "GET /metrics":
        return options.metrics.response();
      case "GET /v1/checkpoint":
        return checkpoint(options);
      case "GET /v1/keys":
        return new Response(options.keys, {
          headers: { ...NO_STORE, "content-type": "application/json" },
        });
      case "POST /v1/checkpoint":
        return shown(request, options);
      default:
        return (
          options.proofs.answer(request, url) ??
          options.tlog.answer(request, url) ??
          problemResponse(Code.ROUTE_UNKNOWN, { detail: `there is no ${route}` })
        );
    }
  };
}

function health({ clock, epoch, headSeq }: HttpOptions): Response {
  const body = {
    status: "ok",
    role: "primary",
    epoch,
    head_seq: headSeq(),
    time_us: clock.nowUs(),
  };
  return Response.json(body, { headers: NO_STORE });
}

function ready({ notReady }: HttpOptions): Response {
  const why = notReady();
  const body = why === undefined ? { ready: true } : { ready: false, reason: why };
  return Response.json(body, { status: why === undefined ? 200 : 503, headers: NO_STORE });
}

function checkpoint(options: HttpOptions): Response {
  const note = options.checkpoint();
  if (note === "") {
    return problemResponse(Code.UNAVAILABLE, { detail: "there is no checkpoint yet" });
  }
  return new Response(note, {
    headers: { ...NO_STORE, "content-type": "text/plain; charset=utf-8" },
  });
}

/** Anybody may show a checkpoint: it proves itself. */
async function shown(request: Request, { fence }: HttpOptions): Promise<Response> {
  const declared = Number(request.headers.get("content-length") ?? "0");
  if (!(declared <= CHECKPOINT_BYTES_MAX)) return problemResponse(Code.REQUEST_TOO_LARGE);
  const note = await request.text();
  if (note.length > CHECKPOINT_BYTES_MAX) return problemResponse(Code.REQUEST_TOO_LARGE);
  const verdict = fence.judge(note);
  if (verdict === "fenced") {
    return problemResponse(Code.EPOCH_FENCED, { detail: "this primary stops" });
  }
  return Response.json({ verdict }, { headers: NO_STORE });
}
