import { Code } from "./codes.ts";
import { betResolved } from "./decide-bet.ts";
import { betKey, roundKey } from "./keys.ts";
import { openBetOf } from "./open-bets.ts";
import { namedPlayer, namesPlayer } from "./players.ts";
import { balanceAfter, returnStake } from "./stakes.ts";
import type { StateView } from "./state-view.ts";
import type { BetRolledBack, Command, Context, Outcome } from "./types.ts";
import { resolutionTxnRefusal } from "./txn-ids.ts";
import { effective, unchanged } from "./verdict.ts";

/**
 * One bet is undone: its stake returns to where it came from. A bet that hasn't come is
 * tombstoned, for ever: providers send rollbacks for bets whose fate they don't know.
 *
 * Bonus money returns to the bonuses that gave it (remaining more, staked less), free stakes to
 * their allowance (round:escrow to exp:freebets; free_left more, staked less), also when the
 * bonus's time is over. Postings: round:escrow, then those of the bet with the other sign, in their
 * order. Nothing is wagered.
 *
 * A txn_id that the event carries is looked at before the bet, as with settlements.
 */
export function decideRollback(
  view: StateView,
  command: Command,
  rollback: BetRolledBack,
  context: Context,
): Outcome {
  const { operatorId, source, roundId } = command;
  const { betTxnId } = rollback;
  const named = namedPlayer(view, command, context.identity);
  if (named === undefined && namesPlayer(command, context.identity)) {
    return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, "");
  }
  const taken = resolutionTxnRefusal(view, command, betTxnId, context);
  if (taken !== undefined) return unchanged(command, context, taken, named, "");
  const open = openBetOf(view, betKey(operatorId, source, betTxnId));
  if (open === undefined) {
    const resolved = betResolved(context, operatorId, source, betTxnId);
    return unchanged(command, context, repeated(resolved), named, "");
  }
  const { bet, round, player, account } = open;
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

function repeated(resolved: Code | undefined): Code {
  if (resolved === undefined) return Code.BET_TOMBSTONED;
  return resolved === Code.BET_ROLLED_BACK ? Code.BET_ALREADY_ROLLED_BACK : resolved;
}
