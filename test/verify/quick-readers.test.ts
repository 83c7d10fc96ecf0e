/**
 * Goal: the audit's own readers say exactly what the generated ones say, whatever the bytes.
 * Method: random messages of every payload, detail and change that the contract has, then the same
 * bytes with a bit flipped, cut, or with something appended; both readers have to agree.
 */
import { expect, test } from "bun:test";
import { create, type DescField, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import { RecordReader } from "../../src/verify/entry.ts";
import { type Event, EventSchema } from "../../src/wire/gen/countroom/v1/event_pb.ts";
import { type Outcome, OutcomeSchema } from "../../src/wire/gen/countroom/v1/record_pb.ts";

const SEED = Number(process.env["SEED"] ?? Math.floor(performance.now() * 1_000) % 2 ** 31);
console.log(`quick readers: seed ${SEED}`);
let state = SEED >>> 0;

/** The next pseudo-random whole number below `n`. */
function below(n: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * n);
}

const pick = <T>(values: readonly T[]): T => values[below(values.length)] as T;

function scalar(type: ScalarType): unknown {
  switch (type) {
    case ScalarType.STRING:
      return pick(["", "a", "demo", "FUN", "0192", "x".repeat(140), "ünï", "\u{FEFF}b", "€"]);
    case ScalarType.BYTES:
      return new Uint8Array(below(40)).fill(below(256));
    case ScalarType.BOOL:
      return below(2) === 1;
    case ScalarType.INT64:
    case ScalarType.SINT64:
      return pick([
        0n,
        1n,
        -1n,
        127n,
        128n,
        2n ** 53n,
        2n ** 53n - 1n,
        -(2n ** 63n),
        2n ** 63n - 1n,
      ]);
    case ScalarType.UINT64:
      return pick([0n, 1n, 300n, 2n ** 53n + 1n, 2n ** 64n - 1n]);
    case ScalarType.INT32:
      return pick([0, 1, -1, 2 ** 31 - 1]);
    default:
      return pick([0, 1, 127, 128, 2 ** 31, 2 ** 32 - 1]);
  }
}

function valueOf(field: DescField, depth: number): unknown {
  if (field.fieldKind === "list") {
    return Array.from({ length: below(3) }, () =>
      field.listKind === "message"
        ? random(field.message, depth + 1)
        : field.listKind === "enum"
          ? below(5)
          : scalar(field.scalar),
    );
  }
  if (field.fieldKind === "message") return random(field.message, depth + 1);
  if (field.fieldKind === "enum") return pick([0, 1, 2, 3, 200]);
  return field.fieldKind === "scalar" ? scalar(field.scalar) : undefined;
}

/** A message with some of its fields, and one of each choice unless `chosen` is given. */
function random(desc: DescMessage, depth = 0, chosen?: DescField): unknown {
  const init: Record<string, unknown> = {};
  for (const field of desc.fields) {
    if (field.oneof !== undefined || depth > 4 || below(4) === 0) continue;
    init[field.localName] = valueOf(field, depth);
  }
  for (const choice of desc.oneofs) {
    const field = chosen?.oneof === choice ? chosen : pick(choice.fields);
    init[choice.localName] = { case: field.localName, value: valueOf(field, depth) };
  }
  return create(desc, init as never);
}

/** All fields by name, those that are read late included. */
function plain(value: unknown, desc?: DescMessage): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (typeof value === "bigint") return `${value}n`;
  if (Array.isArray(value)) return value.map((each) => plain(each));
  if (typeof value !== "object" || value === null) return value;
  const names = desc === undefined ? Object.keys(value) : fieldNames(desc);
  const fields = names
    .filter((name) => !name.startsWith("$"))
    .map((name) => [name, plain((value as Record<string, unknown>)[name])])
    .filter(([, each]) => each !== undefined);
  return Object.fromEntries(fields);
}

function fieldNames(desc: DescMessage): string[] {
  const own = desc.fields.filter(({ oneof }) => oneof === undefined);
  return [...own, ...desc.oneofs].map(({ localName }) => localName);
}

const hasUnknown = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  !(value instanceof Uint8Array) &&
  (((value as { $unknown?: unknown[] }).$unknown?.length ?? 0) > 0 ||
    Object.values(value).some(hasUnknown));

const reader = new RecordReader();

/** What both readers say of the bytes. */
function compare(event: Uint8Array, outcome: Uint8Array): void {
  const own = reader.read({ seq: 1, event, outcome });
  let read: { event: Event; outcome: Outcome } | undefined;
  try {
    read = { event: fromBinary(EventSchema, event), outcome: fromBinary(OutcomeSchema, outcome) };
  } catch {
    expect(typeof own).toBe("string");
    return;
  }
  if (read.event.payload.case === undefined) {
    expect(typeof own).toBe("string");
    return;
  }
  if (typeof own === "string") throw new Error(own);
  expect(plain(own.event, EventSchema)).toEqual(plain(read.event, EventSchema));
  expect(plain(own.outcome, OutcomeSchema)).toEqual(plain(read.outcome, OutcomeSchema));
  expect(own.unknownFields).toBe(hasUnknown(read.event) || hasUnknown(read.outcome));
}

const PAYLOADS = EventSchema.fields.filter(({ oneof }) => oneof !== undefined);
const TIMES = 12;

test(`${PAYLOADS.length} payloads, whole and damaged`, () => {
  for (const payload of PAYLOADS) {
    for (let time = 0; time < TIMES; time += 1) {
      const event = toBinary(EventSchema, random(EventSchema, 0, payload) as Event);
      const outcome = toBinary(OutcomeSchema, random(OutcomeSchema) as Outcome);
      compare(event, outcome);
      const flipped = [event, outcome].map((bytes) => {
        const copy = bytes.slice();
        if (copy.length > 0) copy[below(copy.length)]! ^= 1 << below(8);
        return copy;
      }) as [Uint8Array, Uint8Array];
      compare(flipped[0], outcome);
      compare(event, flipped[1]);
      compare(event.subarray(0, below(event.length + 1)), outcome);
      compare(event, outcome.subarray(0, below(outcome.length + 1)));
      compare(Buffer.concat([event, event]), Buffer.concat([outcome, flipped[1]]));
    }
  }
});
