/**
 * What a primary tells about itself.
 *
 * @module
 */
import { createMetrics, type Metrics } from "../ops/index.ts";
import type { Group } from "../store/ledger-db.ts";
import { codeName } from "../wire/index.ts";
import type { Receipt } from "../wire/gen/countroom/v1/record_pb.ts";

/** Values read at every scrape. */
export interface PrimaryGauges {
  readonly queueEvents: () => number;
  readonly headSeq: () => number;
  readonly checkpointSeq: () => number;
  readonly tails: () => number;
  readonly invalidCheckpoints: () => number;
  readonly clockTrusted: () => boolean;
}

/** The counters that the writer moves. */
export interface PrimaryMetrics {
  readonly registry: Metrics;
  committed(group: Group, seconds: number): void;
  answered(receipts: readonly Receipt[]): void;
  faulted(): void;
}

const GROUP_SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000];

/** The primary's metrics. */
export function primaryMetrics(gauges: PrimaryGauges): PrimaryMetrics {
  const registry = createMetrics("primary");
  const name = (what: string): string => `countroom_primary_${what}`;
  const gauge = (what: string, help: string, read: () => number): void => {
    registry.gauge({ name: name(what), help }, read);
  };
  gauge("queue_events", "Events waiting for their commit", gauges.queueEvents);
  gauge("head_seq", "Seq of the newest durable record", gauges.headSeq);
  gauge("checkpoint_seq", "Seq of the newest signed checkpoint", gauges.checkpointSeq);
  gauge("tails", "Tail streams open", gauges.tails);
  gauge("clock_trusted", "1 while the wall clock is trusted with bets", () =>
    gauges.clockTrusted() ? 1 : 0,
  );
  gauge(
    "invalid_checkpoints_total",
    "Checkpoints shown that do not verify",
    gauges.invalidCheckpoints,
  );
  const commits = registry.counter({ name: name("commits_total"), help: "Groups made durable" });
  const records = registry.counter({ name: name("records_total"), help: "Records made durable" });
  const faults = registry.counter({
    name: name("event_faults_total"),
    help: "Events that broke a rule of the writer's own",
  });
  const receipts = registry.counter({
    name: name("receipts_total"),
    help: "Receipts by code",
    labels: ["code", "replayed"],
  });
  const sizes = registry.histogram({
    name: name("group_records"),
    help: "Records per group",
    buckets: GROUP_SIZES,
  });
  const times = registry.histogram({
    name: name("commit_seconds"),
    help: "From handing a group to the log until it was durable and applied",
  });
  return {
    registry,
    committed: (group, seconds) => {
      commits.inc();
      records.inc(group.records.length);
      sizes.observe(group.records.length);
      times.observe(seconds);
    },
    answered: (answers) => {
      for (const [key, count] of countCodes(answers)) {
        const code = codeName(Math.floor(key / 2));
        receipts.inc({ code, replayed: key % 2 === 1 ? "true" : "false" }, count);
      }
    },
    faulted: () => faults.inc(),
  };
}

/** A labelled counter costs more than an event; a batch has few different codes. */
function countCodes(answers: readonly Receipt[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { code, replayed } of answers) {
    const key = code * 2 + (replayed ? 1 : 0);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
