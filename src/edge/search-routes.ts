/**
 * Statements, rounds and records: search's answers, for callers with a key that may have them. The
 * operator is the key's.
 *
 * @module
 */
import type { Context } from "hono";
import type { Scope } from "../access/index.ts";
import { Code } from "../ledger/index.ts";
import { problemResponse } from "../wire/index.ts";
import type { Gate } from "./gate.ts";
import type { SearchCalls } from "./search-calls.ts";

/** What the routes stand on. */
export interface SearchRoutesOptions {
  readonly gate: Gate;
  readonly search: SearchCalls;
}

/** The handler that passes a question on when the caller's key has this scope. */
export function searchRoute(
  { gate, search }: SearchRoutesOptions,
  scope: Scope,
): (c: Context) => Promise<Response> {
  return async (c) => {
    const caller = await gate.caller(c.req.raw.headers.get("authorization"));
    if (caller instanceof Response) return caller;
    const { scopes, operatorId } = caller.credential;
    if (!scopes.has(scope) || operatorId === "") return problemResponse(Code.ACCESS_SCOPE);
    const { pathname, search: query } = new URL(c.req.url);
    return search.ask(pathname + query, operatorId, c.req.header("accept"));
  };
}
