/** Changes one field of a record, whatever it is. */
import {
  type DescField,
  type DescMessage,
  fromBinary,
  ScalarType,
  toBinary,
} from "@bufbuild/protobuf";
import { EventSchema } from "../../src/wire/gen/countroom/v1/event_pb.ts";
import { OutcomeSchema } from "../../src/wire/gen/countroom/v1/record_pb.ts";
import type { RecordBytes } from "../ledger/book-bytes.ts";

/** An integer from 0 to `below` - 1. */
export type Random = (below: number) => number;

/** A changed record, and the path of the field. */
export interface Mutated {
  readonly record: RecordBytes;
  readonly path: string;
}

type Values = Record<string, unknown>;

/** A place in a message where one value can be changed. */
interface Place {
  readonly path: string;
  change(random: Random): void;
}

/** Changes some field of an event or, more often, of an outcome. */
export function mutate(record: RecordBytes, random: Random): Mutated {
  const part = random(3) === 0 ? "event" : "outcome";
  const count = opened(record, part).places.length;
  return mutated(record, part, random(count), random);
}

/** Changes each field of a part once. */
export function* mutations(record: RecordBytes, part: Part): Generator<Mutated> {
  const count = opened(record, part).places.length;
  for (let at = 0; at < count; at += 1) yield mutated(record, part, at, () => 0);
}

type Part = "event" | "outcome";

function opened(record: RecordBytes, part: Part) {
  const schema = (part === "event" ? EventSchema : OutcomeSchema) as typeof EventSchema;
  const message = fromBinary(schema, record[part]);
  const places = [...placesOf(schema, message as unknown as Values, part)];
  return { places, bytes: () => toBinary(schema, message) };
}

function mutated(record: RecordBytes, part: Part, at: number, random: Random): Mutated {
  const { places, bytes } = opened(record, part);
  const place = places[at]!;
  place.change(random);
  return { record: { ...record, [part]: bytes() }, path: place.path };
}

function* placesOf(schema: DescMessage, message: Values, path: string): Generator<Place> {
  for (const field of schema.fields) {
    const name = `${path}.${field.name}`;
    if (field.oneof !== undefined) {
      const choice = message[field.oneof.localName] as { case?: string; value?: Values };
      if (choice.case !== field.localName || field.message === undefined) continue;
      yield* placesOf(field.message, choice.value!, name);
    } else if (field.fieldKind === "list") {
      yield* inList(field, message[field.localName] as unknown[], name);
    } else if (field.fieldKind === "message") {
      const inner = message[field.localName] as Values | undefined;
      if (inner !== undefined) yield* placesOf(field.message, inner, name);
    } else {
      yield { path: name, change: (random) => change(message, field, random) };
    }
  }
}

function* inList(field: DescField, list: unknown[], path: string): Generator<Place> {
  for (const [at, one] of list.entries()) {
    if (field.message !== undefined) yield* placesOf(field.message, one as Values, path);
    yield { path: `${path} lost`, change: () => void list.splice(at, 1) };
  }
}

function change(message: Values, field: DescField, random: Random): void {
  const { localName: name } = field;
  const value = message[name];
  if (field.fieldKind === "enum") {
    const others = field.enum.values.map(({ number }) => number).filter((one) => one !== value);
    message[name] = others[random(others.length)];
  } else if (typeof value === "bigint") {
    const isSigned = field.fieldKind === "scalar" && field.scalar !== ScalarType.UINT64;
    message[name] = isSigned && value > 0n && random(2) === 0 ? value - 1n : value + 1n;
  } else if (typeof value === "number") message[name] = value + 1;
  else if (typeof value === "boolean") message[name] = !value;
  else if (typeof value === "string") message[name] = value === "" ? "x" : value.slice(1) + "y";
  else if (value instanceof Uint8Array) {
    const copy = Uint8Array.from(value.length === 0 ? [0] : value);
    copy[random(copy.length)]! ^= 1;
    message[name] = copy;
  }
}
