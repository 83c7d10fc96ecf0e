/**
 * Deposits, suspense, refunds, chargebacks, fees of rails, debts.
 *
 * @module
 */
import { Code } from "./codes.ts";
import { decideRecovery, decideWriteOff } from "./debts.ts";
import { applyDeposit, decideDeposit } from "./decide-deposit.ts";
import { decideChargeback, decideRefund } from "./deposit-returns.ts";
import { decideAdvance } from "./deposit-stages.ts";
import { decideMatch, decideSuspense } from "./deposit-suspense.ts";
import type { EventRules } from "./event-rule.ts";
import { depositFault, ownMoneyFault } from "./faults.ts";
import { advanceFault, feeFault, paymentFault, remittanceFault } from "./faults-cashier.ts";
import { decidePspFee, decideRemittance } from "./psp-costs.ts";
import { DEPOSIT_CODES } from "./standing.ts";

type DepositType =
  | "deposit_captured"
  | "deposit_advanced"
  | "deposit_refunded"
  | "deposit_charged_back"
  | "deposit_suspended"
  | "suspense_matched"
  | "psp_fee_charged"
  | "psp_remitted"
  | "debt_written_off"
  | "debt_recovered";

/** A deposit that a command refers to. */
const FOUND = [Code.PLAYER_UNKNOWN, Code.DEPOSIT_UNKNOWN, Code.DEPOSIT_MISMATCH] as const;

export const depositRules: EventRules<DepositType> = {
  deposit_captured: {
    subject: "named",
    codes: [
      Code.PLAYER_UNKNOWN,
      Code.DEPOSIT_MISMATCH,
      Code.DEPOSIT_DUPLICATE,
      Code.DEPOSIT_STAGE_INVALID,
      ...DEPOSIT_CODES,
      Code.BALANCE_OVERFLOW,
      Code.OK,
    ],
    fault: (deposit, _command, context) => depositFault(deposit, context),
    decide: decideDeposit,
    apply: applyDeposit,
  },
  deposit_advanced: {
    subject: "referred",
    codes: [...FOUND, Code.DEPOSIT_STAGE_INVALID, Code.OK],
    fault: (advance, _command, context) => advanceFault(advance, context),
    decide: decideAdvance,
  },
  deposit_refunded: {
    subject: "referred",
    codes: [...FOUND, Code.DEPOSIT_AMOUNT_EXCEEDED, Code.FUNDS_INSUFFICIENT, Code.OK],
    fault: (refund, _command, context) => paymentFault(refund, context),
    decide: decideRefund,
  },
  deposit_charged_back: {
    subject: "referred",
    codes: [...FOUND, Code.DEPOSIT_AMOUNT_EXCEEDED, Code.BALANCE_OVERFLOW, Code.OK],
    fault: (chargeback, _command, context) => paymentFault(chargeback, context),
    decide: decideChargeback,
  },
  deposit_suspended: {
    subject: "none",
    codes: [Code.DEPOSIT_MISMATCH, Code.DEPOSIT_DUPLICATE, Code.OK],
    fault: (suspense, _command, context) => paymentFault(suspense, context),
    decide: decideSuspense,
  },
  suspense_matched: {
    subject: "named",
    codes: [
      ...FOUND,
      Code.DEPOSIT_AMOUNT_EXCEEDED,
      ...DEPOSIT_CODES,
      Code.BALANCE_OVERFLOW,
      Code.OK,
    ],
    fault: (match, _command, context) => paymentFault(match, context),
    decide: decideMatch,
  },
  psp_fee_charged: {
    subject: "none",
    codes: [Code.OK],
    fault: (fee, _command, context) => feeFault(fee, context),
    decide: decidePspFee,
  },
  psp_remitted: {
    subject: "none",
    codes: [Code.OK],
    fault: (remittance, _command, context) => remittanceFault(remittance, context),
    decide: decideRemittance,
  },
  debt_written_off: {
    subject: "named",
    codes: [Code.PLAYER_UNKNOWN, Code.DEBT_EXCEEDED, Code.OK],
    fault: ({ amount }) => ownMoneyFault(amount, "debt_written_off.amount", 1n),
    decide: decideWriteOff,
  },
  debt_recovered: {
    subject: "named",
    codes: [Code.PLAYER_UNKNOWN, Code.DEBT_EXCEEDED, Code.FUNDS_INSUFFICIENT, Code.OK],
    fault: ({ amount }) => ownMoneyFault(amount, "debt_recovered.amount", 1n),
    decide: decideRecovery,
  },
};
