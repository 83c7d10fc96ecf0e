/** Goal: metrics are scraped as Prometheus wants them. Method: a scrape, read as text. */
import { expect, test } from "bun:test";
import { createMetrics } from "../../src/ops/index.ts";

test("a scrape shows counters, gauges and histograms with the role", async () => {
  const metrics = createMetrics("edge");
  const events = metrics.counter({
    name: "countroom_events_total",
    help: "Events by code.",
    labels: ["code"],
  });
  events.inc({ code: "OK" }, 3);
  let depth = 1;
  metrics.gauge({ name: "countroom_queue_depth", help: "Waiting events." }, () => depth);
  const seconds = metrics.histogram({ name: "countroom_append_seconds", help: "Append." });
  seconds.observe(0.0002);
  depth = 7;
  const response = await metrics.response();
  expect(response.headers.get("content-type")).toStartWith("text/plain; version=0.0.4");
  const text = await response.text();
  expect(text).toContain('countroom_events_total{code="OK",role="edge"} 3');
  expect(text).toContain('countroom_queue_depth{role="edge"} 7');
  expect(text).toContain('countroom_append_seconds_bucket{le="0.00025",role="edge"} 1');
  expect(text).toContain("# TYPE countroom_append_seconds histogram");
});

test("two registries of one process don't meet", async () => {
  const one = createMetrics("one");
  const two = createMetrics("two");
  one.counter({ name: "countroom_same_total", help: "Same." }).inc();
  two.counter({ name: "countroom_same_total", help: "Same." });
  expect(await two.text()).toContain('countroom_same_total{role="two"} 0');
});
