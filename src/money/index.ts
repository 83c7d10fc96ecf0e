/**
 * Money: currencies, checked arithmetic in minor units, texts.
 *
 * @module
 */
export { I64_MAX, I64_MIN, addChecked, isI64, mulDivFloor } from "./int64.ts";
export {
  CURRENCIES,
  DEFAULT_CURRENCIES,
  type Currencies,
  type Currency,
  PLAY_MONEY,
  currenciesText,
  currencyTable,
  exponentOf,
  isCurrencyCode,
  parseCurrencies,
} from "./currencies.ts";
export { formatMinor, parseWhole } from "./text.ts";
