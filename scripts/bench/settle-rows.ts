/**
 * Rows of settlement. Rounds of the measured thing and of its baseline alternate, and the figure
 * is the median of the rounds' ratios: what slows the machine for a while slows both.
 */
import { join } from "node:path";
import { type Budget, OutOfTime, pause } from "./budget.ts";
import { type Helper, startHelper } from "./child.ts";
import { createDeployment, signedSize } from "./deployment.ts";
import type { Measured } from "./rows.ts";
import { median, percentile, rounded, short, spread } from "./stats.ts";

const PLAYERS = 10_000;
const GROUP = 500;
const CALLERS = 64;
/** Bets of one round of single ones: few, so that what slows the machine slows all three. */
const SINGLES = 50;
const SINGLES_MIN = 200;
const SINGLE_ROUNDS_MAX = 200;
const ROUNDS_MIN = 3;
const ROUNDS_MAX = 15;
/** Length of one round, once the speed is known; shorter when there is little time. */
const ROUND_MS = 700;
const ROUND_MS_MIN = 200;
const EVENTS_FIRST = 5_000;
/** Share of the time for measuring; the rest is for ending what was started. */
const WORK_SHARE = 0.92;
/** One range table: what the baseline reads. */
const RECORDS_MAX = 900_000;

/** Lets the checkpointer come to rest, so that the baseline has the machine for itself. */
export async function settled(primaryUrl: string, size: number, budget: Budget): Promise<void> {
  while ((await signedSize(primaryUrl)) < size) {
    budget.need(0.1, "the checkpointer");
    await pause(50);
  }
}

interface Round {
  readonly from: number;
  readonly to: number;
  readonly ms: number;
}

/** Alternates rounds until the budget is used up. */
async function alternate(
  budget: Budget,
  settle: (events: number) => Promise<Round>,
  insert: (round: Round) => Promise<number>,
): Promise<Measured> {
  const ratios: number[] = [];
  const speeds: number[] = [];
  const bare: number[] = [];
  const roundMs = Math.max(ROUND_MS_MIN, Math.min(ROUND_MS, budget.leftMs / 25));
  let events = EVENTS_FIRST;
  for (let round = -1; round < ROUNDS_MAX; round += 1) {
    const began = budget.leftMs;
    let made: Round;
    let insertMs: number;
    try {
      made = await settle(events);
      insertMs = await insert(made);
    } catch (error) {
      // What was measured until the time was over counts, if it is enough.
      if (error instanceof OutOfTime && ratios.length >= ROUNDS_MIN) break;
      throw error;
    }
    const count = made.to - made.from + 1;
    const used = began - budget.leftMs;
    // The first round only warms up and finds the speed.
    if (round >= 0) {
      ratios.push(insertMs / made.ms);
      speeds.push((1_000 * count) / made.ms);
      bare.push((1_000 * count) / insertMs);
    }
    const speed = count / made.ms;
    events = Math.ceil((speed * roundMs) / GROUP) * GROUP;
    if (made.to + events > RECORDS_MAX) break;
    if (ratios.length >= ROUNDS_MIN && budget.leftMs < 1.5 * used) break;
  }
  if (ratios.length < ROUNDS_MIN) throw new Error(`only ${ratios.length} rounds were possible`);
  const detail =
    `${short(median(speeds))} events/s, bare insert ${short(median(bare))} rows/s; ` +
    `${ratios.length} alternating rounds, ratios ${spread(ratios)}`;
  return { value: rounded(median(ratios)), detail };
}

/** `settle.process.500` */
export async function settleProcess(whole: Budget): Promise<Measured> {
  whole.need(8, "settling in process");
  const budget = whole.share(WORK_SHARE);
  using deployment = await createDeployment();
  const { dir } = deployment;
  const ledger = join(dir, "primary", "ledger.db");
  await using writer = startHelper("settle-process.ts");
  await using bare = startHelper("bare.ts");
  const url = await writer.call<string>("begin", { dir, players: PLAYERS }, budget);
  await settled(url, 2 * PLAYERS + 1, budget);
  await bare.call("begin", { dir, ledger, upTo: 2 * PLAYERS + 1 }, budget);
  return await alternate(
    budget,
    (events) => writer.call<Round>("settle", { events }, budget),
    async ({ from, to }) => {
      await settled(url, to, budget);
      const made = { ledger, from, to, perCommit: GROUP };
      return (await bare.call<{ ms: number }>("insert", made, budget)).ms;
    },
  );
}

