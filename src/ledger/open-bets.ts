/**
 * An open bet with everything that hangs on it.
 *
 * @module
 */
import { LedgerError } from "./errors.ts";
import { accountOf } from "./state.ts";
import type { Account, OpenBet, OpenRound, Player, StateView } from "./state-view.ts";

/** A bet, its round, its player and the account it was staked from. */
export interface OpenBetContext {
  readonly bet: OpenBet;
  readonly round: OpenRound;
  readonly player: Player;
  readonly account: Account;
}

/** Everything about an open bet; undefined when no such bet is open. */
export function openBetOf(view: StateView, key: string): OpenBetContext | undefined {
  const bet = view.bet(key);
  if (bet === undefined) return undefined;
  const round = view.round(bet.roundKey);
  const player = view.player(bet.ref);
  const account = player === undefined ? undefined : accountOf(player.accounts, bet.currency);
  if (round === undefined || player === undefined || account === undefined) {
    throw new LedgerError("INVARIANT_BROKEN", "an open bet has lost its round or its player");
  }
  if (!round.openBets.includes(key) || account.held < bet.amount) {
    throw new LedgerError("INVARIANT_BROKEN", "an open bet isn't counted or isn't held");
  }
  return { bet, round, player, account };
}
