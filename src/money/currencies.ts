/**
 * Currencies and the exponents of their minor units. Which ones a deployment takes is configured;
 * whoever needs them is given a table.
 *
 * @module
 */

/** A currency: one unit is 10^exponent minor units. */
export interface Currency {
  readonly code: string;
  readonly exponent: number;
}

/** Currencies by their code. */
export type Currencies = ReadonlyMap<string, Currency>;

/** Play money. It can't be bought or withdrawn. */
export const PLAY_MONEY = "FUN";

/** Fiat, USDT and play money are kept in millionths: RS_* providers use 10^-5, Evolution 10^-6. */
const MICRO = 6;

/** TON's own smallest unit. */
const NANO = 9;

/** Units of 10^18 minor ones: an int64 holds nine of them. Nothing finer can be kept. */
const EXPONENT_MAX = 18;

/** ISO 4217 has three letters, tokens some more and digits. */
const CODE = /^[A-Z][A-Z0-9]{1,11}$/;

function table(exponent: number, codes: readonly string[]): Currency[] {
  return codes.map((code) => Object.freeze({ code, exponent }));
}

/** Those of a deployment that configures none, play money first. */
export const CURRENCIES: readonly Currency[] = Object.freeze([
  ...table(MICRO, [PLAY_MONEY, "USDT", "USD", "EUR", "GBP", "GEL", "AMD", "AZN", "TRY", "RUB"]),
  ...table(NANO, ["TON"]),
]);

/** A table of currencies. */
export function currencyTable(currencies: readonly Currency[]): Currencies {
  return new Map(currencies.map((one) => [one.code, one]));
}

/** {@link CURRENCIES} as a table. */
export const DEFAULT_CURRENCIES: Currencies = currencyTable(CURRENCIES);

/** Whether a text could be a currency's code, configured or not. */
export function isCurrencyCode(text: string): boolean {
  return CODE.test(text);
}

/**
 * The exponent that amounts in a currency are shown with: that of the table, or 0 for a currency
 * that isn't in it. Such amounts are shown in minor units, which is never wrong.
 */
export function exponentOf(currencies: Currencies, code: string): number {
  return currencies.get(code)?.exponent ?? 0;
}

/**
 * Reads `CODE:EXPONENT,CODE:EXPONENT…`, such as `FUN:6,EUR:6,TON:9`. Answers what is wrong with
 * it, as a sentence without a subject, when something is: a code that isn't 2 to 12 of A-Z and
 * 0-9 with a letter first, an exponent that isn't from 0 to 18, a code named twice, or play money
 * missing or with another exponent than 6, which the games' stakes rest on.
 */
export function parseCurrencies(text: string): readonly Currency[] | string {
  const found = new Map<string, Currency>();
  for (const item of text.split(",")) {
    const [, code, digits] = /^([^:]*):(0|[1-9][0-9]?)$/.exec(item) ?? [];
    if (code === undefined || digits === undefined) return "has an item that isn't CODE:EXPONENT";
    if (!isCurrencyCode(code)) return "has a code that isn't 2 to 12 of A-Z and 0-9";
    const exponent = Number(digits); // not money
    if (exponent > EXPONENT_MAX) return `has an exponent above ${EXPONENT_MAX}`;
    if (found.has(code)) return `names ${code} twice`;
    found.set(code, Object.freeze({ code, exponent }));
  }
  if (found.get(PLAY_MONEY)?.exponent !== MICRO) return `lacks ${PLAY_MONEY}:${MICRO}`;
  return Object.freeze([...found.values()]);
}

/** The text that {@link parseCurrencies} reads. */
export function currenciesText(currencies: readonly Currency[]): string {
  return currencies.map(({ code, exponent }) => `${code}:${exponent}`).join(",");
}
