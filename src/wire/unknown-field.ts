/**
 * Finds fields that this build doesn't know, anywhere in an event. They would be stored and hashed
 * unseen, so they are refused: whoever adds a field deploys the primary first.
 *
 * @module
 */
import type { Message } from "@bufbuild/protobuf";
import { Code } from "../ledger/index.ts";
import type { Refusal } from "./event-command.ts";
import type { Event } from "./gen/countroom/v1/event_pb.ts";

/** Payloads are numbered from here on; an unknown one is a type of event from the future. */
const PAYLOAD_FIELD_MIN = 100;

/** The refusal for the first unknown field, or undefined when there is none. */
export function unknownField(event: Event): Refusal | undefined {
  const { payload } = event;
  if (event.$unknown !== undefined) {
    const { no } = event.$unknown[0]!;
    if (no < PAYLOAD_FIELD_MIN || payload.case !== undefined) return stray("", no);
    return {
      ok: false,
      code: Code.EVENT_TYPE_UNKNOWN,
      field: "payload",
      message: `payload ${no} is not known to this build`,
    };
  }
  if (event.origin?.$unknown !== undefined) return nested("origin", event.origin);
  if (event.actor?.$unknown !== undefined) return nested("actor", event.actor);
  if (payload.case === undefined) return undefined;
  if (payload.value.$unknown !== undefined) return nested(snake(payload.case), payload.value);
  switch (payload.case) {
    case "betPlaced":
      return nested("bet_placed.amount", payload.value.amount);
    case "roundSettled":
      return nested("round_settled.win", payload.value.win);
    case "depositCaptured":
      return nested("deposit_captured.amount", payload.value.amount);
    case "houseRound":
      return (
        nested("house_round.stake", payload.value.stake) ??
        nested("house_round.dice", payload.value.game.value)
      );
    case "playerRegistered":
    case "betRolledBack":
    case "epochStarted":
      return undefined;
  }
}

function nested(path: string, message: Message | undefined): Refusal | undefined {
  const unknown = message?.$unknown?.[0];
  return unknown === undefined ? undefined : stray(`${path}.`, unknown.no);
}

function stray(path: string, no: number): Refusal {
  const field = `${path}${no}`;
  return {
    ok: false,
    code: Code.EVENT_UNKNOWN_FIELD,
    field,
    message: `field ${field} is not known to this build`,
  };
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
