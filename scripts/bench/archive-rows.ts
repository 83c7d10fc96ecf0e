/**
 * Rows of backups: rounds of a snapshot and a plain copy of the same book alternate, and rounds of
 * a restore and a bare insert of the same rows.
 */
import { join } from "node:path";
import type { Budget } from "./budget.ts";
import { startHelper, type Helper } from "./child.ts";
import { createDeployment, type Deployment } from "./deployment.ts";
import type { Measured } from "./rows.ts";
import { median, rounded, short, spread } from "./stats.ts";

const BOOK = { players: 10_000, hot: 10_000, records: 300_000 } as const;
/** A restore writes as large commits; the bare insert may as well. */
const PER_COMMIT = 10_000;
const ROUNDS_MIN = 2;
const ROUNDS_MAX = 7;

interface Timed {
  readonly ms: number;
  readonly bytes: number;
}

/** The figures of the rows that were asked for, by name. */
export async function measureArchive(
  names: ReadonlySet<string>,
  budget: Budget,
): Promise<ReadonlyMap<string, Measured>> {
  budget.need(15, "a book to back up");
  const results = new Map<string, Measured>();
  using deployment = await createDeployment();
  await build(deployment, budget);
  await using archive = startHelper("archive.ts");
  if (names.has("snapshot.rate")) {
    const share = names.has("restore.rate") ? 0.35 : 0.9;
    results.set("snapshot.rate", await snapshots(deployment.dir, archive, budget.share(share)));
  }
  if (names.has("restore.rate")) {
    results.set("restore.rate", await restores(deployment.dir, archive, budget.share(0.9)));
  }
  return results;
}

/** A book with its state, as a primary leaves it. */
async function build(deployment: Deployment, budget: Budget): Promise<void> {
  {
    await using helper = startHelper("book.ts");
    await helper.call("begin", { dir: deployment.dir, ...BOOK }, budget);
    await helper.call("end", {}, budget);
  }
  await using _ = await deployment.start("primary", {}, budget);
}

async function snapshots(dir: string, archive: Helper, budget: Budget): Promise<Measured> {
  const ratios: number[] = [];
  const speeds: number[] = [];
  let plain = 0;
  await rounds(budget, async (round) => {
    const places = [join(dir, `snapshot-${round}`), join(dir, `copy-${round}`)] as const;
    const taken = await archive.call<Timed>("snapshot", { dir, to: places[0] }, budget);
    const copied = await archive.call<Timed>("copy", { dir, to: places[1] }, budget);
    for (const path of places) await archive.call("remove", { path }, budget);
    if (round < 0) return;
    plain = copied.bytes;
    ratios.push(copied.ms / taken.ms);
    speeds.push(copied.bytes / taken.ms / 1_000);
  });
  const detail =
    `${rounded(median(speeds))} MB/s of a book of ${short(plain / 1e6)} MB and ` +
    `${short(BOOK.records)} records, a synced copy ` +
    `${rounded(median(speeds) / median(ratios))} MB/s; ratios ${spread(ratios)}`;
  return { value: rounded(median(ratios)), detail };
}

async function restores(dir: string, archive: Helper, budget: Budget): Promise<Measured> {
  const from = join(dir, "snapshot");
  await archive.call("snapshot", { dir, to: from }, budget);
  await using bare = startHelper("bare.ts");
  const ledger = join(dir, "primary", "ledger.db");
  const ratios: number[] = [];
  const speeds: number[] = [];
  const inserts: number[] = [];
  await rounds(budget, async (round) => {
    const to = join(dir, `restored-${round}`);
    const { ms, seq } = await archive.call<{ ms: number; seq: number }>(
      "restore",
      { dir, from, to },
      budget,
    );
    await archive.call("remove", { path: to }, budget);
    await bare.call("begin", { dir, ledger, upTo: 1 }, budget);
    const made = { ledger, from: 2, to: seq, perCommit: PER_COMMIT };
    const insert = await bare.call<{ ms: number }>("insert", made, budget);
    if (round < 0) return;
    ratios.push(insert.ms / ms);
    speeds.push((1_000 * seq) / ms);
    inserts.push((1_000 * seq) / insert.ms);
  });
  const detail =
    `${short(median(speeds))} records/s applied and proven, bare insert ` +
    `${short(median(inserts))} rows/s in commits of ${short(PER_COMMIT)}; ratios ${spread(ratios)}`;
  return { value: rounded(median(ratios)), detail };
}

/** Runs rounds while there is time; the first, numbered -1, warms up. */
async function rounds(budget: Budget, body: (round: number) => Promise<void>): Promise<void> {
  for (let round = -1; round < ROUNDS_MAX; round += 1) {
    const began = budget.leftMs;
    await body(round);
    if (round + 1 >= ROUNDS_MIN && budget.leftMs < 1.5 * (began - budget.leftMs)) return;
  }
}
