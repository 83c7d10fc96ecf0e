/**
 * Objects of the book as the contract describes them. Records carry what they leave them as.
 *
 * @module
 */
import {
  type AccountBounds,
  type Bonus as BonusMessage,
  BonusStage,
  type Debt as DebtMessage,
  type Deposit as DepositMessage,
  type Hold as HoldMessage,
  type Limit as LimitMessage,
  type PlayerRules as RulesMessage,
  type VelocityRule as VelocityMessage,
} from "../wire/gen/countroom/v1/object_pb.ts";
import { DepositStage } from "../wire/gen/countroom/v1/event_cashier_pb.ts";

type Plain<Message> = Readonly<Omit<Message, "$typeName" | "$unknown">>;

export type Hold = Plain<HoldMessage>;
export type Deposit = Plain<DepositMessage>;
export type Bonus = Plain<BonusMessage>;
export type Debt = Plain<DebtMessage>;
export type Limit = Plain<LimitMessage>;
export type Bounds = Plain<AccountBounds>;
export type Rules = Plain<Omit<RulesMessage, "limits" | "bounds">> & {
  readonly limits: readonly Limit[];
  readonly bounds: readonly Bounds[];
};
export type Velocity = Plain<VelocityMessage>;

/** An object with the name of its kind in the contract. */
export type Thing =
  | { readonly case: "hold"; readonly value: Hold }
  | { readonly case: "deposit"; readonly value: Deposit }
  | { readonly case: "bonus"; readonly value: Bonus }
  | { readonly case: "debt"; readonly value: Debt }
  | { readonly case: "rules"; readonly value: Rules }
  | { readonly case: "velocityRule"; readonly value: Velocity };

/** Whether everything that is expected is there, whatever else the other value carries. */
export function same(expected: unknown, actual: unknown): boolean {
  if (typeof expected !== "object" || expected === null) return expected === actual;
  if (typeof actual !== "object" || actual === null) return false;
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return false;
    return expected.every((one, at) => same(one, actual[at]));
  }
  const other = actual as Readonly<Record<string, unknown>>;
  for (const [name, value] of Object.entries(expected)) {
    if (!name.startsWith("$") && !same(value, other[name])) return false;
  }
  return true;
}

/** The fields in which two objects differ, for people. */
export function differences(expected: object, actual: object): string {
  const other = actual as Readonly<Record<string, unknown>>;
  return Object.entries(expected)
    .filter(([name, value]) => !name.startsWith("$") && !same(value, other[name]))
    .map(([name, value]) => `${name} ${textOf(other[name])} instead of ${textOf(value)}`)
    .join(", ");
}

function textOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value).replaceAll("\0", " ");
  return JSON.stringify(value, (name, one: unknown) => {
    if (name.startsWith("$")) return undefined;
    return typeof one === "bigint" ? one.toString() : one;
  });
}

/** Whether nothing is expected to happen to a withdrawal any more. */
export function isHoldOver({ remaining, inTransit }: Hold): boolean {
  return remaining === 0n && inTransit === 0n;
}

/** The same of a deposit: its rail has said how it ended, and nothing of it is suspended. */
export function isDepositOver({ suspended, stage }: Deposit): boolean {
  return suspended === 0n && !OPEN.has(stage);
}

const OPEN: ReadonlySet<DepositStage> = new Set([
  DepositStage.CREATED,
  DepositStage.PENDING,
  DepositStage.AUTHORIZED,
  DepositStage.PARTIALLY_PAID,
]);

/** Spend order: the earliest expiry first, never last, then the one that was granted first. */
export function inSpendOrder(bonuses: readonly Bonus[], currency: string): Bonus[] {
  const end = (bonus: Bonus) => (bonus.expiresAt === 0n ? 2n ** 64n : bonus.expiresAt);
  return bonuses
    .filter((bonus) => bonus.currency === currency)
    .sort((a, b) => {
      const by = end(a) === end(b) ? a.grantedSeq - b.grantedSeq : end(a) - end(b);
      return by < 0n ? -1 : 1;
    });
}

/** Whether a bonus's time is over. */
export function isTimeOver({ expiresAt }: { readonly expiresAt: bigint }, now: number): boolean {
  return expiresAt !== 0n && expiresAt <= BigInt(now);
}

/** A changed bonus as its record leaves it: lost when it holds nothing, anywhere. */
export function leftAs(bonus: Bonus): Thing {
  const { remaining, staked, freeLeft } = bonus;
  const isLost = remaining === 0n && staked === 0n && freeLeft === 0n;
  const stage = isLost ? BonusStage.LOST : bonus.stage;
  return { case: "bonus", value: { ...bonus, version: bonus.version + 1n, stage } };
}
