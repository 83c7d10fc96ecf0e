/**
 * Goal: whatever is corrected after whatever happened to players, bonuses and rounds, the book adds
 * up: nothing below zero, bonuses explain the balances, each player's worth is what its bets say,
 * and records alone rebuild the state.
 * Method: random steps over two players, three rounds, and the bets and wins there were, so that
 * corrections meet each other.
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { AccountKind, Code, type Funding, type Outcome } from "../../src/ledger/index.ts";
import { checkBonuses, end, grant, grantFree } from "./bonuses.ts";
import { Book } from "./book.ts";
import { checkBook, endRound, jackpot, resettle, takeWin, voidBet } from "./corrections.ts";
import { seeded } from "./seed.ts";

/** This machine may be busy; the runs take some seconds on their own. */
const TIMEOUT_MS = 120_000;
const RUNS = 300;
const FAR_OFF = 4_000_000_000_000_000;

interface Step {
  readonly minor: bigint;
  readonly win: bigint;
  /** Picks players, rounds, and bets and wins there were; 0 picks one that wasn't. */
  readonly at: number;
  /** Picks kinds. */
  readonly kind: number;
}

interface Place extends Step {
  readonly book: Book;
  readonly ref: string;
  readonly fresh: string;
  readonly bet: string;
  readonly won: string;
  readonly bonus: string;
}

const ENDS = ["bonus_converted", "bonus_forfeited"] as const;

const STEPS = {
  deposit: ({ book, ref, minor }) => book.deposit(ref, minor),
  grant: ({ book, ref, fresh, minor, win, kind }) => {
    const max = kind % 3 === 0 ? minor : 0n;
    const expiresAt = kind % 2 === 0 ? 0 : FAR_OFF + kind;
    return grant(book, ref, fresh, minor, { wagering: win, max, expiresAt });
  },
  free: ({ book, ref, fresh, minor }) =>
    grantFree(book, ref, fresh, minor, { winWageringX100: 150 }),
  bet: ({ book, ref, at, kind, minor, fresh }) => {
    const amount = { minor, currency: "FUN" };
    const funding = (kind % 4) as Funding | 0;
    const payload = { type: "bet_placed", amount, closesRound: kind === 7, funding } as const;
    return book.record({ playerRef: ref, roundId: `r${at % 6}`, txnId: fresh, payload });
  },
  settle: ({ book, bet, win, fresh, kind }) =>
    book.settle(bet, win, { txnId: kind === 0 ? "" : fresh, closesRound: kind > 6 }),
  rollBack: ({ book, bet }) => book.rollBack(bet),
  takeWin: ({ book, won }) => takeWin(book, won),
  voidBet: ({ book, bet }) => voidBet(book, bet),
  resettle: ({ book, bet, win, fresh, kind }) =>
    resettle(book, bet, win, { txnId: kind === 0 ? "" : fresh }),
  endRound: ({ book, at, kind }) =>
    endRound(book, kind % 2 === 0 ? "round_closed" : "round_voided", `r${at % 6}`),
  dice: ({ book, ref, minor, fresh }) => {
    const game = { type: "dice", targetX100: 5000, over: true } as const;
    const stake = { minor, currency: "FUN" };
    const payload = { type: "house_round", stake, game } as const;
    return book.record({ playerRef: ref, txnId: fresh, payload });
  },
  jackpot: ({ book, ref, minor, fresh, kind }) => {
    if (kind % 2 === 0) return jackpot(book, "seeded", minor);
    return jackpot(book, "won", minor, { playerRef: ref, txnId: fresh });
  },
  end: ({ book, ref, bonus, kind }) => end(book, ref, ENDS[kind % 2]!, bonus),
} satisfies Record<string, (place: Place) => Outcome>;

type Name = keyof typeof STEPS;

