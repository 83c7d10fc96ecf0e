/**
 * Goal: within any window, no player does more, or for more money, than the operator's rules allow;
 * each player counts alone; what was refused doesn't count.
 * Method: each rule at its edges; random logs against sums over the records. Every book is rebuilt
 * from its records.
 */
import fc from "fast-check";
import { expect, test } from "bun:test";
import { Code, objectKey, type Payload, VelocitySubject } from "../../src/ledger/index.ts";
import { USAGE_ENTRIES_MAX } from "../../src/ledger/limits.ts";
import { Book, everything } from "./book.ts";
import { MINUTE, now, SECOND, velocity, wait } from "./rules-of-players.ts";
import { seeded } from "./seed.ts";

const { BET, DEPOSIT, WITHDRAWAL } = VelocitySubject;
const fun = (minor: bigint) => ({ minor, currency: "FUN" });
const usd = (minor: bigint) => ({ minor, currency: "USD" });

function expectReplayed(book: Book): void {
  book.commit();
  expect(everything(book.replay())).toEqual(everything(book.state));
}

let txn = 0;
function use(book: Book, ref: string, what: VelocitySubject, minor = 1n, currency = "FUN"): Code {
  const id = `t${(txn += 1)}`;
  if (what === BET) return book.bet(ref, id, minor, { roundId: id, currency }).code;
  if (what === DEPOSIT) return book.deposit(ref, minor, currency).code;
  const amount = { minor, currency };
  const rail = currency === "FUN" ? "play" : "test-card";
  const payload: Payload = {
    type: "withdrawal_requested",
    amount,
    rail,
    destinationHash: "",
    expiresAt: 0,
  };
  return book.record({ playerRef: ref, txnId: id, payload }).code;
}

const REFUSED = Code.LIMIT_VELOCITY_REACHED;

test.each([
  ["bet", BET],
  ["deposit", DEPOSIT],
  ["withdrawal", WITHDRAWAL],
] as const)("so many, and no more, within a window: %s", (_, subject) => {
  const book = new Book();
  const [ref, other] = [book.player(), book.player()];
  for (const one of [ref, other]) book.deposit(one, 1_000_000n, "USD");
  const go = (who: string) => use(book, who, subject, 1n, "USD");
  expect(go(ref)).toBe(Code.OK);
  book.record({ payload: velocity({ subject, countMax: 2 }) });
  // Counted from here on.
  const first = now(book);
  expect([go(ref), go(ref), go(ref)]).toEqual([Code.OK, Code.OK, REFUSED]);
  expect(go(other)).toBe(Code.OK);
  for (const what of [BET, DEPOSIT, WITHDRAWAL]) {
    if (what !== subject) expect(use(book, ref, what, 1n, "USD")).toBe(Code.OK);
  }
  wait(book, first + MINUTE - 1 - now(book));
  expect([go(ref), go(ref), go(ref)]).toEqual([REFUSED, Code.OK, Code.OK]);
  expect(go(ref)).toBe(REFUSED);
  expectReplayed(book);
});

test("so much money of one currency, whole stakes of every kind", () => {
  const book = new Book();
  const ref = book.player();
  book.deposit(ref, 1_000_000n, "USD");
  book.record({ payload: velocity({ amountMax: fun(100n) }) });
  expect(use(book, ref, BET, 101n)).toBe(REFUSED);
  expect(use(book, ref, BET, 60n)).toBe(Code.OK);
  expect(book.dice(ref, 41n).code).toBe(REFUSED);
  expect(book.dice(ref, 40n).code).toBe(Code.OK);
  expect(use(book, ref, BET, 1n)).toBe(REFUSED);
  expect(use(book, ref, BET, 1000n, "USD")).toBe(Code.OK);
  // What is rolled back was fast all the same.
  book.rollBack(`t${txn - 2}`);
  expect(use(book, ref, BET, 1n)).toBe(REFUSED);
  expectReplayed(book);
});

test("another operator's players have other rules", () => {
  const book = new Book();
  const theirs = book.player(1000n, "other");
  book.record({ payload: velocity({ countMax: 1 }) });
  const bet = (id: string) => {
    return book.bet(theirs, id, 1n, { operatorId: "other", roundId: id }).code;
  };
  expect([bet("a"), bet("b")]).toEqual([Code.OK, Code.OK]);
  expect(book.draft.player(theirs)!.extras).toBeUndefined();
  expectReplayed(book);
});

