/**
 * Who may stake, deposit and withdraw. Nothing else ever asks: what a player is owed arrives
 * whatever the player may not.
 *
 * @module
 */
import { PlayerStatus } from "../wire/gen/countroom/v1/event_facts_pb.ts";
import { LimitKind, VelocitySubject } from "../wire/gen/countroom/v1/event_limits_pb.ts";
import { Code } from "../wire/gen/countroom/v1/record_pb.ts";
import type { Beyond } from "./counter.ts";
import type { Rules } from "./objects.ts";
import { cashOf, type DerivedState, type Player } from "./state.ts";
import { beyondLimits, beyondVelocity, isSessionOver } from "./usage.ts";
import { no, type Verdict } from "./verdict.ts";

/** An amount that a player wants to move, in a record at this time with this code. */
export interface Wish {
  readonly currency: string;
  readonly minor: bigint;
  /** Part of a stake that comes from cash. */
  readonly cash: bigint;
  readonly now: number;
  /** The recorded code: where the writer may have counted more, it is believed. */
  readonly told: Code;
}

function isBeyond(answer: Beyond, code: Code, told: Code): boolean {
  return answer === "surely" || (answer === "perhaps" && told === code);
}

export function isExcluded({ excluded, exclusionEndsAt: ends }: Rules, now: number): boolean {
  return excluded && (ends === 0n || BigInt(now) < ends);
}

export function isTimedOut({ timeOutUntil }: Rules, now: number): boolean {
  return BigInt(now) < timeOutUntil;
}

function stays(rules: Rules, now: number): Verdict | undefined {
  if (isExcluded(rules, now)) return no(Code.PLAYER_EXCLUDED, "the player is excluded");
  return isTimedOut(rules, now)
    ? no(Code.PLAYER_TIMED_OUT, "the player takes time out")
    : undefined;
}

/** Why a player may not stake. Limits and floor look at cash alone, velocity at the whole stake. */
export function mayStake(state: DerivedState, player: Player, wish: Wish): Verdict | undefined {
  const { status, extras } = player;
  if (status === PlayerStatus.CLOSED) return no(Code.PLAYER_CLOSED, "the player is closed");
  if (status !== PlayerStatus.ACTIVE) return no(Code.PLAYER_BLOCKED, "the player is blocked");
  const rules = extras?.rules;
  const { now, cash, currency } = wish;
  if (rules !== undefined) {
    const standing = stays(rules, now);
    if (standing !== undefined) return standing;
    if (rules.frozen) return no(Code.PLAYER_FROZEN, "the player is frozen");
    const limit = stakeLimit(player, rules, wish);
    if (limit !== undefined) return limit;
  }
  const velocity = velocityRefuses(state, player, VelocitySubject.BET, wish);
  if (velocity !== undefined || rules === undefined || cash === 0n) return velocity;
  return belowFloor(player, rules, currency, cash);
}

function stakeLimit(player: Player, rules: Rules, wish: Wish): Verdict | undefined {
  const usage = player.extras?.usage;
  const { now, cash, currency, told } = wish;
  if (isSessionOver(rules, usage, now)) {
    return no(Code.LIMIT_SESSION_REACHED, "the session is over");
  }
  if (cash === 0n) return undefined;
  const exceeds = (kind: LimitKind, code: Code): boolean =>
    isBeyond(beyondLimits(rules, usage, kind, currency, cash, now), code, told);
  if (exceeds(LimitKind.WAGER, Code.LIMIT_WAGER_REACHED)) {
    return no(Code.LIMIT_WAGER_REACHED, "the wager limit is reached");
  }
  if (!exceeds(LimitKind.LOSS, Code.LIMIT_LOSS_REACHED)) return undefined;
  return no(Code.LIMIT_LOSS_REACHED, "the loss limit is reached");
}

function velocityRefuses(
  state: DerivedState,
  { operator, extras }: Player,
  subject: VelocitySubject,
  { currency, minor, now, told }: Wish,
): Verdict | undefined {
  const rules = state.velocity.get(operator);
  if (rules === undefined) return undefined;
  const answer = beyondVelocity(rules, extras?.usage, subject, currency, minor, now);
  if (!isBeyond(answer, Code.LIMIT_VELOCITY_REACHED, told)) return undefined;
  return no(Code.LIMIT_VELOCITY_REACHED, "a velocity rule is broken");
}

function boundOf(rules: Rules, currency: string) {
  return rules.bounds.find((one) => one.currency === currency);
}

function belowFloor(
  player: Player,
  rules: Rules,
  currency: string,
  minor: bigint,
): Verdict | undefined {
  const floor = boundOf(rules, currency)?.floor ?? 0n;
  if (floor === 0n || cashOf(player, currency) - minor >= floor) return undefined;
  return no(Code.ACCOUNT_FLOOR_REACHED, `less than the floor of ${floor} would be left`);
}

/** Why a player may not be given a deposit. A blocked or frozen one may. */
export function mayDeposit(state: DerivedState, player: Player, wish: Wish): Verdict | undefined {
  const { status, extras } = player;
  const { now, currency, minor, told } = wish;
  if (status === PlayerStatus.CLOSED) return no(Code.PLAYER_CLOSED, "the player is closed");
  const rules = extras?.rules;
  if (rules !== undefined) {
    const standing = stays(rules, now);
    if (standing !== undefined) return standing;
    const answer = beyondLimits(rules, extras?.usage, LimitKind.DEPOSIT, currency, minor, now);
    if (isBeyond(answer, Code.LIMIT_DEPOSIT_REACHED, told)) {
      return no(Code.LIMIT_DEPOSIT_REACHED, "the deposit limit is reached");
    }
  }
  const velocity = velocityRefuses(state, player, VelocitySubject.DEPOSIT, wish);
  if (velocity !== undefined || rules === undefined) return velocity;
  const ceiling = boundOf(rules, currency)?.ceiling ?? 0n;
  if (ceiling === 0n || cashOf(player, currency) + minor <= ceiling) return undefined;
  return no(Code.ACCOUNT_CEILING_REACHED, `it would go above the ceiling of ${ceiling}`);
}

/** Why a player may not sell cash for another currency: what leaves must be free to leave. */
export function mayExchange(player: Player, currency: string, minor: bigint): Verdict | undefined {
  const rules = player.extras?.rules;
  if (rules === undefined) return undefined;
  if (rules.withdrawalsFrozen) return no(Code.PLAYER_FROZEN, "the player's money is held");
  return belowFloor(player, rules, currency, minor);
}

/** Why a player may not ask for a withdrawal. */
export function mayWithdraw(state: DerivedState, player: Player, wish: Wish): Verdict | undefined {
  const rules = player.extras?.rules;
  if (rules?.withdrawalsFrozen === true) {
    return no(Code.PLAYER_FROZEN, "withdrawals of the player are frozen");
  }
  const velocity = velocityRefuses(state, player, VelocitySubject.WITHDRAWAL, wish);
  if (velocity !== undefined || rules === undefined) return velocity;
  return belowFloor(player, rules, wish.currency, wish.minor);
}
