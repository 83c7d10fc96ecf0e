/** What may be wrong with one field: its code and its name, or nothing. */
import { Code, type Money } from "../../src/ledger/index.ts";
import { DEFAULT_CURRENCIES } from "../../src/money/index.ts";
import { RAILS } from "./book.ts";
import { MAX } from "./model-world.ts";

export type Problem = readonly [code: Code, field: string] | undefined;

const isId = (text: string): boolean => text.length <= 128 && !text.includes("\0");
export const missing = (field: string): Problem => [Code.EVENT_FIELD_MISSING, field];
export const invalid = (field: string): Problem => [Code.EVENT_FIELD_INVALID, field];

/** A text that may be empty, and one that may not. */
export function text(value: string, field: string): Problem {
  return isId(value) ? undefined : invalid(field);
}

export function name(value: string, field: string): Problem {
  return value === "" ? missing(field) : text(value, field);
}

export function minor(value: bigint, field: string, least = 0n): Problem {
  return value >= least && value <= MAX ? undefined : [Code.AMOUNT_INVALID, field];
}

/** `begins`: money that comes into the book must be in a configured currency. */
export function money(value: Money, field: string, least: bigint, begins = false): Problem {
  const { currency } = value;
  const wrong = minor(value.minor, `${field}.minor`, least);
  if (wrong !== undefined) return wrong;
  if (currency === "") return missing(`${field}.currency`);
  const isKnown = begins
    ? DEFAULT_CURRENCIES.has(currency)
    : /^[A-Z][A-Z0-9]{1,11}$/.test(currency);
  return isKnown ? undefined : [Code.CURRENCY_UNKNOWN, `${field}.currency`];
}

export function won(value: Money, field: string): Problem {
  return value.currency === "" ? minor(value.minor, `${field}.minor`) : money(value, field, 0n);
}

export function rail(value: string, currency: string, field: string): Problem {
  if (!isId(value)) return invalid(field);
  if (currency === "FUN") {
    return value === "" || value === "play" ? undefined : [Code.RAIL_UNKNOWN, field];
  }
  if (value === "") return missing(field);
  return value !== "play" && RAILS.has(value) ? undefined : [Code.RAIL_UNKNOWN, field];
}

export function time(value: number, field: string): Problem {
  return Number.isSafeInteger(value) && value >= 0 ? undefined : invalid(field);
}

/** Money that is worth something. */
export function worth(value: Money, field: string): Problem {
  const wrong = money(value, field, 1n);
  return wrong ?? (value.currency === "FUN" ? invalid(`${field}.currency`) : undefined);
}
