/**
 * The money of a withdrawal on its way: out by its rail, or back to its player.
 *
 * @module
 */
import { AccountKind } from "./accounts.ts";
import { Code } from "./codes.ts";
import { type Hold, WithdrawalStage } from "./objects.ts";
import { accountOf } from "./state.ts";
import type { StateView } from "./state-view.ts";
import type {
  Command,
  Context,
  Outcome,
  Posting,
  WithdrawalExpired,
  WithdrawalReturned,
  WithdrawalSettled,
  WithdrawalSubmitted,
} from "./types.ts";
import { effective, emptyAccount, fits, movedBalance, unchanged } from "./verdict.ts";
import { changedHold, foundHold, type FoundHold, isExpired } from "./withdrawal-hold.ts";

const { PLAYER_CASH, PLAYER_WITHDRAWAL_PENDING, ASSET_PSP_CLEARING, ASSET_PSP_PAYOUT_TRANSIT } =
  AccountKind;

/** An event that moves money of a hold. */
export type HoldMove =
  WithdrawalSubmitted | WithdrawalSettled | WithdrawalReturned | WithdrawalExpired;

type Part = "remaining" | "inTransit" | "settled" | "returned";

/** Which part of a hold becomes which, and the accounts that say so. */
interface Flow {
  readonly from: Part;
  readonly to: Part;
  readonly debit: AccountKind;
  readonly credit: AccountKind;
}

/** What is held returns. */
const RETURN: Flow = {
  from: "remaining",
  to: "returned",
  debit: PLAYER_WITHDRAWAL_PENDING,
  credit: PLAYER_CASH,
};

const FLOWS: Readonly<Record<HoldMove["type"], Flow>> = {
  withdrawal_submitted: {
    from: "remaining",
    to: "inTransit",
    debit: PLAYER_WITHDRAWAL_PENDING,
    credit: ASSET_PSP_PAYOUT_TRANSIT,
  },
  withdrawal_settled: {
    from: "inTransit",
    to: "settled",
    debit: ASSET_PSP_PAYOUT_TRANSIT,
    credit: ASSET_PSP_CLEARING,
  },
  withdrawal_failed: {
    from: "inTransit",
    to: "returned",
    debit: ASSET_PSP_PAYOUT_TRANSIT,
    credit: PLAYER_CASH,
  },
  withdrawal_released: RETURN,
  withdrawal_expired: RETURN,
  withdrawal_reversed: {
    from: "settled",
    to: "returned",
    debit: ASSET_PSP_CLEARING,
    credit: PLAYER_CASH,
  },
};

/**
 * Moves A of a hold from one of its parts to another, and posts `debit` −A, `credit` +A; clearing
 * and payout_transit carry the hold's rail as qualifier.
 *
 * | event | from → to | debit | credit |
 * | --- | --- | --- | --- |
 * | withdrawal_submitted | remaining → in_transit | withdrawal_pending | payout_transit |
 * | withdrawal_settled | in_transit → settled | payout_transit | clearing |
 * | withdrawal_failed | in_transit → returned | payout_transit | cash |
 * | withdrawal_released, _expired | remaining → returned | withdrawal_pending | cash |
 * | withdrawal_reversed | settled → returned | clearing | cash |
 *
 * Without an amount A is all of the part; an expiry always takes all of it. Each may happen
 * several times as long as there is something. A settlement with a network fee n above 0 posts
 * `exp:network_fees` −n, `asset:psp:clearing` (the rail) +n besides. Settlements touch no row of
 * the player and have no balances. The stage stays.
 *
 * Refused in this order: PLAYER_UNKNOWN, HOLD_UNKNOWN, HOLD_MISMATCH (see `foundHold`);
 * HOLD_STAGE_INVALID when the part is empty, and for a submission while FROZEN; HOLD_EXPIRED for a
 * submission whose hold's time is over, HOLD_NOT_DUE for an expiry whose hold's isn't;
 * HOLD_AMOUNT_EXCEEDED when A is more than the part; BALANCE_OVERFLOW when a failure or a reversal
 * doesn't fit the player's account. No limit, freeze or block of the player stops any of these.
 */
export function decideHoldMove(
  view: StateView,
  command: Command,
  move: HoldMove,
  context: Context,
): Outcome {
  const amount = move.type === "withdrawal_expired" ? undefined : move.amount;
  const found = foundHold(view, command, context, move.withdrawalId, amount);
  if ("code" in found) return found;
  const { hold, player } = found;
  const flow = FLOWS[move.type];
  const minor = amount?.minor ?? hold[flow.from];
  const refusal =
    stageRefusal(hold, flow, move) ??
    timeRefusal(hold, move, context) ??
    (minor > hold[flow.from] ? Code.HOLD_AMOUNT_EXCEEDED : undefined) ??
    (overflows(found, flow, minor) ? Code.BALANCE_OVERFLOW : undefined);
  if (refusal !== undefined) return unchanged(command, context, refusal, player, hold.currency);
  const available = flow.credit === PLAYER_CASH ? minor : 0n;
  const held = flow.debit === PLAYER_WITHDRAWAL_PENDING ? -minor : 0n;
  const account = accountOf(player.accounts, hold.currency) ?? emptyAccount(hold.currency);
  const isPlayers = available !== 0n || held !== 0n;
  const after = { [flow.from]: hold[flow.from] - minor, [flow.to]: hold[flow.to] + minor };
  return effective(command, context, Code.OK, player.ref, {
    postings: [
      lineOf(hold, flow.debit, -minor),
      lineOf(hold, flow.credit, minor),
      ...feeLines(hold, move),
    ],
    balances: isPlayers ? [movedBalance(account, available, held)] : [],
    changes: [changedHold(hold, after)],
  });
}

function stageRefusal(hold: Hold, flow: Flow, move: HoldMove): Code | undefined {
  const isFrozen = move.type === "withdrawal_submitted" && hold.stage === WithdrawalStage.FROZEN;
  return isFrozen || hold[flow.from] === 0n ? Code.HOLD_STAGE_INVALID : undefined;
}

function timeRefusal(hold: Hold, move: HoldMove, context: Context): Code | undefined {
  const isOver = isExpired(hold, context);
  if (move.type === "withdrawal_submitted") return isOver ? Code.HOLD_EXPIRED : undefined;
  if (move.type === "withdrawal_expired") return isOver ? undefined : Code.HOLD_NOT_DUE;
  return undefined;
}

/** Money that had left the player's row comes back to it: it may have been filled since. */
function overflows({ hold, player }: FoundHold, flow: Flow, minor: bigint): boolean {
  const returns = flow.credit === PLAYER_CASH && flow.debit !== PLAYER_WITHDRAWAL_PENDING;
  if (!returns) return false;
  return !fits(accountOf(player.accounts, hold.currency) ?? emptyAccount(hold.currency), minor);
}

function lineOf({ rail, currency }: Hold, account: AccountKind, minor: bigint): Posting {
  const qualifier = account > AccountKind.ROUND_ESCROW ? rail : "";
  return { account, qualifier, minor, currency };
}

function feeLines(hold: Hold, move: HoldMove): Posting[] {
  if (move.type !== "withdrawal_settled" || move.networkFeeMinor === 0n) return [];
  const minor = move.networkFeeMinor;
  const { currency } = hold;
  return [
    { account: AccountKind.EXP_NETWORK_FEES, qualifier: "", minor: -minor, currency },
    lineOf(hold, ASSET_PSP_CLEARING, minor),
  ];
}
