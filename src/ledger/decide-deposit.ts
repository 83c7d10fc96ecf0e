import { I64_MAX, PLAY_MONEY } from "../money/index.ts";
import { AccountKind } from "./accounts.ts";
import { applyMovement } from "./apply-movement.ts";
import { Code } from "./codes.ts";
import { creditOf } from "./debts.ts";
import { changedDeposit, depositKey, isCaptured, newDeposit, railOf } from "./deposit-object.ts";
import { PLAY_RAIL } from "./faults.ts";
import { findDeposit } from "./object-life.ts";
import { type Deposit, DepositStage } from "./objects.ts";
import { namedPlayer } from "./players.ts";
import { post } from "./post.ts";
import { mayDeposit } from "./standing.ts";
import { accountOf } from "./state.ts";
import type { MutableState, Player, StateView } from "./state-view.ts";
import type { Command, Context, DepositCaptured, Outcome } from "./types.ts";
import { effective, emptyAccount, fits, unchanged } from "./verdict.ts";

/** Stages after which money that arrives all the same goes by suspense. */
const LATE_STAGES: ReadonlySet<DepositStage> = new Set([DepositStage.EXPIRED, DepositStage.FAILED]);

/**
 * Money arrived: `asset:psp:clearing` (qualifier: the rail) −G, `player:cash` +G. What the player
 * owes in the currency is paid from it in the same record (see `creditOf`).
 *
 * With an external_id the payment is a deposit object of the operator, named `rail NUL
 * external_id` ("play" is the rail of play money, given or not). A payment that was announced or
 * came in part must be of the same player and currency, else DEPOSIT_MISMATCH. It is captured for
 * good once, whatever key it comes under: in CAPTURED, SETTLED, REFUNDED and CHARGED_BACK the
 * answer is DEPOSIT_DUPLICATE. DEPOSIT_STAGE_INVALID in EXPIRED and FAILED, and while some of it is
 * suspended: such money is suspended and matched. `captured` grows by G, and the stage becomes
 * PARTIALLY_PAID for a partial capture, CAPTURED otherwise. What was expected doesn't bind: what
 * arrived is credited, be it less or more. Without an external_id there is no object, and the
 * idempotency key alone keeps the payment from being captured twice.
 *
 * Then what the player may not (`mayDeposit`); then BALANCE_OVERFLOW when all of G, before a debt
 * is paid, doesn't fit the player's account, or `captured` an int64.
 */
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
  const rail = railOf(deposit.rail, currency);
  // Validation rejects this without a record; a caller that didn't ask it must not mint money.
  if (rail === PLAY_RAIL ? isOtherRail(deposit) : !context.rails.has(rail)) {
    return unchanged(command, context, Code.RAIL_UNKNOWN, player, currency);
  }
  const object = captureOf(view, command, deposit, player, context);
  const refusal =
    typeof object === "number"
      ? object
      : mayDeposit(view, player, currency, minor, context.recordedAt);
  if (refusal !== undefined) return unchanged(command, context, refusal, player, currency);
  const account = accountOf(player.accounts, currency) ?? emptyAccount(currency);
  const after = object as Deposit | undefined;
  if (!fits(account, minor) || (after !== undefined && after.captured > I64_MAX)) {
    return unchanged(command, context, Code.BALANCE_OVERFLOW, player, currency);
  }
  const { postings, balance, changes } = creditOf(player, currency, minor);
  const clearing = { account: AccountKind.ASSET_PSP_CLEARING, qualifier: rail, currency };
  const all = after === undefined ? changes : [after, ...changes];
  return effective(command, context, Code.OK, player.ref, {
    postings: [{ ...clearing, minor: -minor }, ...postings],
    balances: [balance],
    changes: all.length === 0 ? undefined : all,
  });
}

function isOtherRail({ rail, amount }: DepositCaptured): boolean {
  return amount.currency !== PLAY_MONEY || (rail !== "" && rail !== PLAY_RAIL);
}

/** The deposit after the capture, undefined for a payment without an id, or why it can't be. */
function captureOf(
  view: StateView,
  command: Command,
  capture: DepositCaptured,
  player: Player,
  context: Context,
): Deposit | Code | undefined {
  if (capture.externalId === "") return undefined;
  const { minor, currency } = capture.amount;
  const key = depositKey(railOf(capture.rail, currency), capture.externalId);
  const before =
    findDeposit(view, context, command.operatorId, key) ?? newDeposit(key, player.ref, currency);
  if (before.ref !== player.ref || before.currency !== currency) return Code.DEPOSIT_MISMATCH;
  if (isCaptured(before)) return Code.DEPOSIT_DUPLICATE;
  if (before.suspended > 0n || LATE_STAGES.has(before.stage)) return Code.DEPOSIT_STAGE_INVALID;
  const stage = capture.partial === true ? DepositStage.PARTIALLY_PAID : DepositStage.CAPTURED;
  return changedDeposit(before, { stage, captured: before.captured + minor });
}

/** Applies a deposit. */
export function applyDeposit(
  state: MutableState,
  command: Command,
  deposit: DepositCaptured,
  outcome: Outcome,
): void {
  const { minor, currency } = deposit.amount;
  if (outcome.changes !== undefined) applyMovement(state, command, outcome);
  else post(state, command, outcome, { currency, available: minor, bonus: 0n, held: 0n });
}
