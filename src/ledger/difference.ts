/**
 * What a used idempotency key meant, compared with what it is to mean now.
 *
 * @module
 */
import { ruleOf } from "./rules.ts";
import type { Command, Payload } from "./types.ts";

/**
 * Path of the first semantic field that differs, in a fixed order: type, player, round, txn, game,
 * then the payload's fields. Undefined when the two commands mean the same. Both have their
 * playerRef resolved: the original by its recorded outcome, the repetition by `resolvePlayer`.
 *
 * What belongs to the transport (event id, trace, times, origin) isn't in a command at all.
 */
export function firstDifference(original: Command, again: Command): string | undefined {
  if (original.payload.type !== again.payload.type) return "payload";
  if (playersDiffer(original, again)) return "player_ref";
  if (original.roundId !== again.roundId) return "round_id";
  if (original.txnId !== again.txnId) return "txn_id";
  if (original.gameId !== again.gameId) return "game_id";
  const field = payloadDifference(original.payload, again.payload);
  return field === undefined ? undefined : `${original.payload.type}.${field}`;
}

/**
 * A player is not compared where there was none to record: when the original named an identity
 * that was unknown then, and when a registration or a reference by bet alone names nobody again.
 */
function playersDiffer(original: Command, again: Command): boolean {
  if (original.playerRef === "" || original.playerRef === again.playerRef) return false;
  return again.playerRef !== "" || !mayNameNobody(again.payload);
}

function mayNameNobody(payload: Payload): boolean {
  const subject = ruleOf(payload.type)?.subject;
  return subject !== "named";
}

/** Fields in their order in the payload, which is that of its type. */
function payloadDifference(original: Payload, again: Payload): string | undefined {
  if (!("fields" in original) || !("fields" in again)) {
    return fieldDifference(original, again, contractName);
  }
  return fieldDifference(original.fields, again.fields, (name) => name);
}

function fieldDifference(
  original: object,
  again: object,
  called: (name: string) => string,
): string | undefined {
  const values = again as Readonly<Record<string, unknown>>;
  for (const [name, value] of Object.entries(original)) {
    if (name === "type") continue;
    const inner = valueDifference(value, values[name]);
    if (inner !== undefined) return inner === "" ? called(name) : `${called(name)}.${inner}`;
  }
  const more = Object.keys(again).find((name) => !(name in original));
  return more === undefined ? undefined : called(more);
}

/** Undefined when equal, "" when different, or the path inside. */
function valueDifference(original: unknown, again: unknown): string | undefined {
  if (original === again) return undefined;
  if (!isObject(original) || !isObject(again)) return "";
  if (ArrayBuffer.isView(original) || Array.isArray(original)) {
    return sameList(original as ArrayLike<unknown>, again as ArrayLike<unknown>) ? undefined : "";
  }
  return fieldDifference(original, again, contractName);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function sameList(original: ArrayLike<unknown>, again: ArrayLike<unknown>): boolean {
  if (original.length !== again.length) return false;
  for (let at = 0; at < original.length; at++) if (original[at] !== again[at]) return false;
  return true;
}

/** The contract's name of a field: `betTxnId` is `bet_txn_id`, a dice bet's path `dice`. */
function contractName(name: string): string {
  if (name === "game") return "dice";
  return name.replace(/[A-Z]|(?<=[a-z])\d+/g, (part) => `_${part.toLowerCase()}`);
}
