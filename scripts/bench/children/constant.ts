/**
 * Helper: the balance route with a constant body, headers and length like the real one's.
 */
import { Hono } from "hono";
import { serve } from "../../../src/runtime/index.ts";
import { serveCalls } from "../child.ts";

serveCalls({
  /** Listens; two helpers may share a port. Answers the URL. */
  begin(args: { port: number; body: string; headers: Record<string, string> }): string {
    const app = new Hono();
    app.get("/v1/players/:player_ref/balance", (c) => c.body(args.body, 200, args.headers));
    return serve({ port: args.port, reusePort: true, fetch: (request) => app.fetch(request) }).url;
  },
});
