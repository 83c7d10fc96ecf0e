/**
 * Rows of one large book under a real primary: how long it takes to start, what it holds in memory,
 * and whether that grows under load.
 */
import { type Budget, nowMs, pause } from "./budget.ts";
import { startHelper } from "./child.ts";
import { createDeployment, type Deployment, type Role } from "./deployment.ts";
import { peakMb, residentMb } from "./memory.ts";
import type { Measured } from "./rows.ts";
import { median, rounded, short, spread } from "./stats.ts";

const PLAYERS = 1_000_000;
const HOT = 10_000;
const BOOK = { players: PLAYERS, hot: HOT, records: PLAYERS + 10 * HOT } as const;
/** What building the book and starting on it takes, on two quiet cores. */
const BOOK_SECONDS = 60;
const STARTS = 3;
/** Collectors give memory back some seconds after they are done. */
const SETTLE_MS = 12_000;
const PER_SECOND = 1_000;
const SAMPLE_MS = 1_000;
/** Share of the load's time that warms up: caches, queues and rings fill. */
const WARM_SHARE = 0.3;
const GROWTH_SECONDS_MIN = 90;
const TEN_MINUTES_MS = 600_000;

/** The figures of the rows that were asked for, by name. */
export async function measureBook(
  names: ReadonlySet<string>,
  budget: Budget,
): Promise<ReadonlyMap<string, Measured>> {
  budget.need(BOOK_SECONDS, `a book of ${short(PLAYERS)} players`);
  const results = new Map<string, Measured>();
  using deployment = await createDeployment();
  const empty = await emptyMb(budget);
  await build(deployment, budget);
  const starts = await startOften(deployment, budget);
  results.set("startup.1m", starts.measured);
  await using primary = starts.primary;
  await pause(SETTLE_MS);
  const held = residentMb(primary.pid);
  const detail =
    `${short(held)} MB with ${short(PLAYERS)} players, ${short(empty)} MB with an empty book, ` +
    `at most ${short(peakMb(primary.pid))} MB while it starts`;
  results.set("memory.1m", { value: rounded(held - empty), detail });
  if (names.has("memory.growth")) {
    results.set("memory.growth", await underLoad(deployment, primary, budget));
  }
  return results;
}

/** Memory of a primary without players. */
async function emptyMb(budget: Budget): Promise<number> {
  using deployment = await createDeployment();
  await using primary = await deployment.start("primary", {}, budget);
  await pause(3_000);
  return residentMb(primary.pid);
}

async function build({ dir }: Deployment, budget: Budget): Promise<void> {
  await using helper = startHelper("book.ts");
  await helper.call("begin", { dir, ...BOOK }, budget);
  await helper.call("end", {}, budget);
}

/** The first start builds state.db; the others are what a start is. The last one stays. */
async function startOften(
  { start }: Deployment,
  budget: Budget,
): Promise<{ measured: Measured; primary: Role }> {
  const timed = async (): Promise<[Role, number]> => {
    const began = nowMs();
    const role = await start("primary", {}, budget);
    return [role, (nowMs() - began) / 1_000];
  };
  const [first, rebuild] = await timed();
  await first[Symbol.asyncDispose]();
  const seconds: number[] = [];
  for (let turn = 1; ; turn += 1) {
    const [primary, took] = await timed();
    seconds.push(took);
    if (turn < STARTS) {
      await primary[Symbol.asyncDispose]();
      continue;
    }
    const detail =
      `from its command to its first answer, ${STARTS} starts of ${spread(seconds)} s; ` +
      `${rounded(rebuild)} s when state.db is lost and rebuilt from ${short(BOOK.records)} records`;
    return { measured: { value: rounded(median(seconds)), detail }, primary };
  }
}

/** Memory under a steady load, looked at once a second. */
async function underLoad({ dir }: Deployment, primary: Role, budget: Budget): Promise<Measured> {
  await using uplink = startHelper("uplink.ts");
  const begin = { dir, primaryUrl: primary.url, players: HOT, hot: HOT, seconds: 60 };
  await uplink.call("begin", begin, budget);
  const seconds = Math.floor(budget.leftSeconds - 5);
  if (seconds < GROWTH_SECONDS_MIN) {
    const detail = `not measured: needs ${GROWTH_SECONDS_MIN} s of load, ${seconds} s are left`;
    return { value: null, detail };
  }
  const samples: Sample[] = [];
  const began = nowMs();
  const timer = setInterval(() => {
    samples.push({ atMs: nowMs() - began, mb: residentMb(primary.pid) });
  }, SAMPLE_MS);
  try {
    await uplink.call("steady", { perSecond: PER_SECOND, seconds }, budget);
    return growthOf(samples, seconds);
  } finally {
    clearInterval(timer);
  }
}

interface Sample {
  readonly atMs: number;
  readonly mb: number;
}

/** The slope of memory over time after the warm-up, by least squares. */
function growthOf(all: readonly Sample[], seconds: number): Measured {
  const samples = all.filter(({ atMs }) => atMs > 1_000 * seconds * WARM_SHARE);
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [midMs, midMb] = [mean(({ atMs }) => atMs), mean(({ mb }) => mb)];
  const rise = mean(({ atMs, mb }) => (atMs - midMs) * (mb - midMb));
  const slope = rise / mean(({ atMs }) => (atMs - midMs) ** 2);
  const detail =
    `per 10 minutes at ${short(PER_SECOND)} events/s, fitted to ` +
    `${rounded((seconds * (1 - WARM_SHARE)) / 60)} minutes after ` +
    `${Math.round(seconds * WARM_SHARE)} s of warm-up; ` +
    `${spread(samples.map(({ mb }) => mb))} MB, ${short(midMb)} MB on average`;
  return { value: rounded((100 * slope * TEN_MINUTES_MS) / midMb), detail };
}
