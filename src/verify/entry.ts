/**
 * One record, read. What is usual is read by the quick readers; whatever isn't, by the generated
 * ones, which have the last word.
 *
 * @module
 */
import { fromBinary } from "@bufbuild/protobuf";
import { type Event, EventSchema } from "../wire/gen/countroom/v1/event_pb.ts";
import { Code, type Outcome, OutcomeSchema } from "../wire/gen/countroom/v1/record_pb.ts";
import { Cursor, UNUSUAL } from "./cursor.ts";
import { quickEvent } from "./quick-event.ts";
import { quickOutcome } from "./quick-outcome.ts";
import { RecordBytes } from "./record-bytes.ts";

/** A record as a ledger keeps it. */
export interface StoredRecord {
  /** Place in the ledger, from 1. */
  readonly seq: number;
  readonly event: Uint8Array;
  readonly outcome: Uint8Array;
}

/** A record that could be read. */
export interface Entry {
  readonly seq: number;
  readonly event: Event;
  readonly outcome: Outcome;
  readonly operator: string;
  readonly source: string;
  /** The record's player, "" when it has none. */
  readonly ref: string;
  /** Event or outcome, or a message inside them, has fields that the contract doesn't. */
  readonly unknownFields: boolean;
}

/** First and last code of refusals; those before are acceptances, those after never recorded. */
const REFUSED_FROM: number = Code.PLAYER_UNKNOWN;
const REFUSED_TO: number = Code.WIN_ABOVE_CEILING;
const ACCEPTED_LATER: number = Code.WIN_TOMBSTONED;
const REFUSED_LATER: number = Code.PLAYER_EXCLUDED;
const REFUSED_LAST: number = Code.BONUS_TOO_MANY;

/** Reads records, one after another. */
export class RecordReader {
  readonly #bytes = new RecordBytes();
  #cursor = new Cursor(this.#bytes.bytes, 0, 0);

  /** Reads a record; a string says why it can't be read. */
  read(record: StoredRecord): Entry | string {
    this.#bytes.lay(record.event, record.outcome);
    try {
      return this.#quick(record);
    } catch (error) {
      if (error !== UNUSUAL) throw error;
      return readSlowly(record);
    }
  }

  /** Leaf of the record that was read last, a character per byte. */
  leaf(): string {
    return this.#bytes.leaf();
  }

  #quick(record: StoredRecord): Entry | string {
    const { bytes, eventAt, eventEnd, outcomeAt, end } = this.#bytes;
    if (this.#cursor.bytes !== bytes) this.#cursor = new Cursor(bytes, 0, 0);
    const cursor = this.#cursor;
    cursor.at = eventAt;
    cursor.end = eventEnd;
    const event = quickEvent(cursor, record.event);
    cursor.at = outcomeAt;
    cursor.end = end;
    return entryOf(record.seq, event, quickOutcome(cursor), false);
  }
}

function readSlowly(record: StoredRecord): Entry | string {
  let event: Event;
  let outcome: Outcome;
  try {
    event = fromBinary(EventSchema, record.event);
  } catch (error) {
    return `its event is no Protobuf: ${String(error)}`;
  }
  try {
    outcome = fromBinary(OutcomeSchema, record.outcome);
  } catch (error) {
    return `its outcome is no Protobuf: ${String(error)}`;
  }
  return entryOf(record.seq, event, outcome, hasUnknownFields(event) || hasUnknownFields(outcome));
}

function entryOf(
  seq: number,
  event: Event,
  outcome: Outcome,
  unknownFields: boolean,
): Entry | string {
  if (event.payload.case === undefined) return "its event has no payload";
  const { operatorId: operator, source } = outcome;
  const ref = outcome.playerRef === "" ? event.playerRef : outcome.playerRef;
  return { seq, event, outcome, operator, source, ref, unknownFields };
}

/** How a recorded event fared; undefined for codes that are never recorded. */
export function verdictOf(code: number): "accepted" | "refused" | undefined {
  if (code >= Code.OK && code < REFUSED_FROM) return "accepted";
  if (code >= REFUSED_FROM && code <= REFUSED_TO) return "refused";
  if (code >= ACCEPTED_LATER && code < REFUSED_LATER) return "accepted";
  return code >= REFUSED_LATER && code <= REFUSED_LAST ? "refused" : undefined;
}

/** Name of a code. */
export function codeName(code: number): string {
  return Object.entries(Code).find(([, number]) => number === code)?.[0] ?? `code ${code}`;
}

/** Looks into every message inside a message. */
function hasUnknownFields(value: unknown): boolean {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false;
  if (Array.isArray(value)) return value.some(hasUnknownFields);
  const { $unknown: unknown, ...fields } = value as { $unknown?: readonly unknown[] };
  return (unknown?.length ?? 0) > 0 || Object.values(fields).some(hasUnknownFields);
}
