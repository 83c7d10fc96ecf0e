import { AccountKind } from "./accounts.ts";
import { Code } from "./codes.ts";
import { namedPlayer } from "./players.ts";
import { accountOf } from "./state.ts";
import type { StateView } from "./state-view.ts";
import type { AdjustmentPosted, Command, Context, Outcome } from "./types.ts";
import { effective, emptyAccount, fits, movedBalance, unchanged } from "./verdict.ts";

/**
 * A correction by hand under four eyes (validation: two different approvers). Money is given,
 * `exp:adjustments` −A, `player:cash` +A, or taken, `player:cash` −A, `exp:adjustments` +A. When
 * it corrects a record, the outcome names it as its correction_of, with no mirrored postings;
 * several adjustments may correct one record.
 *
 * Refused in this order: PLAYER_UNKNOWN; RECORD_UNKNOWN when correction_of is above 0 and no
 * earlier record of the same operator; FUNDS_INSUFFICIENT when less than A is available to take;
 * BALANCE_OVERFLOW when A doesn't fit the player's account.
 */
export function decideAdjustment(
  view: StateView,
  command: Command,
  adjustment: AdjustmentPosted,
  context: Context,
): Outcome {
  const { amount, debit, correctionOf } = adjustment;
  const { minor, currency } = amount;
  const player = namedPlayer(view, command, context.identity);
  if (player === undefined) {
    return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, currency);
  }
  if (correctionOf !== 0 && !isRecordOf(command.operatorId, correctionOf, context)) {
    return unchanged(command, context, Code.RECORD_UNKNOWN, player, currency);
  }
  const account = accountOf(player.accounts, currency) ?? emptyAccount(currency);
  if (debit && account.available < minor) {
    return unchanged(command, context, Code.FUNDS_INSUFFICIENT, player, currency);
  }
  if (!debit && !fits(account, minor)) {
    return unchanged(command, context, Code.BALANCE_OVERFLOW, player, currency);
  }
  const adjustments = { account: AccountKind.EXP_ADJUSTMENTS, qualifier: "", currency };
  const cash = { account: AccountKind.PLAYER_CASH, qualifier: "", currency };
  const [from, to] = debit ? [cash, adjustments] : [adjustments, cash];
  return effective(command, context, Code.OK, player.ref, {
    postings: [
      { ...from, minor: -minor },
      { ...to, minor },
    ],
    balances: [movedBalance(account, debit ? -minor : minor, 0n)],
    correction: correctionOf === 0 ? undefined : { of: correctionOf, mirrored: 0 },
  });
}

function isRecordOf(operatorId: string, seq: number, context: Context): boolean {
  if (seq >= context.seq) return false;
  return context.facts.record(seq)?.command.operatorId === operatorId;
}
