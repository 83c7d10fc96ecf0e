/**
 * Facts without effect on money, and the ids that each must carry.
 *
 * @module
 */

/** An id of the envelope. */
export type RequiredId =
  | "player_ref"
  | "session_id"
  | "round_id"
  | "txn_id"
  | "game_id"
  | "trace_id"
  | "build_hash"
  | "actor";

/** By type: the ids that it isn't accepted without. */
export const NOTES = {
  player_linked: ["player_ref"],
  consent_recorded: ["player_ref"],
  data_request_noted: ["player_ref"],
  auth_noted: ["player_ref"],
  kyc_noted: ["player_ref"],
  kyt_noted: ["player_ref"],
  aml_alerted: ["player_ref"],
  risk_noted: ["player_ref"],
  case_noted: [],
  game_session_noted: ["player_ref", "session_id"],
  round_started: ["player_ref", "round_id", "build_hash"],
  round_acted: ["player_ref", "round_id"],
  round_reported: ["player_ref", "round_id", "txn_id"],
  round_noted: ["player_ref", "round_id"],
  seed_noted: ["player_ref"],
  game_noted: ["game_id", "build_hash"],
  jackpot_noted: [],
  bet_rejected: ["txn_id"],
  psp_webhook_noted: ["trace_id"],
  cashier_route_switched: [],
  reality_check_noted: ["player_ref"],
  config_changed: ["build_hash"],
  operation_noted: [],
  backup_noted: [],
  security_noted: ["actor"],
  significant_event: [],
  system_noted: [],
  telegram_update_noted: ["trace_id"],
  release_noted: ["build_hash"],
} as const satisfies Readonly<Record<string, readonly RequiredId[]>>;

/** Name of such a type. */
export type NoteType = keyof typeof NOTES;
