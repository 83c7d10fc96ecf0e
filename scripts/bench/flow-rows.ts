/**
 * Rows of the stream from the primary to an edge: how long and how many bytes it takes.
 *
 * Publisher and edge are reached through proxies that count bytes; the time they cost is in the
 * figures.
 */
import { Database } from "bun:sqlite";
import { join } from "node:path";
import { type Budget, pause } from "./budget.ts";
import { startHelper } from "./child.ts";
import { createDeployment } from "./deployment.ts";
import type { Measured } from "./rows.ts";
import { startEdge, startPublisher } from "./stack.ts";
import { percentile, rounded, short } from "./stats.ts";

const PLAYERS = 10_000;
const PER_SECOND = 1_000;
const FLOW_SECONDS_MIN = 5;
const FLOW_SECONDS_MAX = 20;
const IDLE_EVENTS_MAX = 100;
const IDLE_PAUSE_MS = 60;
/** What an edge's patience with a bookmark is: an event it didn't see then is later than that. */
const LATE_MS = 100;
/** Lets the last tick arrive before bytes are read. */
const DRAIN_MS = 300;

interface Flow {
  readonly settled: number;
  readonly lags: readonly number[];
  readonly late: number;
}

/** The figures of the rows that were asked for, by name. */
export async function measureFlow(
  names: ReadonlySet<string>,
  budget: Budget,
): Promise<ReadonlyMap<string, Measured>> {
  budget.need(10, "primary, publisher and edge");
  using deployment = await createDeployment();
  const { dir } = deployment;
  await using primary = await deployment.start("primary", {}, budget);
  await using uplink = startHelper("uplink.ts");
  const seeds = { players: PLAYERS, hot: PLAYERS, seconds: budget.leftSeconds / 3 };
  const begin = { dir, primaryUrl: primary.url, ...seeds };
  const { players } = await uplink.call<{ players: number }>("begin", begin, budget);
  await using proxy = startHelper("proxy.ts");
  const tailUrl = await proxy.call<string>("begin", { target: primary.url }, budget);
  await using publisher = await startPublisher(deployment, tailUrl, budget);
  const pagesUrl = await proxy.call<string>("begin", { target: publisher.url }, budget);
  const urls = { primary: primary.url, publisher: pagesUrl };
  await using edge = await startEdge(deployment, urls, "eu", 1, budget);
  const bytes = (url: string): Promise<number> => proxy.call("bytes", { url }, budget);
  const results = new Map<string, Measured>();
  if (names.has("lag.idle")) {
    const events = Math.min(IDLE_EVENTS_MAX, Math.floor(budget.leftMs / 4 / IDLE_PAUSE_MS));
    const args = { edgeUrl: edge.url, events, pauseMs: IDLE_PAUSE_MS };
    results.set("lag.idle", lag(await uplink.call<Flow>("idle", args, budget), 0.5));
  }
  if (!["lag.p99", "pages.bytes", "tail.bytes"].some((name) => names.has(name))) return results;
  budget.need(FLOW_SECONDS_MIN + 3, `${PER_SECOND} events/s`);
  const seconds = Math.floor(Math.min(FLOW_SECONDS_MAX, budget.leftSeconds - 3));
  const steady = { perSecond: PER_SECOND, edgeUrl: edge.url };
  await uplink.call("steady", { ...steady, seconds: 1 }, budget);
  await pause(DRAIN_MS);
  const before = [await bytes(pagesUrl), await bytes(tailUrl)] as const;
  const flow = await uplink.call<Flow>("steady", { ...steady, seconds }, budget);
  await pause(DRAIN_MS);
  const pages = (await bytes(pagesUrl)) - before[0];
  const tail = (await bytes(tailUrl)) - before[1];
  const over = `${flow.settled} events in ${seconds} s over ${players} players`;
  results.set("lag.p99", lag(flow, 0.99));
  results.set("pages.bytes", perEvent(pages, flow.settled, over));
  const stored = `${over}, ${recordBytes(join(dir, "primary", "ledger.db"))} bytes stored each`;
  results.set("tail.bytes", perEvent(tail, flow.settled, stored));
  return results;
}

/** Mean bytes of event and outcome of the latest records. */
function recordBytes(ledgerPath: string): number {
  using db = new Database(ledgerPath, { readonly: true });
  const sizes = "length(event) + length(outcome) AS bytes FROM records_000000";
  const latest = `SELECT ${sizes} ORDER BY seq DESC LIMIT ${PER_SECOND}`;
  const row = db.query<{ mean: number }, []>(`SELECT avg(bytes) AS mean FROM (${latest})`).get();
  return Math.round(row?.mean ?? Number.NaN);
}

function lag({ lags, late }: Flow, share: number): Measured {
  const all = [...lags, ...Array.from({ length: late }, () => LATE_MS)];
  if (all.length === 0) throw new Error("no event was followed to the edge");
  const figures = [0.5, 0.9, 0.99].map((part) => rounded(percentile(all, part)));
  const detail =
    `p50 ${figures[0]}, p90 ${figures[1]}, p99 ${figures[2]} ms over ${all.length} events, ` +
    `${late} later than ${LATE_MS} ms; from the receipt to the edge's HTTP answer`;
  return { value: rounded(percentile(all, share)), detail };
}

function perEvent(bytes: number, events: number, over: string): Measured {
  const detail = `${short(bytes)} bytes on the wire for ${over}`;
  return { value: rounded(bytes / events), detail };
}
