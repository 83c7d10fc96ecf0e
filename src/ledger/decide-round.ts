/**
 * The end of a round: closed, or void.
 *
 * A round is (operator, source, round id). It is open while it has open bets, settled when it has
 * none, closed once that is said, for ever (ROUND_CLOSED). Only open rounds are in memory: with its
 * last open bet a round leaves it. A settled round that nobody has closed is like one that never
 * was: a later bet opens it anew, for whichever player. Nothing but that binding is lost, since
 * bets are resolved by their own ids; and rounds that are never closed cost nothing.
 *
 * @module
 */
import { ClaimKind, claim, claimHash } from "./claims.ts";
import { Code } from "./codes.ts";
import { roundKey, txnIdOf } from "./keys.ts";
import { namedPlayer, namesPlayer } from "./players.ts";
import { openBetsOf, sweep } from "./round-sweep.ts";
import type { Player, StateView } from "./state-view.ts";
import { txnClaims, txnRefusal } from "./txn-ids.ts";
import type { Claim, Command, Context, Outcome, RoundClosed, RoundVoided } from "./types.ts";
import { effective, unchanged } from "./verdict.ts";

/**
 * A round takes no more bets, and the bets that are still open are lost: each is settled with a win
 * of zero, as a settlement would. One that isn't in memory (settled, or its bets never came) is
 * closed as well, without postings, so that a late bet is refused: providers end rounds whose bets
 * got lost on the way.
 *
 * In this order: the player, when one is named; the txn_id; ROUND_ALREADY_CLOSED (accepted); the
 * round's player (ROUND_MISMATCH). Postings come bet by bet, by key (UTF-16 order); where bets are
 * in several currencies, currency by currency in the order of their first bets. The round:escrow
 * line of a bet carries its txn_id as qualifier.
 */
export function decideRoundClosed(
  view: StateView,
  command: Command,
  payload: RoundClosed,
  context: Context,
): Outcome {
  return decideEnd(view, command, payload, context);
}

/**
 * A round is void: the stakes of its open bets return to where they came from, as in rollbacks, and
 * it is closed. Its settled bets stay as they are; they are voided one by one. A round without open
 * bets has nothing that could return: ROUND_UNKNOWN, lest somebody believe its bets were void.
 * Order of codes and postings as for `round_closed`, ROUND_UNKNOWN before ROUND_MISMATCH.
 */
export function decideRoundVoided(
  view: StateView,
  command: Command,
  payload: RoundVoided,
  context: Context,
): Outcome {
  return decideEnd(view, command, payload, context);
}

function decideEnd(
  view: StateView,
  command: Command,
  payload: RoundClosed | RoundVoided,
  context: Context,
): Outcome {
  const { operatorId, roundId } = command;
  const named = namedPlayer(view, command, context.identity);
  if (named === undefined && namesPlayer(command, context.identity)) {
    return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, "");
  }
  const no = (code: Code, player: Player | undefined = named) =>
    unchanged(command, context, code, player, "");
  const taken = txnRefusal(view, command, context);
  if (taken !== undefined) return no(taken);
  const source = roundSourceOf(command, payload);
  const closed = claimHash(ClaimKind.ROUND_CLOSED, operatorId, source, roundId);
  if (context.facts.claimed(closed) !== undefined) return no(Code.ROUND_ALREADY_CLOSED);
  const round = view.round(roundKey(operatorId, source, roundId));
  const isVoid = payload.type === "round_voided";
  if (round === undefined) {
    if (isVoid) return no(Code.ROUND_UNKNOWN);
    return { ...no(Code.OK), playerRef: named?.ref ?? "", roundClosed: true };
  }
  if (named !== undefined && named.ref !== round.ref) return no(Code.ROUND_MISMATCH);
  const player = named ?? view.player(round.ref)!;
  const swept = sweep(player, openBetsOf(view, round), isVoid, context.recordedAt);
  return effective(command, context, Code.OK, player.ref, { ...swept, roundClosed: true });
}

/** The round is closed, and each of its bets resolved. */
export function roundEndClaims(
  view: StateView,
  command: Command,
  payload: RoundClosed | RoundVoided,
  outcome: Outcome,
): Claim[] {
  const claims = txnClaims(command, outcome);
  if (outcome.code !== Code.OK) return claims;
  const { operatorId, roundId } = command;
  const source = roundSourceOf(command, payload);
  claims.push(claim(ClaimKind.ROUND_CLOSED, operatorId, source, roundId));
  const round = view.round(roundKey(operatorId, source, roundId));
  if (round === undefined) return claims;
  const kind = payload.type === "round_voided" ? ClaimKind.TOMBSTONE : ClaimKind.RESOLVED;
  for (const { key } of openBetsOf(view, round)) {
    claims.push(claim(kind, operatorId, source, txnIdOf(key)));
  }
  return claims;
}

/** Source of the round, which is that of its bets. */
export function roundSourceOf(
  command: Command,
  { roundSource }: Pick<RoundClosed, "roundSource">,
): string {
  return roundSource === "" ? command.source : roundSource;
}
