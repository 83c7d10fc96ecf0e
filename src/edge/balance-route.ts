/**
 * `GET /v1/players/{player_ref}/balance?at_least=BOOKMARK`: from the replica when it is there and
 * new enough, otherwise from the primary.
 *
 * @module
 */
import type { Context } from "hono";
import * as v from "valibot";
import type { Credential } from "../access/index.ts";
import { Code } from "../ledger/index.ts";
import type { Currencies } from "../money/index.ts";
import type { Clock } from "../runtime/index.ts";
import { parseBookmark, problemResponse, type Bookmark } from "../wire/index.ts";
import { freshnessOf, primaryAnswer, replicaAnswer, unknownPlayer } from "./balance-answer.ts";
import type { Gate } from "./gate.ts";
import type { HotRow } from "./hot-rows.ts";
import { BOOKMARK_WAIT_MS } from "./limits.ts";
import type { PrimaryReads } from "./primary-reads.ts";
import { ReadError } from "./read-error.ts";
import type { ReplicaView } from "./replica-view.ts";
import { BalanceQuery, PlayerRef } from "./schemas.ts";

/** What the route stands on. */
export interface BalanceRouteOptions {
  readonly gate: Gate;
  /** The replica in service. */
  readonly view: () => ReplicaView | undefined;
  readonly primary: PrimaryReads;
  readonly clock: Clock;
  readonly currencies: Currencies;
}

/** A bookmark and its text, which is what the primary judges. */
interface AtLeast extends Bookmark {
  readonly text: string;
}

/** Makes the handler of the route. */
export function balanceRoute(options: BalanceRouteOptions): (c: Context) => Promise<Response> {
  return (c) => answerSlowly(c, options);
}

const PATH_START = "/v1/players/";
const PATH_END = "/balance";
const REF_CHARS = 36;
/** Where a URL's path may begin: after `http://` and one character of a host. */
const HOST_FROM = 8;

/**
 * Answers the plain case of nearly every read: a known key, a canonical address without a query,
 * a player who is in the replica. Undefined: the route has to look closer.
 *
 * It stands in front of the router, which costs a fifth of such an answer (measured).
 */
export function plainBalance(
  options: BalanceRouteOptions,
): (request: Request) => Response | undefined {
  const { gate, view, clock } = options;
  return (request) => {
    const { url } = request;
    const start = url.indexOf("/", HOST_FROM) + PATH_START.length;
    if (url.length !== start + REF_CHARS + PATH_END.length) return undefined;
    if (!url.endsWith(PATH_END) || !url.startsWith(PATH_START, start - PATH_START.length)) {
      return undefined;
    }
    const replica = view();
    if (replica === undefined || request.method !== "GET") return undefined;
    const credential = gate.remembered(request.headers.get("authorization"));
    if (credential === undefined) return undefined;
    const playerRef = url.slice(start, start + REF_CHARS);
    const row = replica.hot(playerRef) ?? replica.warm(playerRef);
    if (row === undefined || !mayRead(credential, row)) return undefined;
    return replicaAnswer(row, replica, clock.monotonicMs());
  };
}

function mayRead(credential: Credential, row: HotRow): boolean {
  return credential.scopes.has("read") && credential.operatorId === row.operatorId;
}

async function answerSlowly(c: Context, options: BalanceRouteOptions): Promise<Response> {
  const caller = await options.gate.caller(c.req.raw.headers.get("authorization"));
  if (caller instanceof Response) return caller;
  if (!caller.credential.scopes.has("read")) return problemResponse(Code.ACCESS_SCOPE);
  const ref = v.safeParse(PlayerRef, c.req.param("player_ref"));
  if (!ref.success) {
    return problemResponse(Code.REQUEST_INVALID, {
      detail: "The player reference is not a UUID.",
      field: "player_ref",
    });
  }
  const query = v.safeParse(BalanceQuery, c.req.queries());
  if (!query.success) {
    const field = v.getDotPath(query.issues[0])?.split(".")[0];
    return problemResponse(Code.REQUEST_INVALID, {
      detail: "The query holds at_least once, or nothing.",
      ...(field === undefined ? {} : { field }),
    });
  }
  const text = query.output.at_least?.[0];
  const bookmark = text === undefined ? undefined : parseBookmark(text);
  if (text !== undefined && bookmark === undefined) {
    return problemResponse(Code.BOOKMARK_MALFORMED, { field: "at_least" });
  }
  const atLeast = bookmark === undefined ? undefined : { ...bookmark, text: text! };
  try {
    return await answer(options, caller.credential, ref.output, atLeast);
  } catch (error) {
    if (error instanceof ReadError) return failed(error);
    throw error;
  }
}

async function answer(
  options: BalanceRouteOptions,
  credential: Credential,
  playerRef: string,
  atLeast: AtLeast | undefined,
): Promise<Response> {
  const { primary, clock } = options;
  const view = await viewAt(options.view, atLeast);
  if (view !== undefined) {
    const row = view.hot(playerRef) ?? view.warm(playerRef);
    const own = row !== undefined && mayRead(credential, row);
    if (own) return replicaAnswer(row, view, clock.monotonicMs());
    if (!view.isFaulty) return unknownPlayer(freshnessOf(view));
  }
  const { operatorId } = credential;
  const told = await primary.balance({ operatorId, playerRef, bookmark: atLeast?.text });
  return told.known ? primaryAnswer(told, options.currencies) : unknownPlayer(told.freshness);
}

/** The view in service once it shows the bookmark; undefined: the primary has to answer. */
export async function viewAt(
  view: () => ReplicaView | undefined,
  atLeast: Bookmark | undefined,
): Promise<ReplicaView | undefined> {
  const now = view();
  if (atLeast === undefined || now === undefined || now.reached(atLeast)) return now;
  await now.whenReached(atLeast, BOOKMARK_WAIT_MS);
  // Another replica may have been put in service meanwhile.
  const later = view();
  return later?.reached(atLeast) === true ? later : undefined;
}

/** Retrying later may help with these. */
const RETRY_AFTER = Object.freeze({ "retry-after": "1" });

/** The answer to a read that neither replica nor primary could satisfy. */
export function failed(error: ReadError): Response {
  const busy = error.number === Code.OVERLOADED || error.number === Code.UNAVAILABLE;
  return problemResponse(error.number, busy ? { headers: RETRY_AFTER } : {});
}
