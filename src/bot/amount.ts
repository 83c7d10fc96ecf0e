/**
 * Amounts of play money as people type and read them: whole FUN in, exact text out.
 *
 * @module
 */
import {
  type Currencies,
  DEFAULT_CURRENCIES,
  exponentOf,
  formatMinor,
  parseWhole,
  PLAY_MONEY,
} from "../money/index.ts";
import { AMOUNT_DIGITS_MAX, AMOUNT_WHOLE_MAX } from "./limits.ts";

const EXPONENT = exponentOf(DEFAULT_CURRENCIES, PLAY_MONEY);
const MINOR_MAX = AMOUNT_WHOLE_MAX * 10n ** BigInt(EXPONENT);

/** Minor units of a typed whole amount from 1 to 1 000 000; undefined for anything else. */
export function parseAmount(text: string): bigint | undefined {
  if (text.length > AMOUNT_DIGITS_MAX) return undefined;
  const minor = parseWhole(text, EXPONENT);
  return minor === undefined || minor > MINOR_MAX ? undefined : minor;
}

/** The whole amount as it is typed in a command; the inverse of {@link parseAmount}. */
export function typedAmount(minor: bigint): string {
  return formatMinor(minor, EXPONENT);
}

/** An amount for people: "5 FUN", "9.90 FUN", all digits of what is left. */
export function money(
  minor: bigint,
  code: string = PLAY_MONEY,
  currencies: Currencies = DEFAULT_CURRENCIES,
): string {
  const text = formatMinor(minor, exponentOf(currencies, code));
  // One digit after the point looks like a mistake where people expect cents.
  return `${/\.\d$/.test(text) ? `${text}0` : text} ${code}`;
}

/** Hundredths for people and commands: 5000 is "50", 5025 is "50.25". */
export function hundredths(x100: number): string {
  return formatMinor(BigInt(x100), 2);
}

/** Hundredths with both digits, as a roll or a multiplier is shown: 5000 is "50.00". */
export function twoDigits(x100: bigint): string {
  return `${x100 / 100n}.${(x100 % 100n).toString().padStart(2, "0")}`;
}
