import { Hono, type Context } from "hono";
import type { CredentialVerifier } from "../access/index.ts";
import { Code } from "../ledger/index.ts";
import { OperatorError, type Logger } from "../ops/index.ts";
import type { Clock } from "../runtime/index.ts";
import { problemResponse } from "../wire/index.ts";
import { notYet } from "./ask.ts";
import type { Engine } from "./engine.ts";
import type { SearchMetrics } from "./metrics.ts";
import { recordsRoute } from "./records-route.ts";
import { roundRoute } from "./round-route.ts";
import { statementRoute } from "./statement-route.ts";

/** What the HTTP surface stands on. */
export interface SearchAppOptions {
  readonly engine: Engine;
  readonly verifier: CredentialVerifier;
  readonly metrics: SearchMetrics;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Statements, rounds and records, for the deployment's own processes. */
export function searchApp(options: SearchAppOptions): Hono {
  const { engine, verifier, metrics, clock, log } = options;
  const asked = { view: engine.view, verifier };
  const timed = (route: string, handler: (c: Context) => Promise<Response>) => {
    return async (c: Context): Promise<Response> => {
      const sinceMs = clock.monotonicMs();
      const response = await handler(c);
      metrics.answers.observe({ route }, (clock.monotonicMs() - sinceMs) / 1000);
      return response;
    };
  };
  const app = new Hono();
  app.get("/v1/players/:ref/statement", timed("statement", statementRoute(asked)));
  app.get("/v1/rounds/:id", timed("round", roundRoute(asked)));
  app.get("/v1/records", timed("records", recordsRoute(asked)));
  app.get("/healthz", () => json({ status: "ok" }));
  app.get("/readyz", () => readiness(engine));
  app.get("/metrics", () => metrics.response());
  app.notFound(() => problemResponse(Code.ROUTE_UNKNOWN));
  app.onError((error) => {
    if (error instanceof OperatorError && error.code === "DATABASE_DAMAGED") {
      engine.damaged(error);
      return notYet("The rows are being made anew.");
    }
    // The caller learns a code; the cause is for the log.
    log.error("a question failed", { error });
    return problemResponse(Code.INTERNAL);
  });
  return app;
}

function readiness({ view, alarm, state, headSeq }: Engine): Response {
  const snapshot = view.snapshot();
  const why = alarm === undefined ? {} : { code: alarm.code, hint: alarm.hint };
  const stand = { seq: view.seq, head_seq: headSeq, age_ms: snapshot?.ageMs ?? null };
  const ready = snapshot !== undefined;
  return json({ ready, state, ...stand, ...why }, ready ? 200 : 503);
}

function json(body: object, status = 200): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store" } });
}
