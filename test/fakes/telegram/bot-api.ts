/** The Bot API's route: `/bot<token>/<method>`, with Telegram's envelopes. */
import { Hono } from "hono";
import { timingSafeEqual } from "node:crypto";
import { BotApiError } from "./errors.ts";
import type { Faults } from "./faults.ts";
import { type MethodContext, METHODS } from "./methods.ts";
import { type Params, readParams } from "./params.ts";

/** Runs one method; throws BotApiError. */
export async function callMethod(
  context: MethodContext,
  faults: Faults,
  name: string,
  params: Params,
): Promise<unknown> {
  const method = METHODS.get(name.toLowerCase());
  if (method === undefined) throw new BotApiError(404, "Not Found");
  faults.check(name, params);
  return await method(context, params);
}

export function botApi(context: MethodContext, faults: Faults): Hono {
  const app = new Hono();
  app.all("/:bot{bot[^/]+}/:method", async (c) => {
    try {
      checkToken(c.req.param("bot").slice("bot".length), context.token);
      const params = await readParams(c.req.raw);
      const result = await callMethod(context, faults, c.req.param("method"), params);
      return c.json({ ok: true, result });
    } catch (error) {
      if (!(error instanceof BotApiError)) throw error;
      return Response.json(error.envelope(), { status: error.errorCode });
    }
  });
  return app;
}

function checkToken(given: string, token: string): void {
  if (!/^[0-9]+:[A-Za-z0-9_-]+$/.test(given)) throw new BotApiError(404, "Not Found");
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  if (a.length !== b.length || !timingSafeEqual(a, b)) throw new BotApiError(401, "Unauthorized");
}
