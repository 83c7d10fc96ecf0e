/**
 * From what a caller sent to what goes to the primary: each event decoded, checked against the
 * caller's rights, and completed. A bad event refuses itself and leaves its neighbours alone.
 *
 * @module
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { allows, type Credential } from "../access/index.ts";
import { Code, CODES, validate } from "../ledger/index.ts";
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
import type { Event, EventSchema } from "../wire/gen/countroom/v1/event_pb.ts";
import type { Receipt } from "../wire/gen/countroom/v1/record_pb.ts";
import type { PlayerIdentity } from "./bot-port.ts";
import type { Caller } from "./gate.ts";
import type { Submission } from "./uplink.ts";

/** Where this edge says that events entered. */
export interface OriginOptions {
  readonly edgeId: string;
  readonly region: string;
  readonly clock: Clock;
}

/** An event on its way, or the receipt that it gets here. */
export type Taken =
  | { readonly ok: true; readonly submission: Submission }
  | { readonly ok: false; readonly receipt: Receipt; readonly denied: boolean };

type EventInit = MessageInitShape<typeof EventSchema>;

/** Takes events in. */
export class EventIntake {
  readonly #options: OriginOptions;
  #edgeSeq = 0n;

  constructor(options: OriginOptions) {
    this.#options = options;
  }

  /** An encoded event. Its bytes stay as they are; what is missing is appended. */
  binary(bytes: Uint8Array, caller: Caller): Taken {
    const decoded = decodeEvent(bytes, decodeOptions(caller.credential));
    return decoded.ok ? this.#take(decoded, bytes, caller) : refused(decoded);
  }

  /** A parsed JSON value. */
  json(value: unknown, caller: Caller): Taken {
    const decoded = eventFromJson(value, decodeOptions(caller.credential));
    return decoded.ok ? this.#take(decoded, encodeEvent(decoded.event), caller) : refused(decoded);
  }

  /** An event made in this process. */
  init(event: EventInit, caller: Caller, identity: PlayerIdentity | undefined): Taken {
    const taken = this.binary(encodeEvent(event), caller);
    return taken.ok ? { ok: true, submission: { ...taken.submission, identity } } : taken;
  }

  #take({ command, event }: DecodedEvent, bytes: Uint8Array, caller: Caller): Taken {
    const { credential, token } = caller;
    const missing = this.#missing(event);
    const { idempotencyKey, playerRef, txnId, roundId } = event;
    const eventId = missing?.eventId ?? event.eventId;
    const ids = { eventId, idempotencyKey, playerRef, txnId, roundId };
    // Protobuf takes fields in any order, so what is missing may simply follow.
    const whole = missing === undefined ? bytes : Buffer.concat([bytes, encodeEvent(missing)]);
    if (whole.length > EVENT_BYTES_MAX) return rejected(Code.EVENT_TOO_LARGE, "", ids);
    const right = allows(credential, command);
    if (right !== Code.OK) return rejected(right, "", ids);
    const fault = validate(command);
    if (fault !== undefined) return rejected(fault.code, fault.field, ids);
    const key = `${credential.operatorId}\0${credential.source}\0${idempotencyKey}`;
    return { ok: true, submission: { event: whole, credential: token, key, ids } };
  }

  /** What an event lacks and an edge can tell. */
  #missing(event: Event): (EventInit & { readonly eventId?: string }) | undefined {
    const { clock, edgeId, region } = this.#options;
    if (event.eventId !== "" && event.occurredAt !== 0n && event.origin !== undefined) {
      return undefined;
    }
    this.#edgeSeq += 1n;
    return {
      ...(event.eventId === "" ? { eventId: uuidv7(clock) } : {}),
      ...(event.occurredAt === 0n ? { occurredAt: BigInt(clock.nowUs()) } : {}),
      ...(event.origin === undefined ? { origin: { edgeId, region, edgeSeq: this.#edgeSeq } } : {}),
    };
  }
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
