/**
 * Whether a player may stake, deposit or withdraw now.
 *
 * Only bets, deposits and new withdrawals ask. Wins, rollbacks, voids, refunds and releases never
 * do: what a player is owed arrives whatever the player may not.
 *
 * @module
 */
import { Code } from "./codes.ts";
import { type Player, PlayerStatus, type StateView } from "./state-view.ts";
import type { Command } from "./types.ts";

/** Refusals of {@link mayStake}, in the order in which they are found. */
export const STAKE_CODES = [Code.PLAYER_CLOSED, Code.PLAYER_BLOCKED] as const;

/** Refusals of {@link mayDeposit}, in the order in which they are found. */
export const DEPOSIT_CODES = [Code.PLAYER_CLOSED] as const;

/** Refusals of {@link mayWithdraw}, in the order in which they are found. */
export const WITHDRAWAL_CODES = [] as const;

/**
 * Why a player may not place this stake, undefined when it may. `cashMinor` is the part of it that
 * comes from cash. Funds are the caller's question, after this one.
 */
export function mayStake(
  _view: StateView,
  player: Player,
  _command: Command,
  _currency: string,
  _cashMinor: bigint,
  _recordedAt: number,
): Code | undefined {
  if (player.status === PlayerStatus.ACTIVE) return undefined;
  return player.status === PlayerStatus.CLOSED ? Code.PLAYER_CLOSED : Code.PLAYER_BLOCKED;
}

/** Why a player may not be given this deposit, undefined when it may. */
export function mayDeposit(
  _view: StateView,
  player: Player,
  _currency: string,
  _minor: bigint,
  _recordedAt: number,
): Code | undefined {
  return player.status === PlayerStatus.CLOSED ? Code.PLAYER_CLOSED : undefined;
}

/** Why a player may not ask for this withdrawal, undefined when it may. */
export function mayWithdraw(
  _view: StateView,
  _player: Player,
  _currency: string,
  _minor: bigint,
  _recordedAt: number,
): Code | undefined {
  return undefined;
}
