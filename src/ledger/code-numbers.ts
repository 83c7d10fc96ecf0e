/**
 * Numbers of the codes that say why an event or a request fared as it did.
 *
 * They are those of the contract's `Code`, gap-free and never reused. Accepted and refused
 * outcomes are records and stay so for ever; everything else leaves no trace, and the same key may
 * be used again. What each means is in `codes.ts`; which one of several applies is in
 * `precedence.ts`.
 *
 * @module
 */

/** Stable numbers of the codes. */
export const Code = {
  UNSPECIFIED: 0,
  OK: 1,
  PLAYER_ALREADY_REGISTERED: 2,
  BET_TOMBSTONED: 3,
  BET_ALREADY_ROLLED_BACK: 4,
  PLAYER_UNKNOWN: 5,
  PLAYER_BLOCKED: 6,
  FUNDS_INSUFFICIENT: 7,
  BALANCE_OVERFLOW: 8,
  BET_UNKNOWN: 9,
  BET_DUPLICATE: 10,
  BET_ALREADY_SETTLED: 11,
  BET_ROLLED_BACK: 12,
  BET_MISMATCH: 13,
  ROUND_CLOSED: 14,
  ROUND_MISMATCH: 15,
  WIN_ABOVE_CEILING: 16,
  KEY_CONFLICT: 17,
  EVENT_MALFORMED: 18,
  EVENT_UNKNOWN_FIELD: 19,
  EVENT_FIELD_MISSING: 20,
  EVENT_FIELD_INVALID: 21,
  EVENT_TYPE_UNKNOWN: 22,
  EVENT_TOO_LARGE: 23,
  AMOUNT_INVALID: 24,
  CURRENCY_UNKNOWN: 25,
  RAIL_UNKNOWN: 26,
  ACCESS_UNAUTHENTICATED: 27,
  ACCESS_EXPIRED: 28,
  ACCESS_SCOPE: 29,
  ACCESS_SOURCE_MISMATCH: 30,
  ACCESS_EVENT_TYPE: 31,
  ACCESS_CURRENCY: 32,
  TIMEOUT: 33,
  UNAVAILABLE: 34,
  OVERLOADED: 35,
  CLOCK_UNTRUSTED: 36,
  REQUEST_MALFORMED: 37,
  REQUEST_INVALID: 38,
  REQUEST_TOO_LARGE: 39,
  REQUEST_TOO_MANY_EVENTS: 40,
  REQUEST_UNSUPPORTED_TYPE: 41,
  ROUTE_UNKNOWN: 42,
  BOOKMARK_MALFORMED: 43,
  BOOKMARK_UNKNOWN: 44,
  BOOKMARK_LOST: 45,
  EPOCH_FENCED: 46,
  INTERNAL: 47,
} as const;
export type Code = (typeof Code)[keyof typeof Code];

/** Name of a code, without the contract's prefix. */
export type CodeName = keyof typeof Code;
