/**
 * Goal: a house round is one record that anyone can check, pays exactly what the rules say, and is
 * refused without a look at the dice.
 * Method: golden rolls of a fixed server seed, and stakes at every bound.
 */
import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { AccountKind, Code } from "../../src/ledger/index.ts";
import { Book, hex } from "./book.ts";

/** The roll that the published rules give, from its own few lines. */
function roll(seed: string, clientSeed: string, nonce: number): number {
  const block = createHmac("sha256", seed).update(`${clientSeed}:${nonce}:0`).digest();
  return Number((BigInt(block.readUInt32BE(0)) * 10_001n) >> 32n);
}

test("stake, roll and win are in one record, gross", () => {
  const book = new Book();
  const ref = book.player(100_000_000n);
  for (let nonce = 0; nonce < 50; nonce++) {
    const rollX100 = roll(book.serverSeed, ref, nonce);
    const wins = rollX100 > 5000;
    const outcome = book.dice(ref, 1_000_001n);
    const win = wins ? 1_980_001n : 0n;
    expect(outcome.houseRound).toEqual({
      serverSeedHash: expect.anything(),
      clientSeed: ref,
      seedPair: 1,
      nonce,
      fairVersion: 1,
      rollX100,
      multiplierX100: 198,
      win,
    });
    const { PLAYER_CASH, REV_BETS, REV_WINS } = AccountKind;
    const posted = outcome.postings.map(({ account, minor }) => [account, minor]);
    const paid = [
      [REV_WINS, -win],
      [PLAYER_CASH, win],
    ];
    const staked = [
      [PLAYER_CASH, -1_000_001n],
      [REV_BETS, 1_000_001n],
    ];
    expect(posted as unknown[]).toEqual(wins ? [...staked, ...paid] : staked);
    expect(outcome.balances[0]?.version).toBe(3 + nonce);
    expect(outcome.roundClosed).toBe(false);
  }
  book.commit();
  expect(book.state.player(ref)?.nonce).toBe(50);
});

test("the commitment is of the seed's text", () => {
  const book = new Book();
  const outcome = book.dice(book.player(), 1n);
  expect(hex(outcome.houseRound!.serverSeedHash)).toBe(
    "c386d8e8d07342f2e39e189c8e6c57bb205bb373fe4e3a6f69404a8bb767b417",
  );
});

test("the seed is asked for by operator, player, epoch and pair", () => {
  const book = new Book();
  const ref = book.player();
  const asked: unknown[][] = [];
  const context = { ...book.context() };
  book.context = () => ({
    ...context,
    seq: book.records.length + 1,
    recordedAt: context.recordedAt + book.records.length,
    serverSeed: (...args) => {
      asked.push(args);
      return book.serverSeed;
    },
  });
  book.dice(ref, 1n);
  expect(asked).toEqual([["demo", ref, 1, 1]]);
});

describe("refusals know nothing of the roll", () => {
  const max = 2n ** 63n - 1n;
  test.each([
    ["no funds", 1001n, 5000, max, Code.FUNDS_INSUFFICIENT],
    ["all funds", 1000n, 5000, max, Code.OK],
    ["the win may reach the ceiling", 100n, 5000, 198n, Code.OK],
    ["and not pass it", 101n, 5000, 198n, Code.WIN_ABOVE_CEILING],
    ["also in a bet that is hard to win", 1n, 9999, 9899n, Code.WIN_ABOVE_CEILING],
    ["a ceiling comes before funds", 5000n, 5000, 198n, Code.WIN_ABOVE_CEILING],
    ["a win above 2^63 - 1 is above any ceiling", max, 5000, max, Code.WIN_ABOVE_CEILING],
  ] as const)("%s", (_, stake, target, ceiling, code) => {
    for (const over of [true, false]) {
      const book = new Book();
      const ref = book.player(1000n);
      book.ceiling = ceiling;
      const outcome = book.dice(ref, stake, over ? target : 10_000 - target, over);
      expect(outcome.code).toBe(code);
      book.commit();
      expect(book.state.player(ref)?.nonce).toBe(code === Code.OK ? 1 : 0);
      if (code !== Code.OK) expect(outcome.houseRound).toBeUndefined();
    }
  });

  test("a balance that a win could carry over 2^63 - 1 is refused even when it would lose", () => {
    const results = new Set<number>();
    for (const [balance, code] of [
      [max - 98n, Code.OK],
      [max - 97n, Code.BALANCE_OVERFLOW],
    ] as const) {
      for (const over of [true, false]) {
        const book = new Book();
        const ref = book.player(balance);
        const outcome = book.dice(ref, 100n, 5000, over);
        expect(outcome.code).toBe(code);
        if (outcome.houseRound !== undefined)
          results.add(Math.sign(Number(outcome.houseRound.win)));
      }
    }
    expect(results).toEqual(new Set([0, 1]));
  });
});
