import { createMetrics } from "../ops/index.ts";

/** What the gauges ask at every scrape. */
export interface MetricSources {
  /** Newest record of the book, and newest written. */
  headSeq(): number;
  seq(): number;
  ageMs(): number;
  ready(): boolean;
}

/** The metrics of search. */
export type SearchMetrics = ReturnType<typeof searchMetrics>;

/** Registers them. */
export function searchMetrics(sources: MetricSources) {
  const metrics = createMetrics("search");
  const name = (rest: string): string => `countroom_search_${rest}`;
  const gauge = (rest: string, help: string, read: () => number) =>
    metrics.gauge({ name: name(rest), help }, read);
  gauge("head_seq", "Newest record written.", sources.seq);
  gauge("lag_records", "Records of the book that are not written yet.", () =>
    Math.max(0, sources.headSeq() - sources.seq()),
  );
  gauge("lag_ms", "Age of what questions are answered from, milliseconds.", sources.ageMs);
  gauge("ready", "1 while questions are answered.", () => (sources.ready() ? 1 : 0));
  return {
    records: metrics.counter({ name: name("records_total"), help: "Records written." }),
    scrubbed: metrics.counter({
      name: name("checked_rows_total"),
      help: "Rows of search.db that the background check has read again.",
    }),
    failures: metrics.counter({
      name: name("failures_total"),
      help: "Failures by code; every code but TAIL_LOST is an alarm.",
      labels: ["code"],
    }),
    answers: metrics.histogram({
      name: name("answer_seconds"),
      help: "Time to answer, waits for a bookmark included.",
      labels: ["route"],
    }),
    response: () => metrics.response(),
  };
}
