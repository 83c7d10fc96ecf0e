/**
 * Reads Protobuf messages from JSON more strictly than ProtoJSON asks: 64-bit integers are decimal
 * strings and nothing else, null is no value, nothing unknown is passed over.
 *
 * @module
 */
import { create, ScalarType, type DescField, type DescMessage } from "@bufbuild/protobuf";
import { Code } from "../ledger/index.ts";
import { LIST_ITEMS_MAX } from "./limits.ts";

/** Why a JSON value is not the message. Thrown and caught within this room. */
export class JsonFault extends Error {
  override readonly name = "JsonFault";
  readonly code: Code;
  /** Path in snake_case with dots. */
  readonly field: string;

  constructor(code: Code, field: string, message: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}

const INTEGER = /^(0|-?[1-9][0-9]{0,19})$/;
const I64_MIN = -(2n ** 63n);
const I64_MAX = 2n ** 63n - 1n;
const U64_MAX = 2n ** 64n - 1n;
const U32_MAX = 2 ** 32 - 1;

/** A message of JSON. Field names may be snake_case or camelCase. Throws a {@link JsonFault}. */
export function messageFromJson(schema: DescMessage, json: unknown, path: string): unknown {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw invalid(path, "is not an object");
  }
  const message = create(schema) as unknown as Record<string, unknown>;
  const fields = fieldsOf(schema);
  const given = new Set<string>();
  for (const [key, value] of Object.entries(json)) {
    const field = fields.get(key);
    if (field === undefined) {
      const name = join(path, key.slice(0, 64));
      throw new JsonFault(Code.EVENT_UNKNOWN_FIELD, name, `${name} is not known to this build`);
    }
    const name = join(path, field.name);
    const slot = field.oneof?.localName ?? field.localName;
    if (given.has(slot)) throw invalid(name, "is given beside its other name or its alternative");
    given.add(slot);
    const read = valueFrom(field, value, name);
    message[slot] = field.oneof === undefined ? read : { case: field.localName, value: read };
  }
  return message;
}

function valueFrom(field: DescField, json: unknown, name: string): unknown {
  if (field.fieldKind === "message") return messageFromJson(field.message, json, name);
  if (field.fieldKind === "enum") {
    const value = field.enum.values.find((one) => one.name === json);
    if (value === undefined) throw invalid(name, "is none of its names");
    return value.number;
  }
  if (field.fieldKind === "list" && field.listKind === "scalar") {
    if (!Array.isArray(json)) throw invalid(name, "is not a list");
    if (json.length > LIST_ITEMS_MAX) throw invalid(name, `has more than ${LIST_ITEMS_MAX} items`);
    return json.map((item) => scalarFrom(field.scalar, item, name));
  }
  if (field.fieldKind !== "scalar") throw invalid(name, "has no JSON form here");
  return scalarFrom(field.scalar, json, name);
}

function scalarFrom(type: ScalarType, json: unknown, name: string): unknown {
  switch (type) {
    case ScalarType.STRING:
      if (typeof json !== "string") throw invalid(name, "is not a string");
      return json;
    case ScalarType.BOOL:
      if (typeof json !== "boolean") throw invalid(name, "is not true or false");
      return json;
    case ScalarType.UINT32:
      if (typeof json !== "number" || !Number.isInteger(json) || json < 0 || json > U32_MAX) {
        throw invalid(name, "is not a whole number from 0 to 2^32 - 1");
      }
      return json;
    case ScalarType.INT64:
    case ScalarType.SINT64:
      return integerFrom(json, name, I64_MIN, I64_MAX);
    case ScalarType.UINT64:
      return integerFrom(json, name, 0n, U64_MAX);
    case ScalarType.BYTES:
      return bytesFrom(json, name);
    default:
      throw invalid(name, "has no JSON form here");
  }
}

function integerFrom(json: unknown, name: string, min: bigint, max: bigint): bigint {
  // A JSON number is a double to most readers; beyond 2^53 it would be another amount.
  if (typeof json !== "string") throw invalid(name, "is not a decimal string");
  if (!INTEGER.test(json)) throw invalid(name, "is not a decimal string of a whole number");
  const value = BigInt(json);
  if (value < min || value > max) throw invalid(name, "does not fit 64 bits");
  return value;
}

function bytesFrom(json: unknown, name: string): Uint8Array {
  if (typeof json !== "string") throw invalid(name, "is not base64");
  const bytes = Buffer.from(json, "base64");
  if (bytes.toString("base64") !== json) throw invalid(name, "is not base64");
  return new Uint8Array(bytes);
}

function invalid(name: string, why: string): JsonFault {
  return new JsonFault(
    Code.EVENT_FIELD_INVALID,
    name,
    `${name === "" ? "the event" : name} ${why}`,
  );
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

const known = new WeakMap<DescMessage, ReadonlyMap<string, DescField>>();

function fieldsOf(schema: DescMessage): ReadonlyMap<string, DescField> {
  let fields = known.get(schema);
  if (fields === undefined) {
    fields = new Map(
      schema.fields.flatMap((field) => [
        [field.name, field],
        [field.jsonName, field],
      ]),
    );
    known.set(schema, fields);
  }
  return fields;
}
