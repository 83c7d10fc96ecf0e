import type { KeyObject } from "node:crypto";
import { join } from "node:path";
import { CredentialVerifier } from "../access/index.ts";
import type { Currencies } from "../money/index.ts";
import type { Logger } from "../ops/index.ts";
import { serve, systemClock, type Clock, type TlsFiles } from "../runtime/index.ts";
import { openLock } from "../store/lock.ts";
import { CheckpointFile, type CheckpointKeys, type LedgerClient } from "../wire/index.ts";
import { searchApp } from "./app.ts";
import { Engine } from "./engine.ts";
import { searchMetrics, type MetricSources } from "./metrics.ts";

/** What search is started with. */
export interface SearchOptions {
  /** Holds `search.db` and the newest checkpoint; belongs to this process alone. */
  readonly folder: string;
  readonly deployment: string;
  readonly client: LedgerClient;
  /** Verifies checkpoints. */
  readonly signingPublic: CheckpointKeys;
  /** Verifies credentials. */
  readonly accessPublic: KeyObject;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly tls?: TlsFiles | undefined;
  readonly log: Logger;
  readonly clock?: Clock;
  readonly withheldRetryMs?: number;
  /** Between two readings of the whole file in the background. */
  readonly scrubEveryMs?: number;
  /** Those of an unconfigured deployment when left out. */
  readonly currencies?: Currencies | undefined;
}

/** Search, answering questions. */
export interface Search extends AsyncDisposable {
  readonly url: string;
  /** Settles when following has ended: resolves at a stop, rejects on an integrity failure. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Name of the file in its folder. */
export const SEARCH_FILE = "search.db";

/**
 * Starts search. It listens at once, and answers 503 until what it has is proven.
 *
 * @throws OperatorError DATA_LOCKED when another process works in the folder
 */
export function startSearch(options: SearchOptions): Search {
  const { folder, log, client, clock = systemClock, deployment, signingPublic } = options;
  const lock = openLock(join(folder, "lock.db"), "search process");
  const engine: Engine = new Engine({
    path: join(folder, SEARCH_FILE),
    client,
    checkpoints: new CheckpointFile(join(folder, "checkpoint"), signingPublic, deployment),
    clock,
    log,
    withheldRetryMs: options.withheldRetryMs,
    scrubEveryMs: options.scrubEveryMs,
    currencies: options.currencies,
    onWritten: (records) => metrics.records.inc(records),
    onScrubbed: (rows) => metrics.scrubbed.inc(rows),
    onFailure: ({ code }) => metrics.failures.inc({ code }),
  });
  const metrics = searchMetrics(sourcesOf(engine));
  const verifier = new CredentialVerifier(options.accessPublic, { clock });
  const app = searchApp({ engine, verifier, metrics, clock, log });
  const server = serve({
    port: options.port,
    hostname: options.host,
    tls: options.tls,
    fetch: (request) => app.fetch(request),
  });
  const ended = engine.run();
  const end = async (): Promise<void> => {
    engine.stop();
    await server.stop();
    await ended.catch(() => undefined);
    engine.close();
    lock.release();
  };
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= end());
  return { url: server.url, ended, stop, [Symbol.asyncDispose]: stop };
}

function sourcesOf(engine: Engine): MetricSources {
  return {
    headSeq: () => engine.headSeq,
    seq: () => engine.view.seq,
    ageMs: () => engine.view.ageMs(),
    ready: () => engine.view.snapshot() !== undefined,
  };
}
