/**
 * From an event message to the command that the ledger decides: every id and text is checked here,
 * what amounts and references mean is the ledger's business.
 *
 * @module
 */
import {
  Code,
  NOTES,
  type Command,
  type Money,
  type Note,
  type NoteType,
  type Payload,
  type RequiredId,
} from "../ledger/index.ts";
import { isHex32, isPlainText, isUuidV7 } from "./check-text.ts";
import type { Event } from "./gen/countroom/v1/event_pb.ts";
import type { Amount } from "./gen/countroom/v1/money_pb.ts";
import { ID_BYTES_MAX, KEY_BYTES_MAX, NAME_BYTES_MAX, SCHEMA_VERSION_MAX } from "./limits.ts";
import { payloadFrom as payloadFields } from "./payload-fields.ts";
import { refuse, type Refusal } from "./refusal.ts";

export { refuse, type Refusal } from "./refusal.ts";

/** An event that was read, and the command it stands for. */
export interface DecodedEvent {
  readonly ok: true;
  readonly event: Event;
  readonly command: Command;
}

/** Whose credential brings the event. */
export interface Caller {
  readonly operatorId: string;
  readonly source: string;
}

/** Options of the decoders. */
export interface DecodeOptions {
  /** Fills operator and source in the command when the event leaves them out. */
  readonly caller?: Caller;
  /** Lets `event_id` be empty: an edge mints it for callers that don't. */
  readonly eventIdOptional?: boolean;
}

const HIGHEST_SURFACE = 5;
const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

const invalid = (field: string, message: string): Refusal =>
  refuse(Code.EVENT_FIELD_INVALID, field, `${field} ${message}`);

const missing = (field: string): Refusal =>
  refuse(Code.EVENT_FIELD_MISSING, field, `${field} is missing`);

/** Checks an event message and turns it into a command. */
export function commandFrom(event: Event, options: DecodeOptions = {}): DecodedEvent | Refusal {
  const fault = envelopeFault(event, options.eventIdOptional === true);
  if (fault !== undefined) return fault;
  const payload = payloadFrom(event);
  if ("ok" in payload) return payload;
  return { ok: true, event, command: commandOf(event, payload, options.caller) };
}

/** The command of a checked event and its payload. */
export function commandOf(event: Event, payload: Payload, caller: Caller | undefined): Command {
  return {
    operatorId: event.operatorId === "" ? (caller?.operatorId ?? "") : event.operatorId,
    source: event.source === "" ? (caller?.source ?? "") : event.source,
    idempotencyKey: event.idempotencyKey,
    playerRef: event.playerRef,
    roundId: event.roundId,
    txnId: event.txnId,
    gameId: event.gameId,
    payload,
  };
}

function envelopeFault(event: Event, eventIdOptional: boolean): Refusal | undefined {
  if (event.eventId === "") {
    if (!eventIdOptional) return missing("event_id");
  } else if (!isUuidV7(event.eventId)) {
    return invalid("event_id", "is not a canonical UUIDv7");
  }
  if (event.idempotencyKey === "") return missing("idempotency_key");
  if (!isPlainText(event.idempotencyKey, KEY_BYTES_MAX)) return unprintable("idempotency_key");
  if (event.playerRef !== "" && !isUuidV7(event.playerRef)) {
    return invalid("player_ref", "is not a canonical UUIDv7");
  }
  if (!isPlainText(event.roundId, ID_BYTES_MAX)) return unprintable("round_id");
  if (!isPlainText(event.txnId, ID_BYTES_MAX)) return unprintable("txn_id");
  if (!isPlainText(event.gameId, ID_BYTES_MAX)) return unprintable("game_id");
  if (!isPlainText(event.operatorId, NAME_BYTES_MAX)) return unprintable("operator_id");
  if (!isPlainText(event.source, NAME_BYTES_MAX)) return unprintable("source");
  if (event.traceId !== "" && !isHex32(event.traceId)) {
    return invalid("trace_id", "is not 32 lower-case hex digits");
  }
  if (event.occurredAt < 0n || event.occurredAt > SAFE_MAX) {
    return invalid("occurred_at", "is not a time in microseconds since 1970");
  }
  return circumstancesFault(event);
}

