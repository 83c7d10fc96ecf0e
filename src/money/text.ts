/**
 * Amounts as text, for people.
 *
 * @module
 */
import { I64_MAX } from "./int64.ts";

/** Digits of the largest whole amount that can be typed; more is refused before conversion. */
const WHOLE_DIGITS_MAX = 19;

/**
 * An amount with its decimal point, without trailing zeros: 1500000 with exponent 6 is "1.5",
 * -1 is "-0.000001".
 */
export function formatMinor(minor: bigint, exponent: number): string {
  const digits = (minor < 0n ? -minor : minor).toString().padStart(exponent + 1, "0");
  const whole = digits.slice(0, digits.length - exponent);
  const fraction = digits.slice(digits.length - exponent).replace(/0+$/, "");
  const sign = minor < 0n ? "-" : "";
  return fraction === "" ? sign + whole : `${sign}${whole}.${fraction}`;
}

/**
 * Minor units of a whole amount as people type it: ASCII digits only, at least 1, no sign, point
 * or spaces. Undefined for anything else and for what doesn't fit an int64.
 */
export function parseWhole(text: string, exponent: number): bigint | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined;
  const digits = text.replace(/^0+/, "");
  if (digits === "" || digits.length > WHOLE_DIGITS_MAX) return undefined;
  const minor = BigInt(digits) * 10n ** BigInt(exponent);
  return minor <= I64_MAX ? minor : undefined;
}
