/**
 * Deposits, suspense, refunds, chargebacks, fees of rails, debts.
 *
 * @module
 */
import { Code } from "./codes.ts";
import { applyDeposit, decideDeposit } from "./decide-deposit.ts";
import type { EventRules } from "./event-rule.ts";
import { depositFault } from "./faults.ts";
import { DEPOSIT_CODES } from "./standing.ts";

export const depositRules: EventRules<"deposit_captured"> = {
  deposit_captured: {
    subject: "named",
    codes: [Code.PLAYER_UNKNOWN, ...DEPOSIT_CODES, Code.BALANCE_OVERFLOW, Code.OK],
    fault: (deposit, _command, context) => depositFault(deposit, context),
    decide: decideDeposit,
    apply: applyDeposit,
  },
};
