/**
 * Goal: every type of event that the contract names is read, in both encodings, and nothing of it
 * is lost on the way to the rules.
 * Method: a sample of each payload is made from the contract's own description, with every field
 * set; then each field is spoiled, left out, doubled and followed by an unknown one.
 */
import { describe, expect, test } from "bun:test";
import {
  create,
  fromBinary,
  ScalarType,
  toBinary,
  toJson,
  type DescField,
  type DescMessage,
} from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type Change, NOTES, PAYLOAD_TYPES, type RequiredId } from "../../src/ledger/index.ts";
import { codeName, decodeEvent, eventFromJson } from "../../src/wire/index.ts";
import { changeFrom, decodeChange, encodeChange } from "../../src/wire/change-codec.ts";
import { EventSchema, type Event } from "../../src/wire/gen/countroom/v1/event_pb.ts";
import { ChangeSchema } from "../../src/wire/gen/countroom/v1/object_pb.ts";
import { EVENT_ID, PLAYER, TRACE } from "./events.ts";

const TYPES = EventSchema.fields.filter((field) => field.oneof?.name === "payload");
const names = TYPES.map((field) => [field.name, field] as const);

/** The primary writes these itself, with contents of their own. */
const OWN: ReadonlySet<string> = new Set(["epoch_started", "key_rotated"]);

function sampleOf(schema: DescMessage): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const field of schema.fields) {
    const place = field.oneof === undefined ? field.localName : field.oneof.localName;
    const sample = sampleField(field);
    value[place] = field.oneof === undefined ? sample : { case: field.localName, value: sample };
  }
  return value;
}

function sampleField(field: DescField): unknown {
  switch (field.fieldKind) {
    case "message":
      return create(field.message, sampleOf(field.message));
    case "enum":
      return field.enum.values.at(-1)!.number;
    case "list":
      return field.listKind === "message"
        ? [create(field.message, sampleOf(field.message))]
        : ["first", "second"];
    case "scalar":
      return sampleScalar(field.scalar, field.name);
    default:
      throw new TypeError(`${field.name} has no sample`);
  }
}

function sampleScalar(type: ScalarType, name: string): unknown {
  switch (type) {
    case ScalarType.STRING:
      return name === "currency" ? "EUR" : name === "reign" ? TRACE : `a-${name}`;
    case ScalarType.BOOL:
      return true;
    case ScalarType.BYTES:
      return new Uint8Array(32).fill(7);
    case ScalarType.UINT32:
      return 5;
    default:
      return 1_234_567n;
  }
}

function eventOf(field: DescField, value?: Record<string, unknown>): Event {
  return create(EventSchema, {
    eventId: EVENT_ID,
    idempotencyKey: "key-1",
    playerRef: PLAYER,
    roundId: "round-1",
    txnId: "txn-1",
    gameId: "game-1",
    sessionId: "session-1",
    traceId: TRACE,
    buildHash: "build-1",
    actor: { kind: "person", id: "a" },
    payload: { case: field.localName, value: value ?? sampleOf(field.message!) } as never,
  });
}

const bytesOf = (event: Event): Uint8Array => toBinary(EventSchema, event);

function verdict(bytes: Uint8Array): string {
  const decoded = decodeEvent(bytes);
  return decoded.ok ? "ok" : `${codeName(decoded.code)} ${decoded.field}`.trim();
}

