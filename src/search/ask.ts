/**
 * What every question has in common: who asks for whom, what it may say, how new the answer must
 * be, and how answers tell what they stand on.
 *
 * @module
 */
import type { Context } from "hono";
import * as v from "valibot";
import { AccessError, bearerToken, type CredentialVerifier } from "../access/index.ts";
import { Code } from "../ledger/index.ts";
import { parseBookmark, problemResponse } from "../wire/index.ts";
import { BOOKMARK_WAIT_MS } from "./limits.ts";
import { NameKind } from "./names.ts";
import { AtLeast } from "./query-schemas.ts";
import type { SearchSnapshot, SearchView } from "./search-view.ts";

/** What the routes stand on. */
export interface AskOptions {
  readonly view: SearchView;
  readonly verifier: CredentialVerifier;
}

/** A question that may be answered. */
export interface Question<Query> {
  readonly query: Query;
  readonly snapshot: SearchSnapshot;
  /** Number of the operator it is asked for. */
  readonly operator: number;
}

/** The header in which an edge names the operator that its caller's credential is of. */
export const OPERATOR_HEADER = "countroom-operator";
/** The header that carries an answer's bookmark. */
export const BOOKMARK_HEADER = "countroom-bookmark";
/** The header by which an edge knows that only the bookmark is in the way of an answer. */
export const BEHIND_HEADER = "countroom-behind";

/** An operator that the book never mentioned; 0 is the book's own. */
const NOBODY = -1;
/** Processes of the deployment; API keys ask an edge. */
const ASKERS: ReadonlySet<string> = new Set(["edge", "system"]);
const OPERATOR = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
const RETRY_AFTER = Object.freeze({ "retry-after": "1" });

/** Reads a question, and waits until it can be answered; otherwise the answer that refuses it. */
export async function ask<Schema extends v.GenericSchema<unknown, object>>(
  c: Context,
  options: AskOptions,
  schema: Schema,
): Promise<Question<v.InferOutput<Schema>> | Response> {
  const refusal = await mayAsk(options.verifier, c.req.header("authorization"));
  if (refusal !== undefined) return refusal;
  const operatorId = c.req.header(OPERATOR_HEADER) ?? "";
  if (!OPERATOR.test(operatorId)) return invalid(OPERATOR_HEADER, "The operator is missing.");
  // Read without Hono, which loses parameters that are named like members of an object.
  const given: Record<string, string> = Object.create(null);
  for (const [name, value] of new URL(c.req.url).searchParams) {
    if (name in given) return invalid(name, "It is given more than once.");
    given[name] = value;
  }
  const { at_least: atLeast, ...rest } = given;
  const query = v.safeParse(schema, rest);
  if (!query.success) {
    const [issue] = query.issues;
    return invalid(v.getDotPath(issue) ?? "", issue.message);
  }
  const late = await waitFor(options.view, atLeast);
  if (late !== undefined) return late;
  const snapshot = options.view.snapshot();
  if (snapshot === undefined) return notYet("The book is being read.");
  const operator = snapshot.names.find(NameKind.operator, operatorId) || NOBODY;
  return { query: query.output, snapshot, operator };
}

async function waitFor(view: SearchView, text: string | undefined): Promise<Response | undefined> {
  if (text === undefined) return undefined;
  const bookmark = v.is(AtLeast, text) ? parseBookmark(text) : undefined;
  if (bookmark === undefined) {
    return problemResponse(Code.BOOKMARK_MALFORMED, { field: "at_least" });
  }
  if (await view.whenReached(bookmark, BOOKMARK_WAIT_MS)) return undefined;
  // Whether the book holds it at all is the primary's to say.
  return notYet("The bookmark has not been reached.", { [BEHIND_HEADER]: "bookmark" });
}

async function mayAsk(
  verifier: CredentialVerifier,
  header: string | undefined,
): Promise<Response | undefined> {
  const token = bearerToken(header);
  if (token === undefined) return problemResponse(Code.ACCESS_UNAUTHENTICATED);
  try {
    const { role } = verifier.cached(token) ?? (await verifier.verify(token));
    return ASKERS.has(role) ? undefined : problemResponse(Code.ACCESS_SCOPE);
  } catch (error) {
    if (error instanceof AccessError) return problemResponse(Code[error.code]);
    throw error;
  }
}

/** A question that makes no sense. */
export function invalid(field: string, detail: string): Response {
  return problemResponse(Code.REQUEST_INVALID, { field, detail });
}

/** An answer that comes later. */
export function notYet(detail: string, headers: Readonly<Record<string, string>> = {}): Response {
  return problemResponse(Code.UNAVAILABLE, { detail, headers: { ...RETRY_AFTER, ...headers } });
}

/** An answer in JSON, with what it stands on. */
export function answer(snapshot: SearchSnapshot, body: object): Response {
  return Response.json(
    { ...body, freshness: freshnessOf(snapshot) },
    { headers: headersOf(snapshot) },
  );
}

/** A problem that newer rows may solve. */
export function unknown(snapshot: SearchSnapshot, code: Code): Response {
  return problemResponse(code, {
    headers: headersOf(snapshot),
    members: { freshness: freshnessOf(snapshot) },
  });
}

/** The headers of every answer from the file. */
export function headersOf({ bookmark }: SearchSnapshot): Record<string, string> {
  return { "cache-control": "no-store", [BOOKMARK_HEADER]: bookmark };
}

function freshnessOf({ epoch, seq, ageMs }: SearchSnapshot) {
  return { epoch, seq, age_ms: ageMs, source: "search" };
}
