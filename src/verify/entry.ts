/**
 * One record, read by the generated messages alone.
 *
 * @module
 */
import { fromBinary } from "@bufbuild/protobuf";
import { type Event, EventSchema } from "../wire/gen/countroom/v1/event_pb.ts";
import { Code, type Outcome, OutcomeSchema } from "../wire/gen/countroom/v1/record_pb.ts";

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
}

/** First and last code of refusals; those before are acceptances, those after never recorded. */
const REFUSED_FROM: number = Code.PLAYER_UNKNOWN;
const REFUSED_TO: number = Code.WIN_ABOVE_CEILING;

/** Reads a record; a string says why it can't be read. */
export function readEntry(record: StoredRecord): Entry | string {
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
  if (event.payload.case === undefined) return "its event has no payload";
  const { operatorId: operator, source } = outcome;
  const ref = outcome.playerRef === "" ? event.playerRef : outcome.playerRef;
  return { seq: record.seq, event, outcome, operator, source, ref };
}

/** How a recorded event fared; undefined for codes that are never recorded. */
export function verdictOf(code: number): "accepted" | "refused" | undefined {
  if (code >= Code.OK && code < REFUSED_FROM) return "accepted";
  return code >= REFUSED_FROM && code <= REFUSED_TO ? "refused" : undefined;
}

/** Name of a code. */
export function codeName(code: number): string {
  return Object.entries(Code).find(([, number]) => number === code)?.[0] ?? `code ${code}`;
}

interface Fields {
  readonly $unknown?: readonly unknown[] | undefined;
}

const hasExtra = (message: Fields | undefined): boolean =>
  message?.$unknown !== undefined && message.$unknown.length > 0;

/** Whether event or outcome, or a message inside them, has fields that the contract doesn't. */
export function hasUnknownFields({ event, outcome }: Entry): boolean {
  const { payload } = event;
  const { detail } = outcome;
  return (
    hasExtra(event) ||
    hasExtra(event.origin) ||
    hasExtra(event.actor) ||
    hasExtra(payload.value) ||
    payloadParts(payload).some(hasExtra) ||
    hasExtra(outcome) ||
    outcome.postings.some(hasExtra) ||
    outcome.balances.some(hasExtra) ||
    hasExtra(detail.value)
  );
}

/** The messages inside a payload. */
function payloadParts(payload: Event["payload"]): readonly (Fields | undefined)[] {
  switch (payload.case) {
    case "depositCaptured":
    case "betPlaced":
      return [payload.value.amount];
    case "roundSettled":
      return [payload.value.win];
    case "houseRound":
      return [payload.value.stake, payload.value.game.value];
    case "playerRegistered":
    case "betRolledBack":
    case "epochStarted":
    case undefined:
      return [];
    default:
      return payload satisfies never;
  }
}
