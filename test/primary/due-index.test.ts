/**
 * Goal: the index gives back what ends by itself, earliest first, once, and nothing else.
 * Method: random times against a sorted list; objects as records leave them.
 */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { BonusStage, WithdrawalStage, type Bonus, type Hold } from "../../src/ledger/index.ts";
import { DueIndex, type Due } from "../../src/primary/due-index.ts";

const bonus: Bonus = {
  object: "bonus",
  key: "a",
  version: 1,
  ref: "p",
  currency: "FUN",
  stage: BonusStage.ACTIVE,
  grantedSeq: 1,
  expiresAt: 7,
  remaining: 1n,
  staked: 0n,
  freeLeft: 0n,
  wageringLeft: 0n,
  winWageringX100: 0,
  conversionMax: 0n,
};
const hold: Hold = {
  object: "hold",
  key: "w",
  version: 1,
  ref: "p",
  currency: "FUN",
  rail: "play",
  stage: WithdrawalStage.REQUESTED,
  requested: 5n,
  remaining: 5n,
  inTransit: 0n,
  settled: 0n,
  returned: 0n,
  expiresAt: 3,
};

test("comes out in the order of time, whatever the order it went in", () => {
  const times = fc.array(fc.nat(50), { maxLength: 60 });
  fc.assert(
    fc.property(times, fc.nat(60), (ats, pause) => {
      const index = new DueIndex();
      const due = (at: number, n: number): Due => {
        return { at, object: "bonus", operatorId: "o", ref: "p", key: `${n}` };
      };
      const out: number[] = [];
      const waiting: number[] = [];
      for (const [n, at] of ats.entries()) {
        index.put(due(at, n));
        index.put(due(at, n));
        waiting.push(at);
        if (n !== pause) continue;
        // Taking some in between must not disturb the rest.
        out.push(index.take()!.at);
        expect(out[0]!).toBe(Math.min(...waiting));
        waiting.splice(waiting.indexOf(out[0]!), 1);
      }
      expect(index.size).toBe(waiting.length);
      for (const at of waiting.toSorted((a, b) => a - b)) {
        expect(index.next).toBe(at);
        expect(index.take()!.at).toBe(at);
      }
      expect([index.take(), index.next, index.size]).toEqual([undefined, Infinity, 0]);
    }),
  );
});

describe("an object is noted", () => {
  test.each<[string, Bonus | Hold, number]>([
    ["a bonus with a time", bonus, 7],
    ["no bonus without one", { ...bonus, expiresAt: 0 }, Infinity],
    ["no bonus in play", { ...bonus, staked: 1n }, Infinity],
    ["no bonus that has ended", { ...bonus, stage: BonusStage.LOST }, Infinity],
    ["a withdrawal with a time", hold, 3],
    ["no withdrawal without one", { ...hold, expiresAt: 0 }, Infinity],
    ["no withdrawal that holds nothing", { ...hold, remaining: 0n, inTransit: 5n }, Infinity],
  ])("%s", (_, object, next) => {
    const index = new DueIndex();
    index.note("o", object);
    expect(index.next).toBe(next);
  });

  test("once as it stands, again with another time", () => {
    const index = new DueIndex();
    index.note("o", hold);
    index.note("o", { ...hold, version: 2, remaining: 4n });
    expect(index.size).toBe(1);
    index.note("o", { ...hold, version: 3, expiresAt: 9 });
    index.note("another", hold);
    expect(index.size).toBe(3);
  });
});
