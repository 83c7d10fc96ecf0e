/**
 * All open bets of a round, resolved in one record.
 *
 * @module
 */
import { AccountKind } from "./accounts.ts";
import { LedgerError } from "./errors.ts";
import { txnIdOf } from "./keys.ts";
import type { Change } from "./objects.ts";
import { openBetOf } from "./open-bets.ts";
import { Purse } from "./purse.ts";
import { balanceAfter } from "./stakes.ts";
import { accountOf } from "./state.ts";
import type { OpenBet, OpenRound, Player, StateView } from "./state-view.ts";
import type { Balance, Posting } from "./types.ts";
import type { Effect } from "./verdict.ts";

const LOSS = Object.freeze({ minor: 0n, jackpotMinor: 0n, jackpotPool: "" });

/** The open bets of a round by key, so that every reader finds them in one order. */
export function openBetsOf(view: StateView, round: OpenRound): OpenBet[] {
  return round.openBets.toSorted().map((key) => {
    const open = openBetOf(view, key);
    if (open !== undefined && open.round.key === round.key) return open.bet;
    throw new LedgerError("INVARIANT_BROKEN", "a round counts a bet that isn't open in it");
  });
}

/** Returns the stakes of a player's bets, or settles each with a win of zero. */
export function sweep(
  player: Player,
  bets: readonly OpenBet[],
  returns: boolean,
  recordedAt: number,
): Effect {
  const postings: Posting[] = [];
  const balances: Balance[] = [];
  const changes: Change[] = [];
  for (const currency of new Set(bets.map((bet) => bet.currency))) {
    const account = accountOf(player.accounts, currency);
    if (account === undefined) throw new LedgerError("INVARIANT_BROKEN", "a bet without a row");
    const own = bets.filter((bet) => bet.currency === currency);
    const purse = new Purse(player, currency, recordedAt);
    for (const bet of own) {
      if (returns) purse.giveBack(bet);
      else purse.settle(bet, LOSS);
    }
    const movement = purse.movement();
    postings.push(...namingBets(movement.postings, own));
    balances.push(balanceAfter(account, movement));
    changes.push(...(movement.changes ?? []));
  }
  return { postings, balances, changes: changes.length === 0 ? undefined : changes };
}

/** The escrow lines of bets name them: nothing else in the record tells which stake was whose. */
function namingBets(postings: readonly Posting[], bets: readonly OpenBet[]): Posting[] {
  let at = 0;
  return postings.map((posting) => {
    if (posting.account !== AccountKind.ROUND_ESCROW) return posting;
    return { ...posting, qualifier: txnIdOf(bets[at++]!.key) };
  });
}
