/**
 * Captured deposits that go back.
 *
 * @module
 */
import { I64_MAX } from "../money/index.ts";
import { AccountKind } from "./accounts.ts";
import { Code } from "./codes.ts";
import { takingOf } from "./debts.ts";
import {
  changedDeposit,
  foundDeposit,
  type FoundDeposit,
  keptOf,
  railOf,
} from "./deposit-object.ts";
import { LedgerError } from "./errors.ts";
import { type Deposit, DepositStage } from "./objects.ts";
import { accountOf } from "./state.ts";
import type { Player, StateView } from "./state-view.ts";
import type { Command, Context, DepositReturned, Outcome, Posting } from "./types.ts";
import { effective, emptyAccount, movedBalance, unchanged } from "./verdict.ts";

/**
 * A deposit goes back to the payer. What the player was given, captured − returned, goes first:
 * `player:cash` −A, `asset:psp:clearing` (the rail) +A, and `returned` grows by A. When nothing of
 * that is left, what is suspended goes back: `liab:suspense` (the rail) −A, clearing +A, and
 * `suspended` shrinks by A. One refund is never both.
 *
 * Refused in this order: PLAYER_UNKNOWN, DEPOSIT_UNKNOWN, DEPOSIT_MISMATCH (see `foundDeposit`),
 * DEPOSIT_AMOUNT_EXCEEDED when A is more than that, FUNDS_INSUFFICIENT when it is the player's and
 * less is available. No limit or freeze stops it. Once nothing is left, neither with the player
 * nor suspended, the stage is REFUNDED; until then it stays.
 */
export function decideRefund(
  view: StateView,
  command: Command,
  refund: DepositReturned,
  context: Context,
): Outcome {
  const found = foundDeposit(view, command, context, refund);
  if ("code" in found) return found;
  const { minor, currency } = refund.amount;
  const { deposit, owner } = found;
  const kept = keptOf(deposit);
  if (minor > (kept > 0n ? kept : deposit.suspended)) {
    return unchanged(command, context, Code.DEPOSIT_AMOUNT_EXCEEDED, owner, currency);
  }
  const rail = railOf(refund.rail, currency);
  if (kept === 0n) return refundSuspense(command, context, deposit, rail, minor);
  const player = ownerOf(found);
  const account = accountOf(player.accounts, currency) ?? emptyAccount(currency);
  if (account.available < minor) {
    return unchanged(command, context, Code.FUNDS_INSUFFICIENT, player, currency);
  }
  return effective(command, context, Code.OK, player.ref, {
    postings: [
      { account: AccountKind.PLAYER_CASH, qualifier: "", minor: -minor, currency },
      cleared(rail, minor, currency),
    ],
    balances: [movedBalance(account, -minor, 0n)],
    changes: [returnedFrom(deposit, minor, DepositStage.REFUNDED)],
  });
}

function refundSuspense(
  command: Command,
  context: Context,
  deposit: Deposit,
  rail: string,
  minor: bigint,
): Outcome {
  const { currency } = deposit;
  const suspended = deposit.suspended - minor;
  const stage = suspended === 0n ? DepositStage.REFUNDED : deposit.stage;
  return effective(command, context, Code.OK, deposit.ref, {
    postings: [
      { account: AccountKind.LIAB_SUSPENSE, qualifier: rail, minor: -minor, currency },
      cleared(rail, minor, currency),
    ],
    balances: [],
    changes: [changedDeposit(deposit, { suspended, stage })],
  });
}

/**
 * The payer's bank takes a captured deposit back, whether the player still has it or not:
 * `player:cash` −min(C, available), `asset:player_debt` −the rest, `asset:psp:clearing` (the rail)
 * +C; lines of zero aren't posted. `returned` grows by C, the player's debt by the rest.
 *
 * Refused in this order: PLAYER_UNKNOWN, DEPOSIT_UNKNOWN, DEPOSIT_MISMATCH (see `foundDeposit`),
 * DEPOSIT_AMOUNT_EXCEEDED when C is more than captured − returned, BALANCE_OVERFLOW when the debt
 * would leave int64. No limit or freeze stops it. Once nothing is left, neither with the player
 * nor suspended, the stage is CHARGED_BACK; until then it stays.
 */
export function decideChargeback(
  view: StateView,
  command: Command,
  chargeback: DepositReturned,
  context: Context,
): Outcome {
  const found = foundDeposit(view, command, context, chargeback);
  if ("code" in found) return found;
  const { minor, currency } = chargeback.amount;
  const { deposit } = found;
  if (minor > keptOf(deposit)) {
    return unchanged(command, context, Code.DEPOSIT_AMOUNT_EXCEEDED, found.owner, currency);
  }
  const player = ownerOf(found);
  const { postings, balance, changes, owed } = takingOf(player, currency, minor);
  if (owed > I64_MAX) {
    return unchanged(command, context, Code.BALANCE_OVERFLOW, player, currency);
  }
  const rail = railOf(chargeback.rail, currency);
  return effective(command, context, Code.OK, player.ref, {
    postings: [...postings, cleared(rail, minor, currency)],
    balances: balance === undefined ? [] : [balance],
    changes: [returnedFrom(deposit, minor, DepositStage.CHARGED_BACK), ...changes],
  });
}

function cleared(rail: string, minor: bigint, currency: string): Posting {
  return { account: AccountKind.ASSET_PSP_CLEARING, qualifier: rail, minor, currency };
}

function returnedFrom(deposit: Deposit, minor: bigint, atEnd: DepositStage): Deposit {
  const returned = deposit.returned + minor;
  const isLast = returned === deposit.captured && deposit.suspended === 0n;
  return changedDeposit(deposit, { returned, stage: isLast ? atEnd : deposit.stage });
}

function ownerOf({ deposit, owner }: FoundDeposit): Player {
  if (owner !== undefined) return owner;
  throw new LedgerError("INVARIANT_BROKEN", `the player of ${deposit.key} is gone`);
}
