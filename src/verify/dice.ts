/**
 * Arithmetic of house rounds, as published: nothing here needs the secret server seed.
 *
 * @module
 */

const ROLLS = 10_001;
const HUNDREDTHS = 10_000;
/** Per cent of stakes that go back to players, before rounding. */
const RETURN_PERCENT = 99;

/** A dice round as its record tells it. */
export interface DiceRound {
  readonly targetX100: number;
  readonly over: boolean;
  readonly stakeMinor: bigint;
  readonly rollX100: number;
  readonly multiplierX100: bigint;
  readonly winMinor: bigint;
}

/** Says what is wrong with a round's numbers; undefined when they are right. */
export function diceFault(round: DiceRound): string | undefined {
  const { targetX100, over, rollX100 } = round;
  if (targetX100 < 0 || targetX100 > HUNDREDTHS) return `target ${targetX100} is out of range`;
  if (rollX100 < 0 || rollX100 > HUNDREDTHS) return `roll ${rollX100} is out of range`;
  const multiplier = diceMultiplier(targetX100, over);
  if (multiplier === undefined) return `no roll wins against target ${targetX100}`;
  if (round.multiplierX100 !== multiplier) {
    return `multiplier ${round.multiplierX100} should be ${multiplier} hundredths`;
  }
  const won = over ? rollX100 > targetX100 : rollX100 < targetX100;
  const win = won ? (round.stakeMinor * multiplier) / 100n : 0n;
  if (round.winMinor !== win) return `win ${round.winMinor} should be ${win}`;
  return undefined;
}

/** What a bet pays, hundredths of its stake; undefined when no roll wins it. */
export function diceMultiplier(targetX100: number, over: boolean): bigint | undefined {
  const winning = over ? HUNDREDTHS - targetX100 : targetX100;
  if (winning <= 0 || winning > HUNDREDTHS) return undefined;
  return BigInt(RETURN_PERCENT * ROLLS) / BigInt(winning);
}
