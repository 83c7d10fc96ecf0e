/**
 * Goal: whatever fails, and whenever: nothing acknowledged is lost, doubled or changed, and once
 * nothing fails any more everybody is answered.
 * Method: seeded runs of the real queue, decider and ledger.db, with a simulated network, clock and
 * disk. Each run prints nothing; a failing one names its seed. Over all runs every fault must have
 * occurred, and every outcome that the traffic can lead to.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Credential } from "../../src/access/index.ts";
import { Code } from "../../src/ledger/index.ts";
import { makeFolder } from "../primary/folder.ts";
import { simulate } from "./run.ts";

const seed = Number(process.env["TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 31)) >>> 0;
/** Longer by `bun run soak`. */
const RUNS = Number(process.env["SIM_RUNS"] ?? 20);
const TIMEOUT_MS = 30_000 + RUNS * 4_000;

let folder: Awaited<ReturnType<typeof makeFolder>>;
let access: Credential;

beforeAll(async () => {
  folder = await makeFolder();
  access = await folder.credential("api-play");
});

afterAll(() => folder[Symbol.asyncDispose]());

test(
  "runs with lost messages, dying writers, torn writes and jumping clocks",
  async () => {
    const faults = new Set<string>();
    const codes = new Set<number>();
    for (let run = 0; run < RUNS; run += 1) {
      const dir = mkdtempSync(join(tmpdir(), "countroom-sim-"));
      try {
        const seen = await simulate(seed + run, dir, folder.keys, access);
        for (const fault of seen.faults) faults.add(fault);
        for (const code of seen.codes) codes.add(code);
      } catch (cause) {
        throw new Error(`the run with seed ${seed + run} failed (TEST_SEED)`, { cause });
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    }
    if (RUNS < 20) return;
    const wanted = ["none", "full", "unknown", "before", "after", "torn", "garbled"];
    expect([...faults].sort()).toEqual(wanted.sort());
    for (const name of [
      "OK",
      "BET_TOMBSTONED",
      "BET_ALREADY_ROLLED_BACK",
      "FUNDS_INSUFFICIENT",
      "BET_UNKNOWN",
      "BET_ALREADY_SETTLED",
      "BET_ROLLED_BACK",
      "ROUND_CLOSED",
    ] as const) {
      expect([...codes]).toContain(Code[name]);
    }
  },
  TIMEOUT_MS,
);