test("a rule changes at once; what was counted stays when only its bounds do", () => {
  const book = new Book();
  const ref = book.player();
  const rule = (init: Parameters<typeof velocity>[0]) => book.record({ payload: velocity(init) });
  const key = objectKey("velocity", "demo", "v");
  rule({ countMax: 3 });
  expect([use(book, ref, BET), use(book, ref, BET)]).toEqual([Code.OK, Code.OK]);
  rule({ countMax: 2 });
  expect(use(book, ref, BET)).toBe(REFUSED);
  rule({ countMax: 2, windowSeconds: 3600 });
  expect([use(book, ref, BET), use(book, ref, BET), use(book, ref, BET)]).toEqual([
    Code.OK,
    Code.OK,
    REFUSED,
  ]);
  rule({ countMax: 5, windowSeconds: 3600, amountMax: fun(2n) });
  expect([use(book, ref, BET, 3n), use(book, ref, BET, 2n), use(book, ref, BET)]).toEqual([
    REFUSED,
    Code.OK,
    REFUSED,
  ]);
  expect(book.draft.object(key)?.version).toBe(4);
  rule({ remove: true });
  expect(book.draft.object(key)).toBeUndefined();
  expect(book.draft.velocityRules("demo")).toEqual([]);
  for (let at = 0; at < 9; at += 1) expect(use(book, ref, BET, 9n)).toBe(Code.OK);
  // Counters of rules that are gone go with the next that counts.
  rule({ ruleId: "w", countMax: 1 });
  expect(use(book, ref, BET)).toBe(Code.OK);
  expect(book.draft.player(ref)!.extras!.usage!.counters.map(({ name }) => name)).toEqual([
    "velocity count 1 60 w",
  ]);
  expect(book.record({ payload: velocity({ remove: true }) }).code).toBe(Code.LIMIT_UNKNOWN);
  expectReplayed(book);
});

test("rules in force are those of the group as well, in the order of their ids", () => {
  const book = new Book();
  const ids = ["b", "a", "B", "é", "a1"];
  for (const ruleId of ids) book.record({ payload: velocity({ ruleId, countMax: 9 }) });
  book.commit();
  const keys = () => book.draft.velocityRules("demo").map(({ key }) => key);
  book.record({ payload: velocity({ ruleId: "a", remove: true }) });
  expect(keys()).toEqual(["B", "a1", "b", "é"]);
  book.record({ payload: velocity({ ruleId: "c", countMax: 9 }) });
  expect(keys()).toEqual(["B", "a1", "b", "c", "é"]);
  expect(book.state.velocityRules("demo").length).toBe(5);
  book.commit();
  expect(keys()).toEqual(["B", "a1", "b", "c", "é"]);
  expectReplayed(book);
});

test("counters stay bounded, and never count too little", () => {
  const book = new Book();
  const ref = book.player();
  const windowSeconds = 3600;
  const most = 500n;
  book.record({ payload: velocity({ windowSeconds, countMax: 400, amountMax: fun(most) }) });
  const times: number[] = [];
  for (let at = 0; at < 3000; at += 1) {
    wait(book, 5 * SECOND);
    const time = now(book);
    if (use(book, ref, BET) === Code.OK) times.push(time);
    const inWindow = times.filter((one) => time - one < windowSeconds * SECOND).length;
    expect(inWindow).toBeLessThanOrEqual(400);
  }
  // 400 in an hour would be one in nine seconds: hardly fewer passed.
  expect(times.length).toBeGreaterThan((15_000 / 9) * 0.9);
  const { counters } = book.draft.player(ref)!.extras!.usage!;
  for (const { entries } of counters) expect(entries.length).toBeLessThanOrEqual(USAGE_ENTRIES_MAX);
  expectReplayed(book);
});

type Step = readonly [what: VelocitySubject, who: 0 | 1, minor: bigint, us: number];

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom(BET, DEPOSIT, WITHDRAWAL),
  fc.constantFrom(0, 1),
  fc.constantFrom(1n, 5n, 30n),
  fc.constantFrom(0, SECOND, 20 * SECOND, MINUTE - 1, MINUTE),
);
const rules = fc.array(
  fc.record({
    subject: fc.constantFrom(BET, DEPOSIT, WITHDRAWAL),
    windowSeconds: fc.constantFrom(1, 60, 600),
    countMax: fc.integer({ min: 1, max: 5 }),
    amountMax: fc.constantFrom(undefined, usd(30n), usd(60n)),
  }),
  { minLength: 1, maxLength: 4 },
);

test("at every prefix, sums over the records are within every rule", () => {
  fc.assert(
    fc.property(rules, fc.array(step, { maxLength: 60 }), (inForce, steps) => {
      const book = new Book();
      const players = [book.player(), book.player()] as const;
      for (const ref of players) book.deposit(ref, 1_000_000n, "USD");
      for (const [at, rule] of inForce.entries()) {
        book.record({ payload: velocity({ ...rule, ruleId: `r${at}` }) });
      }
      const done: (readonly [VelocitySubject, number, bigint, number])[] = [];
      for (const [what, who, minor, us] of steps) {
        wait(book, us);
        const at = now(book);
        const within = inForce.every((rule) => {
          if (rule.subject !== what) return true;
          const before = done.filter(([of, by, , then]) => {
            return of === what && by === who && at - then < rule.windowSeconds * SECOND;
          });
          const sum = before.reduce((total, [, , one]) => total + one, minor);
          const { amountMax } = rule;
          return (
            before.length < rule.countMax && (amountMax === undefined || sum <= amountMax.minor)
          );
        });
        expect(use(book, players[who], what, minor, "USD")).toBe(within ? Code.OK : REFUSED);
        if (within) done.push([what, who, minor, at]);
      }
      expectReplayed(book);
    }),
    seeded(100),
  );
});
