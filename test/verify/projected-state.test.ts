/**
 * Goal: whatever a state says of objects, of what few players have, of bets and of draws is held
 * against the records.
 * Method: the state of a random book in which there is one of everything is changed, one thing at
 * a time, on its way to the audit.
 */
import { beforeAll, describe, expect, test } from "bun:test";
import { Audit, type ProjectedExtras, type Projection } from "../../src/verify/index.ts";
import { type AnyBook, anyBook } from "../ledger/any-book.ts";
import { recordBytes } from "../ledger/book-bytes.ts";
import { SEED } from "../ledger/seed.ts";
import { projectionOf } from "./any-audit.ts";

let any: AnyBook;

beforeAll(() => {
  console.log(`TEST_SEED=${SEED}`);
  any = anyBook(SEED >>> 0, 900);
  const { book } = any;
  // Nobody has said anything of this one yet.
  const playerRef = book.player(100n);
  book.bet(playerRef, "last", 5n, { roundId: "last" });
  book.record({
    operatorId: "demo",
    playerRef,
    payload: {
      type: "bonus_granted",
      bonusId: "last",
      campaign: "",
      amount: { minor: 5n, currency: "EUR" },
      wageringMinor: 1n,
      expiresAt: 0,
      conversionMinorMax: 0n,
    },
  });
  const amount = { minor: 50n, currency: "EUR" };
  const set = { type: "limit_set", kind: 1, period: 1, amount, sessionSeconds: 0 } as const;
  book.record({ playerRef, payload: { ...set, remove: false } });
  const advance = { rail: "test-card", externalId: "last", amount, reason: "" } as const;
  const sca = { scaStatus: "", scaEci: "" };
  book.record({ playerRef, payload: { type: "deposit_advanced", stage: 1, ...advance, ...sca } });
  book.commit();
});

/** Kinds of what an audit finds when the state is changed on its way. */
function found(change: (projection: Projection) => Partial<Projection>): string[] {
  const projection = projectionOf(any.book);
  const changed = { ...projection, ...change(projection) };
  const records = any.book.records.map(recordBytes);
  const audit = new Audit({ records: () => records }, { projections: [changed] });
  audit.advance(records.length);
  return audit.finish().findings.map(({ kind }) => kind);
}

/** The same list with its first element that fits replaced, or left out. */
function* firstChanged<T>(
  all: Iterable<T> | undefined,
  fits: (one: T) => boolean,
  how: (one: T) => T | undefined,
): Generator<T> {
  let isDone = false;
  for (const one of all ?? []) {
    const isFirst: boolean = !isDone && fits(one);
    isDone ||= isFirst;
    const after = isFirst ? how(one) : one;
    if (after !== undefined) yield after;
  }
  if (!isDone) throw new Error("the book lacks what this test changes");
}

type PlayerChange = { readonly [Field in "status" | "seedPair" | "nonce"]?: number } & {
  readonly clientSeed?: string;
  readonly extras?: ProjectedExtras | undefined;
};

const players = (
  fits: (extras: ProjectedExtras | undefined) => boolean,
  how: (extras: ProjectedExtras) => PlayerChange,
) => ({
  players: (projection: Projection) => () =>
    firstChanged(
      projection.players?.(),
      ({ extras }) => fits(extras),
      (one) => ({ ...one, ...how(one.extras!) }),
    ),
});

const PLAYERS: Readonly<Record<string, ReturnType<typeof players>>> = {
  "a status": players(
    () => true,
    () => ({ status: 7 }),
  ),
  "a pair of seeds": players(
    () => true,
    () => ({ seedPair: 99 }),
  ),
  "a client seed": players(
    () => true,
    () => ({ clientSeed: "chosen" }),
  ),
  "extras lost": players(
    (extras) => extras !== undefined,
    () => ({ extras: undefined }),
  ),
  "a bonus": players(
    (extras) => (extras?.bonuses.length ?? 0) > 0,
    (extras) => {
      const [first, ...others] = extras.bonuses;
      const bonuses = [{ ...first!, wageringLeft: 77_777n }, ...others];
      return { extras: { ...extras, bonuses } };
    },
  ),
  "a debt": players(
    (extras) => extras !== undefined,
    (extras) => {
      const debt = { playerRef: "", currency: "XYZ", owed: 1n };
      return { extras: { ...extras, debts: [...extras.debts, debt] } };
    },
  ),
  "a limit": players(
    (extras) => (extras?.rules?.limits.length ?? 0) > 0,
    (extras) => ({ extras: { ...extras, rules: { ...extras.rules!, limits: [] } } }),
  ),
  "an amount that was used up": players(
    (extras) => (extras?.usage?.counters.length ?? 0) > 0,
    (extras) => {
      const usage = extras.usage!;
      const [{ name, entries }, ...others] = usage.counters as [(typeof usage.counters)[0]];
      const counters = [{ name, entries: entries.slice(1) }, ...others];
      return { extras: { ...extras, usage: { ...usage, counters } } };
    },
  ),
};

describe("a changed state", () => {
  test("nothing is found when nothing is changed", () => expect(found(() => ({}))).toEqual([]));

  for (const [what, { players: change }] of Object.entries(PLAYERS)) {
    test(what, () => {
      const kinds = found((projection) => ({ players: change(projection) }));
      expect(kinds).toContain("projection_row_wrong");
    });
  }

  test("an object, changed or lost", () => {
    const objects = (how: "changed" | "lost") => (projection: Projection) => ({
      objects: () =>
        firstChanged(
          projection.objects?.(),
          ([, { case: kind }]) => kind === "deposit",
          ([operator, object]) => {
            if (how === "lost" || object.case !== "deposit") return undefined;
            const value = { ...object.value, captured: object.value.captured + 1n };
            return [operator, { case: "deposit", value }] as const;
          },
        ),
    });
    expect(found(objects("changed"))).toEqual(["projection_row_wrong"]);
    expect(found(objects("lost"))).toEqual(["projection_row_missing"]);
  });

  test("where a bet's stake came from, and which bets a round has", () => {
    const bets = (projection: Projection) => () =>
      firstChanged(
        projection.bets?.(),
        () => true,
        (bet) => ({ ...bet, parts: [...bet.parts, { bonus: "x", minor: 1n }] }),
      );
    expect(found((projection) => ({ bets: bets(projection) }))).toEqual(["projection_row_wrong"]);
    const rounds = (projection: Projection) => () =>
      firstChanged(
        projection.rounds?.(),
        () => true,
        (round) => ({ ...round, openBets: ["x"] }),
      );
    expect(found((projection) => ({ rounds: rounds(projection) }))).toEqual([
      "projection_row_wrong",
    ]);
  });
});
