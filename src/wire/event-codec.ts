/**
 * Events between their bytes and the ledger's commands.
 *
 * Protobuf is not canonical: an event is stored and hashed as the bytes that arrived. Nothing here
 * encodes an event again that somebody else has encoded.
 *
 * @module
 */
import { create, fromBinary, toBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { Code } from "../ledger/index.ts";
import {
  commandFrom,
  commandOf,
  refuse,
  type DecodedEvent,
  type DecodeOptions,
  type Refusal,
} from "./event-command.ts";
import { readOrdinaryEvent } from "./event-reader.ts";
import { EventSchema, type Event } from "./gen/countroom/v1/event_pb.ts";
import { EVENT_BYTES_MAX } from "./limits.ts";
import { strayField } from "./stray-field.ts";

/** Reads one event. Refuses what is malformed, too large, unknown to this build or ill-formed. */
export function decodeEvent(bytes: Uint8Array, options?: DecodeOptions): DecodedEvent | Refusal {
  if (bytes.length > EVENT_BYTES_MAX) {
    return refuse(Code.EVENT_TOO_LARGE, "", `an event has at most ${EVENT_BYTES_MAX} bytes`);
  }
  const ordinary = readOrdinaryEvent(bytes, options?.eventIdOptional === true);
  if (ordinary === undefined) return decodeAnyEvent(bytes, options);
  const { event, payload } = ordinary;
  return { ok: true, event, command: commandOf(event, payload, options?.caller) };
}

/** The slow way, which takes everything that is right and says what is wrong with the rest. */
export function decodeAnyEvent(bytes: Uint8Array, options?: DecodeOptions): DecodedEvent | Refusal {
  let event: Event;
  try {
    const stray = strayField(EventSchema, bytes);
    if (stray !== undefined) return stray;
    event = fromBinary(EventSchema, bytes);
  } catch {
    return refuse(Code.EVENT_MALFORMED, "", "the bytes are not a Protobuf event");
  }
  return commandFrom(event, options);
}

/** Encodes an event for the first time. */
export function encodeEvent(event: MessageInitShape<typeof EventSchema>): Uint8Array {
  return toBinary(EventSchema, create(EventSchema, event));
}
