import type { KeyObject } from "node:crypto";
import { join } from "node:path";
import { CredentialVerifier } from "../access/index.ts";
import type { Logger } from "../ops/index.ts";
import { serve, systemClock, type Clock, type Server, type TlsFiles } from "../runtime/index.ts";
import { CheckpointFile, type CheckpointKeys, type LedgerClient } from "../wire/index.ts";
import { publisherApp, type PublisherAppOptions } from "./app.ts";
import { Edges } from "./edges.ts";
import { Engine } from "./engine.ts";
import type { PublisherError } from "./errors.ts";
import type { Feed } from "./feed.ts";
import {
  HOLD_MS,
  RETAIN_BYTES,
  RETAIN_GENERATIONS_MIN,
  ROTATE_BYTES,
  ANSWER_FRAMES_MAX,
} from "./limits.ts";
import { publisherMetrics, type MetricSources } from "./metrics.ts";
import type { PageLogOptions } from "./page-log.ts";
import { PullSessions } from "./pull-sessions.ts";

/** What a publisher is started with. */
export interface PublisherOptions {
  /** Holds `wallet.db` and the newest checkpoint; belongs to the publisher alone. */
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
  /** Default: the listener's own address. */
  readonly publicUrl?: string;
  readonly tickMs: number;
  readonly log: Logger;
  readonly clock?: Clock;
  readonly pageLog?: Partial<PageLogOptions>;
  readonly holdMs?: number;
  readonly withheldRetryMs?: number;
}

/** A serving publisher. */
export interface Publisher extends AsyncDisposable {
  readonly url: string;
  /** Settles when following has ended: resolves at a stop, rejects on an integrity failure. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Idle timeout of a connection: above the hold of a poll. */
const IDLE_SECONDS = HOLD_MS / 1000 + 40;

const PAGE_LOG: PageLogOptions = Object.freeze({
  rotateBytes: ROTATE_BYTES,
  retainBytes: RETAIN_BYTES,
  retainGenerations: RETAIN_GENERATIONS_MIN,
  answerFrames: ANSWER_FRAMES_MAX,
});

/**
 * Starts a publisher. Resolves when it serves a feed, which needs the primary: before that,
 * nothing listens, because a replica that finds half a publisher would brick itself.
 */
export async function startPublisher(options: PublisherOptions): Promise<Publisher> {
  const { log, clock = systemClock } = options;
  const edges = new Edges(clock);
  const began = Promise.withResolvers<void>();
  const engine: Engine = new Engine({
    ...engineParts(options, clock),
    onFeed: (feed: Feed) => {
      metrics.feedBegan(feed.segment);
      began.resolve();
    },
    onTick: (report) => metrics.ticked(report),
    onFailure: ({ code }: PublisherError) => metrics.failures.inc({ code }),
  });
  const metrics = publisherMetrics(metricSources(engine, edges, clock));
  const ended = engine.run();
  await Promise.race([began.promise, ended]);
  const verifier = new CredentialVerifier(options.accessPublic, { clock });
  const pulls = new PullSessions(clock);
  const parts = { engine, verifier, edges, pulls, metrics, clock, log, holdMs: options.holdMs };
  try {
    return running(engine, listen(options, parts), ended);
  } catch (error) {
    engine.stop();
    engine.close();
    throw error;
  }
}

function engineParts(options: PublisherOptions, clock: Clock) {
  const { folder, signingPublic, deployment, client, log, tickMs, withheldRetryMs } = options;
  const checkpoints = new CheckpointFile(join(folder, "checkpoint"), signingPublic, deployment);
  const pageLog = { ...PAGE_LOG, ...options.pageLog };
  const path = join(folder, "wallet.db");
  return { path, checkpoints, client, clock, log, tickMs, pageLog, withheldRetryMs };
}

function metricSources(engine: Engine, edges: Edges, clock: Clock): MetricSources {
  return {
    edges,
    lagUs: () => clock.nowUs() - (engine.feed?.head.time ?? 0),
    headSeq: () => engine.feed?.head.seq ?? 0,
    generation: () => engine.feed?.log.generation ?? 0,
    keptBytes: () => engine.feed?.log.keptBytes ?? 0,
    ready: () => engine.feed !== undefined && engine.alarm === undefined,
  };
}

function listen(options: PublisherOptions, parts: Omit<PublisherAppOptions, "publicUrl">): Server {
  const app = publisherApp({ ...parts, publicUrl: () => options.publicUrl ?? server.url });
  const server: Server = serve({
    port: options.port,
    hostname: options.host,
    tls: options.tls,
    idleTimeout: IDLE_SECONDS,
    fetch: (request, connection) => app.fetch(request, connection),
  });
  return server;
}

function running(engine: Engine, server: Server, ended: Promise<void>): Publisher {
  const end = async (): Promise<void> => {
    engine.stop();
    // Wakes the held polls, so that the listener can drain.
    engine.close();
    await server.stop();
    await ended.catch(() => undefined);
  };
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= end());
  return { url: server.url, ended, stop, [Symbol.asyncDispose]: stop };
}
