/**
 * Which code applies when several would: the first one in the command's row.
 *
 * Before these come, without a record: rights (`ACCESS_*`), the event's form and fields
 * (`validate`, in field order), and its key (`KEY_CONFLICT`). The rows follow one order: who it is
 * about, which bet, round or object, standing, limits, funds, capacity.
 *
 * @module
 */
import type { Code } from "./codes.ts";
import { PAYLOAD_TYPES, ruleOf } from "./rules.ts";
import type { PayloadType } from "./types.ts";

/** Codes that `decide` can find, by type of command, in the order it finds them. */
export const PRECEDENCE: Readonly<Record<PayloadType, readonly Code[]>> = Object.freeze(
  Object.fromEntries(PAYLOAD_TYPES.map((type) => [type, ruleOf(type)?.codes ?? []])) as Record<
    PayloadType,
    readonly Code[]
  >,
);
