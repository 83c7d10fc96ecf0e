/**
 * Walks rows of conditions: each alone, and every pair that can be true at once, on a fresh book;
 * the first in the documented order must be the answer.
 */
import { describe, expect, test } from "bun:test";
import { Code, PRECEDENCE } from "../../src/ledger/index.ts";
import { Book, type CommandInit, type person } from "./book.ts";
import { rankOf } from "./rules-of-players.ts";

/** Name of a code. */
export type Name = keyof typeof Code;

/** A book with two players, and the command to be sent, still good. */
export interface Scene {
  readonly book: Book;
  readonly ref: string;
  readonly other: string;
  init: CommandInit;
  identity?: ReturnType<typeof person>;
}

/** Makes a condition true; `before` ones prepare the book, the others spoil the command. */
export type Condition = (scene: Scene, active: ReadonlySet<Name>) => void;

/** A type of command: a good one, and how each of its codes comes about. */
export interface Row {
  readonly good: (scene: Pick<Scene, "ref">) => CommandInit;
  readonly conditions: Partial<Record<Name, Condition>>;
  /** Sets of which at most one can be true. */
  readonly exclusive: readonly (readonly Name[])[];
  /** What the good command needs, unless a condition provides for it. */
  readonly prepare?: (scene: Scene, active: ReadonlySet<Name>) => void;
}

function answer(row: Row, names: readonly Name[]): Code {
  const book = new Book();
  const [ref, other] = [book.player(1000n), book.player(1000n)];
  const scene: Scene = { book, ref, other, init: { payload: { type: "player_registered" } } };
  scene.init = row.good(scene);
  row.prepare?.(scene, new Set(names));
  // What a player may not comes last: it would keep other conditions from being set up.
  const isLate = (name: Name): boolean => /^(PLAYER_(?!UNKNOWN)|LIMIT_|ACCOUNT_)/.test(name);
  const order = [...names].sort((a, b) => {
    return Number(isLate(a)) - Number(isLate(b)) || rankOf(a) - rankOf(b);
  });
  for (const name of order) row.conditions[name]?.(scene, new Set(names));
  const { outcome, field } = book.do(scene.init, scene.identity);
  if (outcome === undefined) throw new Error(`${names.join(" + ")}: no record, field ${field}`);
  return outcome.code;
}

/** Rows by type of command. */
export type Rows = Partial<Record<keyof typeof PRECEDENCE, Row>>;

/** Makes the tests of rows. */
export function walk(rows: Rows): void {
  describe.each(Object.entries(rows))("%s", walkRow);
}

function walkRow(type: string, row: Row): void {
  const documented = PRECEDENCE[type as keyof typeof PRECEDENCE];
  const names = documented.map((code) => nameOf(code));
  const pairs = names.flatMap((first, index) =>
    names.slice(index + 1).map((second) => [first, second] as const),
  );

  test("has a condition for every documented code but OK", () => {
    expect(Object.keys(row.conditions).sort()).toEqual(names.filter((n) => n !== "OK").sort());
  });

  test.each(names.map((name) => [name]))("%s alone", (name) => {
    expect(nameOf(answer(row, name === "OK" ? [] : [name]))).toBe(name);
  });

  const together = pairs.filter(([a, b]) => {
    return b !== "OK" && !row.exclusive.some((set) => set.includes(a) && set.includes(b));
  });
  test.each(together)("%s before %s", (first, second) => {
    expect(nameOf(answer(row, [first, second]))).toBe(first);
  });
}

function nameOf(code: Code): Name {
  return (Object.keys(Code) as Name[]).find((name) => Code[name] === code)!;
}
