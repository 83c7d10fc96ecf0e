/**
 * Provably fair house games: seeds, draws, dice. Published rules; anyone can repeat a round.
 *
 * @module
 */
export {
  DICE_MULTIPLIER_MIN_X100,
  DICE_OUTCOMES,
  DICE_ROLL_MAX_X100,
  diceMultiplierX100,
  diceOfferX100,
  diceWinning,
  diceWins,
  rollDice,
} from "./dice.ts";
export { Draws, FAIR_VERSION, draws, scale } from "./draws.ts";
export { serverSeedHash } from "./seeds.ts";
