/**
 * The catalogue of codes: class, how an event fared, HTTP status, and a sentence.
 *
 * @module
 */
import { Code, type CodeName } from "./code-numbers.ts";

export { Code, type CodeName };

/** Kind of a code, for whoever maps codes onto another protocol. */
export type CodeClass =
  | "accepted"
  | "refusal"
  | "limit"
  | "conflict"
  | "not_found"
  | "validation"
  | "auth"
  | "transient"
  | "internal";

/** How an event with this code fared. */
export type CodeStatus = "accepted" | "refused" | "rejected" | "unavailable";

/** One line of the catalogue. */
export interface CodeEntry {
  readonly code: Code;
  readonly name: CodeName;
  readonly class: CodeClass;
  readonly status: CodeStatus;
  /** Such an outcome is a record of the book, and therefore sticky. */
  readonly recorded: boolean;
  /** Status of a response that is about this code alone. */
  readonly httpStatus: number;
  /** The same bytes may succeed later. */
  readonly retryable: boolean;
  /** One sentence for people; no part of the contract. */
  readonly text: string;
}

function entry(
  name: CodeName,
  kind: CodeClass,
  status: CodeStatus,
  httpStatus: number,
  text: string,
): CodeEntry {
  const recorded = status === "accepted" || status === "refused";
  const retryable = status === "unavailable" && name !== "UNSPECIFIED";
  const line = {
    code: Code[name],
    name,
    class: kind,
    status,
    recorded,
    httpStatus,
    retryable,
    text,
  };
  return Object.freeze(line);
}

