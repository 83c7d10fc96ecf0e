/**
 * Deposits going on without money.
 *
 * @module
 */
import { Code } from "./codes.ts";
import { changedDeposit, depositKey, newDeposit, railOf } from "./deposit-object.ts";
import { findDeposit } from "./object-life.ts";
import { type Deposit, DepositStage } from "./objects.ts";
import { namedPlayer, namesPlayer } from "./players.ts";
import type { StateView } from "./state-view.ts";
import type { Command, Context, DepositAdvanced, Outcome } from "./types.ts";
import { effective, unchanged } from "./verdict.ts";

const { CREATED, PENDING, AUTHORIZED, PARTIALLY_PAID, CAPTURED, SETTLED, EXPIRED, FAILED } =
  DepositStage;

/** By the stage that an event brings: the stages it may follow. A deposit may begin with most. */
const FROM: Readonly<Partial<Record<DepositStage, readonly DepositStage[]>>> = {
  [CREATED]: [],
  [PENDING]: [CREATED],
  [AUTHORIZED]: [CREATED, PENDING],
  [EXPIRED]: [CREATED, PENDING, AUTHORIZED, PARTIALLY_PAID],
  [FAILED]: [CREATED, PENDING, AUTHORIZED, PARTIALLY_PAID],
  [SETTLED]: [PARTIALLY_PAID, CAPTURED],
};

/** Whether an event without money may bring a deposit to this stage. */
export function isAdvance(stage: DepositStage): boolean {
  return FROM[stage] !== undefined;
}

/** Whether such an event may be a deposit's first. */
export function mayBegin(stage: DepositStage): boolean {
  return isAdvance(stage) && stage !== SETTLED;
}

/**
 * A deposit goes on without money: it is announced (CREATED, PENDING, AUTHORIZED), settled by its
 * rail, or ends without more of it (EXPIRED, FAILED). It goes forward only: PENDING follows
 * CREATED; AUTHORIZED those two; EXPIRED and FAILED those three and PARTIALLY_PAID; SETTLED
 * follows CAPTURED and PARTIALLY_PAID. Anything else, the same stage again included, is
 * DEPOSIT_STAGE_INVALID. The first event of a deposit may have any of these stages but SETTLED,
 * which is DEPOSIT_UNKNOWN then; it must name the player, else PLAYER_UNKNOWN.
 *
 * Later events may leave the player out. DEPOSIT_MISMATCH: another player than the deposit's, any
 * player while the deposit is nobody's, another currency, or another amount than was expected. An
 * expectation of 0 (nothing was announced) takes any amount, which is expected from then on.
 *
 * No postings and no balances; the record is about the deposit's player.
 */
export function decideAdvance(
  view: StateView,
  command: Command,
  advance: DepositAdvanced,
  context: Context,
): Outcome {
  const { stage, amount } = advance;
  const { currency } = amount;
  const named = namedPlayer(view, command, context.identity);
  if (named === undefined && namesPlayer(command, context.identity)) {
    return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, currency);
  }
  const key = depositKey(railOf(advance.rail, currency), advance.externalId);
  const known = findDeposit(view, context, command.operatorId, key);
  if (known === undefined) {
    const refusal = !mayBegin(stage)
      ? Code.DEPOSIT_UNKNOWN
      : named === undefined
        ? Code.PLAYER_UNKNOWN
        : undefined;
    if (refusal !== undefined) return unchanged(command, context, refusal, named, currency);
    const first = newDeposit(key, named?.ref ?? "", currency);
    return advanced(command, context, changedDeposit(first, { stage, expected: amount.minor }));
  }
  const matches =
    (named === undefined || named.ref === known.ref) &&
    known.currency === currency &&
    (known.expected === 0n || known.expected === amount.minor);
  if (!matches) return unchanged(command, context, Code.DEPOSIT_MISMATCH, named, currency);
  if (FROM[stage]?.includes(known.stage) !== true) {
    return unchanged(command, context, Code.DEPOSIT_STAGE_INVALID, named, currency);
  }
  return advanced(command, context, changedDeposit(known, { stage, expected: amount.minor }));
}

function advanced(command: Command, context: Context, deposit: Deposit): Outcome {
  return effective(command, context, Code.OK, deposit.ref, {
    postings: [],
    balances: [],
    changes: [deposit],
  });
}