/** The fields that say where and how, which no rule depends on. */
function circumstancesFault(event: Event): Refusal | undefined {
  if (!isPlainText(event.buildHash, ID_BYTES_MAX)) return unprintable("build_hash");
  if (!isPlainText(event.causationId, ID_BYTES_MAX)) return unprintable("causation_id");
  if (!isPlainText(event.sessionId, ID_BYTES_MAX)) return unprintable("session_id");
  if (!isPlainText(event.jurisdiction, NAME_BYTES_MAX)) return unprintable("jurisdiction");
  if (event.surface < 0 || event.surface > HIGHEST_SURFACE) {
    return invalid("surface", "is not a surface this build knows");
  }
  if (event.schemaVersion > SCHEMA_VERSION_MAX) {
    return invalid("schema_version", `is above ${SCHEMA_VERSION_MAX}, the newest read here`);
  }
  const { origin, actor } = event;
  if (origin !== undefined) {
    if (!isPlainText(origin.edgeId, NAME_BYTES_MAX)) return unprintable("origin.edge_id");
    if (!isPlainText(origin.region, NAME_BYTES_MAX)) return unprintable("origin.region");
    if (origin.edgeSeq > SAFE_MAX) return invalid("origin.edge_seq", "is above 2^53 - 1");
  }
  if (actor !== undefined) {
    if (!isPlainText(actor.kind, NAME_BYTES_MAX)) return unprintable("actor.kind");
    if (!isPlainText(actor.id, ID_BYTES_MAX)) return unprintable("actor.id");
  }
  return undefined;
}

function unprintable(field: string): Refusal {
  return invalid(field, "is too long or holds characters that don't print");
}

function payloadFrom(event: Event): Payload | Refusal {
  const { payload } = event;
  switch (payload.case) {
    case "houseRound":
      return houseRoundFrom(payload.value);
    case "epochStarted":
      return epochStartedFrom(payload.value);
    default: {
      const read = payloadFields(payload);
      if ("ok" in read || !("fields" in read)) return read;
      return neededFault(event, read.type) ?? { ...read, fields: withIds(event, read) };
    }
  }
}

/**
 * A fact's fields with the ids that its type must carry and that a command has no place for: they
 * are its meaning, so another one under the same key is a conflict. A trace never is.
 */
function withIds(event: Event, { type, fields }: Note): Note["fields"] {
  const ids: Record<string, string> = {};
  for (const id of NOTES[type] as readonly RequiredId[]) {
    if (id === "session_id") ids[id] = event.sessionId;
    else if (id === "build_hash") ids[id] = event.buildHash;
    else if (id === "actor") ids[id] = event.actor?.id ?? "";
  }
  return { ...ids, ...fields };
}

/** A fact without the ids that its type must carry is worth little; no rule looks for them. */
function neededFault(event: Event, type: NoteType): Refusal | undefined {
  for (const id of NOTES[type] as readonly RequiredId[]) {
    // A player may be named by an identity, which isn't in the event.
    if (id !== "player_ref" && !carries(event, id)) return missing(id);
  }
  return undefined;
}

function carries(event: Event, id: Exclude<RequiredId, "player_ref">): boolean {
  switch (id) {
    case "session_id":
      return event.sessionId !== "";
    case "round_id":
      return event.roundId !== "";
    case "txn_id":
      return event.txnId !== "";
    case "game_id":
      return event.gameId !== "";
    case "trace_id":
      return event.traceId !== "";
    case "build_hash":
      return event.buildHash !== "";
    case "actor":
      return event.actor !== undefined && event.actor.id !== "";
    default:
      return id satisfies never;
  }
}

type PayloadOf<Case> =
  Extract<Event["payload"], { case: Case }> extends { value: infer Value } ? Value : never;

function houseRoundFrom(round: PayloadOf<"houseRound">): Payload | Refusal {
  const stake = moneyFrom(round.stake, "house_round.stake");
  if ("ok" in stake) return stake;
  if (round.game.case === undefined) return missing("house_round.game");
  const { targetX100, over } = round.game.value;
  return { type: "house_round", stake, game: { type: "dice", targetX100, over } };
}

function epochStartedFrom(start: PayloadOf<"epochStarted">): Payload | Refusal {
  if (!isHex32(start.reign)) return invalid("epoch_started.reign", "is not 32 hex digits");
  if (!isPlainText(start.reason, NAME_BYTES_MAX)) return unprintable("epoch_started.reason");
  if (start.previousEpoch > SAFE_MAX || start.previousSize > SAFE_MAX) {
    return invalid("epoch_started", "names an epoch or a size above 2^53 - 1");
  }
  return {
    type: "epoch_started",
    reign: start.reign,
    previousEpoch: Number(start.previousEpoch),
    previousSize: Number(start.previousSize),
    previousRoot: start.previousRoot,
    reason: start.reason,
  };
}

function moneyFrom(amount: Amount | undefined, field: string): Money | Refusal {
  if (amount === undefined) return missing(field);
  if (!isPlainText(amount.currency, NAME_BYTES_MAX)) return unprintable(`${field}.currency`);
  return { minor: amount.minor, currency: amount.currency };
}
