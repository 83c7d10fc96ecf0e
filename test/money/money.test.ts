/**
 * Goal: amounts are exact up to 2^63, and text never turns into another amount.
 * Method: values around every power of two that matters, and random ones against plain bigint.
 */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  addChecked,
  CURRENCIES,
  DEFAULT_CURRENCIES,
  currenciesText,
  currencyTable,
  exponentOf,
  isCurrencyCode,
  parseCurrencies,
  formatMinor,
  I64_MAX,
  I64_MIN,
  isI64,
  mulDivFloor,
  parseWhole,
} from "../../src/money/index.ts";
import { seeded } from "../ledger/seed.ts";

const EDGES = [0n, 1n, 2n ** 31n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 2n];

describe("currencies", () => {
  test("have the exponents of the contract", () => {
    const exponents = Object.fromEntries(CURRENCIES.map(({ code, exponent }) => [code, exponent]));
    const micro = ["FUN", "USDT", "USD", "EUR", "GBP", "GEL", "AMD", "AZN", "TRY", "RUB"];
    expect(exponents).toEqual({ ...Object.fromEntries(micro.map((code) => [code, 6])), TON: 9 });
  });

  test.each(["fun", "XXX", "", "constructor", "__proto__", "FUN "])("%p is none", (code) => {
    expect(DEFAULT_CURRENCIES.get(code)).toBeUndefined();
    expect(exponentOf(DEFAULT_CURRENCIES, code)).toBe(0);
  });

  test("are read from the text that is made of them", () => {
    expect(parseCurrencies(currenciesText(CURRENCIES))).toEqual(CURRENCIES);
    const some = [
      { code: "A1", exponent: 18 },
      { code: "FUN", exponent: 6 },
    ];
    const read = parseCurrencies("A1:18,FUN:6");
    expect(read).toEqual(some);
    expect(exponentOf(currencyTable(some), "A1")).toBe(18);
  });

  test.each([
    ["", "CODE:EXPONENT"],
    ["FUN:6,", "CODE:EXPONENT"],
    ["FUN:6,,EUR:2", "CODE:EXPONENT"],
    ["FUN:6 ", "CODE:EXPONENT"],
    ["FUN:6,EUR:-1", "CODE:EXPONENT"],
    ["FUN:6,EUR:1e1", "CODE:EXPONENT"],
    ["FUN:6,EUR:02", "CODE:EXPONENT"],
    ["FUN:6,EUR:19", "above 18"],
    ["FUN:6,E:2", "2 to 12"],
    ["FUN:6,1EUR:2", "2 to 12"],
    ["FUN:6,ABCDEFGHIJKLM:2", "2 to 12"],
    ["FUN:6,E|R:2", "2 to 12"],
    ["FUN:6,FUN:6", "FUN twice"],
    ["EUR:2", "FUN:6"],
    ["FUN:5", "FUN:6"],
  ])("%p isn't a list of them", (text, why) => {
    expect(parseCurrencies(text)).toContain(why);
  });

  test("have codes that no key is confused by", () => {
    expect(["EUR", "USDT", "A1"].filter(isCurrencyCode)).toEqual(["EUR", "USDT", "A1"]);
    const bad = ["", "E", "eur", "E R", "E|R", "E\0R", "ЕUR", "EUR\n"];
    expect(bad.filter(isCurrencyCode)).toEqual([]);
  });
});

describe("int64", () => {
  test("is bounded exactly", () => {
    expect([I64_MAX, I64_MAX + 1n, I64_MIN, I64_MIN - 1n].map(isI64)).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  test.each(EDGES)("addition at %p", (edge) => {
    expect(addChecked(edge, I64_MAX - edge)).toBe(I64_MAX);
    expect(addChecked(edge, I64_MAX - edge + 1n)).toBeUndefined();
    expect(addChecked(-edge, I64_MIN + edge)).toBe(I64_MIN);
    expect(addChecked(-edge, I64_MIN + edge - 1n)).toBeUndefined();
  });

  test("mulDivFloor floors the exact quotient or overflows", () => {
    const natural = fc.oneof(fc.constantFrom(...EDGES, I64_MAX), fc.bigInt(0n, I64_MAX));
    const property = fc.property(natural, natural, fc.bigInt(1n, 1_000_000n), (a, b, c) => {
      const quotient = mulDivFloor(a, b, c);
      if (quotient === undefined) expect(a * b).toBeGreaterThanOrEqual((I64_MAX + 1n) * c);
      else {
        expect(quotient * c).toBeLessThanOrEqual(a * b);
        expect((quotient + 1n) * c).toBeGreaterThan(a * b);
      }
    });
    fc.assert(property, seeded(500));
    expect(mulDivFloor(I64_MAX, 1n, 1n)).toBe(I64_MAX);
    expect(mulDivFloor(I64_MAX, 3n, 3n)).toBe(I64_MAX);
    expect(mulDivFloor(I64_MAX, 2n, 1n)).toBeUndefined();
    expect(mulDivFloor(0n, 0n, 1n)).toBe(0n);
    expect(mulDivFloor(9_007_199_254_740_993n, 198n, 100n)).toBe(17_834_254_524_387_166n);
    expect(() => mulDivFloor(-1n, 1n, 1n)).toThrow(RangeError);
    expect(() => mulDivFloor(1n, 1n, 0n)).toThrow(RangeError);
  });
});

describe("text", () => {
  test.each([
    [0n, 6, "0"],
    [1n, 6, "0.000001"],
    [-1n, 6, "-0.000001"],
    [1_500_000n, 6, "1.5"],
    [-100_000_000n, 6, "-100"],
    [1_000_000_001n, 9, "1.000000001"],
    [9_007_199_254_740_993n, 6, "9007199254.740993"],
    [I64_MAX, 6, "9223372036854.775807"],
    [I64_MIN, 9, "-9223372036.854775808"],
    [42n, 0, "42"],
  ] as const)("%p with exponent %p is %p", (minor, exponent, text) => {
    expect(formatMinor(minor, exponent)).toBe(text);
  });

  test.each([
    ["1", 1_000_000n],
    ["100", 100_000_000n],
    ["007", 7_000_000n],
    ["9223372036854", 9_223_372_036_854_000_000n],
  ] as const)("%p is typed for %p", (text, minor) => {
    expect(parseWhole(text, 6)).toBe(minor);
  });

  test("nothing else is a whole amount", () => {
    const texts = [
      "",
      "0",
      "00",
      "-1",
      "+1",
      "1.0",
      "1,0",
      "1e3",
      " 1",
      "1 ",
      "0x10",
      "٣",
      "१",
      "½",
    ];
    texts.push("9223372036855", "99999999999999999999", "9".repeat(10_000), "1\n", "NaN", "1_000");
    for (const text of texts) expect(parseWhole(text, 6)).toBeUndefined();
  });

  test("the largest amount can be typed where units are whole", () => {
    expect(parseWhole(String(I64_MAX), 0)).toBe(I64_MAX);
    expect(parseWhole(String(I64_MAX + 1n), 0)).toBeUndefined();
  });

  test("whole amounts come back", () => {
    const property = fc.property(fc.bigInt(1n, 9_223_372_036n), (whole) => {
      for (const exponent of [6, 9]) {
        const minor = parseWhole(String(whole), exponent);
        expect(minor).toBe(whole * 10n ** BigInt(exponent));
        expect(formatMinor(minor ?? 0n, exponent)).toBe(String(whole));
      }
    });
    fc.assert(property, seeded(200));
  });
});
