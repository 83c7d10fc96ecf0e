/**
 * Goal: ids are ordered and never repeat, also when clocks misbehave; jumps of the wall clock
 * show. Method: clocks of our own, set back and forth.
 */
import { describe, expect, test } from "bun:test";
import {
  jitter,
  randomBytes,
  randomHex,
  systemClock,
  uuidv7,
  uuidV7Source,
  watchClock,
} from "../../src/runtime/index.ts";
import { isUuidV7 } from "../../src/wire/check-text.ts";

const START_US = 1_795_251_011_139_000;

function clockAt(us: number) {
  const clock = {
    wallUs: us,
    monoMs: 0,
    nowUs: () => clock.wallUs,
    monotonicMs: () => clock.monoMs,
    pass(ms: number) {
      clock.wallUs += ms * 1_000;
      clock.monoMs += ms;
    },
  };
  return clock;
}

describe("the system's clock", () => {
  test("tells whole microseconds, near the wall clock's milliseconds", () => {
    for (let turn = 0; turn < 1_000; turn += 1) {
      const now = systemClock.nowUs();
      expect(Number.isSafeInteger(now)).toBe(true);
      expect(Math.abs(now / 1_000 - Date.now())).toBeLessThan(5);
    }
  });

  test("resolves less than a millisecond", () => {
    const seen = new Set<number>();
    const start = systemClock.monotonicMs();
    while (systemClock.monotonicMs() - start < 5) seen.add(systemClock.nowUs());
    expect(seen.size).toBeGreaterThan(20);
  });
});

describe("a clock watch", () => {
  test("shows how far the wall clock has jumped, either way", () => {
    const clock = clockAt(START_US);
    const watch = watchClock(clock);
    clock.pass(60_000);
    expect(watch.clockJumpMs()).toBeCloseTo(0, 3);
    clock.wallUs += 61_000_000;
    expect(watch.clockJumpMs()).toBeCloseTo(61_000, 0);
    clock.wallUs -= 71_000_000;
    expect(watch.clockJumpMs()).toBeCloseTo(-10_000, 0);
    watch.accept();
    expect(watch.clockJumpMs()).toBeCloseTo(0, 3);
  });

  test("takes a suspended machine for a jump", () => {
    const clock = clockAt(START_US);
    const watch = watchClock(clock);
    clock.wallUs += 3_600_000_000;
    clock.monoMs += 1;
    expect(watch.clockJumpMs()).toBeGreaterThan(60_000);
  });
});

describe("a UUIDv7", () => {
  test("has the form, and begins with the clock's milliseconds", () => {
    const id = uuidV7Source(clockAt(START_US))();
    expect(isUuidV7(id)).toBe(true);
    expect(parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toBe(START_US / 1_000);
    expect(isUuidV7(uuidv7())).toBe(true);
  });

  test("is greater than the one before, within a millisecond and over many", () => {
    const clock = clockAt(START_US);
    const next = uuidV7Source(clock);
    let last = "";
    for (let turn = 0; turn < 50_000; turn += 1) {
      if (turn % 10_000 === 9_999) clock.pass(1);
      const id = next();
      if (!(id > last) || !isUuidV7(id)) throw new Error(`${id} after ${last}`);
      last = id;
    }
  });

  test("stays so when the clock is set back, and catches up", () => {
    const clock = clockAt(START_US);
    const next = uuidV7Source(clock);
    const before = next();
    clock.wallUs -= 3_600_000_000;
    const after = next();
    expect(after > before).toBe(true);
    expect(after.slice(0, 13)).toBe(before.slice(0, 13));
    clock.wallUs += 7_200_000_000;
    expect(next().slice(0, 13)).not.toBe(before.slice(0, 13));
  });

  test("is random in its tail", () => {
    const clock = clockAt(START_US);
    const tails = new Set(Array.from({ length: 5_000 }, () => uuidV7Source(clock)().slice(19)));
    expect(tails.size).toBe(5_000);
  });
});

describe("randomness", () => {
  test("fills any length, also beyond one draw", () => {
    for (const length of [0, 1, 65_536, 200_000]) {
      const bytes = randomBytes(length);
      expect(bytes.length).toBe(length);
      if (length > 1_000) expect(new Set(bytes.subarray(-1_000)).size).toBeGreaterThan(200);
    }
    expect(randomHex(8)).toMatch(/^[0-9a-f]{16}$/);
  });

  test("jitters from 0 to below 1", () => {
    const draws = Array.from({ length: 1_000 }, jitter);
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draws)).toBeLessThan(1);
    expect(new Set(draws).size).toBeGreaterThan(990);
  });
});
