/**
 * Reads what a caller asks proofs about: a query, or a list of seqs.
 *
 * @module
 */
import { Code } from "../ledger/index.ts";
import { PROOF_RECORDS_MAX, problemResponse } from "../wire/index.ts";

const COUNT = /^[1-9][0-9]{0,15}$/;
const FIELD_CHARS_MAX = 64;

/** Whether a value is a size or seq: decimal text, at least 1, below 2^53. */
function countOf(text: unknown): number | undefined {
  if (typeof text !== "string" || !COUNT.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/**
 * The counts of a query: each at most once, the wanted ones present, nothing else. Otherwise the
 * answer that says what is wrong.
 */
export function readCounts(
  query: URLSearchParams,
  wanted: readonly string[],
  optional: readonly string[],
): Readonly<Record<string, number>> | Response {
  const counts: Record<string, number> = {};
  for (const [name, text] of query) {
    if (!wanted.includes(name) && !optional.includes(name)) {
      return invalid(name, "there is no such parameter");
    }
    if (Object.hasOwn(counts, name)) return invalid(name, "it is given twice");
    const value = countOf(text);
    if (value === undefined) return invalid(name, "it is no decimal number from 1 on");
    counts[name] = value;
  }
  const missing = wanted.find((name) => !Object.hasOwn(counts, name));
  return missing === undefined ? counts : invalid(missing, "it is missing");
}

/** The seqs of a body `{"seqs": ["1", …]}`, or the answer that says what is wrong. */
export function readSeqs(text: string): readonly number[] | Response {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return problemResponse(Code.REQUEST_MALFORMED);
  }
  const list = typeof body === "object" && body !== null ? (body as { seqs?: unknown }).seqs : [];
  if (!Array.isArray(list) || list.length === 0 || list.length > PROOF_RECORDS_MAX) {
    return invalid("seqs", `1 to ${PROOF_RECORDS_MAX} seqs`);
  }
  const seqs = list.map(countOf);
  const wrong = seqs.indexOf(undefined);
  if (wrong >= 0) return invalid(`seqs.${wrong}`, "it is no decimal number from 1 on");
  return seqs as number[];
}

/** The problem of a value that isn't allowed. */
export function invalid(field: string, detail: string): Response {
  return problemResponse(Code.REQUEST_INVALID, { field: field.slice(0, FIELD_CHARS_MAX), detail });
}
