import { AccountKind } from "./accounts.ts";
import { Code } from "./codes.ts";
import { betResolved } from "./decide-bet.ts";
import { betKey, roundKey } from "./keys.ts";
import { namedPlayer, namesPlayer } from "./players.ts";
import { openBetOf } from "./open-bets.ts";
import type { StateView } from "./state-view.ts";
import type { Command, Context, Outcome, Posting, RoundSettled } from "./types.ts";
import { effective, fits, movedBalance, unchanged } from "./verdict.ts";

/** One bet's stake is recognised and its win, which may be zero, is paid. */
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
  if (!fits(account, win.minor - bet.amount)) {
    return unchanged(command, context, Code.BALANCE_OVERFLOW, player, bet.currency);
  }
  return effective(command, context, Code.OK, player.ref, {
    postings: settlementPostings(bet.amount, win.minor, bet.currency),
    balances: [movedBalance(account, win.minor, -bet.amount)],
    roundClosed: round.openBets.length === 1 && (round.closing || settlement.closesRound),
  });
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
