/**
 * Goal: limits and velocity rules are audited rightly also where the writer has joined old amounts
 * into cells, and so may refuse what the exact sum would let pass.
 * Method: one player with limits over every window, and far more stakes than the writer keeps
 * apart.
 */
import { expect, test } from "bun:test";
import { Code, type LimitKind, type LimitPeriod } from "../../src/ledger/index.ts";
import { Book } from "../ledger/book.ts";
import { SEED } from "../ledger/seed.ts";
import { auditBook } from "./any-audit.ts";

const DAY_US = 86_400_000_000;

test("a player who bets more often than the writer counts one by one", () => {
  let state = SEED >>> 0;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  console.log(`TEST_SEED=${SEED}`);
  const book = new Book();
  const playerRef = book.player(0n);
  book.deposit(playerRef, 10_000_000n, "EUR");
  const limit = (kind: LimitKind, period: LimitPeriod, minor: bigint) => {
    const amount = { minor, currency: "EUR" };
    const set = { type: "limit_set", kind, period, amount, sessionSeconds: 0 } as const;
    book.record({ playerRef, payload: { ...set, remove: false } });
  };
  limit(3, 1, 2_500n);
  limit(3, 2, 12_000n);
  limit(2, 3, 9_000n);
  limit(1, 1, 4_000n);
  const amountMax = { minor: 9_000n, currency: "EUR" };
  const window = { windowSeconds: 36_000, countMax: 230, amountMax, remove: false };
  const rule = { type: "velocity_rule_set", ruleId: "v", subject: 1, ...window } as const;
  book.record({ payload: rule });
  const open: string[] = [];
  const codes = new Set<Code>();
  for (let count = 0; count < 1_500; count += 1) {
    book.laterUs += random(3) === 0 ? random(600_000_000) : random(20_000_000);
    if (random(300) === 0) book.laterUs += random(3) * DAY_US;
    const what = random(10);
    const txn = open.length > 0 ? open.splice(random(open.length), 1)[0]! : "none";
    if (what >= 6 && what < 8) book.settle(txn, BigInt(random(60)), { currency: "" });
    else if (what === 8) book.rollBack(txn);
    else {
      if (txn !== "none") open.push(txn);
      if (what === 9) {
        codes.add(book.deposit(playerRef, BigInt(1 + random(40)), "EUR").code);
        continue;
      }
      const minor = BigInt(1 + random(30));
      const { code } = book.bet(playerRef, `b${count}`, minor, {
        currency: "EUR",
        roundId: `r${count}`,
      });
      codes.add(code);
      if (code === Code.OK) open.push(`b${count}`);
    }
  }
  book.commit();
  // The book begins without an epoch.
  expect(auditBook(book).findings).toMatchObject([{ kind: "epoch_wrong", seq: 1 }]);
  expect(codes).toContain(Code.OK);
  expect(codes).toContain(Code.LIMIT_WAGER_REACHED);
  const usage = book.state.player(playerRef)?.extras?.usage;
  // Some counter has been made coarser.
  expect(usage?.counters.some(({ entries }) => entries.length > 100)).toBe(true);
});
