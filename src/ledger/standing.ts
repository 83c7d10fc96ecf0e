/**
 * Whether a player may stake, deposit or withdraw now.
 *
 * Only bets, deposits and new withdrawals ask. Wins, rollbacks, voids, refunds and releases never
 * do: what a player is owed arrives whatever the player may not. All limits of a player apply, so
 * the strictest does.
 *
 * @module
 */
import { isAboveCeiling, isBelowFloor } from "./bounds.ts";
import { Code } from "./codes.ts";
import { stakeOf } from "./count-usage.ts";
import { isExcluded, isTimedOut } from "./exclusion.ts";
import { isExceeded, stakeLimitRefusal } from "./limits-used.ts";
import { LimitKind, type PlayerRules, VelocitySubject } from "./objects.ts";
import { type Player, PlayerStatus, type StateView } from "./state-view.ts";
import type { Command } from "./types.ts";
import { velocityRefuses } from "./velocity.ts";

/** Refusals of {@link mayStake}, in the order in which they are found. */
export const STAKE_CODES = [
  Code.PLAYER_CLOSED,
  Code.PLAYER_BLOCKED,
  Code.PLAYER_EXCLUDED,
  Code.PLAYER_TIMED_OUT,
  Code.PLAYER_FROZEN,
  Code.LIMIT_SESSION_REACHED,
  Code.LIMIT_WAGER_REACHED,
  Code.LIMIT_LOSS_REACHED,
  Code.LIMIT_VELOCITY_REACHED,
  Code.ACCOUNT_FLOOR_REACHED,
] as const;

/** Refusals of {@link mayDeposit}, in the order in which they are found. */
export const DEPOSIT_CODES = [
  Code.PLAYER_CLOSED,
  Code.PLAYER_EXCLUDED,
  Code.PLAYER_TIMED_OUT,
  Code.LIMIT_DEPOSIT_REACHED,
  Code.LIMIT_VELOCITY_REACHED,
  Code.ACCOUNT_CEILING_REACHED,
] as const;

/** Refusals of {@link mayWithdraw}, in the order in which they are found. */
export const WITHDRAWAL_CODES = [
  Code.PLAYER_FROZEN,
  Code.LIMIT_VELOCITY_REACHED,
  Code.ACCOUNT_FLOOR_REACHED,
] as const;

/**
 * Why a player may not place this stake, undefined when it may. `cashMinor` is the part of it that
 * comes from cash: WAGER and LOSS limits and the floor look at it alone, and not at all when it is
 * zero; velocity rules look at the whole stake. Funds are the caller's question, after this one.
 */
export function mayStake(
  view: StateView,
  player: Player,
  command: Command,
  currency: string,
  cashMinor: bigint,
  recordedAt: number,
): Code | undefined {
  const { status, extras, operatorId } = player;
  if (status !== PlayerStatus.ACTIVE) {
    return status === PlayerStatus.CLOSED ? Code.PLAYER_CLOSED : Code.PLAYER_BLOCKED;
  }
  const rules = extras?.rules;
  if (rules !== undefined) {
    const refusal =
      exclusionRefusal(rules, recordedAt) ??
      (rules.frozen ? Code.PLAYER_FROZEN : undefined) ??
      stakeLimitRefusal(rules, extras?.usage, currency, cashMinor, recordedAt);
    if (refusal !== undefined) return refusal;
  }
  const velocity = view.velocityRules(operatorId);
  if (velocity.length > 0) {
    const minor = stakeOf(command.payload)?.minor ?? 0n;
    const { BET } = VelocitySubject;
    if (velocityRefuses(velocity, BET, extras?.usage, currency, minor, recordedAt)) {
      return Code.LIMIT_VELOCITY_REACHED;
    }
  }
  if (rules === undefined || cashMinor === 0n) return undefined;
  const isBelow = isBelowFloor(rules, player, currency, cashMinor);
  return isBelow ? Code.ACCOUNT_FLOOR_REACHED : undefined;
}

/**
 * Why a player may not be given this deposit, undefined when it may. A blocked or frozen player
 * may.
 */
export function mayDeposit(
  view: StateView,
  player: Player,
  currency: string,
  minor: bigint,
  recordedAt: number,
): Code | undefined {
  const { status, extras, operatorId } = player;
  if (status === PlayerStatus.CLOSED) return Code.PLAYER_CLOSED;
  const rules = extras?.rules;
  const usage = extras?.usage;
  if (rules !== undefined) {
    const refusal = exclusionRefusal(rules, recordedAt);
    if (refusal !== undefined) return refusal;
    if (isExceeded(rules, usage, LimitKind.DEPOSIT, currency, minor, recordedAt)) {
      return Code.LIMIT_DEPOSIT_REACHED;
    }
  }
  const velocity = view.velocityRules(operatorId);
  const { DEPOSIT } = VelocitySubject;
  if (velocityRefuses(velocity, DEPOSIT, usage, currency, minor, recordedAt)) {
    return Code.LIMIT_VELOCITY_REACHED;
  }
  if (rules === undefined) return undefined;
  const isAbove = isAboveCeiling(rules, player, currency, minor);
  return isAbove ? Code.ACCOUNT_CEILING_REACHED : undefined;
}

/**
 * Why a player may not ask for this withdrawal, undefined when it may. Whatever else a player may
 * not, its own money may leave.
 */
export function mayWithdraw(
  view: StateView,
  player: Player,
  currency: string,
  minor: bigint,
  recordedAt: number,
): Code | undefined {
  const { extras, operatorId } = player;
  const rules = extras?.rules;
  if (rules?.withdrawalsFrozen === true) return Code.PLAYER_FROZEN;
  const velocity = view.velocityRules(operatorId);
  const { WITHDRAWAL } = VelocitySubject;
  if (velocityRefuses(velocity, WITHDRAWAL, extras?.usage, currency, minor, recordedAt)) {
    return Code.LIMIT_VELOCITY_REACHED;
  }
  if (rules === undefined) return undefined;
  const isBelow = isBelowFloor(rules, player, currency, minor);
  return isBelow ? Code.ACCOUNT_FLOOR_REACHED : undefined;
}

/** Refusals of {@link mayExchange}, in the order in which they are found. */
export const EXCHANGE_CODES = [Code.PLAYER_FROZEN, Code.ACCOUNT_FLOOR_REACHED] as const;

/**
 * Why a player may not sell this cash for another currency, undefined when it may: a freeze that
 * holds withdrawals holds this as well, and the floor stays. Limits are per currency and say
 * nothing here.
 */
export function mayExchange(player: Player, currency: string, minor: bigint): Code | undefined {
  const rules = player.extras?.rules;
  if (rules === undefined) return undefined;
  if (rules.withdrawalsFrozen) return Code.PLAYER_FROZEN;
  return isBelowFloor(rules, player, currency, minor) ? Code.ACCOUNT_FLOOR_REACHED : undefined;
}

function exclusionRefusal(rules: PlayerRules, now: number): Code | undefined {
  if (isExcluded(rules, now)) return Code.PLAYER_EXCLUDED;
  return isTimedOut(rules, now) ? Code.PLAYER_TIMED_OUT : undefined;
}
