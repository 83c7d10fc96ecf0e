/** Random tests of the pure rooms: one seed per run, printed, and taken from TEST_SEED. */
import type { Parameters } from "fast-check";

const given = process.env["TEST_SEED"];
export const SEED =
  given === undefined ? crypto.getRandomValues(new Int32Array(1))[0]! : +given | 0;

let printed = false;

/** How much longer than in a run of the suite; `bun run soak` asks for more. */
const FACTOR = Number(process.env["SOAK_FACTOR"] ?? 1);

/** Parameters for fast-check; prints how to run the same again. */
export function seeded<T>(runs: number): Parameters<T> {
  const numRuns = runs * FACTOR;
  if (!printed) console.log(`TEST_SEED=${SEED}`);
  printed = true;
  return { numRuns, seed: SEED, endOnFailure: false };
}
