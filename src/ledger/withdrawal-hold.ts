/**
 * Withdrawals as holds: how they begin and how commands find them.
 *
 * A hold is named by the txn_id of its request, within its operator, whatever source brings what
 * follows. requested = remaining + in_transit + settled + returned, always.
 *
 * @module
 */
import { AccountKind } from "./accounts.ts";
import { Code } from "./codes.ts";
import { LedgerError } from "./errors.ts";
import { findHold } from "./object-life.ts";
import { type Hold, WithdrawalStage } from "./objects.ts";
import { namedPlayer, namesPlayer } from "./players.ts";
import { mayWithdraw } from "./standing.ts";
import { accountOf } from "./state.ts";
import type { Player, StateView } from "./state-view.ts";
import type { Command, Context, Money, Outcome, WithdrawalRequested } from "./types.ts";
import { effective, movedBalance, unchanged } from "./verdict.ts";

/** A hold after one more record. */
export function changedHold(
  before: Hold,
  change: Partial<
    Pick<Hold, "stage" | "remaining" | "inTransit" | "settled" | "returned" | "expiresAt">
  >,
): Hold {
  return { ...before, ...change, version: before.version + 1 };
}

/** Whether the time of a hold is over: expires_at is the first moment at which it is. */
export function isExpired(hold: Pick<Hold, "expiresAt">, { recordedAt }: Context): boolean {
  return hold.expiresAt !== 0 && hold.expiresAt <= recordedAt;
}

/** A hold that a command refers to, and its player. */
export interface FoundHold {
  readonly hold: Hold;
  readonly player: Player;
}

/**
 * The hold that a command refers to, or the refusal: PLAYER_UNKNOWN when it names a player that
 * isn't the operator's; HOLD_UNKNOWN; HOLD_MISMATCH when it names another player than the hold's,
 * or an amount in another currency.
 */
export function foundHold(
  view: StateView,
  command: Command,
  context: Context,
  withdrawalId: string,
  amount: Money | undefined,
): FoundHold | Outcome {
  const currency = amount?.currency ?? "";
  const named = namedPlayer(view, command, context.identity);
  if (named === undefined && namesPlayer(command, context.identity)) {
    return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, currency);
  }
  const hold = findHold(view, context, command.operatorId, withdrawalId);
  if (hold === undefined) return unchanged(command, context, Code.HOLD_UNKNOWN, named, currency);
  const player = view.player(hold.ref);
  if (player === undefined) {
    throw new LedgerError("INVARIANT_BROKEN", `the player of hold ${withdrawalId} is gone`);
  }
  const otherPlayer = named !== undefined && named.ref !== hold.ref;
  if (otherPlayer || (amount !== undefined && currency !== hold.currency)) {
    return unchanged(command, context, Code.HOLD_MISMATCH, named ?? player, currency);
  }
  return { hold, player };
}

/**
 * A player asks for cash: `player:cash` −A, `player:withdrawal_pending` +A. The hold is named by
 * the command's txn_id, once for ever within the operator, and begins in REQUESTED with all of A
 * remaining. The rail must be registered in the credential, and play money can't be withdrawn
 * (validation).
 *
 * Refused in this order: PLAYER_UNKNOWN; HOLD_DUPLICATE when the operator has, or had, a hold of
 * this name; HOLD_EXPIRED when expires_at isn't 0 and not after the record's time; what the player
 * may not (`mayWithdraw`); FUNDS_INSUFFICIENT when less than A is available. An exclusion, a
 * time-out or a block doesn't stop it.
 */
export function decideRequest(
  view: StateView,
  command: Command,
  request: WithdrawalRequested,
  context: Context,
): Outcome {
  const { minor, currency } = request.amount;
  const player = namedPlayer(view, command, context.identity);
  if (player === undefined) {
    return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, currency);
  }
  const { operatorId, txnId: key } = command;
  const refusal =
    findHold(view, context, operatorId, key) !== undefined
      ? Code.HOLD_DUPLICATE
      : isExpired(request, context)
        ? Code.HOLD_EXPIRED
        : mayWithdraw(view, player, currency, minor, context.recordedAt);
  if (refusal !== undefined) return unchanged(command, context, refusal, player, currency);
  const account = accountOf(player.accounts, currency);
  if (account === undefined || account.available < minor) {
    return unchanged(command, context, Code.FUNDS_INSUFFICIENT, player, currency);
  }
  const pending = AccountKind.PLAYER_WITHDRAWAL_PENDING;
  return effective(command, context, Code.OK, player.ref, {
    postings: [
      { account: AccountKind.PLAYER_CASH, qualifier: "", minor: -minor, currency },
      { account: pending, qualifier: "", minor, currency },
    ],
    balances: [movedBalance(account, -minor, minor)],
    changes: [newHold(key, player.ref, request)],
  });
}

function newHold(key: string, ref: string, { amount, rail, expiresAt }: WithdrawalRequested): Hold {
  return {
    object: "hold",
    key,
    version: 1,
    ref,
    currency: amount.currency,
    rail,
    stage: WithdrawalStage.REQUESTED,
    requested: amount.minor,
    remaining: amount.minor,
    inTransit: 0n,
    settled: 0n,
    returned: 0n,
    expiresAt,
  };
}
