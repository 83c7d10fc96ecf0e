/**
 * Payments of rails as events name them, and lines on the rails' accounts.
 *
 * @module
 */
import { DepositStage } from "../wire/gen/countroom/v1/event_cashier_pb.ts";
import { AccountKind, type Amount } from "../wire/gen/countroom/v1/money_pb.ts";
import type { Entry } from "./entry.ts";
import type { Line } from "./lines.ts";
import type { Deposit, Thing } from "./objects.ts";
import type { DerivedState } from "./state.ts";
import { amountFault } from "./verdict.ts";

/** Play money comes by a rail of its own, which nothing else may use. */
const PLAY_MONEY = "FUN";
const PLAY_RAIL = "play";

/** Captured for good: no more of the payment is expected. */
export const CAPTURED: ReadonlySet<DepositStage> = new Set([
  DepositStage.CAPTURED,
  DepositStage.SETTLED,
  DepositStage.REFUNDED,
  DepositStage.CHARGED_BACK,
]);
/** The rail as accounts name it; "" when the currency can't come by it. */
export function railOf(rail: string, currency: string): string {
  const isPlayRail = rail === "" || rail === PLAY_RAIL;
  if (isPlayRail !== (currency === PLAY_MONEY)) return "";
  return isPlayRail ? PLAY_RAIL : rail;
}

/** What names a payment, checked. */
export interface Payment {
  readonly rail: string;
  readonly key: string;
  readonly amount: Amount;
  readonly known: Deposit | undefined;
}

export function paymentOf(
  state: DerivedState,
  { operator }: Entry,
  value: { rail: string; externalId: string; amount?: Amount | undefined },
  least = 1n,
): Payment | string {
  const { amount, externalId } = value;
  const wrong = amountFault(amount, least);
  if (wrong !== undefined || amount === undefined) return String(wrong);
  const rail = railOf(value.rail, amount.currency);
  if (rail === "") return `${amount.currency} can't come by the rail "${value.rail}"`;
  const key = `${rail}\0${externalId}`;
  const known = externalId === "" ? undefined : state.deposits.get(`${operator}\0${key}`);
  return { rail, key, amount, known };
}

export function changed(before: Deposit, change: Partial<Deposit>): Thing {
  return { case: "deposit", value: { ...before, ...change, version: before.version + 1n } };
}

export function begun(
  key: string,
  playerRef: string,
  currency: string,
  stage: DepositStage,
): Deposit {
  const nothing = { expected: 0n, captured: 0n, returned: 0n, suspended: 0n };
  return { key, version: 0n, playerRef, currency, stage, ...nothing };
}

export function clearing(rail: string, currency: string, minor: bigint): Line {
  return { account: AccountKind.ASSET_PSP_CLEARING, qualifier: rail, currency, minor };
}

export function suspense(rail: string, currency: string, minor: bigint): Line {
  return { account: AccountKind.LIAB_SUSPENSE, qualifier: rail, currency, minor };
}
