/**
 * Deposits: announced and captured.
 *
 * @module
 */
import { type DepositAdvanced, DepositStage } from "../wire/gen/countroom/v1/event_cashier_pb.ts";
import type { DepositCaptured } from "../wire/gen/countroom/v1/event_pb.ts";
import { Code } from "../wire/gen/countroom/v1/record_pb.ts";
import { credited } from "./debts.ts";
import type { Entry } from "./entry.ts";
import type { Deposit, Thing } from "./objects.ts";
import { begun, CAPTURED, changed, clearing, paymentOf } from "./payments.ts";
import { mayDeposit } from "./standing.ts";
import { type DerivedState, fits } from "./state.ts";
import { absurd, FACT_ONLY, no, playerOf, unknownPlayer, type Verdict, yes } from "./verdict.ts";

const I64_MAX = 2n ** 63n - 1n;
const { CREATED, PENDING, AUTHORIZED, PARTIALLY_PAID, SETTLED, EXPIRED, FAILED } = DepositStage;

/** By the stage that comes: the stages that it may follow. */
const AFTER: Readonly<Partial<Record<DepositStage, readonly DepositStage[]>>> = {
  [CREATED]: [],
  [PENDING]: [CREATED],
  [AUTHORIZED]: [CREATED, PENDING],
  [EXPIRED]: [CREATED, PENDING, AUTHORIZED, PARTIALLY_PAID],
  [FAILED]: [CREATED, PENDING, AUTHORIZED, PARTIALLY_PAID],
  [SETTLED]: [PARTIALLY_PAID, DepositStage.CAPTURED],
};

export function judgeCapture(
  state: DerivedState,
  entry: Entry,
  value: DepositCaptured,
  now: number,
): Verdict {
  const payment = paymentOf(state, entry, value);
  if (typeof payment === "string") return absurd(payment);
  const { rail, key, known, amount } = payment;
  const { minor, currency } = amount;
  const player = playerOf(state, entry);
  if (player === undefined) return unknownPlayer(entry);
  const { ref, outcome } = entry;
  let deposit: Thing | undefined;
  if (value.externalId !== "") {
    const before = known ?? begun(key, ref, currency, CREATED);
    if (before.playerRef !== ref || before.currency !== currency) {
      return no(Code.DEPOSIT_MISMATCH, "the payment is another player's, or in another currency");
    }
    const refusal = captureRefuses(before);
    if (refusal !== undefined) return refusal;
    const stage = value.partial ? PARTIALLY_PAID : DepositStage.CAPTURED;
    deposit = changed(before, { stage, captured: before.captured + minor });
  }
  const wish = { currency, minor, cash: 0n, now, told: outcome.code };
  const standing = mayDeposit(state, player, wish);
  if (standing !== undefined) return standing;
  if (!fits(player, currency, minor) || capturedBy(deposit) > I64_MAX) {
    return no(Code.BALANCE_OVERFLOW, "the balance would overflow");
  }
  const { lines, changes } = credited(player, currency, minor);
  return yes({
    ref,
    lines: [clearing(rail, currency, -minor), ...lines],
    changes: deposit === undefined ? changes : [deposit, ...changes],
  });
}

function captureRefuses({ stage, suspended }: Deposit): Verdict | undefined {
  if (CAPTURED.has(stage)) return no(Code.DEPOSIT_DUPLICATE, "the payment was captured already");
  if (suspended === 0n && stage !== EXPIRED && stage !== FAILED) return undefined;
  return no(Code.DEPOSIT_STAGE_INVALID, "the payment is suspended, expired or failed");
}

function capturedBy(deposit: Thing | undefined): bigint {
  return deposit?.case === "deposit" ? deposit.value.captured : 0n;
}

export function judgeAdvance(state: DerivedState, entry: Entry, value: DepositAdvanced): Verdict {
  const { stage, externalId } = value;
  const payment = paymentOf(state, entry, value, 0n);
  if (typeof payment === "string") return absurd(payment);
  const after = AFTER[stage];
  if (after === undefined || externalId === "") return absurd("it has no such stage, or no id");
  const { key, known, amount } = payment;
  const { minor: expected, currency } = amount;
  const { ref } = entry;
  const player = playerOf(state, entry);
  if (ref !== "" && player === undefined) return unknownPlayer(entry);
  if (known === undefined) {
    if (stage === SETTLED) return no(Code.DEPOSIT_UNKNOWN, "no such payment is in the book");
    if (player === undefined) return unknownPlayer(entry);
    const first = begun(key, ref, currency, stage);
    return yes({ ref, lines: FACT_ONLY, changes: [changed(first, { expected })] });
  }
  const isSame =
    (ref === "" || ref === known.playerRef) &&
    known.currency === currency &&
    (known.expected === 0n || known.expected === expected);
  if (!isSame) {
    return no(Code.DEPOSIT_MISMATCH, "player, currency or amount aren't the payment's");
  }
  if (!after.includes(known.stage)) {
    return no(Code.DEPOSIT_STAGE_INVALID, `stage ${stage} can't follow stage ${known.stage}`);
  }
  const changes = [changed(known, { stage, expected })];
  return yes({ ref: known.playerRef, lines: FACT_ONLY, changes });
}
