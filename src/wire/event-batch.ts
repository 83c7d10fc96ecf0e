/**
 * Request bodies: one or many events. Whether a single event is good is not judged here, so that a
 * bad one refuses itself and never its neighbours.
 *
 * @module
 */
import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { Code } from "../ledger/index.ts";
import { refuse, type Refusal } from "./event-command.ts";
import { ReceiptBatchSchema, type Receipt } from "./gen/countroom/v1/record_pb.ts";
import { BATCH_EVENTS_MAX, JSON_DEPTH_MAX } from "./limits.ts";
import { parseStrictJson } from "./strict-json.ts";

/** The events of a body, each still to be decoded. */
export interface Batch<Item> {
  readonly ok: true;
  readonly items: readonly Item[];
  /** The body was one event by itself: so is the answer. */
  readonly single: boolean;
}

/** Field number of `EventBatch.events`. */
const EVENTS_FIELD = 1;

/** Cuts an encoded `EventBatch` into the bytes of its events, which are left as they are. */
export function eventsOfBinary(bytes: Uint8Array): Batch<Uint8Array> | Refusal {
  const items: Uint8Array[] = [];
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < bytes.length) {
      const [no, wireType] = reader.tag();
      if (no !== EVENTS_FIELD || wireType !== WireType.LengthDelimited) {
        return refuse(Code.REQUEST_INVALID, String(no), `field ${no} is not known in a batch`);
      }
      items.push(reader.bytes());
      if (items.length > BATCH_EVENTS_MAX) return tooMany();
    }
  } catch {
    return refuse(Code.REQUEST_MALFORMED, "", "the body is not a Protobuf EventBatch");
  }
  return items.length === 0 ? empty() : { ok: true, items, single: false };
}

/** The events of a JSON body: one object, an array, or `{"events": […]}`. */
export function eventsOfJson(text: string): Batch<unknown> | Refusal {
  const parsed = parseStrictJson(text, JSON_DEPTH_MAX);
  if (!parsed.ok) return refuse(Code.REQUEST_MALFORMED, "", parsed.message);
  const { value } = parsed;
  if (typeof value !== "object" || value === null) {
    return refuse(Code.REQUEST_INVALID, "", "the body is neither an event nor a list of events");
  }
  const items = listOf(value);
  if (items === undefined) return { ok: true, items: [value], single: true };
  if (!Array.isArray(items)) return refuse(Code.REQUEST_INVALID, "events", "events is not a list");
  const stray = Array.isArray(value)
    ? undefined
    : Object.keys(value).find((key) => key !== "events");
  if (stray !== undefined) {
    return refuse(Code.REQUEST_INVALID, stray.slice(0, 64), "a batch has events and nothing else");
  }
  if (items.length === 0) return empty();
  return items.length > BATCH_EVENTS_MAX ? tooMany() : { ok: true, items, single: false };
}

/** The value that should be the list of events, or undefined when the body is an event itself. */
function listOf(value: object): unknown {
  if (Array.isArray(value)) return value;
  return Object.hasOwn(value, "events") ? (value as { events: unknown }).events : undefined;
}

function empty(): Refusal {
  return refuse(Code.REQUEST_INVALID, "events", "the body holds no event");
}

function tooMany(): Refusal {
  const message = `a request has at most ${BATCH_EVENTS_MAX} events`;
  return refuse(Code.REQUEST_TOO_MANY_EVENTS, "events", message);
}

/** The encoded `ReceiptBatch` that answers a binary body. */
export function encodeReceiptBatch(receipts: readonly Receipt[]): Uint8Array {
  return toBinary(ReceiptBatchSchema, create(ReceiptBatchSchema, { receipts: [...receipts] }));
}
