/**
 * Deposits that go back, and money that nobody may have yet.
 *
 * @module
 */
import {
  type DepositChargedBack,
  type DepositRefunded,
  DepositStage,
  type DepositSuspended,
  type SuspenseMatched,
} from "../wire/gen/countroom/v1/event_cashier_pb.ts";
import { AccountKind } from "../wire/gen/countroom/v1/money_pb.ts";
import { Code } from "../wire/gen/countroom/v1/record_pb.ts";
import { credited, taken } from "./debts.ts";
import type { Entry } from "./entry.ts";
import type { Deposit, Thing } from "./objects.ts";
import {
  begun,
  CAPTURED,
  changed,
  clearing,
  type Payment,
  paymentOf,
  suspense,
} from "./payments.ts";
import { mayDeposit } from "./standing.ts";
import { cashOf, type DerivedState, fits, type Player } from "./state.ts";
import { absurd, no, playerOf, unknownPlayer, type Verdict, yes } from "./verdict.ts";

const I64_MAX = 2n ** 63n - 1n;

/** The payment that goes back, or why it isn't there. */
function foundPayment(
  state: DerivedState,
  entry: Entry,
  value: DepositRefunded | DepositChargedBack,
): { readonly payment: Payment; readonly known: Deposit } | Verdict {
  const payment = paymentOf(state, entry, value);
  if (typeof payment === "string") return absurd(payment);
  if (value.externalId === "") return absurd("it names no payment");
  const { ref } = entry;
  if (ref !== "" && playerOf(state, entry) === undefined) return unknownPlayer(entry);
  const { known, amount } = payment;
  if (known === undefined) return no(Code.DEPOSIT_UNKNOWN, "no such payment is in the book");
  if ((ref !== "" && ref !== known.playerRef) || known.currency !== amount.currency) {
    return no(Code.DEPOSIT_MISMATCH, "the payment is another player's, or in another currency");
  }
  return { payment, known };
}

export function judgeRefund(state: DerivedState, entry: Entry, value: DepositRefunded): Verdict {
  const found = foundPayment(state, entry, value);
  if ("code" in found) return found;
  const { known, payment } = found;
  const { rail } = payment;
  const { minor, currency } = payment.amount;
  const { playerRef: ref, captured, returned } = known;
  const kept = captured - returned;
  const most = kept > 0n ? kept : known.suspended;
  if (minor > most) return no(Code.DEPOSIT_AMOUNT_EXCEEDED, `${most} are left, not ${minor}`);
  if (kept === 0n) {
    const suspended = known.suspended - minor;
    const stage = suspended === 0n ? DepositStage.REFUNDED : known.stage;
    const lines = [suspense(rail, currency, -minor), clearing(rail, currency, minor)];
    return yes({ ref, lines, changes: [changed(known, { suspended, stage })] });
  }
  const player = state.players.get(ref) as Player;
  const has = cashOf(player, currency);
  if (has < minor) {
    return no(Code.FUNDS_INSUFFICIENT, `${has} ${currency} aren't enough for ${minor}`);
  }
  const cash = { account: AccountKind.PLAYER_CASH, qualifier: "", currency, minor: -minor };
  const changes = [goneBack(known, minor, DepositStage.REFUNDED)];
  return yes({ ref, lines: [cash, clearing(rail, currency, minor)], changes });
}

export function judgeChargeback(
  state: DerivedState,
  entry: Entry,
  value: DepositChargedBack,
): Verdict {
  const found = foundPayment(state, entry, value);
  if ("code" in found) return found;
  const { known, payment } = found;
  const { minor, currency } = payment.amount;
  const kept = known.captured - known.returned;
  if (minor > kept) return no(Code.DEPOSIT_AMOUNT_EXCEEDED, `${kept} are left, not ${minor}`);
  const { playerRef: ref } = known;
  const { lines, changes, owed } = taken(state.players.get(ref) as Player, currency, minor);
  if (owed > I64_MAX) return no(Code.BALANCE_OVERFLOW, "the debt would overflow");
  return yes({
    ref,
    lines: [...lines, clearing(payment.rail, currency, minor)],
    changes: [goneBack(known, minor, DepositStage.CHARGED_BACK), ...changes],
  });
}

function goneBack(before: Deposit, minor: bigint, last: DepositStage): Thing {
  const returned = before.returned + minor;
  const isLast = returned === before.captured && before.suspended === 0n;
  return changed(before, { returned, stage: isLast ? last : before.stage });
}

export function judgeSuspense(state: DerivedState, entry: Entry, value: DepositSuspended): Verdict {
  const payment = paymentOf(state, entry, value);
  if (typeof payment === "string") return absurd(payment);
  if (value.externalId === "" || entry.ref !== "") return absurd("it has no id, or a player");
  const { key, rail, amount } = payment;
  const { minor, currency } = amount;
  const known = payment.known ?? begun(key, "", currency, DepositStage.PENDING);
  if (known.currency !== currency) {
    return no(Code.DEPOSIT_MISMATCH, "the payment is in another currency");
  }
  if (known.suspended > 0n || CAPTURED.has(known.stage)) {
    return no(Code.DEPOSIT_DUPLICATE, "the payment is suspended or captured already");
  }
  const lines = [clearing(rail, currency, -minor), suspense(rail, currency, minor)];
  return yes({ ref: "", lines, changes: [changed(known, { suspended: minor })] });
}

export function judgeMatch(
  state: DerivedState,
  entry: Entry,
  value: SuspenseMatched,
  now: number,
): Verdict {
  const payment = paymentOf(state, entry, value);
  if (typeof payment === "string") return absurd(payment);
  if (value.externalId === "") return absurd("it names no payment");
  const player = playerOf(state, entry);
  if (player === undefined) return unknownPlayer(entry);
  const { known, rail, amount } = payment;
  const { minor, currency } = amount;
  const { ref, outcome } = entry;
  if (known === undefined) return no(Code.DEPOSIT_UNKNOWN, "no such payment is in the book");
  if ((known.playerRef !== "" && known.playerRef !== ref) || known.currency !== currency) {
    return no(Code.DEPOSIT_MISMATCH, "the payment is another player's, or in another currency");
  }
  if (minor > known.suspended) {
    return no(Code.DEPOSIT_AMOUNT_EXCEEDED, `${known.suspended} are suspended, not ${minor}`);
  }
  const wish = { currency, minor, cash: 0n, now, told: outcome.code };
  const standing = mayDeposit(state, player, wish);
  if (standing !== undefined) return standing;
  const captured = known.captured + minor;
  if (!fits(player, currency, minor) || captured > I64_MAX) {
    return no(Code.BALANCE_OVERFLOW, "the balance would overflow");
  }
  const suspended = known.suspended - minor;
  const stays =
    suspended > 0n || CAPTURED.has(known.stage) || known.stage === DepositStage.PARTIALLY_PAID;
  const stage = stays ? known.stage : DepositStage.CAPTURED;
  const { lines, changes } = credited(player, currency, minor);
  return yes({
    ref,
    lines: [suspense(rail, currency, -minor), ...lines],
    changes: [changed(known, { playerRef: ref, stage, captured, suspended }), ...changes],
  });
}
