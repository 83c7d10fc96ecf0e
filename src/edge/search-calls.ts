/**
 * Questions to the search process: few at a time, and answered or given up soon.
 *
 * @module
 */
import { Code } from "../ledger/index.ts";
import type { Fetch } from "../runtime/index.ts";
import { PROBLEM_TYPE, problemResponse } from "../wire/index.ts";
import { failed } from "./balance-route.ts";
import type { PrimaryReads } from "./primary-reads.ts";
import { ReadError } from "./read-error.ts";
import { SEARCH_ANSWER_BYTES_MAX, SEARCH_MS, SEARCH_QUERY_CHARS_MAX } from "./limits.ts";

/** Options of {@link SearchCalls}. */
export interface SearchCallsOptions {
  /** Undefined: this edge has no search. */
  readonly url: string | undefined;
  /** The edge's own token. */
  readonly token: string;
  readonly fetch: Fetch;
  /** Calls at one time; one operator's take half of them at most. */
  readonly inFlightMax: number;
  /** Judges the bookmarks that search hasn't reached. */
  readonly primary: Pick<PrimaryReads, "balance">;
}

/** What search may answer; anything else is between it and this edge. */
const PASSED: ReadonlySet<number> = new Set([200, 400, 404, 503]);
const RETRY = Object.freeze({ "retry-after": "1" });
/** Search sets it where nothing but the bookmark is in the way of an answer. */
const BEHIND_HEADER = "countroom-behind";
/** Nobody: a bookmark is judged whoever is asked for. */
const NOBODY = "00000000-0000-0000-0000-000000000000";
/** What the primary may have against a bookmark. */
const BOOKMARK_CODES: ReadonlySet<Code> = new Set([
  Code.BOOKMARK_UNKNOWN,
  Code.BOOKMARK_LOST,
  Code.BOOKMARK_MALFORMED,
]);
/** Headers that go on to the caller. */
const HEADERS = [
  "content-type",
  "content-disposition",
  "retry-after",
  "countroom-bookmark",
  "countroom-age-ms",
  "countroom-next-cursor",
] as const;

/** Asks search on behalf of an operator. */
export class SearchCalls {
  readonly #options: SearchCallsOptions;
  #inFlight = 0;
  /** The same by operator; who has none isn't in it. */
  readonly #inFlightOf = new Map<string, number>();
  /** Counts for metrics. */
  asked = 0;
  overloaded = 0;
  failed = 0;

  constructor(options: SearchCallsOptions) {
    this.#options = options;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Its own answer, or the problem that there is none. `target` is path and query. */
  async ask(target: string, operator: string, accept = "application/json"): Promise<Response> {
    const { url, inFlightMax } = this.#options;
    if (url === undefined) return missing();
    if (target.length > SEARCH_QUERY_CHARS_MAX) return problemResponse(Code.REQUEST_TOO_LARGE);
    const own = this.#inFlightOf.get(operator) ?? 0;
    if (this.#inFlight >= inFlightMax || own >= Math.ceil(inFlightMax / 2)) {
      this.overloaded += 1;
      return problemResponse(Code.OVERLOADED, { headers: RETRY });
    }
    this.#inFlight += 1;
    this.#inFlightOf.set(operator, own + 1);
    this.asked += 1;
    try {
      return await this.#call(url + target, operator, accept);
    } catch {
      this.failed += 1;
      return away();
    } finally {
      this.#leave(operator);
    }
  }

  #leave(operator: string): void {
    this.#inFlight -= 1;
    const own = (this.#inFlightOf.get(operator) ?? 1) - 1;
    if (own === 0) this.#inFlightOf.delete(operator);
    else this.#inFlightOf.set(operator, own);
  }

  /** The primary's judgement of a bookmark, when it is a bad one. */
  async #judged(url: string, operatorId: string): Promise<Response | undefined> {
    const bookmark = new URL(url).searchParams.get("at_least") ?? "";
    try {
      await this.#options.primary.balance({ operatorId, playerRef: NOBODY, bookmark });
    } catch (error) {
      if (!(error instanceof ReadError)) throw error;
      if (BOOKMARK_CODES.has(error.number)) return failed(error);
    }
    return undefined;
  }

  async #call(url: string, operator: string, accept: string): Promise<Response> {
    const { fetch, token } = this.#options;
    const headers = { authorization: `Bearer ${token}`, "countroom-operator": operator, accept };
    const signal = AbortSignal.timeout(SEARCH_MS);
    const answer = await fetch(url, { headers, redirect: "error", signal });
    const body = await answer.arrayBuffer();
    const ours = answer.headers.get("content-type") ?? "";
    const isProblem = answer.status === 200 || ours.startsWith(PROBLEM_TYPE);
    if (!PASSED.has(answer.status) || !isProblem || body.byteLength > SEARCH_ANSWER_BYTES_MAX) {
      this.failed += 1;
      return away();
    }
    if (answer.headers.has(BEHIND_HEADER)) {
      const judged = await this.#judged(url, operator);
      if (judged !== undefined) return judged;
    }
    const passed: Record<string, string> = { "cache-control": "no-store" };
    for (const name of HEADERS) {
      const value = answer.headers.get(name);
      if (value !== null) passed[name] = value;
    }
    return new Response(body, { status: answer.status, headers: passed });
  }
}

function away(): Response {
  const detail = "Search doesn't answer just now.";
  return problemResponse(Code.UNAVAILABLE, { detail, headers: RETRY });
}

function missing(): Response {
  return problemResponse(Code.UNAVAILABLE, {
    detail: "This edge has no search.",
    members: { hint: "Set COUNTROOM_SEARCH_URL to where `countroom search` answers." },
  });
}
