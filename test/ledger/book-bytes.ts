/** Records of a test's book as a ledger keeps them: bytes of the contract. */
import { create, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { type Command, type Payload } from "../../src/ledger/index.ts";
import { encodeEvent, encodeOutcome } from "../../src/wire/index.ts";
import { EventSchema } from "../../src/wire/gen/countroom/v1/event_pb.ts";
import type { BookRecord } from "./book.ts";

const PAYLOADS = new Map(
  EventSchema.fields.filter(({ oneof }) => oneof !== undefined).map((field) => [field.name, field]),
);

/** A record's bytes. */
export interface RecordBytes {
  readonly seq: number;
  readonly event: Uint8Array;
  readonly outcome: Uint8Array;
}

export function recordBytes({ command, outcome }: BookRecord): RecordBytes {
  return { seq: outcome.seq, event: eventBytes(command), outcome: encodeOutcome(outcome, command) };
}

/** An event with the command's ids and payload. */
export function eventBytes({ payload, ...ids }: Command): Uint8Array {
  const field = PAYLOADS.get(payload.type);
  if (field?.message === undefined) throw new Error(`no message of ${payload.type}`);
  const value = messageOf(field.message, valuesOf(payload));
  const event = { ...ids, payload: { case: field.localName, value } };
  return encodeEvent(event as Parameters<typeof encodeEvent>[0]);
}

type Values = Readonly<Record<string, unknown>>;

/** Facts keep the contract's own names; dice is the one game. */
function valuesOf(payload: Payload): Values {
  if ("fields" in payload) return payload.fields;
  if (payload.type !== "house_round") return payload as unknown as Values;
  const { type: game, ...value } = payload.game;
  return { stake: payload.stake, [game]: value };
}

function messageOf(schema: DescMessage, values: Values): object {
  const init: Record<string, unknown> = {};
  for (const field of schema.fields) {
    const value = values[field.localName] ?? values[field.name];
    if (value === undefined) continue;
    if (field.oneof !== undefined) {
      init[field.oneof.localName] = { case: field.localName, value };
    } else init[field.localName] = isWide(field) ? BigInt(value as number | bigint) : value;
  }
  return create(schema, init);
}

function isWide(field: DescField): boolean {
  if (field.fieldKind !== "scalar") return false;
  const { scalar } = field;
  return [ScalarType.INT64, ScalarType.UINT64, ScalarType.SINT64].includes(scalar);
}
