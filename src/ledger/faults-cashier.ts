/**
 * Faults of the cashier's events: payments, withdrawals, fees, exchanges, adjustments.
 *
 * @module
 */
import { I64_MAX, PLAY_MONEY } from "../money/index.ts";
import { Code } from "./codes.ts";
import { isAdvance, mayBegin } from "./deposit-stages.ts";
import { DepositStage } from "./objects.ts";
import type { FaultContext } from "./event-rule.ts";
import { idFault, invalid, isId, moneyFault, ownMoneyFault, railFault } from "./faults.ts";
import { LIST_LENGTH_MAX } from "./limits.ts";
import { isFeeKind } from "./psp-costs.ts";
import { isWithdrawalStage } from "./withdrawal-stages.ts";
import type {
  AdjustmentPosted,
  CurrencyExchanged,
  DepositAdvanced,
  DepositReturned,
  DepositSuspended,
  Fault,
  FeeAccrued,
  Money,
  PspFeeCharged,
  PspRemitted,
  SuspenseMatched,
  WithdrawalAdvanced,
  WithdrawalExpired,
  WithdrawalExtended,
  WithdrawalRequested,
  WithdrawalReturned,
  WithdrawalSettled,
  WithdrawalSubmitted,
} from "./types.ts";

type Context = FaultContext | undefined;

/** People who must agree to a correction by hand. */
const APPROVERS_MIN = 2;

/**
 * The first fault of an event about a payment whose money has been on its way: rail, external_id,
 * amount. The rail must be registered in the credential; the currency needn't be configured.
 */
export function paymentFault(
  event: DepositReturned | DepositSuspended | SuspenseMatched,
  context: Context,
): Fault | undefined {
  const { type, rail, externalId, amount } = event;
  return (
    railFault(rail, amount.currency, `${type}.rail`, context?.rails) ??
    idFault(externalId, `${type}.external_id`) ??
    ownMoneyFault(amount, `${type}.amount`, 1n)
  );
}

/** The first fault of a deposit that goes on without money. Its amount may be zero: any. */
export function advanceFault(advance: DepositAdvanced, context: Context): Fault | undefined {
  const { rail, externalId, stage, amount } = advance;
  const field = "deposit_advanced";
  const fault =
    railFault(rail, amount.currency, `${field}.rail`, context?.rails) ??
    idFault(externalId, `${field}.external_id`);
  if (fault !== undefined) return fault;
  if (!isAdvance(stage)) return invalid(`${field}.stage`);
  const announces = mayBegin(stage) && stage <= DepositStage.AUTHORIZED;
  const money = `${field}.amount`;
  return announces ? moneyFault(amount, money, 0n, context) : ownMoneyFault(amount, money, 0n);
}

/** The first fault of a rail's fee. */
export function feeFault(fee: PspFeeCharged, context: Context): Fault | undefined {
  const { rail, amount, externalId } = fee;
  return (
    paidRailFault(rail, amount, "psp_fee_charged", context) ??
    (isId(externalId) ? undefined : invalid("psp_fee_charged.external_id"))
  );
}

/** The first fault of a rail's remittance. */
export function remittanceFault(remittance: PspRemitted, context: Context): Fault | undefined {
  const { rail, amount, reference } = remittance;
  return (
    paidRailFault(rail, amount, "psp_remitted", context) ??
    (isId(reference) ? undefined : invalid("psp_remitted.reference"))
  );
}

/** Rail and amount of money that is worth something. */
function paidRailFault(
  rail: string,
  amount: Money,
  type: string,
  context: Context,
): Fault | undefined {
  return (
    worthFault(amount, `${type}.amount`) ??
    railFault(rail, amount.currency, `${type}.rail`, context?.rails)
  );
}

/** An amount that isn't play money. */
function worthFault(amount: Money, field: string): Fault | undefined {
  const fault = ownMoneyFault(amount, field, 1n);
  if (fault !== undefined) return fault;
  return amount.currency === PLAY_MONEY ? invalid(`${field}.currency`) : undefined;
}

/** The first fault of a request for a withdrawal. Play money can't be withdrawn. */
export function requestFault(request: WithdrawalRequested, context: Context): Fault | undefined {
  const { amount, rail, destinationHash, expiresAt } = request;
  const field = "withdrawal_requested";
  const fault = paidRailFault(rail, amount, field, context);
  if (fault !== undefined) return fault;
  if (!isId(destinationHash)) return invalid(`${field}.destination_hash`);
  return isTime(expiresAt) ? undefined : invalid(`${field}.expires_at`);
}

