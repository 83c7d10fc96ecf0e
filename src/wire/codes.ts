/**
 * Names of codes and states as they appear in JSON, logs and metrics.
 *
 * @module
 */
import { Code, type Code as CodeNumber } from "../ledger/index.ts";
import { Status } from "./gen/countroom/v1/record_pb.ts";

const NAMES = new Map<number, string>(Object.entries(Code).map(([name, code]) => [code, name]));
const NUMBERS = new Map<string, CodeNumber>(Object.entries(Code));

const STATUS_NAMES = new Map<number, StatusName>([
  [Status.ACCEPTED, "accepted"],
  [Status.REFUSED, "refused"],
  [Status.REJECTED, "rejected"],
  [Status.UNAVAILABLE, "unavailable"],
]);
const STATUS_NUMBERS = new Map([...STATUS_NAMES].map(([number, name]) => [name, number as Status]));

/** How an event fared, in JSON. */
export type StatusName = "accepted" | "refused" | "rejected" | "unavailable";

/** The code's name without prefix; `UNSPECIFIED` for a number this build doesn't know. */
export function codeName(code: number): string {
  return NAMES.get(code) ?? "UNSPECIFIED";
}

/** The code of a name without prefix, or undefined. */
export function codeNumber(name: string): CodeNumber | undefined {
  return NUMBERS.get(name);
}

/** The state's name in JSON. */
export function statusName(status: number): StatusName | "unspecified" {
  return STATUS_NAMES.get(status) ?? "unspecified";
}

/** The state's number on the wire. */
export function statusNumber(name: StatusName): Status {
  return STATUS_NUMBERS.get(name) ?? Status.UNSPECIFIED;
}
