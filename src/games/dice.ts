/**
 * Dice from 0.00 to 100.00, kept in hundredths.
 *
 * @module
 */
import { draws } from "./draws.ts";

/** Rolls are 0 to 10000. */
export const DICE_OUTCOMES = 10_001;

/** Largest roll and target. */
export const DICE_ROLL_MAX_X100 = DICE_OUTCOMES - 1;

/** The house keeps one percent: the multiplier is 0.99 of the fair one. */
const RETURN_PERCENT = 99;

/** Smallest multiplier on offer, 1.01: a winner wins something. */
export const DICE_MULTIPLIER_MIN_X100 = 101;

/** How many rolls win: strictly over, or strictly under the target. */
export function diceWinning(targetX100: number, over: boolean): number {
  if (!Number.isInteger(targetX100) || targetX100 < 0 || targetX100 > DICE_ROLL_MAX_X100) {
    throw new RangeError("a target is 0 to 10000 hundredths");
  }
  return over ? DICE_ROLL_MAX_X100 - targetX100 : targetX100;
}

/** Multiplier × 100 = floor(99 · 10001 ÷ number of winning rolls); 0 when no roll wins. */
export function diceMultiplierX100(winning: number): number {
  if (!Number.isInteger(winning) || winning < 0 || winning > DICE_OUTCOMES) {
    throw new RangeError("winning rolls are 0 to 10001");
  }
  return winning === 0 ? 0 : Math.floor((RETURN_PERCENT * DICE_OUTCOMES) / winning);
}

/** The multiplier of a bet × 100, or undefined for a bet that is not on offer. */
export function diceOfferX100(targetX100: number, over: boolean): number | undefined {
  const multiplierX100 = diceMultiplierX100(diceWinning(targetX100, over));
  return multiplierX100 >= DICE_MULTIPLIER_MIN_X100 ? multiplierX100 : undefined;
}

/** The roll of a round in hundredths. */
export function rollDice(serverSeed: string, clientSeed: string, nonce: number): number {
  return draws(serverSeed, clientSeed, nonce).draw(DICE_OUTCOMES);
}

/** Whether a roll wins. */
export function diceWins(rollX100: number, targetX100: number, over: boolean): boolean {
  return over ? rollX100 > targetX100 : rollX100 < targetX100;
}