type Moving = WithdrawalSubmitted | WithdrawalSettled | WithdrawalReturned | WithdrawalExpired;

/** The first fault of an event that moves the money of a withdrawal. */
export function holdFault(event: Moving): Fault | undefined {
  const { type, withdrawalId } = event;
  const fault = idFault(withdrawalId, `${type}.withdrawal_id`);
  if (fault !== undefined || type === "withdrawal_expired") return fault;
  const { amount } = event;
  if (amount === undefined) return undefined;
  return ownMoneyFault(amount, `${type}.amount`, 1n);
}

/** The first fault of a settlement of a withdrawal. */
export function settledFault(settled: WithdrawalSettled): Fault | undefined {
  const fault = holdFault(settled);
  if (fault !== undefined) return fault;
  const { networkFeeMinor } = settled;
  if (networkFeeMinor >= 0n && networkFeeMinor <= I64_MAX) return undefined;
  return { code: Code.AMOUNT_INVALID, field: "withdrawal_settled.network_fee_minor" };
}

/** The first fault of a withdrawal that goes on without money. */
export function stageFault(advance: WithdrawalAdvanced): Fault | undefined {
  const { withdrawalId, stage, approvers } = advance;
  const fault = idFault(withdrawalId, "withdrawal_advanced.withdrawal_id");
  if (fault !== undefined) return fault;
  if (!isWithdrawalStage(stage)) return invalid("withdrawal_advanced.stage");
  return areNames(approvers) ? undefined : invalid("withdrawal_advanced.approvers");
}

/** The first fault of an extension. */
export function extensionFault(extension: WithdrawalExtended): Fault | undefined {
  const fault = idFault(extension.withdrawalId, "withdrawal_extended.withdrawal_id");
  if (fault !== undefined) return fault;
  return isTime(extension.expiresAt) ? undefined : invalid("withdrawal_extended.expires_at");
}

/** Name of a person who approves. */
const PERSON = /^[a-z0-9][a-z0-9._@:-]{0,63}$/;

/**
 * The first fault of a correction by hand. Money that is given must be in a currency of the
 * configuration. Fewer than two different approvers are APPROVAL_MISSING.
 */
export function adjustmentFault(adjustment: AdjustmentPosted, context: Context): Fault | undefined {
  const { amount, debit, approvers, correctionOf } = adjustment;
  const field = "adjustment_posted";
  const money = `${field}.amount`;
  const fault = debit ? ownMoneyFault(amount, money, 1n) : moneyFault(amount, money, 1n, context);
  if (fault !== undefined) return fault;
  // One spelling for one person: two eyes must not look like four.
  if (!approvers.every((name) => PERSON.test(name))) return invalid(`${field}.approvers`);
  if (new Set(approvers).size < APPROVERS_MIN) {
    return { code: Code.APPROVAL_MISSING, field: `${field}.approvers` };
  }
  return isTime(correctionOf) ? undefined : invalid(`${field}.correction_of`);
}

/**
 * The first fault of an exchange: both amounts, neither in play money, in different currencies.
 * What is bought must be in a currency of the configuration.
 */
export function exchangeFault(exchange: CurrencyExchanged, context: Context): Fault | undefined {
  const { sell, buy, quoteId } = exchange;
  const field = "currency_exchanged";
  const fault =
    worthFault(sell, `${field}.sell`) ??
    moneyFault(buy, `${field}.buy`, 1n, context) ??
    worthFault(buy, `${field}.buy`);
  if (fault !== undefined) return fault;
  if (sell.currency === buy.currency) return invalid(`${field}.buy.currency`);
  return isId(quoteId) ? undefined : invalid(`${field}.quote_id`);
}

/** The first fault of a fee that the operator owes. */
export function accrualFault(fee: FeeAccrued, context: Context): Fault | undefined {
  if (!isFeeKind(fee.kind)) return invalid("fee_accrued.kind");
  return (
    idFault(fee.payee, "fee_accrued.payee") ??
    moneyFault(fee.amount, "fee_accrued.amount", 1n, context)
  );
}

/** Names of people. */
function areNames(names: readonly string[]): boolean {
  return names.length <= LIST_LENGTH_MAX && names.every(isId);
}

/** Microseconds since 1970 or a number of a record; 0 is none. */
function isTime(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
