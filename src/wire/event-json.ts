/**
 * Events from JSON.
 *
 * @module
 */
import { Code } from "../ledger/index.ts";
import {
  commandFrom,
  refuse,
  type DecodedEvent,
  type DecodeOptions,
  type Refusal,
} from "./event-command.ts";
import { EventSchema, type Event } from "./gen/countroom/v1/event_pb.ts";
import { JsonFault, messageFromJson } from "./json-message.ts";

/**
 * Reads one event from a parsed JSON value. Amounts and other 64-bit integers are decimal strings;
 * names may be snake_case or camelCase; what isn't known is refused.
 */
export function eventFromJson(json: unknown, options?: DecodeOptions): DecodedEvent | Refusal {
  let event: Event;
  try {
    event = messageFromJson(EventSchema, json, "") as Event;
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    const code = error.field === "" ? Code.EVENT_MALFORMED : error.code;
    return refuse(code, error.field, error.message);
  }
  return commandFrom(event, options);
}
