/**
 * Goal: the catalogue that operators read is the one that the writer uses.
 * Method: the command's JSON against the contract's enum, and one type's order against the rules.
 */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { CODES, PRECEDENCE } from "../../src/ledger/index.ts";
import { Code } from "../../src/wire/gen/countroom/v1/record_pb.ts";

const main = join(import.meta.dir, "../../src/cli/main.ts");

function codes(...flags: string[]) {
  const { stdout, exitCode } = Bun.spawnSync([process.execPath, main, "codes", ...flags]);
  return { text: stdout.toString(), exitCode };
}

test("every code of the contract is in it, once", () => {
  const lines = JSON.parse(codes("--json").text) as { number: number; code: string }[];
  const names = Object.entries(Code).filter(([, number]) => typeof number === "number");
  expect(lines.map(({ code, number }) => [code, number])).toEqual(
    names.map(([name, number]) => [name, number]) as [string, number][],
  );
});

test("a type's codes come in the order in which they are found", () => {
  const { text } = codes("--type", "bet_placed");
  const named = text
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/)[1]);
  expect(named).toEqual(PRECEDENCE.bet_placed.map((code) => CODES[code].name));
});

test("an unknown type is a usage error", () => {
  expect(codes("--type", "bet_won").exitCode).toBe(2);
});
