/**
 * Which code applies when several would: the first one in the command's row.
 *
 * Before these come, without a record: rights (`ACCESS_*`), the event's form and fields
 * (`validate`, in field order), and its key (`KEY_CONFLICT`). The rows follow one order: who it is
 * about, which bet or round, standing, limits, funds, capacity.
 *
 * @module
 */
import { Code } from "./codes.ts";
import type { PayloadType } from "./types.ts";

/** Codes that `decide` can find, by type of command, in the order it finds them. */
export const PRECEDENCE: Readonly<Record<PayloadType, readonly Code[]>> = Object.freeze({
  player_registered: [Code.PLAYER_ALREADY_REGISTERED, Code.OK],
  deposit_captured: [Code.PLAYER_UNKNOWN, Code.BALANCE_OVERFLOW, Code.OK],
  bet_placed: [
    Code.PLAYER_UNKNOWN,
    // A bet is in one of these states, never in two.
    Code.BET_DUPLICATE,
    Code.BET_ALREADY_SETTLED,
    Code.BET_ROLLED_BACK,
    Code.ROUND_MISMATCH,
    Code.ROUND_CLOSED,
    Code.PLAYER_BLOCKED,
    Code.FUNDS_INSUFFICIENT,
    Code.OK,
  ],
  round_settled: [
    Code.PLAYER_UNKNOWN,
    Code.BET_ALREADY_SETTLED,
    Code.BET_ROLLED_BACK,
    Code.BET_UNKNOWN,
    Code.BET_MISMATCH,
    Code.WIN_ABOVE_CEILING,
    Code.BALANCE_OVERFLOW,
    Code.OK,
  ],
  bet_rolled_back: [
    Code.PLAYER_UNKNOWN,
    Code.BET_ALREADY_SETTLED,
    Code.BET_ALREADY_ROLLED_BACK,
    Code.BET_TOMBSTONED,
    Code.BET_MISMATCH,
    Code.OK,
  ],
  house_round: [
    Code.PLAYER_UNKNOWN,
    Code.PLAYER_BLOCKED,
    Code.WIN_ABOVE_CEILING,
    Code.FUNDS_INSUFFICIENT,
    Code.BALANCE_OVERFLOW,
    Code.OK,
  ],
  epoch_started: [Code.OK],
});
