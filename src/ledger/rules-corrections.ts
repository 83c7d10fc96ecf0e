/**
 * Corrections of bets and wins, and the ends of rounds.
 *
 * @module
 */
import { applyCorrection, applyVoid } from "./apply-correction.ts";
import { applyRoundEnd } from "./apply-round-end.ts";
import { Code } from "./codes.ts";
import { correctedClaim } from "./correction-chain.ts";
import { decideResettlement, decideVoid, voidedBetClaims } from "./decide-correction.ts";
import { decideRoundClosed, decideRoundVoided, roundEndClaims } from "./decide-round.ts";
import { decideWinRollback, winRollbackClaims } from "./decide-win-rollback.ts";
import type { EventRules } from "./event-rule.ts";
import { idFault, invalid, isId, winFault } from "./faults.ts";
import { txnClaims } from "./txn-ids.ts";
import type { Fault } from "./types.ts";

type CorrectionType =
  "win_rolled_back" | "bet_voided" | "bet_resettled" | "round_closed" | "round_voided";

/** The fault of a source that may be left out. */
function sourceFault(text: string, field: string): Fault | undefined {
  return isId(text) ? undefined : invalid(field);
}

export const correctionRules: EventRules<CorrectionType> = {
  win_rolled_back: {
    subject: "referred",
    codes: [
      Code.PLAYER_UNKNOWN,
      Code.TXN_DUPLICATE,
      Code.WIN_ALREADY_ROLLED_BACK,
      Code.WIN_UNKNOWN,
      Code.WIN_TOMBSTONED,
      Code.BET_VOIDED,
      Code.BET_MISMATCH,
      Code.BALANCE_OVERFLOW,
      Code.OK,
    ],
    accepts: [Code.WIN_TOMBSTONED, Code.WIN_ALREADY_ROLLED_BACK],
    fault: (rollback) => idFault(rollback.winTxnId, "win_rolled_back.win_txn_id"),
    decide: decideWinRollback,
    claims: (_view, command, rollback, outcome) => winRollbackClaims(command, rollback, outcome),
    apply: applyCorrection,
  },
  bet_voided: {
    subject: "referred",
    codes: [
      Code.PLAYER_UNKNOWN,
      Code.TXN_DUPLICATE,
      // A bet is in one of these states, never in two.
      Code.BET_ALREADY_VOIDED,
      Code.BET_ROLLED_BACK,
      Code.BET_UNKNOWN,
      Code.BET_MISMATCH,
      Code.BALANCE_OVERFLOW,
      Code.OK,
    ],
    accepts: [Code.BET_ALREADY_VOIDED],
    fault: ({ betTxnId, betSource }) =>
      idFault(betTxnId, "bet_voided.bet_txn_id") ?? sourceFault(betSource, "bet_voided.bet_source"),
    decide: decideVoid,
    claims: (view, command, payload, outcome) => [
      ...txnClaims(command, outcome),
      ...voidedBetClaims(view, command, payload, outcome),
      ...correctedClaim(command.operatorId, outcome, payload.betTxnId),
    ],
    apply: applyVoid,
  },
  bet_resettled: {
    subject: "referred",
    codes: [
      Code.PLAYER_UNKNOWN,
      Code.TXN_DUPLICATE,
      Code.WIN_ROLLED_BACK,
      Code.BET_OPEN,
      Code.BET_ROLLED_BACK,
      Code.BET_VOIDED,
      Code.BET_UNKNOWN,
      Code.BET_MISMATCH,
      Code.CORRECTION_TOO_MANY,
      Code.WIN_ABOVE_CEILING,
      Code.BALANCE_OVERFLOW,
      Code.OK,
    ],
    fault: ({ betTxnId, betSource, win }) =>
      idFault(betTxnId, "bet_resettled.bet_txn_id") ??
      winFault(win, "bet_resettled.win") ??
      sourceFault(betSource, "bet_resettled.bet_source"),
    decide: decideResettlement,
    claims: (_view, command, payload, outcome) => [
      ...txnClaims(command, outcome),
      ...correctedClaim(command.operatorId, outcome, payload.betTxnId),
    ],
    apply: applyCorrection,
  },
  round_closed: {
    subject: "referred",
    needs: ["round_id"],
    codes: [
      Code.PLAYER_UNKNOWN,
      Code.TXN_DUPLICATE,
      Code.ROUND_ALREADY_CLOSED,
      Code.ROUND_MISMATCH,
      Code.OK,
    ],
    accepts: [Code.ROUND_ALREADY_CLOSED],
    fault: ({ roundSource }) => sourceFault(roundSource, "round_closed.round_source"),
    decide: decideRoundClosed,
    claims: roundEndClaims,
    apply: applyRoundEnd,
  },
  round_voided: {
    subject: "referred",
    needs: ["round_id"],
    codes: [
      Code.PLAYER_UNKNOWN,
      Code.TXN_DUPLICATE,
      Code.ROUND_ALREADY_CLOSED,
      Code.ROUND_UNKNOWN,
      Code.ROUND_MISMATCH,
      Code.OK,
    ],
    accepts: [Code.ROUND_ALREADY_CLOSED],
    fault: ({ roundSource }) => sourceFault(roundSource, "round_voided.round_source"),
    decide: decideRoundVoided,
    claims: roundEndClaims,
    apply: applyRoundEnd,
  },
};
