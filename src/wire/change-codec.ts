/**
 * What records leave objects as, between the ledger's values and their messages. The ledger's names
 * are those of the contract's fields, but for `ref`, which is `player_ref`.
 *
 * @module
 */
import {
  create,
  fromBinary,
  ScalarType,
  toBinary,
  type DescField,
  type DescMessage,
} from "@bufbuild/protobuf";
import type { Change } from "../ledger/index.ts";
import { ChangeSchema, type Change as ChangeMessage } from "./gen/countroom/v1/object_pb.ts";
import { safeNumber } from "./safe-number.ts";

/** By the ledger's name of an object: the contract's field. */
const CASES = {
  hold: "hold",
  deposit: "deposit",
  bonus: "bonus",
  debt: "debt",
  rules: "rules",
  velocity: "velocityRule",
} as const satisfies Record<Change["object"], NonNullable<ChangeMessage["object"]["case"]>>;

const OBJECTS = new Map(Object.entries(CASES).map(([object, name]) => [name as string, object]));

type Values = Readonly<Record<string, unknown>>;

/** The bytes of a change, as an outcome holds them. */
export function encodeChange(change: Change): Uint8Array {
  const name = CASES[change.object];
  const value = messageOf(schemaOf(name), change as unknown as Values);
  const object = { case: name, value } as unknown as ChangeMessage["object"];
  return toBinary(ChangeSchema, create(ChangeSchema, { object }));
}

/** A change from its message. Throws when it names no object known here. */
export function changeFrom(message: ChangeMessage): Change {
  const { case: name, value } = message.object;
  const object = OBJECTS.get(name ?? "");
  if (name === undefined || object === undefined) throw new TypeError("a change of no object");
  const values = valuesOf(schemaOf(name), value as unknown as Values);
  return { object, ...values } as unknown as Change;
}

/** A change from its bytes. */
export function decodeChange(bytes: Uint8Array): Change {
  return changeFrom(fromBinary(ChangeSchema, bytes));
}

function schemaOf(name: keyof typeof ChangeSchema.field): DescMessage {
  const { message } = ChangeSchema.field[name];
  if (message === undefined) throw new TypeError(`${name} is no object`);
  return message;
}

function messageOf(schema: DescMessage, values: Values): object {
  const init: Record<string, unknown> = {};
  for (const field of schema.fields) {
    const value = values[nameOf(field)];
    if (field.fieldKind === "list") {
      const inner = innerOf(field);
      init[field.localName] = (value as readonly Values[]).map((one) => messageOf(inner, one));
    } else init[field.localName] = isWide(field) ? BigInt(value as number | bigint) : value;
  }
  return create(schema, init);
}

function valuesOf(schema: DescMessage, message: Values): Values {
  const values: Record<string, unknown> = {};
  for (const field of schema.fields) {
    const value = message[field.localName];
    if (field.fieldKind === "list") {
      const inner = innerOf(field);
      values[nameOf(field)] = (value as readonly Values[]).map((one) => valuesOf(inner, one));
    } else values[nameOf(field)] = isCount(field) ? safeNumber(value as bigint) : value;
  }
  return values;
}

function nameOf(field: DescField): string {
  return field.localName === "playerRef" ? "ref" : field.localName;
}

function innerOf(field: DescField): DescMessage {
  if (field.fieldKind === "list" && field.listKind === "message") return field.message;
  throw new TypeError(`${field.name} has no form in the ledger`);
}

function isWide(field: DescField): boolean {
  if (field.fieldKind !== "scalar") return false;
  return field.scalar === ScalarType.INT64 || field.scalar === ScalarType.UINT64;
}

/** Times and counts are numbers in the ledger, amounts bigints. */
function isCount(field: DescField): boolean {
  if (field.fieldKind !== "scalar") return false;
  if (field.scalar === ScalarType.UINT64) return true;
  return field.scalar === ScalarType.INT64 && /_(at|until)$/.test(field.name);
}
