/**
 * Corrections of bets: void, or settled anew.
 *
 * @module
 */
import { ClaimKind, claim, claimHash } from "./claims.ts";
import { Code } from "./codes.ts";
import { type Settled, recordAt, settledBet, settledByItself } from "./correction-chain.ts";
import { CorrectionMoney, type Target } from "./correction-money.ts";
import { LedgerError } from "./errors.ts";
import { betKey, roundIdOf, roundKey } from "./keys.ts";
import { CORRECTIONS_MAX } from "./limits.ts";
import { endOfBonus } from "./object-life.ts";
import { BonusStage } from "./objects.ts";
import { type OpenBetContext, openBetOf } from "./open-bets.ts";
import { namedPlayer, namesPlayer } from "./players.ts";
import { balanceAfter, returnStake } from "./stakes.ts";
import type { Player, StateView } from "./state-view.ts";
import { resolutionTxnRefusal, txnRefusal, winRefusal } from "./txn-ids.ts";
import type { BetResettled, BetVoided, Claim, Command, Context, Outcome } from "./types.ts";
import { effective, unchanged } from "./verdict.ts";

/**
 * A bet is void. Open, its stake returns as in a rollback (TOMBSTONE), and its round closes when it
 * was to close with its last bet. Settled, what stands of it is mirrored and the stake returns: see
 * `CorrectionMoney`. A house round is a settled bet by its own txn_id; all that was posted is
 * mirrored, and its draw stays used.
 *
 * In this order: the player, when one is named; the txn_id; BET_ALREADY_VOIDED (accepted), by
 * itself or with its round; BET_ROLLED_BACK; BET_UNKNOWN; BET_MISMATCH, when a player or a round is
 * named that isn't the bet's (a settled bet's round is the one that its settlement named);
 * BALANCE_OVERFLOW, also when the player would owe more than 2^63 − 1.
 *
 * An unknown bet leaves no tombstone, unlike a rollback: a void corrects what is in the book, by
 * people who can see it there. Who doesn't know whether a bet arrived rolls it back.
 */
export function decideVoid(
  view: StateView,
  command: Command,
  { betTxnId, betSource }: BetVoided,
  context: Context,
): Outcome {
  const { operatorId } = command;
  const source = betSource === "" ? command.source : betSource;
  const named = namedPlayer(view, command, context.identity);
  if (named === undefined && namesPlayer(command, context.identity)) {
    return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, "");
  }
  const no = (code: Code, player: Player | undefined = named) =>
    unchanged(command, context, code, player, "");
  const taken = betTxnRefusal(view, command, source, betTxnId, context);
  if (taken !== undefined) return no(taken);
  const open = openBetOf(view, betKey(operatorId, source, betTxnId));
  if (open !== undefined) return voidOpen(command, source, open, named, context);
  const undone = undoneBy(context, operatorId, source, betTxnId);
  if (undone !== undefined) {
    return no(undone === Code.BET_VOIDED ? Code.BET_ALREADY_VOIDED : undone);
  }
  const of = { operatorId, source };
  const settled = settledBet(context, of, betTxnId) ?? settledByItself(context, of, betTxnId);
  if (settled === undefined || settled.kind === "jackpot") return no(Code.BET_UNKNOWN);
  if (settled.standing === "void") return no(Code.BET_ALREADY_VOIDED);
  return correct(view, command, settled, named, { kind: "void" }, context);
}

function voidOpen(
  command: Command,
  source: string,
  { bet, round, player, account }: OpenBetContext,
  named: Player | undefined,
  context: Context,
): Outcome {
  const { operatorId, roundId } = command;
  const matches =
    (named === undefined || named.ref === bet.ref) &&
    (roundId === "" || roundKey(operatorId, source, roundId) === bet.roundKey);
  if (!matches) return unchanged(command, context, Code.BET_MISMATCH, named ?? player, "");
  const returned = returnStake(player, bet);
  return effective(command, context, Code.OK, player.ref, {
    postings: returned.postings,
    balances: [balanceAfter(account, returned)],
    changes: returned.changes,
    roundClosed: round.openBets.length === 1 && round.closing,
  });
}

/**
 * A settled bet gets another win, paid by rev:wins, instead of the one that stands: see
 * `CorrectionMoney`. The stake isn't counted anew. What was taken back stays so for its own
 * txn_id; the new win is taken back by the resettlement's txn_id, or by the settlement's when that
 * isn't used up.
 *
 * In this order: the player, when one is named; the txn_id (TXN_DUPLICATE, WIN_ROLLED_BACK);
 * BET_OPEN; BET_ROLLED_BACK; BET_VOIDED; BET_UNKNOWN, house rounds among them: their outcome
 * follows from their seeds, so they are voided or stand; BET_MISMATCH, as for voids, and for
 * another currency; CORRECTION_TOO_MANY after CORRECTIONS_MAX corrections (a void or a rollback of
 * the win may still follow); the caller's ceiling of wins; BALANCE_OVERFLOW.
 */