/** `{minor, currency}` of the ledger or a message, numbers and bigints alike, as one text. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint" || typeof value === "number") return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => !name.startsWith("$"));
  return Object.fromEntries(entries.map(([name, inner]) => [name, plain(inner)]));
}

test("the rules and the contract name the same types", () => {
  expect(PAYLOAD_TYPES.map(String).sort()).toEqual(TYPES.map(({ name }) => name).sort());
});

describe.each(names)("%s", (name, field) => {
  test("arrives with every field", () => {
    const event = eventOf(field);
    const decoded = decodeEvent(bytesOf(event));
    if (!decoded.ok) throw new Error(decoded.message);
    const { type, ...payload } = decoded.command.payload;
    expect(type).toBe(name as never);
    if (name === "house_round" || OWN.has(name)) return;
    const sample = sampleOf(field.message!);
    const fields = "fields" in payload ? payload.fields : payload;
    const told = field.message!.fields.map((one) => [
      "fields" in payload ? one.name : one.localName,
      plain(sample[one.localName]),
    ]);
    const needed = "fields" in payload ? NOTES[name as keyof typeof NOTES] : [];
    const ids = { session_id: "session-1", build_hash: "build-1", actor: "a" };
    const carried = Object.entries(ids).filter(([id]) => needed.includes(id as never));
    expect(plain(fields)).toEqual(Object.fromEntries([...carried, ...told]));
  });

  test("means the same in JSON", () => {
    const event = eventOf(field);
    const json = toJson(EventSchema, event, { useProtoFieldName: true });
    const read = eventFromJson(JSON.parse(JSON.stringify(json)));
    const decoded = decodeEvent(bytesOf(event));
    if (!read.ok) throw new Error(read.message);
    expect(decoded.ok && decoded.command).toEqual(read.command);
  });

  test("with an unknown field, or a field twice, is refused", () => {
    const known = toBinary(field.message!, create(field.message!, sampleOf(field.message!)));
    const wrap = (payload: Uint8Array): Uint8Array => {
      const { payload: _, ...rest } = eventOf(field);
      const writer = new BinaryWriter();
      writer.raw(
        toBinary(EventSchema, create(EventSchema, { ...rest, payload: { case: undefined } })),
      );
      return writer.tag(field.number, WireType.LengthDelimited).bytes(payload).finish();
    };
    expect(verdict(wrap(known))).toBe("ok");
    const unknown = new BinaryWriter().raw(known).tag(99, WireType.Varint).uint32(1).finish();
    expect(verdict(wrap(unknown))).toBe(`EVENT_UNKNOWN_FIELD ${name}.99`);
    const single = field.message!.fields.find((one) => one.fieldKind !== "list");
    if (single === undefined) return;
    const twice = new BinaryWriter().raw(known).raw(known).finish();
    expect(verdict(wrap(twice))).toStartWith(`EVENT_MALFORMED ${name}.`);
  });

  test("texts that don't print and unknown enum values are refused", () => {
    if (OWN.has(name)) return;
    for (const one of field.message!.fields) {
      const sample = sampleOf(field.message!);
      if (one.fieldKind === "enum") sample[one.localName] = 77;
      else if (one.fieldKind === "list") sample[one.localName] = ["fine", "a\u0000b"];
      else if (one.fieldKind === "scalar" && one.scalar === ScalarType.STRING) {
        sample[one.localName] = "a\u0000b";
      } else continue;
      const bytes = bytesOf(eventOf(field, sample));
      expect(verdict(bytes)).toBe(`EVENT_FIELD_INVALID ${name}.${one.name}`);
    }
  });
});

test.each(Object.entries(NOTES))("%s isn't taken without the ids that it needs", (type, ids) => {
  const field = TYPES.find(({ name }) => name === type)!;
  const slots = { build_hash: "buildHash", session_id: "sessionId", trace_id: "traceId" } as const;
  const more = { round_id: "roundId", txn_id: "txnId", game_id: "gameId" } as const;
  for (const id of ids as readonly RequiredId[]) {
    if (id === "player_ref") continue;
    const event = eventOf(field);
    if (id === "actor") delete event.actor;
    else event[{ ...slots, ...more }[id]] = "";
    expect(verdict(bytesOf(event))).toBe(`EVENT_FIELD_MISSING ${id}`);
  }
});

test.each(ChangeSchema.fields.map((field) => [field.name, field] as const))(
  "what a record leaves a %s as survives its bytes",
  (_name, field) => {
    const value = create(field.message!, sampleOf(field.message!));
    const message = create(ChangeSchema, { object: { case: field.localName, value } as never });
    const change: Change = changeFrom(message);
    expect(decodeChange(encodeChange(change))).toEqual(change);
    const again = fromBinary(ChangeSchema, encodeChange(change));
    expect(toBinary(ChangeSchema, again)).toEqual(toBinary(ChangeSchema, message));
  },
);