/** The catalogue, by number. */
export const CODES: Readonly<Record<Code, CodeEntry>> = Object.freeze({
  0: entry("UNSPECIFIED", "internal", "unavailable", 500, "No outcome."),
  1: entry("OK", "accepted", "accepted", 200, "Accepted."),
  2: entry(
    "PLAYER_ALREADY_REGISTERED",
    "accepted",
    "accepted",
    200,
    "This player is already registered.",
  ),
  3: entry(
    "BET_TOMBSTONED",
    "accepted",
    "accepted",
    200,
    "The bet is not known; it will be refused if it arrives.",
  ),
  4: entry(
    "BET_ALREADY_ROLLED_BACK",
    "accepted",
    "accepted",
    200,
    "The bet was already rolled back.",
  ),
  5: entry("PLAYER_UNKNOWN", "not_found", "refused", 404, "There is no such player."),
  6: entry("PLAYER_BLOCKED", "refusal", "refused", 403, "The player may not bet."),
  7: entry("FUNDS_INSUFFICIENT", "refusal", "refused", 422, "The balance is lower than the stake."),
  8: entry(
    "BALANCE_OVERFLOW",
    "refusal",
    "refused",
    422,
    "The balance would exceed what an account can hold.",
  ),
  9: entry("BET_UNKNOWN", "not_found", "refused", 404, "There is no such bet."),
  10: entry("BET_DUPLICATE", "conflict", "refused", 409, "A bet with this transaction id is open."),
  11: entry("BET_ALREADY_SETTLED", "conflict", "refused", 409, "The bet is already settled."),
  12: entry("BET_ROLLED_BACK", "conflict", "refused", 409, "The bet was rolled back."),
  13: entry(
    "BET_MISMATCH",
    "conflict",
    "refused",
    409,
    "The bet belongs to another player, round or currency.",
  ),
  14: entry("ROUND_CLOSED", "conflict", "refused", 409, "The round takes no more bets."),
  15: entry("ROUND_MISMATCH", "conflict", "refused", 409, "The round belongs to another player."),
  16: entry(
    "WIN_ABOVE_CEILING",
    "limit",
    "refused",
    422,
    "The win is higher than this source may pay.",
  ),
  17: entry(
    "KEY_CONFLICT",
    "conflict",
    "rejected",
    409,
    "The idempotency key was used with another meaning.",
  ),
  18: entry("EVENT_MALFORMED", "validation", "rejected", 400, "The event can't be read."),
  19: entry(
    "EVENT_UNKNOWN_FIELD",
    "validation",
    "rejected",
    400,
    "The event has a field that is not known.",
  ),
  20: entry("EVENT_FIELD_MISSING", "validation", "rejected", 400, "A required field is missing."),
  21: entry(
    "EVENT_FIELD_INVALID",
    "validation",
    "rejected",
    400,
    "A field has a value that is not allowed.",
  ),
  22: entry(
    "EVENT_TYPE_UNKNOWN",
    "validation",
    "rejected",
    400,
    "The event has no payload, or one that is not known.",
  ),
  23: entry("EVENT_TOO_LARGE", "validation", "rejected", 413, "The event is too large."),
  24: entry("AMOUNT_INVALID", "validation", "rejected", 400, "The amount is out of range."),
  25: entry("CURRENCY_UNKNOWN", "validation", "rejected", 400, "The currency is not known."),
  26: entry(
    "RAIL_UNKNOWN",
    "validation",
    "rejected",
    400,
    "The payment rail is not registered for this.",
  ),
  27: entry(
    "ACCESS_UNAUTHENTICATED",
    "auth",
    "rejected",
    401,
    "The credential is missing or not valid.",
  ),
  28: entry("ACCESS_EXPIRED", "auth", "rejected", 401, "The credential has expired."),
  29: entry("ACCESS_SCOPE", "auth", "rejected", 403, "The credential lacks the scope for this."),
  30: entry(
    "ACCESS_SOURCE_MISMATCH",
    "auth",
    "rejected",
    403,
    "Operator or source is not that of the credential.",
  ),
  31: entry(
    "ACCESS_EVENT_TYPE",
    "auth",
    "rejected",
    403,
    "The credential does not allow this type of event.",
  ),
  32: entry(
    "ACCESS_CURRENCY",
    "auth",
    "rejected",
    403,
    "The credential does not allow this currency.",
  ),
  33: entry(
    "TIMEOUT",
    "transient",
    "unavailable",
    504,
    "Not done in time; try again with the same key.",
  ),
  34: entry(
    "UNAVAILABLE",
    "transient",
    "unavailable",
    503,
    "The ledger can't be reached; try again with the same key.",
  ),
  35: entry(
    "OVERLOADED",
    "transient",
    "unavailable",
    503,
    "Too much at once; try again with the same key.",
  ),
  36: entry(
    "CLOCK_UNTRUSTED",
    "transient",
    "unavailable",
    503,
    "The ledger's clock is being checked; try again later.",
  ),
  37: entry("REQUEST_MALFORMED", "validation", "rejected", 400, "The request can't be read."),
  38: entry(
    "REQUEST_INVALID",
    "validation",
    "rejected",
    400,
    "The request has a value that is not allowed.",
  ),
  39: entry("REQUEST_TOO_LARGE", "validation", "rejected", 413, "The request is too large."),
  40: entry(
    "REQUEST_TOO_MANY_EVENTS",
    "validation",
    "rejected",
    413,
    "The request has too many events.",
  ),
  41: entry(
    "REQUEST_UNSUPPORTED_TYPE",
    "validation",
    "rejected",
    415,
    "The content type is not supported.",
  ),
  42: entry("ROUTE_UNKNOWN", "not_found", "rejected", 404, "There is nothing here."),
  43: entry("BOOKMARK_MALFORMED", "validation", "rejected", 400, "The bookmark can't be read."),
  44: entry(
    "BOOKMARK_UNKNOWN",
    "validation",
    "rejected",
    400,
    "The bookmark lies beyond the end of the book.",
  ),
  45: entry(
    "BOOKMARK_LOST",
    "conflict",
    "rejected",
    409,
    "The bookmark lies beyond the end of its epoch: a write was lost.",
  ),
  46: entry("EPOCH_FENCED", "conflict", "rejected", 409, "Another writer has taken over."),
  47: entry(
    "INTERNAL",
    "internal",
    "unavailable",
    500,
    "Something went wrong inside; try again with the same key.",
  ),
});
