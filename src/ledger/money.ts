/**
 * Amounts as events carry them.
 *
 * @module
 */

/** An amount in minor units of its currency. */
export interface Money {
  readonly minor: bigint;
  readonly currency: string;
}
