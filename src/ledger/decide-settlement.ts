import { AccountKind } from "./accounts.ts";
import { hasBonuses } from "./bonus-order.ts";
import { Code } from "./codes.ts";
import { betResolved } from "./decide-bet.ts";
import { betKey, houseKey, roundKey } from "./keys.ts";
import { openBetOf } from "./open-bets.ts";
import { namedPlayer, namesPlayer } from "./players.ts";
import { balanceAfter, settleStake } from "./stakes.ts";
import type { OpenBet, StateView } from "./state-view.ts";
import type { Command, Context, Outcome, Posting, RoundSettled } from "./types.ts";
import { resolutionTxnRefusal, winRefusal } from "./txn-ids.ts";
import { effective, fits, movedBalance, unchanged } from "./verdict.ts";

/**
 * One bet's stake is recognised and its win, which may be zero, is paid.
 *
 * A txn_id that the event carries is looked at before the bet: it must be free and not the bet's
 * own (TXN_DUPLICATE, see `txn-ids.ts`), nor that of a win which was taken back before it came
 * (WIN_ROLLED_BACK); then the bet stays open.
 *
 * The stake goes from round:escrow to rev:bets, and leaves `staked` of the bonuses it came from.
 * The win is paid from liab:jackpot of its pool (the jackpot part) and rev:wins (the rest), to the
 * sources of the stake pro rata: see `sharesOf`. A bonus's share is its bonus money; what free bets
 * win is, too, and adds floor(share x win_wagering_x100 / 100) to its wagering_left, at most to
 * 2^63 - 1. Then the stake, cash included and free stakes excluded, is wagered: it lowers
 * wagering_left of the player's bonuses in its currency in spend order, one to zero before the
 * next; those with expires_at <= recorded_at are left out. Last, a bonus that this record changed
 * and that has remaining = staked = free_left = 0 ends as LOST.
 *
 * Postings: round:escrow, rev:bets, liab:jackpot, rev:wins, player:cash, player:bonus (one line for
 * each bonus, its id the qualifier, in the order of the parts), those that aren't zero.
 */
export function decideSettlement(
  view: StateView,
  command: Command,
  settlement: RoundSettled,
  context: Context,
): Outcome {
  const { operatorId, source, roundId } = command;
  const { betTxnId, win } = settlement;
  const named = namedPlayer(view, command, context.identity);
  if (named === undefined && namesPlayer(command, context.identity)) {
    return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, win.currency);
  }
  const refusal =
    resolutionTxnRefusal(view, command, betTxnId, context) ?? winRefusal(command, context);
  if (refusal !== undefined) return unchanged(command, context, refusal, named, win.currency);
  const open = openBetOf(view, betKey(operatorId, source, betTxnId));
  if (open === undefined) {
    const code = betResolved(context, operatorId, source, betTxnId) ?? Code.BET_UNKNOWN;
    return unchanged(command, context, code, named, win.currency);
  }
  const { bet, round, player, account } = open;
  const matches =
    (named === undefined || named.ref === bet.ref) &&
    (roundId === "" || roundKey(operatorId, source, roundId) === bet.roundKey) &&
    (win.currency === "" || win.currency === bet.currency);
  if (!matches) {
    return unchanged(command, context, Code.BET_MISMATCH, named ?? player, win.currency);
  }
  if (win.minor > context.winCeiling(bet.currency)) {
    return unchanged(command, context, Code.WIN_ABOVE_CEILING, player, bet.currency);
  }
  const { jackpotMinor = 0n, jackpotPool = "" } = settlement;
  if (jackpotMinor > 0n && jackpotMinor > poolOf(view, operatorId, jackpotPool, bet)) {
    return unchanged(command, context, Code.JACKPOT_INSUFFICIENT, player, bet.currency);
  }
  if (!fits(account, win.minor - bet.amount)) {
    return unchanged(command, context, Code.BALANCE_OVERFLOW, player, bet.currency);
  }
  const roundClosed = round.openBets.length === 1 && (round.closing || settlement.closesRound);
  if (jackpotMinor > 0n || bet.parts !== undefined || hasBonuses(player)) {
    const paid = { minor: win.minor, jackpotMinor, jackpotPool };
    const settled = settleStake(player, bet, paid, context.recordedAt);
    return effective(command, context, Code.OK, player.ref, {
      postings: settled.postings,
      balances: [balanceAfter(account, settled)],
      roundClosed,
      changes: settled.changes,
    });
  }
  return effective(command, context, Code.OK, player.ref, {
    postings: settlementPostings(bet.amount, win.minor, bet.currency),
    balances: [movedBalance(account, win.minor, -bet.amount)],
    roundClosed,
  });
}

/** What a jackpot pool holds. */
function poolOf(view: StateView, operatorId: string, pool: string, bet: OpenBet): bigint {
  return view.house(houseKey(AccountKind.LIAB_JACKPOT, pool, bet.currency, operatorId));
}

function settlementPostings(stake: bigint, win: bigint, currency: string): Posting[] {
  const postings: Posting[] = [
    { account: AccountKind.ROUND_ESCROW, qualifier: "", minor: -stake, currency },
    { account: AccountKind.REV_BETS, qualifier: "", minor: stake, currency },
  ];
  if (win > 0n) {
    postings.push(
      { account: AccountKind.REV_WINS, qualifier: "", minor: -win, currency },
      { account: AccountKind.PLAYER_CASH, qualifier: "", minor: win, currency },
    );
  }
  return postings;
}
