/**
 * Probes primary and publisher: do they answer, how far away are they, what does the primary's
 * clock say.
 *
 * @module
 */
import * as v from "valibot";
import type { Clock, Fetch } from "../runtime/index.ts";
import {
  PRIMARY_FRESH_MS,
  PROBE_MS,
  PROBE_TIMEOUT_MS,
  PROBES_KEPT,
  UNKNOWN_TRIP_MS,
} from "./limits.ts";
import { PrimaryClock } from "./primary-clock.ts";
import { sleep } from "./sleep.ts";

const Health = v.object({ time_us: v.optional(v.pipe(v.number(), v.safeInteger())) });

/** Options of {@link Peers}. */
export interface PeersOptions {
  readonly primaryUrl: string;
  readonly publisherUrl: string;
  readonly clock: Clock;
  readonly fetch: Fetch;
  /** Called after each round of probes. */
  readonly onProbed: () => void;
}

/** What is known of the peers. */
export class Peers implements AsyncDisposable {
  readonly primaryClock = new PrimaryClock();
  readonly #options: PeersOptions;
  readonly #stop = new AbortController();
  readonly #publisherTripsMs: number[] = [];
  #primaryHeardMs = -Infinity;
  #running: Promise<void> = Promise.resolve();

  constructor(options: PeersOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** The primary has answered lately. */
  get primaryAnswers(): boolean {
    return this.#options.clock.monotonicMs() - this.#primaryHeardMs < PRIMARY_FRESH_MS;
  }

  /** The longest round trip to the publisher lately. */
  get publisherTripMs(): number {
    const trips = this.#publisherTripsMs;
    return trips.length === 0 ? UNKNOWN_TRIP_MS : Math.max(...trips);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await Promise.all([this.#probePrimary(), this.#probePublisher()]);
      if (!this.#stop.signal.aborted) this.#options.onProbed();
      await sleep(PROBE_MS, this.#stop.signal);
    }
  }

  async #probePrimary(): Promise<void> {
    const probe = await this.#probe(`${this.#options.primaryUrl}/healthz`);
    if (probe === undefined) return;
    this.#primaryHeardMs = probe.heardMs;
    this.primaryClock.tookMs(probe.heardMs - probe.sentMs);
    const health = v.safeParse(Health, probe.body);
    if (!health.success || health.output.time_us === undefined) return;
    this.primaryClock.told(probe.sentMs, probe.heardMs, health.output.time_us);
  }

  async #probePublisher(): Promise<void> {
    const probe = await this.#probe(`${this.#options.publisherUrl}/healthz`);
    if (probe === undefined) return;
    this.#publisherTripsMs.push(probe.heardMs - probe.sentMs);
    if (this.#publisherTripsMs.length > PROBES_KEPT) this.#publisherTripsMs.shift();
  }

  /** Undefined: no answer, or not a good one. */
  async #probe(url: string) {
    const { clock } = this.#options;
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)]);
    const sentMs = clock.monotonicMs();
    try {
      const answer = await this.#options.fetch(url, { signal, redirect: "error" });
      const text = await answer.text();
      const heardMs = clock.monotonicMs();
      if (!answer.ok) return undefined;
      return { sentMs, heardMs, body: parsed(text) };
    } catch {
      return undefined;
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
