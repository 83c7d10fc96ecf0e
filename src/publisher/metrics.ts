import { createMetrics } from "../ops/index.ts";
import type { Edges } from "./edges.ts";
import type { TickReport } from "./follower.ts";
import { EDGES_MAX } from "./limits.ts";

/** What the gauges ask at every scrape. */
export interface MetricSources {
  readonly edges: Edges;
  /** Microseconds that the published head is behind the wall clock. */
  lagUs(): number;
  headSeq(): number;
  generation(): number;
  keptBytes(): number;
  ready(): boolean;
}

/** The publisher's metrics. */
export type PublisherMetrics = ReturnType<typeof publisherMetrics>;

/** Registers them. */
export function publisherMetrics(sources: MetricSources) {
  const metrics = createMetrics("publisher");
  const name = (rest: string): string => `countroom_publisher_${rest}`;
  const gauge = (rest: string, help: string, read: () => number) =>
    metrics.gauge({ name: name(rest), help }, read);
  gauge("lag_seconds", "Age of the published head by this machine's clock.", () => {
    return sources.lagUs() / 1e6;
  });
  gauge("head_seq", "Newest record in the published rows.", sources.headSeq);
  gauge("generation", "Current generation of the page log.", sources.generation);
  gauge("log_bytes", "Frames kept for replicas that lag.", sources.keptBytes);
  gauge("ready", "1 while the feed is served and follows the book.", () =>
    sources.ready() ? 1 : 0,
  );
  const counter = (rest: string, help: string) => metrics.counter({ name: name(rest), help });
  const ticks = counter("ticks_total", "Commits of wallet.db, heartbeats included.");
  const records = counter("records_total", "Records taken from the Tail.");
  const pages = counter("pages_total", "Pages released to replicas.");
  const feed = metrics.gauge({ name: name("feed_info"), help: "The feed.", labels: ["feed"] });
  const acknowledged = metrics.gauge({
    name: name("edge_acknowledged_seq"),
    help: "Newest record that an edge has committed, by its polls.",
    labels: ["edge"],
  });
  const labelled = new Set<string>();
  const served = metrics.counter({
    name: name("edge_bytes_total"),
    help: "Bytes of pages and exports sent to an edge.",
    labels: ["edge"],
  });
  return {
    ticked(report: TickReport): void {
      ticks.inc();
      records.inc(report.records);
      pages.inc(report.pages);
    },
    feedBegan(segment: string): void {
      feed.reset();
      feed.set({ feed: segment }, 1);
    },
    /** Bytes went to an edge. Names come from paths, so only so many get a series of their own. */
    served(edge: string, bytes: number): void {
      if (labelled.size < EDGES_MAX) labelled.add(edge);
      served.inc({ edge: labelled.has(edge) ? edge : "other" }, bytes);
    },
    failures: metrics.counter({
      name: name("failures_total"),
      help: "Failures by code; every code but TAIL_LOST is an alarm.",
      labels: ["code"],
    }),
    impossible: counter("impossible_positions_total", "Polls for frames that were never made."),
    async response(): Promise<Response> {
      acknowledged.reset();
      for (const { name: edge, seq } of sources.edges.all()) acknowledged.set({ edge }, seq);
      return metrics.response();
    },
  };
}
