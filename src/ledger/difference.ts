/**
 * What a used idempotency key meant, compared with what it is to mean now.
 *
 * @module
 */
import type { Command, Money, Payload } from "./types.ts";

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
  const { type } = payload;
  return type === "player_registered" || type === "round_settled" || type === "bet_rolled_back";
}

function payloadDifference(original: Payload, again: Payload): string | undefined {
  switch (original.type) {
    case "player_registered":
      return undefined;
    case "deposit_captured":
      if (again.type !== original.type) return "";
      return (
        moneyDifference("amount", original.amount, again.amount) ??
        valueDifference("rail", original.rail, again.rail) ??
        valueDifference("external_id", original.externalId, again.externalId)
      );
    case "bet_placed":
      if (again.type !== original.type) return "";
      return (
        moneyDifference("amount", original.amount, again.amount) ??
        valueDifference("closes_round", original.closesRound, again.closesRound)
      );
    case "round_settled":
      if (again.type !== original.type) return "";
      return (
        valueDifference("bet_txn_id", original.betTxnId, again.betTxnId) ??
        moneyDifference("win", original.win, again.win) ??
        valueDifference("closes_round", original.closesRound, again.closesRound)
      );
    case "bet_rolled_back":
      if (again.type !== original.type) return "";
      return valueDifference("bet_txn_id", original.betTxnId, again.betTxnId);
    case "house_round":
      if (again.type !== original.type) return "";
      return (
        moneyDifference("stake", original.stake, again.stake) ??
        valueDifference("dice.target_x100", original.game.targetX100, again.game.targetX100) ??
        valueDifference("dice.over", original.game.over, again.game.over)
      );
    case "epoch_started":
      if (again.type !== original.type) return "";
      return (
        valueDifference("reign", original.reign, again.reign) ??
        valueDifference("previous_epoch", original.previousEpoch, again.previousEpoch) ??
        valueDifference("previous_size", original.previousSize, again.previousSize) ??
        bytesDifference("previous_root", original.previousRoot, again.previousRoot) ??
        valueDifference("reason", original.reason, again.reason)
      );
    default:
      return original satisfies never;
  }
}

function valueDifference<T>(field: string, original: T, again: T): string | undefined {
  return original === again ? undefined : field;
}

function moneyDifference(field: string, original: Money, again: Money): string | undefined {
  if (original.minor !== again.minor) return `${field}.minor`;
  return original.currency === again.currency ? undefined : `${field}.currency`;
}

function bytesDifference(
  field: string,
  original: Uint8Array,
  again: Uint8Array,
): string | undefined {
  const equal = original.length === again.length && original.every((byte, i) => byte === again[i]);
  return equal ? undefined : field;
}
