/**
 * What a command must have before it may become a record. Such faults are answered, not recorded.
 *
 * @module
 */
import { Code } from "./codes.ts";
import type { FaultContext, NeededId, Subject } from "./event-rule.ts";
import { invalid, isId, missing } from "./faults.ts";
import { namesPlayer } from "./players.ts";
import { ruleOf } from "./rules.ts";
import type { Command, Fault } from "./types.ts";

/**
 * The first fault, in field order: envelope, then payload. Without rails in the context, a missing
 * player and an unregistered rail aren't looked for.
 */
export function validate(command: Command, context?: FaultContext): Fault | undefined {
  const { payload } = command;
  const rule = ruleOf(payload.type);
  if (rule === undefined) return { code: Code.EVENT_TYPE_UNKNOWN, field: "payload" };
  return (
    envelopeFault(command) ??
    subjectFault(command, rule.subject, context) ??
    idsFault(command, rule.needs) ??
    rule.fault?.(payload, command, context)
  );
}

function envelopeFault(command: Command): Fault | undefined {
  const { operatorId, source, idempotencyKey } = command;
  const { type } = command.payload;
  // The primary's own records belong to no operator.
  const own = type === "epoch_started" || type === "key_rotated";
  if (operatorId === "" && !own) return missing("operator_id");
  if (source === "") return missing("source");
  if (idempotencyKey === "") return missing("idempotency_key");
  if (!isId(operatorId)) return invalid("operator_id");
  if (!isId(source)) return invalid("source");
  if (!isId(idempotencyKey)) return invalid("idempotency_key");
  return undefined;
}

function subjectFault(
  command: Command,
  subject: Subject,
  context: FaultContext | undefined,
): Fault | undefined {
  // A registration's reference is minted here, never given.
  if (subject === "none") return command.playerRef === "" ? undefined : invalid("player_ref");
  if (
    subject === "named" &&
    context?.rails !== undefined &&
    !namesPlayer(command, context.identity)
  ) {
    return missing("player_ref");
  }
  return isId(command.playerRef) ? undefined : invalid("player_ref");
}

function idsFault(command: Command, needs: readonly NeededId[] | undefined): Fault | undefined {
  if (!isId(command.roundId)) return invalid("round_id");
  if (!isId(command.txnId)) return invalid("txn_id");
  if (needs === undefined) return undefined;
  for (const id of needs) {
    const text =
      id === "round_id" ? command.roundId : id === "txn_id" ? command.txnId : command.gameId;
    if (text === "") return missing(id);
  }
  return undefined;
}