export function decideResettlement(
  view: StateView,
  command: Command,
  { betTxnId, betSource, win }: BetResettled,
  context: Context,
): Outcome {
  const { operatorId } = command;
  const source = betSource === "" ? command.source : betSource;
  const named = namedPlayer(view, command, context.identity);
  if (named === undefined && namesPlayer(command, context.identity)) {
    return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, win.currency);
  }
  const no = (code: Code, player: Player | undefined = named) =>
    unchanged(command, context, code, player, win.currency);
  const taken =
    betTxnRefusal(view, command, source, betTxnId, context) ?? winRefusal(command, context);
  if (taken !== undefined) return no(taken);
  if (view.bet(betKey(operatorId, source, betTxnId)) !== undefined) return no(Code.BET_OPEN);
  const undone = undoneBy(context, operatorId, source, betTxnId);
  if (undone !== undefined) return no(undone);
  const settled = settledBet(context, { operatorId, source }, betTxnId);
  if (settled === undefined) return no(Code.BET_UNKNOWN);
  if (settled.standing === "void") return no(Code.BET_VOIDED);
  if (win.currency !== "" && win.currency !== settled.currency) {
    return no(Code.BET_MISMATCH, named ?? view.player(settled.ref));
  }
  const refusal = mismatch(view, command, settled, named, context);
  if (refusal !== undefined) return refusal;
  const player = named ?? view.player(settled.ref);
  if (settled.corrections >= CORRECTIONS_MAX) return no(Code.CORRECTION_TOO_MANY, player);
  if (win.minor > context.winCeiling(settled.currency)) return no(Code.WIN_ABOVE_CEILING, player);
  const paid = { minor: win.minor, jackpotMinor: 0n, jackpotPool: "" };
  return correct(view, command, settled, named, { kind: "win", win: paid }, context);
}

/** Corrects what stands of a settled bet, when player and round are its own. */
export function correct(
  view: StateView,
  command: Command,
  settled: Settled,
  named: Player | undefined,
  target: Target,
  context: Context,
): Outcome {
  const refusal = mismatch(view, command, settled, named, context);
  if (refusal !== undefined) return refusal;
  const player = view.player(settled.ref);
  if (player === undefined) {
    throw new LedgerError("INVARIANT_BROKEN", "a settled bet has lost its player");
  }
  const isConverted = (key: string): boolean => {
    const end = endOfBonus(context, command.operatorId, key);
    return end?.stage === BonusStage.CONVERTED && end.conversionMax === 0n;
  };
  const effect = new CorrectionMoney(player, settled, isConverted).effect(target);
  if (effect !== undefined) return effective(command, context, Code.OK, player.ref, effect);
  return unchanged(command, context, Code.BALANCE_OVERFLOW, player, settled.currency);
}

/** BET_MISMATCH when the command names another player or another round. */
function mismatch(
  view: StateView,
  command: Command,
  { ref, roundId }: Settled,
  named: Player | undefined,
  context: Context,
): Outcome | undefined {
  const isRound = command.roundId === "" || roundId === "" || command.roundId === roundId;
  if ((named === undefined || named.ref === ref) && isRound) return undefined;
  const player = named ?? view.player(ref);
  return unchanged(command, context, Code.BET_MISMATCH, player, "");
}

/** How a bet that was never settled came to nothing: rolled back, or void. */
function undoneBy(
  context: Context,
  operatorId: string,
  source: string,
  betTxnId: string,
): Code | undefined {
  const hash = claimHash(ClaimKind.TOMBSTONE, operatorId, source, betTxnId);
  const seq = context.facts.claimed(hash);
  if (seq === undefined) return undefined;
  const { type } = recordAt(context, seq).command.payload;
  return type === "bet_rolled_back" ? Code.BET_ROLLED_BACK : Code.BET_VOIDED;
}

/** A correction's own txn_id can't be that of its bet, where both are of one source. */
function betTxnRefusal(
  view: StateView,
  command: Command,
  betSource: string,
  betTxnId: string,
  context: Context,
): Code | undefined {
  if (betSource !== command.source) return txnRefusal(view, command, context);
  return resolutionTxnRefusal(view, command, betTxnId, context);
}

/** The tombstone of an open bet that is void, and perhaps the close of its round. */
export function voidedBetClaims(
  view: StateView,
  command: Command,
  { betTxnId, betSource }: BetVoided,
  outcome: Outcome,
): Claim[] {
  const { operatorId } = command;
  const source = betSource === "" ? command.source : betSource;
  const open = openBetOf(view, betKey(operatorId, source, betTxnId));
  if (outcome.code !== Code.OK || open === undefined) return [];
  const claims = [claim(ClaimKind.TOMBSTONE, operatorId, source, betTxnId)];
  if (!outcome.roundClosed) return claims;
  const roundId = roundIdOf(open.round.key);
  return [...claims, claim(ClaimKind.ROUND_CLOSED, operatorId, source, roundId)];
}