/** A primary as a process, callers behind an uplink in another, and the baseline in a third. */
async function withUplink<T>(
  budget: Budget,
  body: (parts: {
    readonly uplink: Helper;
    readonly bare: Helper;
    readonly ledger: string;
    readonly url: string;
    /** Runs calls that settle `events`; answers the records once the machine is at rest. */
    readonly settle: (method: string, events: number, args: object) => Promise<Round>;
  }) => Promise<T>,
): Promise<T> {
  budget.need(7, "settling through an uplink");
  using deployment = await createDeployment();
  const { dir } = deployment;
  const ledger = join(dir, "primary", "ledger.db");
  await using primary = await deployment.start("primary", {}, budget);
  await using uplink = startHelper("uplink.ts");
  await using bare = startHelper("bare.ts");
  const { url } = primary;
  const seeds = { players: PLAYERS, hot: PLAYERS, seconds: budget.leftSeconds };
  await uplink.call("begin", { dir, primaryUrl: url, ...seeds }, budget);
  let size = 2 * PLAYERS + 1;
  await settled(url, size, budget);
  await bare.call("begin", { dir, ledger, upTo: size }, budget);
  const settle = async (method: string, events: number, args: object): Promise<Round> => {
    const from = size + 1;
    const ms = await uplink.call<number>(method, { events, ...args }, budget);
    size += events;
    return { from, to: size, ms };
  };
  return await body({ uplink, bare, ledger, url, settle });
}

async function byUplink(
  whole: Budget,
  method: string,
  args: object,
  perCommit: number,
): Promise<Measured> {
  const budget = whole.share(WORK_SHARE);
  return await withUplink(budget, ({ bare, ledger, url, settle }) =>
    alternate(
      budget,
      (events) => settle(method, events, args),
      async ({ from, to }) => {
        await settled(url, to, budget);
        const made = { ledger, from, to, perCommit };
        const { rows, ms } = await bare.call<{ rows: number; ms: number }>("insert", made, budget);
        if (rows !== to - from + 1) throw new Error(`${to - from + 1} settled, ${rows} stored`);
        return ms;
      },
    ),
  );
}

/** `settle.network.500` */
export function settleNetwork(budget: Budget): Promise<Measured> {
  return byUplink(budget, "batches", { perCall: GROUP }, GROUP);
}

/** `settle.callers.64` */
export function settleCallers(budget: Budget): Promise<Measured> {
  return byUplink(budget, "callers", { callers: CALLERS }, CALLERS);
}

/** `single.p50` */
export async function singleP50(budget: Budget): Promise<Measured> {
  return await withUplink(budget, async ({ uplink, bare, ledger }) => {
    await using echo = startHelper("echo.ts");
    const echoUrl = await echo.call<string>("begin", {}, budget);
    const times = { bet: [] as number[], echo: [] as number[], commit: [] as number[] };
    let size = 2 * PLAYERS + 1;
    for (let round = -1; round < SINGLE_ROUNDS_MAX && budget.leftSeconds > 1; round += 1) {
      const events = SINGLES;
      const bets = await uplink.call<number[]>("singles", { events }, budget);
      const from = size + 1;
      size += events;
      const args = { url: echoUrl, calls: events };
      const echoes = await uplink.call<number[]>("echoes", args, budget);
      const commits = await bare.call<number[]>("singles", { ledger, from, to: size }, budget);
      // The first round only warms up.
      if (round < 0) continue;
      times.bet.push(...bets);
      times.echo.push(...echoes);
      times.commit.push(...commits);
    }
    if (times.bet.length < SINGLES_MIN)
      throw new Error(`only ${times.bet.length} bets were placed`);
    const [bet, answer, commit] = [times.bet, times.echo, times.commit].map((values) =>
      percentile(values, 0.5),
    ) as [number, number, number];
    const detail =
      `bet ${rounded(bet)} ms, Connect echo ${rounded(answer)} ms, bare commit ` +
      `${rounded(commit)} ms, p50 of ${times.bet.length} each, in turns of ${SINGLES}`;
    return { value: rounded(bet / (answer + commit)), detail };
  });
}
