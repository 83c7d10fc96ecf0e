/**
 * Rows of reading: what a balance costs at an edge beside a constant answer from the same route.
 */
import { type Budget, pause } from "./budget.ts";
import { type Helper, startHelper } from "./child.ts";
import { cpuMs } from "./cpu.ts";
import { createDeployment, type Deployment, type Role, signedSize } from "./deployment.ts";
import type { Measured } from "./rows.ts";
import { startEdge, startPublisher } from "./stack.ts";
import { median, rounded, short, spread } from "./stats.ts";

const PLAYERS_MAX = 1_000_000;
const HOT = 10_000;
const PER_SECOND = 1_000;
const CONNECTIONS = 32;
/** One server's turn under load; shorter when there is little time. */
const WINDOW_MS = 1_500;
const WINDOW_MS_MIN = 500;
const ROUNDS_MIN = 3;
const ROUNDS_MAX = 9;
/** Share of the time for registering players; publisher and edge then need about as much. */
const SEED_SHARE = 0.27;

/** A server under load, and the processes whose time counts. */
interface Target {
  readonly url: string;
  readonly pids: readonly number[];
}

interface Window {
  readonly perSecond: number;
  /** Milliseconds of processor time per request. */
  readonly cpu: number;
}

/** What both rows share. */
interface ReadStack {
  readonly deployment: Deployment;
  readonly primary: Role;
  readonly publisher: Role;
  readonly uplink: Helper;
  readonly players: number;
  /** Puts a target under load. */
  readonly load: (target: Target, ms?: number) => Promise<Window>;
  /** A sample answer, for constant servers. */
  readonly sample: (edge: Role) => Promise<{ body: string; headers: Record<string, string> }>;
}

/** The figures of the rows that were asked for, by name. */
export async function measureReads(
  names: ReadonlySet<string>,
  budget: Budget,
): Promise<ReadonlyMap<string, Measured>> {
  budget.need(12, "players, publisher and edge");
  using deployment = await createDeployment();
  await using primary = await deployment.start("primary", {}, budget);
  await using uplink = startHelper("uplink.ts");
  const { dir, keys } = deployment;
  const seeds = { players: PLAYERS_MAX, hot: HOT, seconds: budget.leftSeconds * SEED_SHARE };
  const begun = await uplink.call<{ players: number; hot: string[]; records: number }>(
    "begin",
    { dir, primaryUrl: primary.url, ...seeds },
    budget,
  );
  while ((await signedSize(primary.url)) < begun.records) {
    budget.need(5, "the checkpoint over all players");
    await pause(200);
  }
  await using publisher = await startPublisher(deployment, primary.url, budget);
  await using client = startHelper("http-load.ts");
  const authorization = `Bearer ${keys.token("api-read")}`;
  const paths = begun.hot.map((ref) => `/v1/players/${ref}/balance`);
  const stack: ReadStack = {
    deployment,
    primary,
    publisher,
    uplink,
    players: begun.players,
    async load({ url, pids }, wantedMs = WINDOW_MS) {
      const ms = Math.min(wantedMs, Math.max(WINDOW_MS_MIN, budget.leftMs / 16));
      const before = pids.map(cpuMs);
      const args = { url, paths, authorization, connections: CONNECTIONS, ms };
      const ran = await client.call<{ answers: number; ms: number }>("run", args, budget);
      const used = pids.reduce((sum, pid, at) => sum + cpuMs(pid) - (before[at] as number), 0);
      return { perSecond: (1_000 * ran.answers) / ran.ms, cpu: used / ran.answers };
    },
    sample: (edge) => sampleOf(edge.url + paths[0], authorization),
  };
  const results = new Map<string, Measured>();
  const both = names.has("read.cpu") && names.has("read.workers");
  if (names.has("read.cpu")) {
    results.set("read.cpu", await readCpu(stack, both ? budget.share(0.5) : budget));
  }
  if (names.has("read.workers")) results.set("read.workers", await readWorkers(stack, budget));
  return results;
}

