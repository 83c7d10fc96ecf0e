/**
 * What a question may say. All of it comes as text.
 *
 * @module
 */
import * as v from "valibot";
import { BOOKMARK_CHARS_MAX, ID_BYTES_MAX } from "../wire/index.ts";
import { PAGE_DEFAULT, PAGE_MAX } from "./limits.ts";

/** The text of a bookmark. */
export const AtLeast = v.pipe(v.string(), v.maxLength(BOOKMARK_CHARS_MAX));

/** A round's, bet's or transaction's id. */
export const Id = v.pipe(
  v.string(),
  v.nonEmpty("is empty"),
  v.check((id) => Buffer.byteLength(id) <= ID_BYTES_MAX, "is too long"),
);

/** The reference of a player, or an event's id. */
export const Uuid = v.pipe(v.string(), v.toLowerCase(), v.uuid("is not a UUID"));

const Limit = (max: number) =>
  v.pipe(
    v.string(),
    v.regex(/^[1-9][0-9]{0,4}$/, `is not a whole number from 1 to ${max}`),
    v.transform(Number),
    v.maxValue(max, `is above ${max}`),
  );

const Order = v.picklist(["asc", "desc"], "is neither asc nor desc");

/** A place in a list: `<seq>-<line>`. */
const Cursor = v.pipe(
  v.string(),
  v.regex(/^[1-9][0-9]{0,14}-[0-9]{1,6}$/, "is no cursor of ours"),
  v.transform((text) => {
    const [seq = 0, n = 0] = text.split("-").map(Number);
    return { seq, n };
  }),
);

const MICROSECONDS = /^[0-9]{1,16}$/;
const DAY = /[0-9]{4}-[0-9]{2}-[0-9]{2}/.source;
const CLOCK = /[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?/.source;
const ZONE = /[Zz]|[+-][0-9]{2}:[0-9]{2}/.source;
const RFC_3339 = new RegExp(`^${DAY}(${CLOCK}(${ZONE}))?$`);

/** Microseconds since 1970, or a date or time of RFC 3339; a date is its midnight in UTC. */
const Time = v.pipe(
  v.string(),
  v.check((text) => timeOf(text) !== undefined, "is neither microseconds nor RFC 3339"),
  v.transform((text) => timeOf(text) ?? 0),
);

function timeOf(text: string): number | undefined {
  const time = MICROSECONDS.test(text)
    ? Number(text)
    : RFC_3339.test(text)
      ? dateOf(text.toUpperCase())
      : Number.NaN;
  return Number.isSafeInteger(time) && time >= 0 ? time : undefined;
}

/** Microseconds; NaN for a day that its month doesn't have, which `Date` takes for a later one. */
function dateOf(text: string): number {
  const day = text.slice(0, "2026-01-01".length);
  const midnight = Date.parse(day);
  const exists = !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day);
  return exists ? Date.parse(text) * 1000 : Number.NaN;
}

/** The query of a statement. `max` bounds its limit. */
export const StatementQuery = (max: number) =>
  v.strictObject({
    from: v.optional(Time),
    to: v.optional(Time),
    currency: v.optional(v.pipe(v.string(), v.regex(/^[A-Z0-9]{2,12}$/, "is no currency code"))),
    type: v.optional(v.pipe(v.string(), v.regex(/^[a-z_]{1,64}$/, "is no event type"))),
    limit: v.optional(Limit(max), `${Math.min(PAGE_DEFAULT, max)}`),
    cursor: v.optional(Cursor),
    order: v.optional(Order, "desc"),
    include: v.optional(v.literal("refusals", "is not refusals")),
  });

/** The query of a round. */
export const RoundQuery = v.strictObject({
  source: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/))),
});

/** What records are looked up by. */
export const LOOKUPS = ["txn", "trace", "round", "player", "event"] as const;

/** The query of a lookup: exactly one of {@link LOOKUPS}. */
export const RecordsQuery = v.pipe(
  v.strictObject({
    txn: v.optional(Id),
    round: v.optional(Id),
    trace: v.optional(
      v.pipe(v.string(), v.toLowerCase(), v.regex(/^[0-9a-f]{32}$/, "is not 32 hex digits")),
    ),
    player: v.optional(Uuid),
    event: v.optional(Uuid),
    limit: v.optional(Limit(PAGE_MAX), `${PAGE_DEFAULT}`),
    cursor: v.optional(Cursor),
    order: v.optional(Order, "desc"),
  }),
  v.check(
    (query) => LOOKUPS.filter((name) => query[name] !== undefined).length === 1,
    `Name exactly one of ${LOOKUPS.join(", ")}.`,
  ),
);
