/**
 * Goal: the rules answer every sequence of commands as the model does; records alone rebuild the
 * state; whatever can be answered, and whatever state a command can find, comes about.
 * Method: random commands that know what there is, edge-biased amounts, clocks that jump, stories
 * that lead to full accounts and debts; every reply compared, then the whole state. The generator
 * must reach every code of every type, and every pair of a command and a state: what luck leaves
 * out is looked for in more runs, most of whose commands are like it.
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { Code, PAYLOAD_TYPES, type PayloadType, PRECEDENCE } from "../../src/ledger/index.ts";
import { crowds } from "./model-crowds.ts";
import { codeName, Coverage, Run } from "./model-run.ts";
import { PAIRS } from "./model-states.ts";
import { SEED, seeded } from "./seed.ts";

const RUNS = 60;
const STEPS_MAX = 250;
/** Runs for one type of command that hasn't met everything it can meet. */
const SEARCHES_MAX = 80;
const SEARCH_STEPS = 120;
/** A busy machine, and a long soak. */
const TIMEOUT_MS = 240_000;

/** The primary writes these itself. */
const OWN: readonly PayloadType[] = ["epoch_started", "key_rotated"];

/** Answers without a record. */
const FAULTS = [
  "KEY_CONFLICT",
  "EVENT_FIELD_MISSING",
  "EVENT_FIELD_INVALID",
  "AMOUNT_INVALID",
  "CURRENCY_UNKNOWN",
  "RAIL_UNKNOWN",
  "APPROVAL_MISSING",
] as const;

const coverage = new Coverage();

/** What goes wrong in a run, undefined when nothing does. */
function fails(steps: readonly Step[], scene: number, wanted?: PayloadType): Error | undefined {
  const one = new Run(scene, coverage);
  try {
    one.open();
    for (const [place, seed] of steps) one.step(seed, place, wanted);
    one.end();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    error.message += `\n${one.transcript()}`;
    return error;
  }
  return undefined;
}

/** Place and seed of a step: its names depend on both, not on what was left out before it. */
type Step = readonly [place: number, seed: number];

/** A run; one that goes wrong is told with as few steps as will do. */
function run(seeds: readonly number[], wanted?: PayloadType): void {
  const scene = seeds[0]!;
  let steps = seeds.map((seed, place): Step => [place, seed]);
  let error = fails(steps, scene, wanted);
  if (error === undefined) return;
  for (let size = steps.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = steps.length - size; at >= 0; at -= size) {
      const fewer = steps.toSpliced(at, size);
      const less = fails(fewer, scene, wanted);
      if (less !== undefined) [steps, error] = [fewer, less];
    }
  }
  throw error;
}

const seeds = fc.noShrink(
  fc.array(fc.integer(), { minLength: 20, maxLength: STEPS_MAX, size: "max" }),
);

/** Both once, whichever test comes first. */
let hasWalked = false;
let hasCrowded = false;

function walk(): void {
  if (hasWalked) return;
  hasWalked = true;
  let failure: unknown;
  const property = fc.property(seeds, (all) => {
    try {
      run(all);
    } catch (error) {
      failure = error;
      throw error;
    }
  });
  // Its own report would show hundreds of numbers.
  if (fc.check(property, seeded(RUNS)).failed) throw failure;
}

function crowd(): void {
  if (hasCrowded) return;
  hasCrowded = true;
  for (const crowded of crowds) {
    const one = new Run(SEED, coverage);
    for (const sent of crowded(one.caller)) one.send(sent);
    one.end();
  }
}

test("random commands are answered as the model says", walk, TIMEOUT_MS);

test("what there may be too many of is bounded, as the model says", crowd, TIMEOUT_MS);

/** Codes and states that a type hasn't met. */
function missingOf(type: PayloadType): string[] {
  const codes = PRECEDENCE[type].filter((code) => !coverage.codes.has(`${type} ${code}`));
  const pairs = PAIRS.filter((pair) => pair.startsWith(`${type} `));
  return [
    ...codes.map((code) => `${type} ${codeName(code)}`),
    ...pairs.filter((pair) => !coverage.states.has(pair)),
  ];
}

test(
  "the generator reaches every code of every type, and every state of what it touches",
  () => {
    walk();
    crowd();
    const types = PAYLOAD_TYPES.filter((type) => !OWN.includes(type));
    for (const [place, type] of types.entries()) {
      for (let n = 0; n < SEARCHES_MAX && missingOf(type).length > 0; n += 1) {
        const first = SEED + place * 1_000_000 + n * 1_000;
        run(
          Array.from({ length: SEARCH_STEPS }, (_, at) => first + at),
          type,
        );
      }
    }
    expect(types.flatMap(missingOf)).toEqual([]);
    const met = new Set([...coverage.codes.keys()].map((place) => Number(place.split(" ")[1])));
    expect(FAULTS.filter((code) => !met.has(Code[code]))).toEqual([]);
  },
  TIMEOUT_MS,
);
