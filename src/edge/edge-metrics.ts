/**
 * Metrics of one request worker, and of the supervisor where there is one.
 *
 * The hot paths count in plain numbers; they are carried over when somebody scrapes.
 *
 * @module
 */
import { createMetrics } from "../ops/index.ts";
import type { PrimaryReads } from "./primary-reads.ts";
import type { KeeperStatus } from "./keeper-status.ts";
import type { SearchCalls } from "./search-calls.ts";
import type { ReplicaView } from "./replica-view.ts";
import type { Uplink } from "./uplink.ts";

/** What is measured. */
export interface EdgeMetricsSources {
  readonly view: () => ReplicaView | undefined;
  readonly primary: PrimaryReads;
  readonly uplink: Uplink;
  readonly search: SearchCalls;
  /** Of the process that keeps the replica. */
  readonly keeper: () => KeeperStatus;
}

/** Answers a scrape. */
export type Scrape = () => Promise<Response>;

/** Registers the metrics. */
export function edgeMetrics(region: string, sources: EdgeMetricsSources): Scrape {
  const { view, primary, uplink, search, keeper } = sources;
  const metrics = createMetrics("edge");
  const carry: (() => void)[] = [];
  const gauge = (name: string, help: string, read: () => number): void => {
    metrics.gauge({ name: `countroom_edge_${name}`, help }, read);
  };
  const total = (name: string, help: string, read: () => number): void => {
    const counter = metrics.counter({ name: `countroom_edge_${name}_total`, help });
    let carried = 0;
    carry.push(() => {
      const now = read();
      // A new view counts from zero again.
      counter.inc(now >= carried ? now - carried : now);
      carried = now;
    });
  };
  metrics
    .gauge({ name: "countroom_edge_info", help: "Region of this edge", labels: ["region"] })
    .set({ region }, 1);
  gauge("replica_age_seconds", "Age of what the replica shows; NaN without one", () => {
    return (view()?.ageMs() ?? Number.NaN) / 1000;
  });
  gauge("replica_seq", "Newest record the replica shows", () => view()?.head.seq ?? 0);
  gauge("replica_epoch", "Epoch of the replica", () => view()?.head.epoch ?? 0);
  gauge("hot_rows", "Rows kept ready to send", () => view()?.hotRows ?? 0);
  total("hot_row_hits", "Reads answered from a hot row", () => view()?.hits ?? 0);
  total("hot_row_misses", "Reads that went to the replica", () => view()?.misses ?? 0);
  total("change_gaps", "Times all hot rows were dropped", () => view()?.gaps ?? 0);
  gauge("primary_reads_in_flight", "Balances being asked of the primary", () => primary.inFlight);
  total("primary_reads", "Balances asked of the primary", () => primary.asked);
  total("primary_reads_refused", "Reads refused as overload", () => primary.overloaded);
  gauge("search_in_flight", "Questions passed on to search", () => search.inFlight);
  total("search", "Questions passed on to search", () => search.asked);
  total("search_refused", "Questions refused as overload", () => search.overloaded);
  total("search_failed", "Questions that search didn't answer", () => search.failed);
  gauge("uplink_waiting", "Events not yet answered", () => uplink.waiting);
  gauge("uplink_calls_in_flight", "Calls of Append under way", () => uplink.callsInFlight);
  total("uplink_calls", "Calls of Append", () => uplink.counts.calls);
  total("uplink_events", "Events in those calls", () => uplink.counts.events);
  total("uplink_retries", "Calls repeated", () => uplink.counts.retries);
  total("uplink_expired", "Events whose deadline passed", () => uplink.counts.expired);
  total("uplink_overloaded", "Events refused as overload", () => uplink.counts.overloaded);
  gauge("replica_fed", "1 while a syncer feeds the replica", () => (keeper().isFed ? 1 : 0));
  total("replica_builds", "Replicas put in service", () => keeper().builds);
  total("replica_builds_failed", "Replicas given up", () => keeper().failedBuilds);
  total("syncer_resumes", "Syncers restarted on their replica", () => keeper().resumes);
  total("replica_condemned", "Replicas found bad", () => keeper().condemned);
  return () => {
    for (const one of carry) one();
    return metrics.response();
  };
}
