/**
 * Reads events: what rules ask for at once, the rest when somebody asks for it.
 *
 * @module
 */
import { type DescMessage, fromBinary } from "@bufbuild/protobuf";
import { type Event, EventSchema } from "../wire/gen/countroom/v1/event_pb.ts";
import { type Cursor, UNUSUAL } from "./cursor.ts";
import { quickMessage } from "./quick-message.ts";

/** Tags of the envelope: number × 8 + wire type. */
const TAG = {
  EVENT_ID: 0x0a,
  OCCURRED_AT: 0x10,
  TRACE_ID: 0x1a,
  OPERATOR_ID: 0x22,
  SOURCE: 0x2a,
  IDEMPOTENCY_KEY: 0x32,
  PLAYER_REF: 0x3a,
  ROUND_ID: 0x42,
  TXN_ID: 0x4a,
  GAME_ID: 0x52,
  BUILD_HASH: 0x5a,
  ORIGIN: 0x62,
  CAUSATION_ID: 0x6a,
  SESSION_ID: 0x72,
  JURISDICTION: 0x7a,
  SURFACE: 0x80,
  SCHEMA_VERSION: 0x90,
} as const;

/** `origin`: edge_id, region, edge_seq. */
const ORIGIN_TAG = { EDGE_ID: 0x0a, REGION: 0x12, EDGE_SEQ: 0x18 } as const;

interface Choice {
  readonly case: string;
  readonly message: DescMessage;
}

/** Payloads by their tag. */
const PAYLOADS: ReadonlyMap<number, Choice> = new Map(
  EventSchema.fields.flatMap((field) =>
    field.oneof !== undefined && field.fieldKind === "message"
      ? [[((field.number << 3) | 2) >>> 0, { case: field.localName, message: field.message }]]
      : [],
  ),
);

/** An event whose rarely asked fields are read from its bytes when somebody asks. */
class QuickEvent implements Event {
  readonly $typeName = "countroom.v1.Event";
  readonly $unknown = undefined;
  operatorId = "";
  source = "";
  idempotencyKey = "";
  playerRef = "";
  roundId = "";
  txnId = "";
  payload: Event["payload"] = { case: undefined };
  readonly bytes: Uint8Array;
  #all: Event | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get all(): Event {
    return (this.#all ??= fromBinary(EventSchema, this.bytes));
  }

  get eventId() {
    return this.all.eventId;
  }
  get occurredAt() {
    return this.all.occurredAt;
  }
  get traceId() {
    return this.all.traceId;
  }
  get gameId() {
    return this.all.gameId;
  }
  get buildHash() {
    return this.all.buildHash;
  }
  get origin() {
    return this.all.origin;
  }
  get causationId() {
    return this.all.causationId;
  }
  get sessionId() {
    return this.all.sessionId;
  }
  get jurisdiction() {
    return this.all.jurisdiction;
  }
  get surface() {
    return this.all.surface;
  }
  get actor() {
    return this.all.actor;
  }
  get schemaVersion() {
    return this.all.schemaVersion;
  }
}

let lastSource = "";

/** Reads the event at the cursor. `bytes` are the same once more: they are kept with the event. */
export function quickEvent(cursor: Cursor, bytes: Uint8Array): Event {
  const event = new QuickEvent(bytes);
  while (cursor.at < cursor.end) {
    const tag = cursor.varint();
    switch (tag) {
      case TAG.OPERATOR_ID:
        event.operatorId = cursor.text();
        break;
      case TAG.SOURCE:
        event.source = lastSource = cursor.textLike(lastSource);
        break;
      case TAG.IDEMPOTENCY_KEY:
        event.idempotencyKey = cursor.text();
        break;
      case TAG.PLAYER_REF:
        event.playerRef = cursor.text();
        break;
      case TAG.ROUND_ID:
        event.roundId = cursor.text();
        break;
      case TAG.TXN_ID:
        event.txnId = cursor.text();
        break;
      default:
        if (!skipped(tag, cursor)) readPayload(event, tag, cursor);
    }
  }
  if (cursor.at !== cursor.end) throw UNUSUAL;
  return event;
}

function readPayload(event: QuickEvent, tag: number, cursor: Cursor): void {
  const choice = PAYLOADS.get(tag);
  if (choice === undefined || event.payload.case !== undefined) throw UNUSUAL;
  const outer = cursor.enter();
  const value = quickMessage(choice.message, cursor);
  cursor.leave(outer);
  event.payload = { case: choice.case, value } as Event["payload"];
}

function skipped(tag: number, cursor: Cursor): boolean {
  switch (tag) {
    case TAG.EVENT_ID:
    case TAG.TRACE_ID:
    case TAG.GAME_ID:
    case TAG.BUILD_HASH:
    case TAG.CAUSATION_ID:
    case TAG.SESSION_ID:
    case TAG.JURISDICTION:
      cursor.skipText();
      return true;
    case TAG.OCCURRED_AT:
    case TAG.SURFACE:
    case TAG.SCHEMA_VERSION:
      cursor.varint();
      return true;
    case TAG.ORIGIN:
      skipOrigin(cursor);
      return true;
    default:
      return false;
  }
}

function skipOrigin(cursor: Cursor): void {
  const outer = cursor.enter();
  while (cursor.at < cursor.end) {
    const tag = cursor.varint();
    if (tag === ORIGIN_TAG.EDGE_ID || tag === ORIGIN_TAG.REGION) cursor.skipText();
    else if (tag === ORIGIN_TAG.EDGE_SEQ) cursor.varint();
    else throw UNUSUAL;
  }
  cursor.leave(outer);
}
