/**
 * The credentials that a development deployment begins with.
 *
 * @module
 */
import { edgeSubject, type CredentialClaims, type EventType } from "./credential.ts";

/** The operator of a development deployment. */
export const DEV_OPERATOR = "demo";

const WIN_CEILING = Object.freeze({ "*": "1000000000000" });
/** What players may ask for themselves. */
const PLAYER_EVENTS: readonly EventType[] = [
  "seeds_rotated",
  "limit_set",
  "time_out_set",
  "self_excluded",
  "self_exclusion_revoked",
];
const PLAY_EVENTS: readonly EventType[] = [
  "player_registered",
  "bet_placed",
  "round_settled",
  "bet_rolled_back",
  "win_rolled_back",
  "round_closed",
  "round_voided",
  "jackpot_contributed",
  "house_round",
  "deposit_captured",
  "withdrawal_requested",
  ...PLAYER_EVENTS,
];
const CASHIER_EVENTS: readonly EventType[] = [
  "deposit_captured",
  "deposit_advanced",
  "deposit_refunded",
  "deposit_charged_back",
  "deposit_suspended",
  "suspense_matched",
  "psp_fee_charged",
  "psp_remitted",
  "debt_recovered",
  "currency_exchanged",
  "withdrawal_requested",
  "withdrawal_advanced",
  "withdrawal_submitted",
  "withdrawal_settled",
  "withdrawal_failed",
  "withdrawal_released",
  "withdrawal_expired",
  "withdrawal_reversed",
  "withdrawal_extended",
  "psp_webhook_noted",
  "cashier_route_switched",
];
const ADMIN_EVENTS: readonly EventType[] = [
  "player_registered",
  "player_status_changed",
  "player_frozen",
  "player_unfrozen",
  "account_bounds_set",
  "velocity_rule_set",
  ...PLAYER_EVENTS,
  "bonus_granted",
  "free_bets_granted",
  "bonus_converted",
  "bonus_forfeited",
  "adjustment_posted",
  "fee_accrued",
  "debt_written_off",
  "bet_voided",
  "bet_resettled",
  "round_closed",
  "round_voided",
  "jackpot_seeded",
  "jackpot_won",
];
const TEST_RAILS: readonly string[] = ["test-card", "test-crypto", "play"];
const PLAY_MONEY_DEPOSITS = Object.freeze({ deposit_captured: ["FUN"] });

/** The name under which any libSQL client may hold a replica. */
export const GUEST = "guest";

/** Names of the API keys, as they appear in `dev.json`. */
export const API_KEYS = ["read", "play", "cashier", "admin"] as const;
export type ApiKeyName = (typeof API_KEYS)[number];

/** The claims of an edge's own token. */
export function edgeClaims(region: string): CredentialClaims {
  return { sub: edgeSubject(region), role: "edge" };
}

/** The claims of a replica that is nobody's edge: it is synced, and that is all. */
export function replicaClaims(name: string): CredentialClaims {
  return { sub: edgeSubject(name), role: "replica" };
}

/** The claims of a publisher's own token. */
export function publisherClaims(): CredentialClaims {
  return { sub: "publisher", role: "publisher" };
}

/** The claims of the search process's own token. */
export function searchClaims(): CredentialClaims {
  return { sub: "search", role: "search" };
}

/** The claims under which the bot brings events: play money only. */
export function botClaims(operator = DEV_OPERATOR): CredentialClaims {
  return {
    sub: "bot",
    role: "bot",
    op: operator,
    src: "telegram",
    scopes: ["read", "play"],
    events: ["player_registered", "deposit_captured", "house_round", ...PLAYER_EVENTS],
    currencies: ["FUN"],
    rails: ["play"],
    win_ceiling: WIN_CEILING,
  };
}

/** The claims of one API key. */
export function apiClaims(name: ApiKeyName, operator = DEV_OPERATOR): CredentialClaims {
  const base = { sub: `api-${name}`, role: "api", op: operator, src: `api-${name}` } as const;
  switch (name) {
    case "read":
      return { ...base, scopes: ["read"] };
    case "play":
      return {
        ...base,
        scopes: ["read", "play"],
        events: PLAY_EVENTS,
        currencies: ["*"],
        event_currencies: PLAY_MONEY_DEPOSITS,
        rails: TEST_RAILS,
        win_ceiling: WIN_CEILING,
      };
    case "cashier":
      return {
        ...base,
        scopes: ["read", "cashier"],
        events: CASHIER_EVENTS,
        currencies: ["*"],
        rails: TEST_RAILS,
      };
    case "admin":
      return {
        ...base,
        scopes: ["read", "play", "cashier", "admin"],
        events: ADMIN_EVENTS,
        currencies: ["*"],
        // Bets that are settled anew may win.
        win_ceiling: WIN_CEILING,
      };
  }
}
