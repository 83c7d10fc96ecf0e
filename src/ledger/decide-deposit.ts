import { PLAY_MONEY } from "../money/index.ts";
import { AccountKind } from "./accounts.ts";
import { Code } from "./codes.ts";
import { PLAY_RAIL } from "./faults.ts";
import { namedPlayer } from "./players.ts";
import { post } from "./post.ts";
import { mayDeposit } from "./standing.ts";
import { accountOf } from "./state.ts";
import type { MutableState, StateView } from "./state-view.ts";
import type { Command, Context, DepositCaptured, Outcome } from "./types.ts";

import { effective, emptyAccount, fits, movedBalance, unchanged } from "./verdict.ts";

/** Money arrived: the rail's clearing account owes it, the player has it. */
export function decideDeposit(
  view: StateView,
  command: Command,
  deposit: DepositCaptured,
  context: Context,
): Outcome {
  const { minor, currency } = deposit.amount;
  const player = namedPlayer(view, command, context.identity);
  if (player === undefined) {
    return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, currency);
  }
  const isPlayMoney = currency === PLAY_MONEY;
  const rail = isPlayMoney ? PLAY_RAIL : deposit.rail;
  // Validation rejects this without a record; a caller that didn't ask it must not mint money.
  if (isPlayMoney ? deposit.rail !== "" && deposit.rail !== rail : !context.rails.has(rail)) {
    return unchanged(command, context, Code.RAIL_UNKNOWN, player, currency);
  }
  const refusal = mayDeposit(view, player, currency, minor, context.recordedAt);
  if (refusal !== undefined) return unchanged(command, context, refusal, player, currency);
  const account = accountOf(player.accounts, currency) ?? emptyAccount(currency);
  if (!fits(account, minor)) {
    return unchanged(command, context, Code.BALANCE_OVERFLOW, player, currency);
  }
  return effective(command, context, Code.OK, player.ref, {
    postings: [
      { account: AccountKind.ASSET_PSP_CLEARING, qualifier: rail, minor: -minor, currency },
      { account: AccountKind.PLAYER_CASH, qualifier: "", minor, currency },
    ],
    balances: [movedBalance(account, minor, 0n)],
  });
}

/** Applies a deposit. */
export function applyDeposit(
  state: MutableState,
  command: Command,
  deposit: DepositCaptured,
  outcome: Outcome,
): void {
  const { minor, currency } = deposit.amount;
  post(state, command, outcome, { currency, available: minor, bonus: 0n, held: 0n });
}