async function sampleOf(url: string, authorization: string) {
  const response = await fetch(url, { headers: { authorization } });
  const body = await response.text();
  if (!response.ok) throw new Error(`the edge answered ${response.status}: ${body}`);
  const kept = ["content-type", "countroom-bookmark", "cache-control"];
  const headers = Object.fromEntries(
    kept.flatMap((name) => {
      const value = response.headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
  return { body, headers };
}

async function readCpu(stack: ReadStack, budget: Budget): Promise<Measured> {
  const { deployment, primary, publisher, uplink, load } = stack;
  const urls = { primary: primary.url, publisher: publisher.url };
  await using edge = await startEdge(deployment, urls, "eu", 1, budget);
  await using constant = startHelper("constant.ts");
  const sample = await stack.sample(edge);
  const constantUrl = await constant.call<string>("begin", { port: 0, ...sample }, budget);
  const targets = {
    constant: { url: constantUrl, pids: [constant.pid] },
    balance: { url: edge.url, pids: [edge.pid] },
  };
  const seconds = budget.leftSeconds;
  const flow = uplink.call("steady", { perSecond: PER_SECOND, seconds }, budget);
  flow.catch(() => {});
  await load(targets.constant, 500);
  await load(targets.balance, 500);
  const ratios: number[] = [];
  const costs: [number, number][] = [];
  while (ratios.length < ROUNDS_MAX && (ratios.length < ROUNDS_MIN || budget.leftSeconds > 6)) {
    const plain = await load(targets.constant);
    const balance = await load(targets.balance);
    ratios.push(plain.cpu / balance.cpu);
    costs.push([plain.cpu * 1_000, balance.cpu * 1_000]);
  }
  await uplink.call("stop", {}, budget);
  await flow;
  const cost = (at: 0 | 1): string => short(median(costs.map((pair) => pair[at])));
  const detail =
    `constant ${cost(0)} µs, balance ${cost(1)} µs of CPU per request; ${HOT} hot of ` +
    `${stack.players} players, ${PER_SECOND} events/s; ${ratios.length} rounds, ` +
    `ratios ${spread(ratios)}`;
  return { value: rounded(median(ratios)), detail };
}

async function readWorkers(stack: ReadStack, budget: Budget): Promise<Measured> {
  const { deployment, primary, publisher, load } = stack;
  if (navigator.hardwareConcurrency < 2) throw new Error("this machine has one core");
  const urls = { primary: primary.url, publisher: publisher.url };
  await using one = await startEdge(deployment, urls, "eu", 1, budget);
  await using two = await startEdge(deployment, urls, "asia", 2, budget);
  const sample = await stack.sample(one);
  await using alone = startHelper("constant.ts");
  await using first = startHelper("constant.ts");
  await using second = startHelper("constant.ts");
  const aloneUrl = await alone.call<string>("begin", { port: 0, ...sample }, budget);
  const pairUrl = await first.call<string>("begin", { port: 0, ...sample }, budget);
  const port = Number(new URL(pairUrl).port);
  await second.call("begin", { port, ...sample }, budget);
  const speed = async (url: string): Promise<number> => (await load({ url, pids: [] })).perSecond;
  const ratios: number[] = [];
  const gains: [number, number][] = [];
  while (ratios.length < ROUNDS_MAX && (ratios.length < ROUNDS_MIN || budget.leftSeconds > 8)) {
    const plain = (await speed(pairUrl)) / (await speed(aloneUrl));
    const balance = (await speed(two.url)) / (await speed(one.url));
    ratios.push(balance / plain);
    gains.push([plain, balance]);
  }
  const gain = (at: 0 | 1): number => rounded(median(gains.map((pair) => pair[at])));
  const detail =
    `two workers: constant route × ${gain(0)}, balance × ${gain(1)}, load on the same cores; ` +
    `${stack.players} players; ${ratios.length} rounds, ratios ${spread(ratios)}`;
  return { value: rounded(median(ratios)), detail };
}
