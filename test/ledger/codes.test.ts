/**
 * Goal: the catalogue is the contract's: same numbers, no gap, a consistent line for each.
 * Method: the generated contract, compared name by name.
 */
import { expect, test } from "bun:test";
import { AccountKind, Code, CODES, PlayerStatus, PRECEDENCE } from "../../src/ledger/index.ts";
import { PlayerStatus as WireStatus } from "../../src/wire/gen/countroom/v1/event_facts_pb.ts";
import { AccountKind as WireKind } from "../../src/wire/gen/countroom/v1/money_pb.ts";
import { Code as WireCode } from "../../src/wire/gen/countroom/v1/record_pb.ts";

/** Names and numbers of a generated enum. */
function numbersOf(wire: object): Record<string, number> {
  const named = Object.entries(wire).filter(([, number]) => typeof number === "number");
  return Object.fromEntries(named) as Record<string, number>;
}

test("codes, accounts and standings have the contract's numbers", () => {
  expect<object>(Code).toEqual(numbersOf(WireCode));
  expect<object>({ UNSPECIFIED: 0, ...AccountKind }).toEqual(numbersOf(WireKind));
  expect<object>({ UNSPECIFIED: 0, ...PlayerStatus }).toEqual(numbersOf(WireStatus));
});

test("the catalogue has a line for every code, without gaps", () => {
  const numbers = Object.values(Code);
  expect(numbers).toEqual(numbers.map((_, index) => index as Code));
  for (const [name, number] of Object.entries(Code)) {
    const line = CODES[number];
    expect(line.name).toBe(name as keyof typeof Code);
    expect(line.code).toBe(number);
    expect(line.text).toMatch(/^[A-Z].*\.$/);
    expect(line.retryable).toBe(line.status === "unavailable" && number !== Code.UNSPECIFIED);
    expect(line.recorded).toBe(line.status === "accepted" || line.status === "refused");
    if (line.status === "accepted") expect(line.httpStatus).toBe(200);
    else expect(line.httpStatus).toBeGreaterThanOrEqual(400);
    if (line.class === "internal" || line.class === "transient") {
      expect(line.httpStatus).toBeGreaterThanOrEqual(500);
    }
  }
});

test("everything that can be decided is a record, and every record's code can be decided", () => {
  const decided = new Set(Object.values(PRECEDENCE).flat());
  const recorded = Object.values(CODES).filter((line) => line.recorded);
  expect([...decided].sort()).toEqual(recorded.map((line) => line.code).sort());
});
