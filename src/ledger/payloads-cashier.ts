/**
 * Events of deposits, withdrawals and debts. Fields are those of the contract.
 *
 * @module
 */
import type { Money } from "./money.ts";
import type { DepositStage, WithdrawalStage } from "./objects.ts";

/** Money arrived from a payment rail. Play money (FUN) comes by the rail "play", or "". */
export interface DepositCaptured {
  readonly type: "deposit_captured";
  readonly amount: Money;
  readonly rail: string;
  readonly externalId: string;
  /** More of the same payment may follow. */
  readonly partial?: boolean;
}

export interface DepositAdvanced {
  readonly type: "deposit_advanced";
  readonly rail: string;
  readonly externalId: string;
  readonly stage: DepositStage;
  readonly amount: Money;
  readonly reason: string;
  readonly scaStatus: string;
  readonly scaEci: string;
}

export interface DepositReturned {
  readonly type: "deposit_refunded" | "deposit_charged_back";
  readonly rail: string;
  readonly externalId: string;
  readonly amount: Money;
  readonly reason: string;
}

export interface DepositSuspended {
  readonly type: "deposit_suspended";
  readonly rail: string;
  readonly externalId: string;
  readonly amount: Money;
  readonly reason: string;
}

export interface SuspenseMatched {
  readonly type: "suspense_matched";
  readonly rail: string;
  readonly externalId: string;
  readonly amount: Money;
}

export interface PspFeeCharged {
  readonly type: "psp_fee_charged";
  readonly rail: string;
  readonly amount: Money;
  readonly externalId: string;
}

export interface PspRemitted {
  readonly type: "psp_remitted";
  readonly rail: string;
  readonly amount: Money;
  readonly reference: string;
}

export interface DebtWrittenOff {
  readonly type: "debt_written_off";
  readonly amount: Money;
  readonly reason: string;
}

export interface DebtRecovered {
  readonly type: "debt_recovered";
  readonly amount: Money;
}

/** The hold is named by the command's txnId. */
export interface WithdrawalRequested {
  readonly type: "withdrawal_requested";
  readonly amount: Money;
  readonly rail: string;
  readonly destinationHash: string;
  readonly expiresAt: number;
}

export interface WithdrawalAdvanced {
  readonly type: "withdrawal_advanced";
  readonly withdrawalId: string;
  readonly stage: WithdrawalStage;
  readonly approvers: readonly string[];
  readonly reason: string;
}

export interface WithdrawalSubmitted {
  readonly type: "withdrawal_submitted";
  readonly withdrawalId: string;
  /** Undefined: everything that is held. */
  readonly amount: Money | undefined;
  readonly spendId: string;
}

export interface WithdrawalSettled {
  readonly type: "withdrawal_settled";
  readonly withdrawalId: string;
  /** Undefined: everything that is on its way. */
  readonly amount: Money | undefined;
  readonly networkFeeMinor: bigint;
}

/** Failed: what is on its way returns. Released: what is held returns. Undefined: all of it. */
export interface WithdrawalReturned {
  readonly type: "withdrawal_failed" | "withdrawal_released" | "withdrawal_reversed";
  readonly withdrawalId: string;
  readonly amount: Money | undefined;
  readonly reason: string;
}

export interface WithdrawalExpired {
  readonly type: "withdrawal_expired";
  readonly withdrawalId: string;
}

export interface WithdrawalExtended {
  readonly type: "withdrawal_extended";
  readonly withdrawalId: string;
  readonly expiresAt: number;
}
