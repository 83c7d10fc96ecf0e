/**
 * A reader for ordinary events, the writer's hottest function.
 *
 * It takes one pass over the bytes and knows only what ordinary events look like: every message at
 * most once, ids of printable ASCII, numbers below 2^53. Anything else makes it give up, and the
 * generated decoder with its checks, seven times slower (measured), judges. So this accepts a
 * subset of what those accept, with the same result; the tests hold one against the other.
 *
 * @module
 */
import type { Payload } from "../ledger/index.ts";
import type { Event, Origin } from "./gen/countroom/v1/event_pb.ts";
import { ID_BYTES_MAX, KEY_BYTES_MAX, NAME_BYTES_MAX, SCHEMA_VERSION_MAX } from "./limits.ts";
import { readPayload } from "./payload-reader.ts";
import { PlainReader } from "./plain-reader.ts";

/** An ordinary event, and the payload of its command. */
export interface OrdinaryEvent {
  readonly event: Event;
  readonly payload: Payload;
}

const HIGHEST_SURFACE = 5;
/** The first tag of field 32. */
const ENVELOPE_TAGS_END = 256;
/** One for all: reading is synchronous. */
const shared = new PlainReader();

/** Reads an ordinary event, or gives up. `event_id` may be empty when `eventIdOptional`. */
export function readOrdinaryEvent(
  bytes: Uint8Array,
  eventIdOptional: boolean,
): OrdinaryEvent | undefined {
  shared.begin(bytes);
  const event = emptyEvent();
  const payload = readFields(shared, event, bytes.length);
  if (!shared.plain || payload === undefined || event.idempotencyKey === "") return undefined;
  if (event.eventId === "" && !eventIdOptional) return undefined;
  return { event, payload };
}

function emptyEvent(): Event {
  return {
    $typeName: "countroom.v1.Event",
    eventId: "",
    occurredAt: 0n,
    traceId: "",
    operatorId: "",
    source: "",
    idempotencyKey: "",
    playerRef: "",
    roundId: "",
    txnId: "",
    gameId: "",
    buildHash: "",
    causationId: "",
    sessionId: "",
    jurisdiction: "",
    surface: 0,
    schemaVersion: 0,
    payload: { case: undefined },
  };
}

/**
 * Tags are field number × 8 + wire type: 0 varint, 2 length-delimited. Below 32 a field's number is
 * its bit in `seen`; payloads are numbered higher and counted by themselves.
 */
function readFields(reader: PlainReader, event: Event, end: number): Payload | undefined {
  let payload: Payload | undefined;
  let seen = 0;
  while (reader.at < end && reader.plain) {
    const tag = reader.number();
    if (tag < ENVELOPE_TAGS_END) {
      const bit = 1 << (tag >> 3);
      if ((seen & bit) !== 0) return reader.giveUp();
      seen |= bit;
    }
    switch (tag) {
      case 10:
        event.eventId = reader.uuidV7();
        break;
      case 16:
        event.occurredAt = BigInt(reader.number());
        break;
      case 26:
        event.traceId = reader.hex32();
        break;
      case 34:
        event.operatorId = reader.text(NAME_BYTES_MAX);
        break;
      case 42:
        event.source = reader.text(NAME_BYTES_MAX);
        break;
      case 50:
        event.idempotencyKey = reader.text(KEY_BYTES_MAX);
        break;
      case 58:
        event.playerRef = reader.uuidV7();
        break;
      case 66:
        event.roundId = reader.text(ID_BYTES_MAX);
        break;
      case 74:
        event.txnId = reader.text(ID_BYTES_MAX);
        break;
      case 82:
        event.gameId = reader.text(ID_BYTES_MAX);
        break;
      case 90:
        event.buildHash = reader.text(ID_BYTES_MAX);
        break;
      case 98:
        event.origin = readOrigin(reader);
        break;
      case 106:
        event.causationId = reader.text(ID_BYTES_MAX);
        break;
      case 114:
        event.sessionId = reader.text(ID_BYTES_MAX);
        break;
      case 122:
        event.jurisdiction = reader.text(NAME_BYTES_MAX);
        break;
      case 128:
        event.surface = reader.upTo(HIGHEST_SURFACE) as Event["surface"];
        break;
      case 144:
        event.schemaVersion = reader.upTo(SCHEMA_VERSION_MAX);
        break;
      default:
        if (payload !== undefined) return reader.giveUp();
        payload = readPayload(reader, event, tag);
    }
  }
  // A length that reaches beyond the end is damage, which the slow way names.
  return reader.at === end ? payload : undefined;
}

function readOrigin(reader: PlainReader): Origin {
  const end = reader.end();
  const origin: Origin = {
    $typeName: "countroom.v1.Origin",
    edgeId: "",
    region: "",
    edgeSeq: 0n,
  };
  for (let last = 0, tag = 0; reader.at < end && reader.plain; last = tag) {
    tag = reader.after(last);
    if (tag === 10) origin.edgeId = reader.text(NAME_BYTES_MAX);
    else if (tag === 18) origin.region = reader.text(NAME_BYTES_MAX);
    else if (tag === 24) origin.edgeSeq = BigInt(reader.number());
    else reader.giveUp();
  }
  if (reader.at !== end) reader.giveUp();
  return origin;
}
