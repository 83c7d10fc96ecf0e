import { AccountKind } from "./accounts.ts";
import { Code } from "./codes.ts";
import { namedPlayer } from "./players.ts";
import { mayExchange } from "./standing.ts";
import { accountOf } from "./state.ts";
import type { StateView } from "./state-view.ts";
import type { Command, Context, CurrencyExchanged, Outcome } from "./types.ts";
import { effective, emptyAccount, fits, movedBalance, unchanged } from "./verdict.ts";

/**
 * A player's cash changes its currency at the operator's rate, which is in the two amounts: sell S
 * in X, buy B in Y. `player:cash` (X) −S, `fx:position` (qualifier X, in X) +S; `fx:position`
 * (qualifier Y, in Y) −B, `player:cash` (Y) +B. Nothing is rounded here. X and Y differ and
 * neither is play money (validation). The balances are that in X, then that in Y.
 *
 * Refused in this order: PLAYER_UNKNOWN; PLAYER_FROZEN when withdrawals are frozen;
 * ACCOUNT_FLOOR_REACHED when less than X's floor would be left; FUNDS_INSUFFICIENT when less than
 * S is available in X; BALANCE_OVERFLOW when B doesn't fit the player's account in Y.
 */
export function decideExchange(
  view: StateView,
  command: Command,
  { sell, buy }: CurrencyExchanged,
  context: Context,
): Outcome {
  const player = namedPlayer(view, command, context.identity);
  if (player === undefined) {
    return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, sell.currency);
  }
  const refusal = mayExchange(player, sell.currency, sell.minor);
  if (refusal !== undefined) {
    return unchanged(command, context, refusal, player, sell.currency);
  }
  const from = accountOf(player.accounts, sell.currency);
  if (from === undefined || from.available < sell.minor) {
    return unchanged(command, context, Code.FUNDS_INSUFFICIENT, player, sell.currency);
  }
  const to = accountOf(player.accounts, buy.currency) ?? emptyAccount(buy.currency);
  if (!fits(to, buy.minor)) {
    return unchanged(command, context, Code.BALANCE_OVERFLOW, player, buy.currency);
  }
  const cash = { account: AccountKind.PLAYER_CASH, qualifier: "" };
  const position = AccountKind.FX_POSITION;
  const [x, y] = [sell.currency, buy.currency];
  return effective(command, context, Code.OK, player.ref, {
    postings: [
      { ...cash, minor: -sell.minor, currency: x },
      { account: position, qualifier: x, minor: sell.minor, currency: x },
      { account: position, qualifier: y, minor: -buy.minor, currency: y },
      { ...cash, minor: buy.minor, currency: y },
    ],
    balances: [movedBalance(from, -sell.minor, 0n), movedBalance(to, buy.minor, 0n)],
  });
}
