/**
 * Finds what an event's bytes hold and its message doesn't: fields that this build doesn't know,
 * fields given twice, payloads that a later one replaces, bits beyond a number's. They would be
 * stored and hashed unseen, so they are refused: whoever adds a field deploys the primary first.
 *
 * The bytes are walked rather than the decoded message, in which none of it leaves a trace.
 *
 * @module
 */
import { ScalarType, type DescField, type DescMessage } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { Code } from "../ledger/index.ts";
import { refuse, type Refusal } from "./event-command.ts";

/** Payloads are numbered from here on; an unknown one is a type of event from the future. */
const PAYLOAD_FIELD_MIN = 100;

/** The refusal for the first stray field, or undefined. Throws when the bytes aren't Protobuf. */
export function strayField(schema: DescMessage, bytes: Uint8Array): Refusal | undefined {
  return walk(schema, new BinaryReader(bytes), bytes.length, "");
}

function walk(
  schema: DescMessage,
  reader: BinaryReader,
  end: number,
  path: string,
): Refusal | undefined {
  const fields = fieldsOf(schema);
  const seen = new Set<string>();
  while (reader.pos < end) {
    const [no, wireType] = reader.tag();
    const field = fields.get(no);
    if (field === undefined) return unknown(no, path);
    const name = `${path}${field.name}`;
    if (wireType !== wireTypeOf(field)) {
      return refuse(Code.EVENT_MALFORMED, name, `${name} is not encoded as the contract says`);
    }
    const place = field.oneof?.name ?? field.name;
    if (seen.has(place) && field.fieldKind !== "list") {
      const message = `${name} is given although ${path}${place} was given before`;
      return refuse(Code.EVENT_MALFORMED, name, message);
    }
    seen.add(place);
    if (field.message === undefined) {
      if (wireType !== WireType.Varint) reader.skip(wireType, no);
      else if (!fits(field, BigInt(reader.uint64()))) {
        return refuse(Code.EVENT_MALFORMED, name, `${name} has bits that its type doesn't`);
      }
      continue;
    }
    const length = reader.uint32();
    const inner = reader.pos + length;
    if (inner > end) throw new RangeError("a message reaches beyond the one that holds it");
    const stray = walk(field.message, reader, inner, `${name}.`);
    if (stray !== undefined) return stray;
  }
  if (reader.pos !== end) throw new RangeError("a field reaches beyond its message");
  return undefined;
}

function unknown(no: number, path: string): Refusal {
  if (path === "" && no >= PAYLOAD_FIELD_MIN) {
    const message = `payload ${no} is not known to this build`;
    return refuse(Code.EVENT_TYPE_UNKNOWN, "payload", message);
  }
  const name = `${path}${no}`;
  return refuse(Code.EVENT_UNKNOWN_FIELD, name, `field ${name} is not known to this build`);
}

const UINT32_MAX = 2n ** 32n - 1n;
const I32_MAX = 2n ** 31n - 1n;
const NEGATIVE_I32_MIN = 2n ** 64n - 2n ** 31n;

/** Whether a type holds all bits of a value: decoders drop the rest in silence. */
function fits(field: DescField, value: bigint): boolean {
  if (field.fieldKind === "enum") return value <= I32_MAX || value >= NEGATIVE_I32_MIN;
  if (field.scalar === ScalarType.BOOL) return value <= 1n;
  return field.scalar !== ScalarType.UINT32 || value <= UINT32_MAX;
}

const known = new WeakMap<DescMessage, ReadonlyMap<number, DescField>>();

function fieldsOf(schema: DescMessage): ReadonlyMap<number, DescField> {
  let fields = known.get(schema);
  if (fields === undefined) {
    fields = new Map(schema.fields.map((field) => [field.number, field]));
    known.set(schema, fields);
  }
  return fields;
}

/** Events repeat texts only, and have no fixed-width or floating fields; tests make sure. */
function wireTypeOf(field: DescField): WireType {
  if (field.fieldKind === "message" || field.fieldKind === "list") return WireType.LengthDelimited;
  if (field.fieldKind === "enum") return WireType.Varint;
  const wide = field.scalar === ScalarType.STRING || field.scalar === ScalarType.BYTES;
  return wide ? WireType.LengthDelimited : WireType.Varint;
}
