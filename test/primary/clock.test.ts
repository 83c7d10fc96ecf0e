/**
 * Goal: times in the book always rise, and a clock that jumps takes no bets until somebody has
 * looked.
 * Method: a primary in this process with a clock that the test moves.
 */
import { expect, test } from "bun:test";
import { Code } from "../../src/ledger/index.ts";
import { systemClock, uuidv7, type Clock } from "../../src/runtime/index.ts";
import { bet, deposit, dice, FUN, registration } from "./events.ts";
import { makeFolder, startIn } from "./folder.ts";

class MovableClock implements Clock {
  shiftUs = 0;
  nowUs(): number {
    return systemClock.nowUs() + this.shiftUs;
  }
  monotonicMs(): number {
    return systemClock.monotonicMs();
  }
}

const HOUR_US = 3_600_000_000;

test("a jump refuses bets without recording them, and lets money in and out", async () => {
  await using folder = await makeFolder();
  const clock = new MovableClock();
  const { primary, lines } = await startIn(folder, {
    clock,
    overrides: { COUNTROOM_CLOCK_GUARD: "refuse" },
  });
  const access = await folder.credential("api-play");
  const send = async (event: Uint8Array) => (await primary.append([{ event, access }]))[0]!;
  const { playerRef } = await send(registration());
  await send(deposit(playerRef, FUN));
  clock.shiftUs = 30_000_000;
  expect((await send(dice(playerRef, 1n))).code).toBe(1);
  clock.shiftUs = -HOUR_US;
  const txn = uuidv7();
  const placed = bet(playerRef, 1n, txn);
  expect((await send(placed)).code as number).toBe(Code.CLOCK_UNTRUSTED);
  expect((await send(dice(playerRef, 1n))).code as number).toBe(Code.CLOCK_UNTRUSTED);
  const paid = await send(deposit(playerRef, FUN));
  const again = await send(deposit(playerRef, FUN));
  expect(paid.code).toBe(1);
  expect(again.recordedAt).toBeGreaterThan(paid.recordedAt);
  expect((await fetch(`${primary.url}/readyz`)).status).toBe(503);
  // The book's time goes on as if the clock had not jumped: exclusions don't end by a mistake.
  clock.shiftUs = 25 * HOUR_US;
  const later = await send(deposit(playerRef, FUN));
  expect(Number(later.recordedAt - paid.recordedAt)).toBeLessThan(HOUR_US);
  clock.shiftUs = 0;
  expect((await send(placed)).code as number).toBe(Code.CLOCK_UNTRUSTED);
  await primary.stop();
  expect(lines.some(({ code }) => code === "CLOCK_UNTRUSTED")).toBe(true);

  const restarted = await startIn(folder, { overrides: { COUNTROOM_CLOCK_GUARD: "refuse" } });
  const receipts = await restarted.primary.append([{ event: placed, access }]);
  expect(receipts[0]).toMatchObject({ code: Code.OK, replayed: false });
  await restarted.primary.stop();
});

test("in development a jump is told and taken", async () => {
  await using folder = await makeFolder();
  const clock = new MovableClock();
  const { primary, lines } = await startIn(folder, { clock });
  const access = await folder.credential("api-play");
  const send = async (event: Uint8Array) => (await primary.append([{ event, access }]))[0]!;
  const { playerRef } = await send(registration());
  const before = await send(deposit(playerRef, FUN));
  for (const shift of [-HOUR_US, 0, HOUR_US]) {
    clock.shiftUs = shift;
    const { code, recordedAt } = await send(dice(playerRef, 1n));
    expect(code).toBe(1);
    expect(recordedAt).toBeGreaterThan(before.recordedAt);
  }
  await primary.stop();
  expect(lines.filter(({ message }) => message === "the wall clock jumped").length).toBe(3);
});
