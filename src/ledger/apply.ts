/**
 * Applying a record to the state. Nothing is decided here: the recorded outcome is taken, and
 * everything it says is checked against the state; after an error the state is not to be used.
 *
 * The writer, a start, a restore, a standby and every projection apply records by this function.
 *
 * @module
 */
import { applyMovement } from "./apply-movement.ts";
import { CODES, Code } from "./codes.ts";
import { keepUsage, usageAfter } from "./count-usage.ts";
import { LedgerError } from "./errors.ts";
import type { EventRule } from "./event-rule.ts";
import { checkUnchanged } from "./post.ts";
import { ruleOf } from "./rules.ts";
import type { Head, MutableState } from "./state-view.ts";
import type { Command, EpochStarted, IdentityKey, Outcome } from "./types.ts";
import { LOGIC_VERSION } from "./verdict.ts";

/**
 * Applies one record. The identity is the one that travels beside a registration.
 *
 * @throws LedgerError when the record doesn't follow the state, contradicts its event, or its
 * postings and balances don't explain its effect
 */
export function apply(
  state: MutableState,
  command: Command,
  outcome: Outcome,
  identity?: IdentityKey | undefined,
): void {
  checkPlace(state.head(), command, outcome);
  const { payload } = command;
  const rule = ruleOf(payload.type);
  if (rule === undefined) {
    throw new LedgerError("RECORD_INCONSISTENT", `no rule for ${payload.type}`, outcome.seq);
  }
  if (!hasEffect(rule, command, outcome)) checkUnchanged(state, outcome);
  else {
    // From the state before: open bets tell what is given back.
    const usage = usageAfter(state, command, outcome);
    if (rule.apply === undefined) applyMovement(state, command, outcome);
    else rule.apply(state, command, payload, outcome, identity);
    if (usage !== undefined) keepUsage(state, outcome, usage);
  }
  state.setHead(outcome.seq, outcome.epoch, outcome.recordedAt);
}

/** Gap-free seq, strictly rising time, and an epoch that only its own record changes. */
function checkPlace(head: Head, command: Command, outcome: Outcome): void {
  const { seq, epoch, recordedAt } = outcome;
  if (seq !== head.seq + 1 || recordedAt <= head.recordedAt || !Number.isSafeInteger(recordedAt)) {
    const after = `seq ${head.seq} at ${head.recordedAt}`;
    throw new LedgerError("RECORD_OUT_OF_ORDER", `at ${recordedAt} can't follow ${after}`, seq);
  }
  if (command.payload.type === "epoch_started") checkEpochStart(head, command.payload, outcome);
  else if (epoch !== head.epoch && head.seq !== 0) {
    const message = `epoch ${epoch} has no start after epoch ${head.epoch}`;
    throw new LedgerError("RECORD_OUT_OF_ORDER", message, seq);
  }
  if (outcome.operatorId !== command.operatorId || outcome.source !== command.source) {
    throw new LedgerError("RECORD_INCONSISTENT", "operator or source is not the event's", seq);
  }
  if (outcome.logicVersion < 1 || outcome.logicVersion > LOGIC_VERSION) {
    const message = `rules of version ${outcome.logicVersion} are not known to this build`;
    throw new LedgerError("RECORD_INCONSISTENT", message, seq);
  }
}

function checkEpochStart(head: Head, start: EpochStarted, outcome: Outcome): void {
  const continues = start.previousEpoch === head.epoch && start.previousSize === head.seq;
  if (continues && outcome.epoch > head.epoch) return;
  const message = `epoch ${outcome.epoch} continues ${start.previousEpoch}-${start.previousSize}`;
  throw new LedgerError("RECORD_OUT_OF_ORDER", message, outcome.seq);
}

/** Whether the record changes anything; checks that its code may be. */
function hasEffect(rule: EventRule, command: Command, outcome: Outcome): boolean {
  const { code, seq } = outcome;
  const { type } = command.payload;
  if (code === Code.OK) return true;
  const entry = CODES[code];
  if (entry === undefined || code === Code.UNSPECIFIED) {
    throw new LedgerError("RECORD_INCONSISTENT", `code ${code} is not known to this build`, seq);
  }
  if (entry.status !== "accepted" || rule.accepts?.includes(code) === true) return false;
  throw new LedgerError("RECORD_INCONSISTENT", `${entry.name} can't accept ${type}`, seq);
}
