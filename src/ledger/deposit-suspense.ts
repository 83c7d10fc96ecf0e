/**
 * Money that arrived and that nobody may have yet.
 *
 * @module
 */
import { I64_MAX } from "../money/index.ts";
import { AccountKind } from "./accounts.ts";
import { Code } from "./codes.ts";
import { creditOf } from "./debts.ts";
import { changedDeposit, depositKey, isCaptured, newDeposit, railOf } from "./deposit-object.ts";
import { findDeposit } from "./object-life.ts";
import { type Deposit, DepositStage } from "./objects.ts";
import { namedPlayer } from "./players.ts";
import { mayDeposit } from "./standing.ts";
import { accountOf } from "./state.ts";
import type { StateView } from "./state-view.ts";
import type { Command, Context, DepositSuspended, Outcome, SuspenseMatched } from "./types.ts";
import { effective, emptyAccount, fits, unchanged } from "./verdict.ts";

/**
 * Money arrived that is unmatched, late, refused to its player or held by a check:
 * `asset:psp:clearing` (the rail) −A, `liab:suspense` (the rail) +A, and the deposit's `suspended`
 * becomes A. It names no player. A payment that isn't in the book becomes a deposit of nobody in
 * PENDING; one that is keeps its player and stage.
 *
 * Refused in this order: DEPOSIT_MISMATCH when the deposit is in another currency;
 * DEPOSIT_DUPLICATE when some of it is suspended already, or it was captured for good (CAPTURED,
 * SETTLED, REFUNDED, CHARGED_BACK). More money than that comes under an id of its own.
 */
export function decideSuspense(
  view: StateView,
  command: Command,
  suspense: DepositSuspended,
  context: Context,
): Outcome {
  const { minor, currency } = suspense.amount;
  const rail = railOf(suspense.rail, currency);
  const key = depositKey(rail, suspense.externalId);
  const known = findDeposit(view, context, command.operatorId, key);
  const before =
    known ?? ({ ...newDeposit(key, "", currency), stage: DepositStage.PENDING } as const);
  const refusal =
    before.currency !== currency
      ? Code.DEPOSIT_MISMATCH
      : before.suspended > 0n || isCaptured(before)
        ? Code.DEPOSIT_DUPLICATE
        : undefined;
  if (refusal !== undefined) return unchanged(command, context, refusal, undefined, currency);
  return effective(command, context, Code.OK, "", {
    postings: [
      { account: AccountKind.ASSET_PSP_CLEARING, qualifier: rail, minor: -minor, currency },
      { account: AccountKind.LIAB_SUSPENSE, qualifier: rail, minor, currency },
    ],
    balances: [],
    changes: [changedDeposit(before, { suspended: minor })],
  });
}

/**
 * Suspended money, all of it or a part, finds its player: `liab:suspense` (the rail) −A,
 * `player:cash` +A; what the player owes in the currency is paid from it in the same record (see
 * `creditOf`). `suspended` shrinks and `captured` grows by A, and a deposit of nobody is the
 * player's from then on. When nothing is left suspended, CREATED, PENDING, AUTHORIZED, EXPIRED and
 * FAILED become CAPTURED; otherwise, and in the other stages, the stage stays.
 *
 * Refused in this order: PLAYER_UNKNOWN, DEPOSIT_UNKNOWN, DEPOSIT_MISMATCH when the deposit is
 * another player's or in another currency, DEPOSIT_AMOUNT_EXCEEDED when A is more than what is
 * suspended, what the player may not (`mayDeposit`), BALANCE_OVERFLOW when all of A, before a debt
 * is paid, doesn't fit the player's account, or `captured` an int64.
 */
export function decideMatch(
  view: StateView,
  command: Command,
  match: SuspenseMatched,
  context: Context,
): Outcome {
  const { minor, currency } = match.amount;
  const player = namedPlayer(view, command, context.identity);
  if (player === undefined) {
    return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, currency);
  }
  const rail = railOf(match.rail, currency);
  const key = depositKey(rail, match.externalId);
  const before = findDeposit(view, context, command.operatorId, key);
  const refusal =
    before === undefined
      ? Code.DEPOSIT_UNKNOWN
      : (matchRefusal(before, player.ref, match) ??
        mayDeposit(view, player, currency, minor, context.recordedAt));
  if (before === undefined || refusal !== undefined) {
    return unchanged(command, context, refusal ?? Code.DEPOSIT_UNKNOWN, player, currency);
  }
  const after = matched(before, player.ref, minor);
  const account = accountOf(player.accounts, currency) ?? emptyAccount(currency);
  if (!fits(account, minor) || after.captured > I64_MAX) {
    return unchanged(command, context, Code.BALANCE_OVERFLOW, player, currency);
  }
  const { postings, balance, changes } = creditOf(player, currency, minor);
  const suspense = { account: AccountKind.LIAB_SUSPENSE, qualifier: rail, currency };
  return effective(command, context, Code.OK, player.ref, {
    postings: [{ ...suspense, minor: -minor }, ...postings],
    balances: [balance],
    changes: [after, ...changes],
  });
}

function matchRefusal(
  deposit: Deposit,
  ref: string,
  { amount }: SuspenseMatched,
): Code | undefined {
  const isOthers = deposit.ref !== "" && deposit.ref !== ref;
  if (isOthers || deposit.currency !== amount.currency) return Code.DEPOSIT_MISMATCH;
  return amount.minor > deposit.suspended ? Code.DEPOSIT_AMOUNT_EXCEEDED : undefined;
}

function matched(before: Deposit, ref: string, minor: bigint): Deposit {
  const suspended = before.suspended - minor;
  const stays =
    suspended > 0n || isCaptured(before) || before.stage === DepositStage.PARTIALLY_PAID;
  const stage = stays ? before.stage : DepositStage.CAPTURED;
  const captured = before.captured + minor;
  return changedDeposit(before, { ref, stage, captured, suspended });
}
