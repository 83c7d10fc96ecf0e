/**
 * Withdrawals going on without money: review, freeze, more time.
 *
 * @module
 */
import { Code } from "./codes.ts";
import { WithdrawalStage } from "./objects.ts";
import type { StateView } from "./state-view.ts";
import type { Command, Context, Outcome, WithdrawalAdvanced, WithdrawalExtended } from "./types.ts";
import { effective, unchanged } from "./verdict.ts";
import { changedHold, foundHold, isExpired } from "./withdrawal-hold.ts";

const STAGES: ReadonlySet<number> = new Set(Object.values(WithdrawalStage));

/** Whether there is such a stage. */
export function isWithdrawalStage(stage: number): boolean {
  return STAGES.has(stage);
}

/**
 * A withdrawal goes on without money, as long as some of it is held. Forward: REQUESTED, HELD,
 * SCREENED, APPROVED; stages may be left out. Each of these may be FROZEN, and a frozen one goes
 * back to whichever of the four the event says. The same stage again is no step. Who approved is
 * kept in the event.
 *
 * Refused in this order: PLAYER_UNKNOWN, HOLD_UNKNOWN, HOLD_MISMATCH (see `foundHold`),
 * HOLD_STAGE_INVALID when nothing is held or the step isn't one of these, HOLD_EXPIRED when the
 * hold's time is over. No postings and no balances.
 */
export function decideWithdrawalStage(
  view: StateView,
  command: Command,
  advance: WithdrawalAdvanced,
  context: Context,
): Outcome {
  const found = foundHold(view, command, context, advance.withdrawalId, undefined);
  if ("code" in found) return found;
  const { hold, player } = found;
  const { stage } = advance;
  if (hold.remaining === 0n || !isStep(hold.stage, stage)) {
    return unchanged(command, context, Code.HOLD_STAGE_INVALID, player, hold.currency);
  }
  if (isExpired(hold, context)) {
    return unchanged(command, context, Code.HOLD_EXPIRED, player, hold.currency);
  }
  return effective(command, context, Code.OK, player.ref, {
    postings: [],
    balances: [],
    changes: [changedHold(hold, { stage })],
  });
}

function isStep(from: WithdrawalStage, to: WithdrawalStage): boolean {
  // FROZEN has the highest number; from there every other stage is a way back.
  return from === WithdrawalStage.FROZEN ? to !== from : to > from;
}

/**
 * A hold lasts longer: its end moves to a later time, or to 0, which is never. Refused in this
 * order: PLAYER_UNKNOWN, HOLD_UNKNOWN, HOLD_MISMATCH (see `foundHold`), HOLD_STAGE_INVALID when
 * nothing is held, or the new time isn't later than the hold's (nothing is later than never),
 * HOLD_EXPIRED when its time is over. No postings and no balances.
 */
export function decideExtension(
  view: StateView,
  command: Command,
  extension: WithdrawalExtended,
  context: Context,
): Outcome {
  const found = foundHold(view, command, context, extension.withdrawalId, undefined);
  if ("code" in found) return found;
  const { hold, player } = found;
  const { expiresAt } = extension;
  const isLater = hold.expiresAt !== 0 && (expiresAt === 0 || expiresAt > hold.expiresAt);
  if (hold.remaining === 0n || !isLater) {
    return unchanged(command, context, Code.HOLD_STAGE_INVALID, player, hold.currency);
  }
  if (isExpired(hold, context)) {
    return unchanged(command, context, Code.HOLD_EXPIRED, player, hold.currency);
  }
  return effective(command, context, Code.OK, player.ref, {
    postings: [],
    balances: [],
    changes: [changedHold(hold, { expiresAt })],
  });
}
