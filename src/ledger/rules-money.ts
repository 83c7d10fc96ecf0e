/**
 * Corrections by hand, exchanges between currencies, fees that the operator owes.
 *
 * @module
 */
import { Code } from "./codes.ts";
import { decideAdjustment } from "./decide-adjustment.ts";
import { decideExchange } from "./decide-exchange.ts";
import type { EventRules } from "./event-rule.ts";
import { accrualFault, adjustmentFault, exchangeFault } from "./faults-cashier.ts";
import { decideFee } from "./psp-costs.ts";
import { EXCHANGE_CODES } from "./standing.ts";

type MoneyType = "adjustment_posted" | "currency_exchanged" | "fee_accrued";

export const moneyRules: EventRules<MoneyType> = {
  adjustment_posted: {
    subject: "named",
    codes: [
      Code.PLAYER_UNKNOWN,
      Code.RECORD_UNKNOWN,
      Code.FUNDS_INSUFFICIENT,
      Code.BALANCE_OVERFLOW,
      Code.OK,
    ],
    fault: (adjustment, _command, context) => adjustmentFault(adjustment, context),
    decide: decideAdjustment,
  },
  currency_exchanged: {
    subject: "named",
    codes: [
      Code.PLAYER_UNKNOWN,
      ...EXCHANGE_CODES,
      Code.FUNDS_INSUFFICIENT,
      Code.BALANCE_OVERFLOW,
      Code.OK,
    ],
    fault: (exchange, _command, context) => exchangeFault(exchange, context),
    decide: decideExchange,
  },
  fee_accrued: {
    subject: "none",
    codes: [Code.OK],
    fault: (fee, _command, context) => accrualFault(fee, context),
    decide: decideFee,
  },
};
