/**
 * Wins that are taken back.
 *
 * @module
 */
import { ClaimKind, claim, claimHash } from "./claims.ts";
import { Code } from "./codes.ts";
import { type Settled, correctedClaim, settledByWin } from "./correction-chain.ts";
import { correct } from "./decide-correction.ts";
import { betKey } from "./keys.ts";
import { namedPlayer, namesPlayer } from "./players.ts";
import type { StateView } from "./state-view.ts";
import { resolutionTxnRefusal, txnClaims } from "./txn-ids.ts";
import type { Claim, Command, Context, Outcome, WinRolledBack } from "./types.ts";
import { unchanged } from "./verdict.ts";

/**
 * A win is taken back; its bet stays settled, with a win of zero. The win is named by the txn_id of
 * the settlement, resettlement or jackpot that paid it, of the event's own source. When the bet was
 * resettled since, the win that stands is the one taken. See `CorrectionMoney` for the postings; a
 * win of zero is taken back without any.
 *
 * A txn_id that names nothing is remembered (WIN_TOMBSTONED, accepted): a settlement, resettlement
 * or jackpot that comes with it later is refused as WIN_ROLLED_BACK, and its bet stays open until
 * something else resolves it.
 *
 * In this order: the player, when one is named; the txn_id; WIN_ALREADY_ROLLED_BACK (accepted),
 * by this txn_id or another; WIN_UNKNOWN, when the id is that of an open or settled bet, or of a
 * movement that is no win: who names the wrong thing should know; WIN_TOMBSTONED; BET_VOIDED, the
 * win went with its bet; BET_MISMATCH, as for voids; BALANCE_OVERFLOW of the player's debt.
 */
export function decideWinRollback(
  view: StateView,
  command: Command,
  { winTxnId }: WinRolledBack,
  context: Context,
): Outcome {
  const named = namedPlayer(view, command, context.identity);
  if (named === undefined && namesPlayer(command, context.identity)) {
    return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, "");
  }
  const taken = resolutionTxnRefusal(view, command, winTxnId, context);
  if (taken !== undefined) return unchanged(command, context, taken, named, "");
  const found = winOf(view, command, winTxnId, context);
  if (typeof found === "number") return unchanged(command, context, found, named, "");
  return correct(view, command, found, named, { kind: "taken" }, context);
}

/** What the win belongs to, or why there is nothing to take. */
function winOf(
  view: StateView,
  command: Command,
  winTxnId: string,
  context: Context,
): Settled | Code {
  const { operatorId, source } = command;
  const claimed = (kind: ClaimKind) =>
    context.facts.claimed(claimHash(kind, operatorId, source, winTxnId)) !== undefined;
  if (claimed(ClaimKind.WIN_TAKEN)) return Code.WIN_ALREADY_ROLLED_BACK;
  const settled = settledByWin(context, command, winTxnId);
  if (settled !== undefined) {
    if (settled.standing === "taken") return Code.WIN_ALREADY_ROLLED_BACK;
    return settled.standing === "void" ? Code.BET_VOIDED : settled;
  }
  const isOther =
    claimed(ClaimKind.TXN) ||
    claimed(ClaimKind.RESOLVED) ||
    view.bet(betKey(operatorId, source, winTxnId)) !== undefined;
  return isOther ? Code.WIN_UNKNOWN : Code.WIN_TOMBSTONED;
}

/** The name is used up, and the record that paid the win is corrected. */
export function winRollbackClaims(
  command: Command,
  { winTxnId }: WinRolledBack,
  outcome: Outcome,
): Claim[] {
  const { operatorId, source } = command;
  const claims = txnClaims(command, outcome);
  if (outcome.code !== Code.OK && outcome.code !== Code.WIN_TOMBSTONED) return claims;
  claims.push(claim(ClaimKind.WIN_TAKEN, operatorId, source, winTxnId));
  claims.push(...correctedClaim(operatorId, outcome));
  return claims;
}
