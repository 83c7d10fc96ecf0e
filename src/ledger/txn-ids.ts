/**
 * Transaction ids: within an operator's source, one id names one movement, for ever.
 *
 * A bet is named by its txn_id, known as open, settled (RESOLVED) or undone (TOMBSTONE). These
 * claim theirs as TXN when they are accepted and carry one: settlements, rollbacks, corrections,
 * ends of rounds, jackpots, house rounds. So do bets with bonus money or free stakes in them: a
 * correction must find what they were made of.
 *
 * @module
 */
import { ClaimKind, claim, claimHash, turnTo } from "./claims.ts";
import { CODES, Code } from "./codes.ts";
import { betKey } from "./keys.ts";
import type { StateView } from "./state-view.ts";
import type { Claim, Command, Context, Outcome } from "./types.ts";

/**
 * TXN_DUPLICATE when the command's txn_id is another movement's: claimed, or that of a bet which is
 * open, settled, or undone, before it came or after. Undefined when it is free, or "".
 */
export function txnRefusal(
  view: StateView,
  command: Command,
  { facts }: Context,
): Code | undefined {
  const { operatorId, source, txnId } = command;
  if (txnId === "") return undefined;
  if (view.bet(betKey(operatorId, source, txnId)) !== undefined) return Code.TXN_DUPLICATE;
  const hash = claimHash(ClaimKind.TXN, operatorId, source, txnId);
  if (facts.claimed(hash) !== undefined) return Code.TXN_DUPLICATE;
  const isBet =
    facts.claimed(turnTo(hash, ClaimKind.RESOLVED)) !== undefined ||
    facts.claimed(turnTo(hash, ClaimKind.TOMBSTONE)) !== undefined;
  return isBet ? Code.TXN_DUPLICATE : undefined;
}

/** The same for a movement that resolves a bet: the bet's id, known or not, can't be its own. */
export function resolutionTxnRefusal(
  view: StateView,
  command: Command,
  betTxnId: string,
  context: Context,
): Code | undefined {
  if (command.txnId !== "" && command.txnId === betTxnId) return Code.TXN_DUPLICATE;
  return txnRefusal(view, command, context);
}

/** WIN_ROLLED_BACK when the win of this txn_id was taken back before it came. */
export function winRefusal(command: Command, { facts }: Context): Code | undefined {
  const { operatorId, source, txnId } = command;
  if (txnId === "") return undefined;
  const taken = claimHash(ClaimKind.WIN_TAKEN, operatorId, source, txnId);
  return facts.claimed(taken) === undefined ? undefined : Code.WIN_ROLLED_BACK;
}

/** The claim of an accepted movement on its txn_id. */
export function txnClaims(command: Command, outcome: Outcome): Claim[] {
  const { operatorId, source, txnId } = command;
  if (txnId === "" || CODES[outcome.code].status !== "accepted") return [];
  return [claim(ClaimKind.TXN, operatorId, source, txnId)];
}

const NOTHING: readonly Claim[] = Object.freeze([]);

/** A bet claims its txn_id when something beside cash is in it. */
export function betClaims(command: Command, outcome: Outcome): readonly Claim[] {
  return outcome.changes === undefined ? NOTHING : txnClaims(command, outcome);
}
