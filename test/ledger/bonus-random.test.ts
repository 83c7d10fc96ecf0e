/**
 * Goal: whatever players do with cash, several bonuses and free bets, the bonuses explain the
 * balances, wins are paid exactly, and records alone rebuild the state.
 * Method: random steps over three players, with expiries that pass on the way.
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { AccountKind, Code, type Funding, type Outcome } from "../../src/ledger/index.ts";
import { checkBonuses, end, grant, grantFree, stake } from "./bonuses.ts";
import { Book } from "./book.ts";
import { seeded } from "./seed.ts";

/** This machine may be busy; the runs take some two seconds on their own. */
const TIMEOUT_MS = 60_000;

interface Step {
  readonly minor: bigint;
  /** Picks the player, the open bet, the bonus. */
  readonly at: number;
  /** Microseconds; picks other things, too. */
  readonly time: number;
}

/** What a step works with. */
interface Place extends Step {
  readonly book: Book;
  readonly ref: string;
  /** An open bet's id, if there is one. */
  readonly bet: string;
  /** Of the player's bonuses, if there are any. */
  readonly bonus: string;
  readonly fresh: string;
  readonly expiresAt: number;
}

const ENDS = ["bonus_converted", "bonus_expired", "bonus_forfeited"] as const;

const STEPS = {
  grant: ({ book, ref, fresh, minor, expiresAt }) =>
    grant(book, ref, fresh, minor, { wagering: minor / 2n, expiresAt, max: minor }),
  free: ({ book, ref, fresh, minor, expiresAt }) =>
    grantFree(book, ref, fresh, minor, { winWageringX100: 150, expiresAt }),
  deposit: ({ book, ref, minor }) => book.deposit(ref, minor),
  bet: ({ book, ref, fresh, minor, time }) =>
    stake(book, ref, fresh, minor, (time % 4) as Funding | 0),
  settle: ({ book, bet, minor }) => book.settle(bet, minor),
  lose: ({ book, bet }) => book.settle(bet),
  back: ({ book, bet }) => book.rollBack(bet),
  dice: ({ book, ref, minor }) => book.dice(ref, minor),
  end: ({ book, ref, bonus, time }) => end(book, ref, ENDS[time % 3]!, bonus),
  wait: ({ book, time }) => {
    book.laterUs += time;
    return undefined;
  },
} satisfies Record<string, (place: Place) => Outcome | undefined>;

type Name = keyof typeof STEPS;

const names = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<Name[]>("bet") },
  { weight: 2, arbitrary: fc.constantFrom<Name[]>("grant", "free", "settle", "lose") },
  { weight: 3, arbitrary: fc.constantFrom(...(Object.keys(STEPS) as Name[])) },
);
const steps = fc.array(
  fc.record({
    name: names,
    minor: fc.oneof(
      { weight: 9, arbitrary: fc.bigInt(1n, 60n) },
      { weight: 1, arbitrary: fc.constantFrom(2n ** 53n + 1n, 2n ** 60n) },
    ),
    at: fc.nat(9),
    time: fc.nat(400),
  }),
  { minLength: 20, maxLength: 60 },
);

function placeOf(book: Book, refs: readonly string[], step: Step, n: number): Place {
  const ref = refs[step.at % refs.length]!;
  const bets = [...book.state.openBets()];
  const bonuses = book.state.player(ref)?.extras?.bonuses ?? [];
  return {
    ...step,
    book,
    ref,
    bet: bets[step.at % Math.max(1, bets.length)]?.key.split("\0")[2] ?? "none",
    bonus: bonuses[step.at % Math.max(1, bonuses.length)]?.key ?? "none",
    fresh: `x${n}`,
    expiresAt: step.time > 200 ? 0 : book.context().recordedAt + 1 + step.time,
  };
}

/** What a player got of a win, cash and bonus. */
function paid({ postings }: Outcome): bigint {
  return postings
    .filter(({ account }) => account <= AccountKind.PLAYER_BONUS)
    .reduce((sum, { minor }) => sum + minor, 0n);
}

test(
  "random bets over several bonuses leave everything explained",
  () => {
    const done = new Map<string, number>();
    fc.assert(
      fc.property(steps, (all) => {
        const book = new Book();
        const refs = [book.player(50n), book.player(0n), book.player(2n ** 60n)];
        book.commit();
        for (const [n, { name, ...step }] of all.entries()) {
          const outcome: Outcome | undefined = STEPS[name](placeOf(book, refs, step, n));
          book.commit();
          if (outcome?.code !== Code.OK) continue;
          done.set(name, (done.get(name) ?? 0) + 1);
          if (name === "settle") expect(paid(outcome)).toBe(step.minor);
        }
        checkBonuses(book);
      }),
      seeded(150),
    );
    for (const name of Object.keys(STEPS)) {
      if (name !== "wait") expect([name, (done.get(name) ?? 0) > 10]).toEqual([name, true]);
    }
  },
  TIMEOUT_MS,
);
