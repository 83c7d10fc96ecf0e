/**
 * Events of bets, rounds, jackpots, bonuses and corrections. Fields are those of the contract.
 *
 * @module
 */
import type { Money } from "./money.ts";
import type { Funding } from "./state-view.ts";

/** A stake moves into the escrow of the command's round. */
export interface BetPlaced {
  readonly type: "bet_placed";
  readonly amount: Money;
  readonly closesRound: boolean;
  /** 0: cash first, then bonus money. */
  readonly funding?: Funding | 0;
}

/** One open bet is resolved; a win of zero is a loss. */
export interface RoundSettled {
  readonly type: "round_settled";
  readonly betTxnId: string;
  readonly win: Money;
  readonly closesRound: boolean;
  /** Part of the win that the pool pays. */
  readonly jackpotMinor?: bigint;
  readonly jackpotPool?: string;
}

/** One bet is undone, also before it arrives. */
export interface BetRolledBack {
  readonly type: "bet_rolled_back";
  readonly betTxnId: string;
}

/** A win is taken back, also before it arrives. */
export interface WinRolledBack {
  readonly type: "win_rolled_back";
  readonly winTxnId: string;
}

export interface BetVoided {
  readonly type: "bet_voided";
  readonly betTxnId: string;
  readonly reason: string;
  /** "" is the command's. */
  readonly betSource: string;
}

export interface BetResettled {
  readonly type: "bet_resettled";
  readonly betTxnId: string;
  readonly win: Money;
  readonly reason: string;
  readonly betSource: string;
}

export interface RoundClosed {
  readonly type: "round_closed";
  readonly roundSource: string;
}

export interface RoundVoided {
  readonly type: "round_voided";
  readonly reason: string;
  readonly roundSource: string;
}

export interface JackpotMoved {
  readonly type: "jackpot_contributed" | "jackpot_seeded" | "jackpot_won";
  readonly pool: string;
  readonly amount: Money;
}

export interface AdjustmentPosted {
  readonly type: "adjustment_posted";
  readonly amount: Money;
  readonly debit: boolean;
  readonly reason: string;
  readonly approvers: readonly string[];
  /** Record that this corrects, 0 when none. */
  readonly correctionOf: number;
}

export interface CurrencyExchanged {
  readonly type: "currency_exchanged";
  readonly sell: Money;
  readonly buy: Money;
  readonly quoteId: string;
}

export interface FeeAccrued {
  readonly type: "fee_accrued";
  /** 1 provider, 2 affiliate, 3 tax. */
  readonly kind: number;
  readonly payee: string;
  readonly amount: Money;
}

export interface BonusGranted {
  readonly type: "bonus_granted";
  readonly bonusId: string;
  readonly campaign: string;
  readonly amount: Money;
  readonly wageringMinor: bigint;
  readonly expiresAt: number;
  readonly conversionMinorMax: bigint;
}

export interface FreeBetsGranted {
  readonly type: "free_bets_granted";
  readonly bonusId: string;
  readonly campaign: string;
  readonly amount: Money;
  readonly winWageringX100: number;
  readonly expiresAt: number;
  readonly conversionMinorMax: bigint;
}

export interface BonusEnded {
  readonly type: "bonus_converted" | "bonus_expired";
  readonly bonusId: string;
}

export interface BonusForfeited {
  readonly type: "bonus_forfeited";
  readonly bonusId: string;
  readonly reason: string;
}

/** Dice from 0.00 to 100.00; wins strictly over (or under) the target. */
export interface DiceBet {
  readonly type: "dice";
  readonly targetX100: number;
  readonly over: boolean;
}

/** Stake, outcome and settlement of a house game in one record. */
export interface HouseRound {
  readonly type: "house_round";
  readonly stake: Money;
  readonly game: DiceBet;
}
