/**
 * Prometheus metrics of one process. Names follow `countroom_<room>_<what>_<unit>`.
 *
 * @module
 */
import { Counter, Gauge, Histogram, Registry } from "@prometheus-io/client";

/** What a metric is called, and which labels it has. */
export interface MetricOptions<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly Label[];
}

/** Adds a bucket layout. */
export interface HistogramOptions<Label extends string> extends MetricOptions<Label> {
  /** Upper bounds, rising. Default: {@link LATENCY_SECONDS}. */
  readonly buckets?: readonly number[];
}

/** From a tenth of a millisecond to ten seconds. */
export const LATENCY_SECONDS: readonly number[] = Object.freeze([
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
]);

/** The metrics of one process. */
export interface Metrics {
  counter<Label extends string = never>(options: MetricOptions<Label>): Counter<Label>;
  /** `read`, when given, is asked at every scrape. */
  gauge<Label extends string = never>(
    options: MetricOptions<Label>,
    read?: () => number,
  ): Gauge<Label>;
  histogram<Label extends string = never>(options: HistogramOptions<Label>): Histogram<Label>;
  /** Answers a scrape. */
  response(): Promise<Response>;
  text(): Promise<string>;
}

/** A registry of its own per process role; every sample carries the role. */
export function createMetrics(role: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ role });
  const base = <Label extends string>(options: MetricOptions<Label>) => ({
    name: options.name,
    help: options.help,
    labelNames: [...(options.labels ?? [])],
    registers: [registry],
  });
  return {
    counter: (options) => new Counter(base(options)),
    gauge: (options, read) =>
      new Gauge({
        ...base(options),
        ...(read === undefined
          ? {}
          : {
              collect(this: Gauge) {
                this.set(read());
              },
            }),
      }),
    histogram: (options) =>
      new Histogram({ ...base(options), buckets: [...(options.buckets ?? LATENCY_SECONDS)] }),
    text: () => registry.metrics(),
    response: async () =>
      new Response(await registry.metrics(), {
        headers: { "content-type": registry.contentType, "cache-control": "no-store" },
      }),
  };
}
