/**
 * `GET /v1/proofs/inclusion`, `GET /v1/proofs/consistency` and `GET /v1/keys`: the primary's
 * answers, for callers with any key that reads.
 *
 * @module
 */
import type { Context } from "hono";
import { Code } from "../ledger/index.ts";
import { problemResponse } from "../wire/index.ts";
import type { Gate } from "./gate.ts";
import type { PrimaryProofs } from "./primary-proofs.ts";

/** What the routes stand on. */
export interface ProofRoutesOptions {
  readonly gate: Gate;
  readonly proofs: PrimaryProofs;
}

/** The handler that passes questions about the tree on to the primary. */
export function forwardedRoute(options: ProofRoutesOptions): (c: Context) => Promise<Response> {
  return async (c) => {
    const caller = await options.gate.caller(c.req.raw.headers.get("authorization"));
    if (caller instanceof Response) return caller;
    if (!caller.credential.scopes.has("read")) return problemResponse(Code.ACCESS_SCOPE);
    return options.proofs.forward(c.req.path, new URL(c.req.url).search);
  };
}
