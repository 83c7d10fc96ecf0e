/**
 * From what a caller sent to what goes to the primary: each event decoded, checked against the
 * caller's rights, and completed. A bad event refuses itself and leaves its neighbours alone.
 *
 * @module
 */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { allows, type Credential } from "../access/index.ts";
import { Code, CODES, validate } from "../ledger/index.ts";
import { DEFAULT_CURRENCIES, type Currencies } from "../money/index.ts";
import { uuidv7, type Clock } from "../runtime/index.ts";
import {
  decodeEvent,
  encodeEvent,
  EVENT_BYTES_MAX,
  eventFromJson,
  receiptWithoutRecord,
  type DecodedEvent,
  type ReceiptIds,
  type Refusal,
} from "../wire/index.ts";
import { OriginSchema, type Event, type EventSchema } from "../wire/gen/countroom/v1/event_pb.ts";
import type { Receipt } from "../wire/gen/countroom/v1/record_pb.ts";
import type { PlayerIdentity } from "./bot-port.ts";
import type { Caller } from "./gate.ts";
import type { Submission } from "./uplink.ts";

/** Where this edge says that events entered. */
export interface OriginOptions {
  readonly edgeId: string;
  readonly region: string;
  readonly clock: Clock;
  /** Those of an unconfigured deployment when left out. */
  readonly currencies?: Currencies | undefined;
}

/** An event on its way, or the receipt that it gets here. */
export type Taken =
  | { readonly ok: true; readonly submission: Submission }
  | { readonly ok: false; readonly receipt: Receipt; readonly denied: boolean };

type EventInit = MessageInitShape<typeof EventSchema>;

/** What an edge tells about an event. */
type Told = Partial<Pick<Event, "eventId" | "occurredAt" | "origin">>;

/** The numbers of those fields. */
const TOLD_FIELDS: Readonly<Record<number, keyof Told>> = {
  1: "eventId",
  2: "occurredAt",
  12: "origin",
};

/** Takes events in. */
export class EventIntake {
  readonly #options: OriginOptions;
  readonly #faultContext: { readonly currencies: Currencies };
  #edgeSeq = 0n;

  constructor(options: OriginOptions) {
    this.#options = options;
    this.#faultContext = { currencies: options.currencies ?? DEFAULT_CURRENCIES };
  }

  /** An encoded event. Its bytes stay as they are where they can; what is missing is appended. */
  binary(bytes: Uint8Array, caller: Caller): Taken {
    const decoded = decodeEvent(bytes, decodeOptions(caller.credential));
    if (!decoded.ok) return refused(decoded);
    return this.#takeForeign(decoded, bytes, caller);
  }

  /** A parsed JSON value. */
  json(value: unknown, caller: Caller): Taken {
    const decoded = eventFromJson(value, decodeOptions(caller.credential));
    if (!decoded.ok) return refused(decoded);
    return this.#takeForeign(decoded, encodeEvent(decoded.event), caller);
  }

  /** An event made in this process. */
  init(event: EventInit, caller: Caller, identity: PlayerIdentity | undefined): Taken {
    const bytes = encodeEvent(event);
    const decoded = decodeEvent(bytes, decodeOptions(caller.credential));
    if (!decoded.ok) return refused(decoded);
    const taken = this.#take(decoded, bytes, caller, this.#told(decoded.event, false));
    return taken.ok ? { ok: true, submission: { ...taken.submission, identity } } : taken;
  }

  /** Callers from outside don't say where an event entered, and only admins who is behind it. */
  #takeForeign(decoded: DecodedEvent, bytes: Uint8Array, caller: Caller): Taken {
    const { actor, eventId, idempotencyKey, playerRef, txnId, roundId } = decoded.event;
    if (actor !== undefined && !caller.credential.scopes.has("admin")) {
      const ids = { eventId, idempotencyKey, playerRef, txnId, roundId };
      return rejected(Code.ACCESS_SCOPE, "actor", ids);
    }
    return this.#take(decoded, bytes, caller, this.#told(decoded.event, true));
  }

  #take({ command, event }: DecodedEvent, bytes: Uint8Array, caller: Caller, told: Told): Taken {
    const { credential, token } = caller;
    const { idempotencyKey, playerRef, txnId, roundId } = event;
    const eventId = told.eventId ?? event.eventId;
    const ids = { eventId, idempotencyKey, playerRef, txnId, roundId };
    const whole = completed(event, bytes, told);
    if (whole.length > EVENT_BYTES_MAX) return rejected(Code.EVENT_TOO_LARGE, "", ids);
    const right = allows(credential, command);
    if (right !== Code.OK) return rejected(right, "", ids);
    const fault = validate(command, this.#faultContext);
    if (fault !== undefined) return rejected(fault.code, fault.field, ids);
    const key = `${credential.operatorId}\0${credential.source}\0${idempotencyKey}`;
    return { ok: true, submission: { event: whole, credential: token, key, ids } };
  }

  /** What an event lacks and an edge can tell, and its origin whoever else told one. */
  #told(event: Event, foreign: boolean): Told {
    const { clock, edgeId, region } = this.#options;
    const told: Told = {};
    if (event.eventId === "") told.eventId = uuidv7(clock);
    if (event.occurredAt === 0n) told.occurredAt = BigInt(clock.nowUs());
    if (foreign || event.origin === undefined) {
      this.#edgeSeq += 1n;
      told.origin = create(OriginSchema, { edgeId, region, edgeSeq: this.#edgeSeq });
    }
    return told;
  }
}

/**
 * Protobuf takes fields in any order, so what is told may simply follow, unless the bytes have the
 * field already: a zero written out, or a caller's own origin.
 */
function completed(event: Event, bytes: Uint8Array, told: Told): Uint8Array {
  if (Object.keys(told).length === 0) return bytes;
  if (holdsAny(bytes, told)) return encodeEvent({ ...event, ...told });
  return Buffer.concat([bytes, encodeEvent(told)]);
}

/** Whether a sound event's bytes have one of the fields. */
function holdsAny(bytes: Uint8Array, told: Told): boolean {
  const reader = new BinaryReader(bytes);
  while (reader.pos < bytes.length) {
    const [no, wireType] = reader.tag();
    const field = TOLD_FIELDS[no];
    if (field !== undefined && told[field] !== undefined) return true;
    reader.skip(wireType, no);
  }
  return false;
}

function decodeOptions({ operatorId, source }: Credential) {
  return { caller: { operatorId, source }, eventIdOptional: true };
}

function refused({ code, field, message }: Refusal): Taken {
  return { ok: false, receipt: receiptWithoutRecord({ code, field, message }), denied: false };
}

function rejected(code: Code, field: string, ids: ReceiptIds): Taken {
  const receipt = receiptWithoutRecord({ code, field }, ids);
  return { ok: false, receipt, denied: CODES[code].class === "auth" };
}
