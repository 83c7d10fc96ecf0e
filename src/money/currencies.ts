/**
 * The currencies and the exponents of their minor units.
 *
 * @module
 */

/** A currency: one unit is 10^exponent minor units. */
export interface Currency {
  readonly code: string;
  readonly exponent: number;
}

/** Play money. It can't be bought or withdrawn. */
export const PLAY_MONEY = "FUN";

/** Fiat, USDT and play money are kept in millionths: RS_* providers use 10^-5, Evolution 10^-6. */
const MICRO = 6;

/** TON's own smallest unit. */
const NANO = 9;

function table(exponent: number, codes: readonly string[]): Currency[] {
  return codes.map((code) => Object.freeze({ code, exponent }));
}

/** All currencies, play money first. */
export const CURRENCIES: readonly Currency[] = Object.freeze([
  ...table(MICRO, [PLAY_MONEY, "USDT", "USD", "EUR", "GBP", "GEL", "AMD", "AZN", "TRY", "RUB"]),
  ...table(NANO, ["TON"]),
]);

const BY_CODE: ReadonlyMap<string, Currency> = new Map(CURRENCIES.map((one) => [one.code, one]));

/** The currency of this exact code. */
export function currency(code: string): Currency | undefined {
  return BY_CODE.get(code);
}
