/**
 * Goal: the stated age of a replica is never lower than the true one, whatever clocks and networks
 * do, and not much higher when they behave.
 * Method: a simulated world with clocks of its own: random delays, drifts, backlogs and clock
 * steps from a printed seed; the true age is known there.
 */
import { describe, expect, test } from "bun:test";
import { ReplicaAge } from "../../src/edge/age.ts";
import { PrimaryClock } from "../../src/edge/primary-clock.ts";

const SEED = Number(process.env["TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 32)) >>> 0;
console.log(`age: TEST_SEED=${SEED}`);

function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** True time in milliseconds; everybody else's clock is a view of it. */
class World {
  trueMs = 1_790_000_000_000;
  localOffsetMs = 0;
  localSkew = 0;
  primaryOffsetMs = 0;
  sleptMs = 0;
  readonly #startMs = this.trueMs;

  readonly clock = {
    nowUs: () => Math.floor((this.trueMs + this.localOffsetMs) * 1000),
    monotonicMs: () => (this.trueMs - this.#startMs - this.sleptMs) * (1 + this.localSkew),
  };

  primaryUs(): number {
    return Math.floor((this.trueMs + this.primaryOffsetMs) * 1000);
  }
}

interface Delays {
  readonly tripMs: number;
  /** From the primary's clock being read for a head until the edge sees it. */
  readonly headMs: () => number;
}

/** One life of an edge; calls back with stated and true age now and then. */
function live(
  random: () => number,
  world: World,
  delays: Delays,
  judge: (statedMs: number, trueMs: number) => void,
  options: { readonly told: boolean; readonly steps?: () => void },
): void {
  const primary = new PrimaryClock();
  const age = new ReplicaAge(world.clock, primary, () => delays.tripMs);
  let headAtMs = world.trueMs;
  age.sawHead(world.primaryUs(), false);
  const probe = (): void => {
    const sent = world.clock.monotonicMs();
    world.trueMs += random() * delays.tripMs;
    const told = world.primaryUs();
    world.trueMs += random() * delays.tripMs;
    primary.tookMs(world.clock.monotonicMs() - sent);
    if (options.told) primary.told(sent, world.clock.monotonicMs(), told);
    age.refresh();
  };
  probe();
  const queue: { timeUs: number; atMs: number; dueMs: number }[] = [];
  let lastDueMs = 0;
  for (let step = 0; step < 400; step += 1) {
    world.trueMs += random() * 40;
    options.steps?.();
    if (random() < 0.5) {
      lastDueMs = Math.max(lastDueMs, world.trueMs + delays.headMs());
      queue.push({ timeUs: world.primaryUs(), atMs: world.trueMs, dueMs: lastDueMs });
    }
    let seen: (typeof queue)[number] | undefined;
    while (queue[0] !== undefined && queue[0].dueMs <= world.trueMs) seen = queue.shift();
    if (seen !== undefined) {
      headAtMs = seen.atMs;
      age.sawHead(seen.timeUs, true);
    }
    if (random() < 0.1) probe();
    judge(age.ageMs(), world.trueMs - headAtMs);
  }
}

describe("the stated age", () => {
  test("with the primary's clock known is never too low, in any backlog", () => {
    const random = randomFrom(SEED);
    for (let life = 0; life < 200; life += 1) {
      const world = new World();
      world.localOffsetMs = (random() - 0.5) * 900;
      world.primaryOffsetMs = (random() - 0.5) * 60_000;
      world.localSkew = (random() - 0.5) * 2e-4;
      const backlogMs = random() < 0.3 ? 5_000 : 0;
      const tripMs = random() * 200;
      const delays = { tripMs, headMs: () => backlogMs + random() * 60 };
      let worst = 0;
      live(
        random,
        world,
        delays,
        (stated, real) => {
          worst = Math.max(worst, real - stated);
        },
        { told: true },
      );
      expect(worst).toBeLessThan(1);
    }
  });

  test("without it counts from the last change seen, plus both round trips", () => {
    const random = randomFrom(SEED + 1);
    for (let life = 0; life < 200; life += 1) {
      const world = new World();
      const tripMs = 60 + random() * 200;
      // A healthy publisher: a head takes less than a round trip, the steps of this world included.
      const delays = { tripMs, headMs: () => random() * (tripMs - 45) };
      live(random, world, delays, (stated, real) => expect(stated).toBeGreaterThanOrEqual(real), {
        told: false,
      });
    }
  });

  test("survives a machine that sleeps and clocks that are set", () => {
    const random = randomFrom(SEED + 2);
    for (let life = 0; life < 200; life += 1) {
      const world = new World();
      const delays = { tripMs: 2, headMs: () => random() * 20 };
      let troubledMs = -Infinity;
      live(
        random,
        world,
        delays,
        (stated, real) => {
          // Trouble is noticed by the next round of probes, about a second later.
          if (world.trueMs - troubledMs > 2_000) expect(real - stated).toBeLessThan(1);
        },
        {
          told: true,
          steps: () => {
            if (random() > 0.01) return;
            troubledMs = world.trueMs;
            const jumpMs = random() * 20_000;
            const kind = Math.floor(random() * 3);
            if (kind === 0) {
              world.trueMs += jumpMs;
              world.sleptMs += jumpMs;
              troubledMs = world.trueMs;
            } else if (kind === 1) world.localOffsetMs += jumpMs - 10_000;
            else world.primaryOffsetMs += jumpMs;
          },
        },
      );
    }
  });

  test("of a healthy replica is close to the truth", () => {
    const random = randomFrom(SEED + 3);
    const world = new World();
    let told = 0;
    let excess = 0;
    live(
      random,
      world,
      { tripMs: 1, headMs: () => random() * 5 },
      (stated, real) => {
        told += 1;
        if (told > 50) excess = Math.max(excess, stated - real);
      },
      { told: true },
    );
    expect(excess).toBeLessThan(5);
  });
});
