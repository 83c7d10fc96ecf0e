/**
 * Money into jackpot pools and out of them.
 *
 * A pool is the operator's account `liab:jackpot:<pool>` in one currency: the same name in another
 * currency is another pool. It exists from its first posting and never goes below zero.
 *
 * @module
 */
import { AccountKind } from "./accounts.ts";
import { Code } from "./codes.ts";
import { houseKey } from "./keys.ts";
import { namedPlayer, namesPlayer } from "./players.ts";
import { accountOf } from "./state.ts";
import type { StateView } from "./state-view.ts";
import { txnRefusal, winRefusal } from "./txn-ids.ts";
import type { Command, Context, JackpotMoved, Outcome } from "./types.ts";
import { effective, emptyAccount, fits, movedBalance, unchanged } from "./verdict.ts";

/** What a jackpot pool holds. */
export function jackpotPool(
  view: StateView,
  operatorId: string,
  pool: string,
  currency: string,
): bigint {
  return view.house(houseKey(AccountKind.LIAB_JACKPOT, pool, currency, operatorId));
}

/**
 * The operator puts money into a pool: exp:jackpot to liab:jackpot. Contributions may name the
 * player whose bet they come from, whose money has nothing to do with it: no balances are told. A
 * pool has no bound.
 */
export function decideJackpotFunded(
  view: StateView,
  command: Command,
  { pool, amount }: JackpotMoved,
  context: Context,
): Outcome {
  const { minor, currency } = amount;
  const player = namedPlayer(view, command, context.identity);
  if (player === undefined && namesPlayer(command, context.identity)) {
    return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, currency);
  }
  const refusal = txnRefusal(view, command, context);
  if (refusal !== undefined) return unchanged(command, context, refusal, player, currency);
  return effective(command, context, Code.OK, player?.ref ?? "", {
    postings: [
      { account: AccountKind.EXP_JACKPOT, qualifier: "", minor: -minor, currency },
      { account: AccountKind.LIAB_JACKPOT, qualifier: pool, minor, currency },
    ],
    balances: [],
  });
}

/**
 * A pool pays a player: liab:jackpot to player:cash, whatever the player's standing. In this order:
 * the player, the txn_id (TXN_DUPLICATE; WIN_ROLLED_BACK when it was taken back before it came),
 * the caller's ceiling, what the pool holds, what an account holds.
 */
export function decideJackpotWon(
  view: StateView,
  command: Command,
  { pool, amount }: JackpotMoved,
  context: Context,
): Outcome {
  const { minor, currency } = amount;
  const player = namedPlayer(view, command, context.identity);
  if (player === undefined) {
    return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, currency);
  }
  const no = (code: Code) => unchanged(command, context, code, player, currency);
  const refusal = txnRefusal(view, command, context) ?? winRefusal(command, context);
  if (refusal !== undefined) return no(refusal);
  if (minor > context.winCeiling(currency)) return no(Code.WIN_ABOVE_CEILING);
  if (minor > jackpotPool(view, command.operatorId, pool, currency)) {
    return no(Code.JACKPOT_INSUFFICIENT);
  }
  const account = accountOf(player.accounts, currency) ?? emptyAccount(currency);
  if (!fits(account, minor)) return no(Code.BALANCE_OVERFLOW);
  return effective(command, context, Code.OK, player.ref, {
    postings: [
      { account: AccountKind.LIAB_JACKPOT, qualifier: pool, minor: -minor, currency },
      { account: AccountKind.PLAYER_CASH, qualifier: "", minor, currency },
    ],
    balances: [movedBalance(account, minor, 0n)],
  });
}
