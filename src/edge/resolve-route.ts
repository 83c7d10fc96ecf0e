/**
 * `POST /v1/players/resolve`: which player a Telegram id stands for. For people at the desk, with
 * an admin key; the id is hashed here and goes no further.
 *
 * @module
 */
import type { Context } from "hono";
import * as v from "valibot";
import { identityOf, type IdentityKeyMaterial } from "../access/index.ts";
import { Code } from "../ledger/index.ts";
import { problemResponse } from "../wire/index.ts";
import { failed } from "./balance-route.ts";
import type { Gate } from "./gate.ts";
import { RESOLVE_BYTES_MAX } from "./limits.ts";
import type { PlayerReads } from "./player-reads.ts";
import { ReadError } from "./read-error.ts";
import { isReadable, mediaType, readBody, utf8 } from "./request-body.ts";
import { ResolveBody } from "./schemas.ts";

const MESSENGER = "telegram";

/** What the route stands on. */
export interface ResolveRouteOptions {
  readonly gate: Gate;
  readonly players: PlayerReads;
  /** Read when first needed: an edge without this route's callers needn't hold the key. */
  readonly identityKey: () => IdentityKeyMaterial;
}

/** Makes the handler. */
export function resolveRoute(options: ResolveRouteOptions): (c: Context) => Promise<Response> {
  return async (c) => {
    const request = c.req.raw;
    const caller = await options.gate.caller(request.headers.get("authorization"));
    if (caller instanceof Response) return caller;
    const { credential } = caller;
    if (!credential.scopes.has("admin")) return problemResponse(Code.ACCESS_SCOPE);
    const media = mediaType(request.headers.get("content-type"));
    if (media.type !== "application/json" || !isReadable(media)) {
      const detail = "Send application/json in UTF-8.";
      return problemResponse(Code.REQUEST_UNSUPPORTED_TYPE, { detail });
    }
    const bytes = await readBody(request, RESOLVE_BYTES_MAX);
    if (bytes instanceof Response) return bytes;
    const value = parsed(bytes);
    if (value === undefined) return problemResponse(Code.REQUEST_MALFORMED);
    const body = v.safeParse(ResolveBody, value);
    if (!body.success) {
      const field = v.getDotPath(body.issues[0]) ?? "";
      return problemResponse(Code.REQUEST_INVALID, { field });
    }
    const operator = body.output.operator_id ?? credential.operatorId;
    if (operator !== credential.operatorId) {
      const detail = "The key belongs to another operator.";
      return problemResponse(Code.ACCESS_SCOPE, { detail, field: "operator_id" });
    }
    const id = body.output.telegram_id;
    const identity = identityOf(options.identityKey(), operator, MESSENGER, id);
    try {
      const playerRef = await options.players.refOf(operator, identity);
      if (playerRef === undefined) return problemResponse(Code.PLAYER_UNKNOWN);
      const json = { player_ref: playerRef };
      return Response.json(json, { headers: { "cache-control": "no-store" } });
    } catch (error) {
      if (error instanceof ReadError) return failed(error);
      throw error;
    }
  };
}

function parsed(bytes: Uint8Array): unknown {
  const text = utf8(bytes);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