const amount = fc.oneof(
  { weight: 9, arbitrary: fc.bigInt(1n, 60n) },
  { weight: 1, arbitrary: fc.constantFrom(2n ** 53n + 1n, 2n ** 62n, 2n ** 63n - 1n) },
);
const steps = fc.array(
  fc.record({
    name: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom<Name[]>("bet", "settle") },
      { weight: 3, arbitrary: fc.constantFrom<Name[]>("takeWin", "voidBet", "resettle") },
      { weight: 3, arbitrary: fc.constantFrom(...(Object.keys(STEPS) as Name[])) },
    ),
    minor: amount,
    win: fc.oneof({ weight: 4, arbitrary: amount }, { weight: 1, arbitrary: fc.constant(0n) }),
    at: fc.nat(11),
    kind: fc.nat(7),
  }),
  { minLength: 20, maxLength: 70, size: "max" },
);

/** Cash and debts of all players are what accounts of the operator lack. */
function checkWorth(book: Book): void {
  const sums = new Map<AccountKind, bigint>();
  for (const { outcome } of book.records) {
    for (const { account, minor } of outcome.postings) {
      sums.set(account, (sums.get(account) ?? 0n) + minor);
    }
  }
  let cash = 0n;
  let owed = 0n;
  for (const player of book.state.players()) {
    for (const { available } of player.accounts) cash += available;
    for (const debt of player.extras?.debts ?? []) owed += debt.owed;
  }
  expect(sums.get(AccountKind.PLAYER_CASH) ?? 0n).toBe(cash);
  expect(sums.get(AccountKind.ASSET_PLAYER_DEBT) ?? 0n).toBe(-owed);
  // A pool never pays more than it holds, and turnover is never taken back twice.
  expect((sums.get(AccountKind.LIAB_JACKPOT) ?? 0n) >= 0n).toBe(true);
  expect((sums.get(AccountKind.REV_BETS) ?? 0n) >= 0n).toBe(true);
  expect((sums.get(AccountKind.REV_WINS) ?? 0n) <= 0n).toBe(true);
  expect((sums.get(AccountKind.EXP_FREEBETS) ?? 0n) <= 0n).toBe(true);
}

const seen = new Map<string, number>();

test(
  "random corrections add up",
  () => {
    fc.assert(
      fc.property(steps, (plan) => {
        const book = new Book();
        const refs = [book.player(100n), book.player(50n)];
        grant(book, refs[0]!, "first", 200n, { wagering: 300n });
        grantFree(book, refs[1]!, "second", 200n, { winWageringX100: 250 });
        const [bets, wins]: [string[], string[]] = [["none"], ["none"]];
        for (const [n, { name, ...step }] of plan.entries()) {
          const ref = refs[step.at % 2]!;
          const bonuses = book.draft.player(ref)?.extras?.bonuses ?? [];
          const bonus = bonuses[step.kind % Math.max(bonuses.length, 1)]?.key ?? "none";
          const fresh = `x${n}`;
          const bet = bets[step.at % bets.length]!;
          const won = wins[step.at % wins.length]!;
          const { code, changes } = STEPS[name]({ ...step, book, ref, fresh, bet, won, bonus });
          if (code === Code.OK && (name === "bet" || name === "dice")) bets.push(fresh);
          if (code === Code.OK && /settle|jackpot/.test(name)) wins.push(fresh);
          const what = changes === undefined ? name : `${name} with objects`;
          seen.set(`${what} ${code}`, (seen.get(`${what} ${code}`) ?? 0) + 1);
        }
        checkBook(book);
        checkBonuses(book);
        checkWorth(book);
      }),
      seeded(RUNS),
    );
    for (const name of ["takeWin", "voidBet", "resettle", "endRound"]) {
      expect(seen.get(`${name} ${Code.OK}`)).toBeGreaterThan(0);
      expect(seen.get(`${name} with objects ${Code.OK}`)).toBeGreaterThan(0);
    }
  },
  TIMEOUT_MS,
);
