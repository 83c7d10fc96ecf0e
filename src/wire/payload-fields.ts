/**
 * Payloads from their messages, by the contract's own description: the ledger's names are those of
 * the contract's fields, so whatever the contract adds is read without a line here.
 *
 * | in the contract | in the ledger |
 * | --- | --- |
 * | Amount | Money, or undefined where it may be left out |
 * | int64 `…_minor`, `…_minor_max`, sint64 | bigint |
 * | other 64-bit integers (times, counts) | number from 0 to 2^53 - 1 |
 * | enum | its number; only some may be left out |
 *
 * @module
 */
import { ScalarType, type DescField, type DescMessage } from "@bufbuild/protobuf";
import { Code, NOTES, type Money, type NoteType, type Payload } from "../ledger/index.ts";
import { isPlainText } from "./check-text.ts";
import { refuse, type Refusal } from "./refusal.ts";
import { EventSchema, type Event } from "./gen/countroom/v1/event_pb.ts";
import type { Amount } from "./gen/countroom/v1/money_pb.ts";
import { BYTES_FIELD_MAX, ID_BYTES_MAX, LIST_ITEMS_MAX, NAME_BYTES_MAX } from "./limits.ts";

const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** Amounts whose absence means something. */
const OPTIONAL_AMOUNTS: ReadonlySet<string> = new Set([
  "withdrawal_submitted.amount",
  "withdrawal_settled.amount",
  "withdrawal_failed.amount",
  "withdrawal_released.amount",
  "limit_set.amount",
  "velocity_rule_set.amount_max",
]);
/** Enums whose zero means something. */
const OPTIONAL_ENUMS: ReadonlySet<string> = new Set(["bet_placed.funding", "limit_set.period"]);

const PAYLOADS: ReadonlyMap<string, DescField> = new Map(
  EventSchema.fields
    .filter((field) => field.oneof?.name === "payload")
    .map((field) => [field.localName, field]),
);

/** The payload of an event whose message has one. */
export function payloadFrom(payload: Event["payload"]): Payload | Refusal {
  const field = PAYLOADS.get(payload.case ?? "");
  if (field === undefined || payload.case === undefined || field.message === undefined) {
    return refuse(Code.EVENT_TYPE_UNKNOWN, "payload", "the event has no payload known here");
  }
  const isNote = field.name in NOTES;
  const read = fieldsFrom(field.message, payload.value, field.name, isNote);
  if ("refusal" in read) return read.refusal;
  if (isNote) return { type: field.name as NoteType, fields: read.fields as never };
  return { type: field.name, ...read.fields } as unknown as Payload;
}

type Fields = { readonly fields: Readonly<Record<string, unknown>> };

/** Facts keep the contract's names and leave out what is left out. */
function fieldsFrom(
  schema: DescMessage,
  message: object,
  path: string,
  isNote: boolean,
): Fields | { readonly refusal: Refusal } {
  const fields: Record<string, unknown> = {};
  for (const field of schema.fields) {
    const given = (message as Readonly<Record<string, unknown>>)[field.localName];
    const name = `${path}.${field.name}`;
    const read = valueFrom(field, given, name, isNote);
    if ("refusal" in read) return read;
    if (!isNote) fields[field.localName] = read.value;
    else if (isGiven(read.value)) fields[field.name] = read.value;
  }
  return { fields };
}

function isGiven(value: unknown): boolean {
  if (value === undefined || value === "" || value === 0 || value === 0n) return false;
  return value !== false && (value as { length?: number }).length !== 0;
}

type Read = { readonly value: unknown } | { readonly refusal: Refusal };

function valueFrom(field: DescField, given: unknown, name: string, isNote: boolean): Read {
  switch (field.fieldKind) {
    case "message":
      return amountFrom(given as Amount | undefined, name, isNote);
    case "enum":
      return enumFrom(field, given as number, name);
    case "list":
      return listFrom(given as readonly string[], name);
    case "scalar":
      return scalarFrom(field.scalar, given, name);
    default:
      throw new TypeError(`${name} has no form in the ledger`);
  }
}

function amountFrom(amount: Amount | undefined, name: string, isNote: boolean): Read {
  if (amount === undefined) {
    return isNote || OPTIONAL_AMOUNTS.has(name) ? { value: undefined } : missing(name);
  }
  if (!isPlainText(amount.currency, NAME_BYTES_MAX)) return unprintable(`${name}.currency`);
  const money: Money = { minor: amount.minor, currency: amount.currency };
  return { value: money };
}

function enumFrom(field: DescField, given: number, name: string): Read {
  if (field.fieldKind !== "enum") throw new TypeError(`${name} is no enum`);
  if (field.enum.value[given] === undefined) return invalid(name, "is none of its names");
  return given === 0 && !OPTIONAL_ENUMS.has(name) ? missing(name) : { value: given };
}

function listFrom(given: readonly string[], name: string): Read {
  if (given.length > LIST_ITEMS_MAX) return invalid(name, `has more than ${LIST_ITEMS_MAX} items`);
  const good = given.every((text) => text !== "" && isPlainText(text, ID_BYTES_MAX));
  return good ? { value: given } : unprintable(name);
}

function scalarFrom(type: ScalarType, given: unknown, name: string): Read {
  switch (type) {
    case ScalarType.STRING:
      return isPlainText(given as string, ID_BYTES_MAX) ? { value: given } : unprintable(name);
    case ScalarType.BYTES:
      if ((given as Uint8Array).length <= BYTES_FIELD_MAX) return { value: given };
      return invalid(name, `is longer than ${BYTES_FIELD_MAX} bytes`);
    case ScalarType.INT64:
      if (name.endsWith("_minor") || name.endsWith("_minor_max")) return { value: given };
      return countFrom(given as bigint, name);
    case ScalarType.UINT64:
      return countFrom(given as bigint, name);
    default:
      return { value: given };
  }
}

function countFrom(given: bigint, name: string): Read {
  if (given >= 0n && given <= SAFE_MAX) return { value: Number(given) };
  return invalid(name, "is not from 0 to 2^53 - 1");
}

function missing(name: string): Read {
  return { refusal: refuse(Code.EVENT_FIELD_MISSING, name, `${name} is missing`) };
}

function invalid(name: string, why: string): Read {
  return { refusal: refuse(Code.EVENT_FIELD_INVALID, name, `${name} ${why}`) };
}

function unprintable(name: string): Read {
  return invalid(name, "is too long, empty, or holds characters that don't print");
}
