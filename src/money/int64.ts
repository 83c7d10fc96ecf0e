/**
 * Arithmetic on amounts. An amount is an int64 on the wire and on disk, and a bigint in code; what
 * would leave int64 is found here, before it is stored.
 *
 * @module
 */

/** Largest amount: 2^63 - 1. */
export const I64_MAX = 9_223_372_036_854_775_807n;

/** Smallest amount: -2^63. */
export const I64_MIN = -9_223_372_036_854_775_808n;

/** Whether a value fits an int64. */
export function isI64(value: bigint): boolean {
  return value <= I64_MAX && value >= I64_MIN;
}

/** The sum, or undefined when it doesn't fit an int64. */
export function addChecked(left: bigint, right: bigint): bigint | undefined {
  const sum = left + right;
  return isI64(sum) ? sum : undefined;
}

/**
 * floor(value · numerator ÷ denominator), or undefined when it doesn't fit an int64. The product
 * is exact. Payouts use it: what is left over stays with the house.
 *
 * @throws RangeError for a negative value or numerator, or a denominator that isn't positive
 */
export function mulDivFloor(
  value: bigint,
  numerator: bigint,
  denominator: bigint,
): bigint | undefined {
  if (value < 0n || numerator < 0n || denominator <= 0n) {
    throw new RangeError("mulDivFloor takes amounts that aren't negative");
  }
  const quotient = (value * numerator) / denominator;
  return quotient <= I64_MAX ? quotient : undefined;
}
