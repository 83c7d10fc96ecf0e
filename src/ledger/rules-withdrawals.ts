/**
 * Withdrawals: holds from the request to the settlement or back.
 *
 * @module
 */
import { Code } from "./codes.ts";
import type { EventRule, EventRules } from "./event-rule.ts";
import {
  extensionFault,
  holdFault,
  requestFault,
  settledFault,
  stageFault,
} from "./faults-cashier.ts";
import { WITHDRAWAL_CODES } from "./standing.ts";
import { decideRequest } from "./withdrawal-hold.ts";
import { decideHoldMove, type HoldMove } from "./withdrawal-moves.ts";
import { decideExtension, decideWithdrawalStage } from "./withdrawal-stages.ts";

type WithdrawalType =
  "withdrawal_requested" | "withdrawal_advanced" | "withdrawal_extended" | HoldMove["type"];

/** A hold that a command refers to, and that stands where it must. */
const FOUND = [
  Code.PLAYER_UNKNOWN,
  Code.HOLD_UNKNOWN,
  Code.HOLD_MISMATCH,
  Code.HOLD_STAGE_INVALID,
] as const;

function moving(...codes: readonly Code[]): EventRule<HoldMove> {
  return {
    subject: "referred",
    codes: [...FOUND, ...codes, Code.OK],
    fault: (move) => holdFault(move),
    decide: decideHoldMove,
  };
}

export const withdrawalRules: EventRules<WithdrawalType> = {
  withdrawal_requested: {
    subject: "named",
    needs: ["txn_id"],
    codes: [
      Code.PLAYER_UNKNOWN,
      Code.HOLD_DUPLICATE,
      Code.HOLD_EXPIRED,
      ...WITHDRAWAL_CODES,
      Code.FUNDS_INSUFFICIENT,
      Code.OK,
    ],
    fault: (request, _command, context) => requestFault(request, context),
    decide: decideRequest,
  },
  withdrawal_advanced: {
    subject: "referred",
    codes: [...FOUND, Code.HOLD_EXPIRED, Code.OK],
    fault: (advance) => stageFault(advance),
    decide: decideWithdrawalStage,
  },
  withdrawal_submitted: moving(Code.HOLD_EXPIRED, Code.HOLD_AMOUNT_EXCEEDED),
  withdrawal_settled: {
    ...moving(Code.HOLD_AMOUNT_EXCEEDED),
    fault: (settled) => settledFault(settled),
  },
  withdrawal_failed: moving(Code.HOLD_AMOUNT_EXCEEDED, Code.BALANCE_OVERFLOW),
  withdrawal_released: moving(Code.HOLD_AMOUNT_EXCEEDED),
  withdrawal_expired: moving(Code.HOLD_NOT_DUE),
  withdrawal_reversed: moving(Code.HOLD_AMOUNT_EXCEEDED, Code.BALANCE_OVERFLOW),
  withdrawal_extended: {
    subject: "referred",
    codes: [...FOUND, Code.HOLD_EXPIRED, Code.OK],
    fault: (extension) => extensionFault(extension),
    decide: decideExtension,
  },
};
