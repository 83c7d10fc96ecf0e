/**
 * Who may bring which type of event.
 *
 * @module
 */
import { NOTES, type NoteType, type PayloadType } from "../ledger/index.ts";
import type { Scope } from "./credential.ts";

type MoneyType = Exclude<PayloadType, NoteType>;

/** Players and games. */
const PLAY: readonly Scope[] = ["play"];
/** What players may ask for themselves, through the bot. */
const PLAYER: readonly Scope[] = ["play", "admin"];
const CASHIER: readonly Scope[] = ["cashier"];
const ADMIN: readonly Scope[] = ["admin"];
/** The primary writes these itself and asks nobody. */
const NOBODY: readonly Scope[] = [];

const MONEY_SCOPES: Readonly<Record<MoneyType, readonly Scope[]>> = {
  player_registered: PLAYER,
  player_status_changed: ADMIN,
  player_frozen: ADMIN,
  player_unfrozen: ADMIN,
  seeds_rotated: PLAYER,
  house_round: PLAY,
  bet_placed: PLAY,
  round_settled: PLAY,
  bet_rolled_back: PLAY,
  win_rolled_back: PLAY,
  // What is settled is corrected by people: a game could undo its own losses.
  bet_voided: ADMIN,
  bet_resettled: ADMIN,
  round_closed: ["play", "admin"],
  round_voided: ["play", "admin"],
  jackpot_contributed: PLAY,
  jackpot_seeded: ADMIN,
  // A pool pays a settlement of an open bet (round_settled); this pays whom it names.
  jackpot_won: ADMIN,
  adjustment_posted: ADMIN,
  currency_exchanged: CASHIER,
  fee_accrued: ADMIN,
  bonus_granted: ADMIN,
  bonus_converted: ADMIN,
  bonus_expired: ADMIN,
  bonus_forfeited: PLAYER,
  free_bets_granted: ADMIN,
  deposit_captured: ["play", "cashier"],
  deposit_advanced: CASHIER,
  deposit_refunded: CASHIER,
  deposit_charged_back: CASHIER,
  deposit_suspended: CASHIER,
  suspense_matched: CASHIER,
  psp_fee_charged: CASHIER,
  psp_remitted: CASHIER,
  debt_written_off: ADMIN,
  debt_recovered: CASHIER,
  withdrawal_requested: ["play", "cashier"],
  withdrawal_advanced: CASHIER,
  withdrawal_submitted: CASHIER,
  withdrawal_settled: CASHIER,
  withdrawal_failed: CASHIER,
  withdrawal_released: CASHIER,
  withdrawal_expired: CASHIER,
  withdrawal_reversed: CASHIER,
  withdrawal_extended: CASHIER,
  limit_set: PLAYER,
  time_out_set: PLAYER,
  self_excluded: PLAYER,
  self_exclusion_revoked: PLAYER,
  account_bounds_set: ADMIN,
  velocity_rule_set: ADMIN,
  epoch_started: NOBODY,
  key_rotated: NOBODY,
};

/** The scopes of which one is needed to bring an event of this type. */
export function scopesFor(type: PayloadType): readonly Scope[] {
  return type in NOTES ? ["play", "cashier", "admin"] : MONEY_SCOPES[type as MoneyType];
}
