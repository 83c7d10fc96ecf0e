/**
 * RFC 9457 problem bodies for whole requests that fail.
 *
 * @module
 */
import { type Code, CODES } from "../ledger/index.ts";
import { codeName } from "./codes.ts";

/** The body of a problem answer. `code` is the contract; `detail` is for people. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  /** The field at fault in snake_case with dots, when there is one. */
  readonly field?: string;
}

/** Media type of a {@link Problem}. */
export const PROBLEM_TYPE = "application/problem+json";

/** The problem body of a code. */
export function problem(code: Code, detail?: string, field?: string): Problem {
  const entry = CODES[code];
  const name = codeName(code);
  return {
    type: `urn:countroom:problem:${name.toLowerCase().replaceAll("_", "-")}`,
    title: entry.text,
    status: entry.httpStatus,
    code: name,
    ...(detail === undefined || detail === "" ? {} : { detail }),
    ...(field === undefined || field === "" ? {} : { field }),
  };
}

/** The whole answer. */
export function problemResponse(
  code: Code,
  options: {
    readonly detail?: string;
    readonly field?: string;
    readonly headers?: Readonly<Record<string, string>>;
    /** Extension members (RFC 9457 §3.2). */
    readonly members?: Readonly<Record<string, unknown>>;
  } = {},
): Response {
  const body = { ...problem(code, options.detail, options.field), ...options.members };
  return new Response(JSON.stringify(body), {
    status: body.status,
    headers: { "cache-control": "no-store", ...options.headers, "content-type": PROBLEM_TYPE },
  });
}
