/**
 * Bets, settlements, rollbacks and house rounds.
 *
 * @module
 */
import { applyBet, applyHouseRound, applyRollback, applySettlement } from "./apply-rounds.ts";
import { resolutionClaims } from "./claims-of-rounds.ts";
import { Code } from "./codes.ts";
import { decideBet } from "./decide-bet.ts";
import { decideHouseRound } from "./decide-house-round.ts";
import { decideRollback } from "./decide-rollback.ts";
import { decideSettlement } from "./decide-settlement.ts";
import type { EventRules } from "./event-rule.ts";
import { fundingFault, jackpotPartFault } from "./faults-bonus.ts";
import { houseRoundFault, idFault, moneyFault, winFault } from "./faults.ts";
import { STAKE_CODES } from "./standing.ts";
import { betClaims, txnClaims } from "./txn-ids.ts";

type WalletType = "bet_placed" | "round_settled" | "bet_rolled_back" | "house_round";

export const walletRules: EventRules<WalletType> = {
  bet_placed: {
    subject: "named",
    needs: ["round_id", "txn_id"],
    codes: [
      Code.PLAYER_UNKNOWN,
      // A bet is in one of these states, never in two.
      Code.BET_DUPLICATE,
      Code.BET_ALREADY_SETTLED,
      Code.BET_ROLLED_BACK,
      Code.TXN_DUPLICATE,
      Code.ROUND_MISMATCH,
      Code.ROUND_CLOSED,
      Code.ROUND_TOO_MANY_BETS,
      ...STAKE_CODES,
      Code.FUNDS_INSUFFICIENT,
      Code.BALANCE_OVERFLOW,
      Code.OK,
    ],
    fault: (bet, _command, context) =>
      moneyFault(bet.amount, "bet_placed.amount", 1n, context) ?? fundingFault(bet),
    decide: decideBet,
    claims: (_view, command, _bet, outcome) => betClaims(command, outcome),
    apply: applyBet,
  },
  round_settled: {
    subject: "referred",
    codes: [
      Code.PLAYER_UNKNOWN,
      Code.TXN_DUPLICATE,
      Code.WIN_ROLLED_BACK,
      Code.BET_ALREADY_SETTLED,
      Code.BET_ROLLED_BACK,
      Code.BET_UNKNOWN,
      Code.BET_MISMATCH,
      Code.WIN_ABOVE_CEILING,
      Code.JACKPOT_INSUFFICIENT,
      Code.BALANCE_OVERFLOW,
      Code.OK,
    ],
    fault: (settlement) =>
      idFault(settlement.betTxnId, "round_settled.bet_txn_id") ??
      winFault(settlement.win, "round_settled.win") ??
      jackpotPartFault(settlement),
    decide: decideSettlement,
    claims: resolutionClaims,
    apply: applySettlement,
  },
  bet_rolled_back: {
    subject: "referred",
    codes: [
      Code.PLAYER_UNKNOWN,
      Code.TXN_DUPLICATE,
      Code.BET_ALREADY_SETTLED,
      Code.BET_ALREADY_ROLLED_BACK,
      Code.BET_TOMBSTONED,
      Code.BET_MISMATCH,
      Code.OK,
    ],
    accepts: [Code.BET_TOMBSTONED, Code.BET_ALREADY_ROLLED_BACK],
    fault: (rollback) => idFault(rollback.betTxnId, "bet_rolled_back.bet_txn_id"),
    decide: decideRollback,
    claims: resolutionClaims,
    apply: applyRollback,
  },
  house_round: {
    subject: "named",
    codes: [
      Code.PLAYER_UNKNOWN,
      Code.TXN_DUPLICATE,
      ...STAKE_CODES,
      Code.WIN_ABOVE_CEILING,
      Code.FUNDS_INSUFFICIENT,
      Code.BALANCE_OVERFLOW,
      Code.OK,
    ],
    fault: (round, _command, context) => houseRoundFault(round, context),
    decide: decideHouseRound,
    claims: (_view, command, _round, outcome) => txnClaims(command, outcome),
    apply: applyHouseRound,
  },
};
