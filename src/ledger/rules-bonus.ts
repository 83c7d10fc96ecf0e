/**
 * Bonuses: granted, converted, expired, forfeited. Bets take from them: see `rules-wallet.ts`.
 *
 * @module
 */
import { Code } from "./codes.ts";
import { decideConversion, decideExpiry, decideForfeit } from "./decide-bonus-end.ts";
import { decideFreeBets, decideGrant } from "./decide-bonus.ts";
import type { EventRules } from "./event-rule.ts";
import { minorFault, timeFault } from "./faults-bonus.ts";
import { idFault, moneyFault } from "./faults.ts";

type BonusType =
  "bonus_granted" | "free_bets_granted" | "bonus_converted" | "bonus_expired" | "bonus_forfeited";

const FOUND = [
  Code.PLAYER_UNKNOWN,
  Code.BONUS_UNKNOWN,
  Code.BONUS_MISMATCH,
  Code.BONUS_STAGE_INVALID,
] as const;

export const bonusRules: EventRules<BonusType> = {
  bonus_granted: {
    subject: "named",
    codes: [
      Code.PLAYER_UNKNOWN,
      Code.BONUS_DUPLICATE,
      Code.BONUS_STAGE_INVALID,
      Code.BONUS_TOO_MANY,
      Code.BALANCE_OVERFLOW,
      Code.OK,
    ],
    fault: (grant, _command, context) =>
      idFault(grant.bonusId, "bonus_granted.bonus_id") ??
      moneyFault(grant.amount, "bonus_granted.amount", 1n, context) ??
      minorFault(grant.wageringMinor, "bonus_granted.wagering_minor") ??
      timeFault(grant.expiresAt, "bonus_granted.expires_at") ??
      minorFault(grant.conversionMinorMax, "bonus_granted.conversion_minor_max"),
    decide: decideGrant,
  },
  free_bets_granted: {
    subject: "named",
    codes: [
      Code.PLAYER_UNKNOWN,
      Code.BONUS_DUPLICATE,
      Code.BONUS_STAGE_INVALID,
      Code.BONUS_TOO_MANY,
      Code.OK,
    ],
    fault: (grant, _command, context) =>
      idFault(grant.bonusId, "free_bets_granted.bonus_id") ??
      moneyFault(grant.amount, "free_bets_granted.amount", 1n, context) ??
      timeFault(grant.expiresAt, "free_bets_granted.expires_at") ??
      minorFault(grant.conversionMinorMax, "free_bets_granted.conversion_minor_max"),
    decide: decideFreeBets,
  },
  bonus_converted: {
    subject: "named",
    codes: [...FOUND, Code.BONUS_IN_PLAY, Code.BONUS_WAGERING_OPEN, Code.OK],
    fault: (end) => idFault(end.bonusId, "bonus_converted.bonus_id"),
    decide: decideConversion,
  },
  bonus_expired: {
    subject: "named",
    codes: [...FOUND, Code.BONUS_NOT_DUE, Code.BONUS_IN_PLAY, Code.OK],
    fault: (end) => idFault(end.bonusId, "bonus_expired.bonus_id"),
    decide: decideExpiry,
  },
  bonus_forfeited: {
    subject: "named",
    codes: [...FOUND, Code.BONUS_IN_PLAY, Code.OK],
    fault: (end) => idFault(end.bonusId, "bonus_forfeited.bonus_id"),
    decide: decideForfeit,
  },
};
