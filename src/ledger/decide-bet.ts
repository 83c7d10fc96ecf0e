import { AccountKind } from "./accounts.ts";
import { ClaimKind, claimHash, turnTo } from "./claims.ts";
import { Code } from "./codes.ts";
import { betKey, roundKey } from "./keys.ts";
import { BONUSES_MAX, ROUND_OPEN_BETS_MAX } from "./limits.ts";
import { namedPlayer } from "./players.ts";
import { accountOf } from "./state.ts";
import { balanceAfter, cashAsked, takeStake } from "./stakes.ts";
import { mayStake } from "./standing.ts";
import { Funding, type OpenRound, type Player, type StateView } from "./state-view.ts";
import type { BetPlaced, Command, Context, Facts, Outcome } from "./types.ts";
import { effective, emptyAccount, fits, movedBalance, unchanged } from "./verdict.ts";

/**
 * A stake moves from the player into the round's escrow.
 *
 * Funding 0 takes cash first, then bonus money; CASH, BONUS (money) and FREE (allowance) take from
 * nothing else. Bonuses give in spend order (earliest expiry first, never last, then the one
 * granted first), each all it has before the next; those with expires_at <= recorded_at give
 * nothing. Postings: player:cash, then player:bonus with the bonus's id as qualifier, or
 * exp:freebets, one line for each bonus in spend order; then round:escrow. Each bonus that gave is
 * left with remaining (or free_left) less its part and staked more by it; these parts stay with the
 * bet.
 */
export function decideBet(
  view: StateView,
  command: Command,
  bet: BetPlaced,
  context: Context,
): Outcome {
  const { minor, currency } = bet.amount;
  const player = namedPlayer(view, command, context.identity);
  if (player === undefined) {
    return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, currency);
  }
  const refusal =
    betUsed(view, command, context) ??
    roundRefuses(view, command, player, context) ??
    mayStake(view, player, command, currency, cashOf(player, bet, context), context.recordedAt);
  if (refusal !== undefined) return unchanged(command, context, refusal, player, currency);
  const account = accountOf(player.accounts, currency);
  const { funding = 0 } = bet;
  if (funding > Funding.CASH || account === undefined || account.available < minor) {
    return decideOther(command, player, bet, context);
  }
  return effective(command, context, Code.OK, player.ref, {
    postings: [
      { account: AccountKind.PLAYER_CASH, qualifier: "", minor: -minor, currency },
      { account: AccountKind.ROUND_ESCROW, qualifier: "", minor, currency },
    ],
    balances: [movedBalance(account, -minor, minor)],
  });
}

function cashOf(player: Player, { amount, funding = 0 }: BetPlaced, context: Context): bigint {
  return cashAsked(player, amount.currency, amount.minor, funding, context.recordedAt);
}

/** A stake that cash alone doesn't pay. A free one adds to what the player has. */
function decideOther(command: Command, player: Player, bet: BetPlaced, context: Context): Outcome {
  const { minor, currency } = bet.amount;
  const taken = takeStake(player, currency, minor, bet.funding ?? 0, context.recordedAt);
  if (typeof taken === "number") return unchanged(command, context, taken, player, currency);
  const account = accountOf(player.accounts, currency) ?? emptyAccount(currency);
  if (!fits(account, taken.available + taken.bonus + taken.held)) {
    return unchanged(command, context, Code.BALANCE_OVERFLOW, player, currency);
  }
  return effective(command, context, Code.OK, player.ref, {
    postings: taken.postings,
    balances: [balanceAfter(account, taken)],
    changes: taken.changes,
  });
}

/** A bet is (operator, source, txn): it comes once, whatever key it comes under. */
function betUsed(view: StateView, command: Command, context: Context): Code | undefined {
  const { operatorId, source, txnId } = command;
  if (view.bet(betKey(operatorId, source, txnId)) !== undefined) return Code.BET_DUPLICATE;
  const { facts } = context;
  const hash = claimHash(ClaimKind.RESOLVED, operatorId, source, txnId);
  const resolved = resolvedAs(facts, hash);
  if (resolved !== undefined) return resolved;
  const isMovement = facts.claimed(turnTo(hash, ClaimKind.TXN)) !== undefined;
  return isMovement ? Code.TXN_DUPLICATE : undefined;
}

/** How a bet that isn't open was resolved, undefined when it never came. */
export function betResolved(
  context: Context,
  operatorId: string,
  source: string,
  txnId: string,
): Code | undefined {
  return resolvedAs(context.facts, claimHash(ClaimKind.RESOLVED, operatorId, source, txnId));
}

/** The same by the hash of the RESOLVED claim, whose kind this changes. */
function resolvedAs(facts: Facts, hash: Uint8Array): Code | undefined {
  if (facts.claimed(hash) !== undefined) return Code.BET_ALREADY_SETTLED;
  const isUndone = facts.claimed(turnTo(hash, ClaimKind.TOMBSTONE)) !== undefined;
  return isUndone ? Code.BET_ROLLED_BACK : undefined;
}

/** Whether a round holds {@link ROUND_OPEN_BETS_MAX} bets, each counted with its bonus parts. */
function isFull(view: StateView, { openBets }: OpenRound): boolean {
  if (openBets.length * (1 + BONUSES_MAX) < ROUND_OPEN_BETS_MAX) return false;
  let lines = 0;
  for (const key of openBets) lines += 1 + (view.bet(key)?.parts?.length ?? 0);
  return lines >= ROUND_OPEN_BETS_MAX;
}

/** A round belongs to one player, takes no bets once it is closing, and so many at a time. */
function roundRefuses(
  view: StateView,
  command: Command,
  player: Player,
  context: Context,
): Code | undefined {
  const { operatorId, source, roundId } = command;
  const round = view.round(roundKey(operatorId, source, roundId));
  if (round !== undefined) {
    if (round.ref !== player.ref) return Code.ROUND_MISMATCH;
    if (round.closing) return Code.ROUND_CLOSED;
    return isFull(view, round) ? Code.ROUND_TOO_MANY_BETS : undefined;
  }
  const closed = claimHash(ClaimKind.ROUND_CLOSED, operatorId, source, roundId);
  return context.facts.claimed(closed) === undefined ? undefined : Code.ROUND_CLOSED;
}
