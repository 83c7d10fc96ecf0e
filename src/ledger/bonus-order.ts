/**
 * Which bonus comes first, and when one is over.
 *
 * @module
 */
import { type Bonus, BonusStage } from "./objects.ts";
import type { Player } from "./state-view.ts";

const NONE: readonly Bonus[] = Object.freeze([]);

/** Whether the player has a bonus that hasn't ended, in any currency. */
export function hasBonuses(player: Player): boolean {
  return player.extras !== undefined && player.extras.bonuses.length > 0;
}

/**
 * The player's bonuses in a currency in spend order: the one that expires first, those that never
 * expire last; among equals the one that was granted first.
 */
export function inSpendOrder(player: Player, currency: string): readonly Bonus[] {
  const { extras } = player;
  if (extras === undefined || extras.bonuses.length === 0) return NONE;
  return extras.bonuses.filter((bonus) => bonus.currency === currency).toSorted(bySpendOrder);
}

function bySpendOrder(one: Bonus, other: Bonus): number {
  if (one.expiresAt === other.expiresAt) return one.grantedSeq - other.grantedSeq;
  if (one.expiresAt === 0) return 1;
  return other.expiresAt === 0 ? -1 : one.expiresAt - other.expiresAt;
}

/** Whether a bonus's time is over, ended in the book or not. */
export function isDue(bonus: Bonus, recordedAt: number): boolean {
  return bonus.expiresAt !== 0 && bonus.expiresAt <= recordedAt;
}

/**
 * A bonus that changed, as its record leaves it: one version on, and ended as LOST when it holds
 * nothing, has nothing in open bets, and has no free bets left.
 */
export function leftAs(bonus: Bonus): Bonus {
  const isSpent = bonus.remaining === 0n && bonus.staked === 0n && bonus.freeLeft === 0n;
  const stage = isSpent ? BonusStage.LOST : bonus.stage;
  return { ...bonus, version: bonus.version + 1, stage };
}
