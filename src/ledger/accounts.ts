/**
 * The chart of accounts. Numbers are those of the contract's `AccountKind`.
 *
 * Player accounts belong to the record's player, escrow to the record's round; the others are the
 * operator's and may carry a qualifier. Credits are positive, debits negative.
 *
 * @module
 */

/** Purpose of an account. */
export const AccountKind = {
  PLAYER_CASH: 1,
  PLAYER_BONUS: 2,
  PLAYER_WITHDRAWAL_PENDING: 3,
  ROUND_ESCROW: 4,
  LIAB_JACKPOT: 5,
  LIAB_SUSPENSE: 6,
  PAYABLE_PROVIDER: 7,
  PAYABLE_AFFILIATE: 8,
  PAYABLE_TAX: 9,
  ASSET_PSP_CLEARING: 10,
  ASSET_PSP_PAYOUT_TRANSIT: 11,
  ASSET_BANK_SEGREGATED: 12,
  ASSET_BANK_OPERATING: 13,
  ASSET_CHAIN_HOT: 14,
  ASSET_PLAYER_DEBT: 15,
  REV_BETS: 16,
  REV_WINS: 17,
  REV_FX: 18,
  EXP_BONUS: 19,
  EXP_FREEBETS: 20,
  EXP_JACKPOT: 21,
  EXP_PSP_FEES: 22,
  EXP_NETWORK_FEES: 23,
  EXP_PROVIDER_FEES: 24,
  EXP_CHARGEBACK_LOSS: 25,
  EXP_ADJUSTMENTS: 26,
  EXP_FX: 27,
  FX_POSITION: 28,
  EQUITY_OPERATOR: 29,
} as const;
export type AccountKind = (typeof AccountKind)[keyof typeof AccountKind];
