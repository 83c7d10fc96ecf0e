/**
 * One request worker of an edge, put together: reads from the replica in service, events through
 * the uplink, the HTTP app, and the port for the bot.
 *
 * @module
 */
import type { KeyObject } from "node:crypto";
import type { Hono } from "hono";
import { CredentialVerifier, type IdentityKeyMaterial } from "../access/index.ts";
import { type Currencies, DEFAULT_CURRENCIES } from "../money/index.ts";
import type { Logger } from "../ops/index.ts";
import { trustingFetch, type Clock, type Fetch } from "../runtime/index.ts";
import { createLedgerClient, type CheckpointKeys } from "../wire/index.ts";
import { edgeApp } from "./app.ts";
import { balanceRoute, plainBalance } from "./balance-route.ts";
import type { EdgePort } from "./bot-port.ts";
import { CheckpointKeeper } from "./checkpoint-keeper.ts";
import { edgeMetrics } from "./edge-metrics.ts";
import { createEdgePort } from "./edge-port.ts";
import { EventIntake } from "./event-intake.ts";
import { eventsRoute } from "./events-route.ts";
import { Gate } from "./gate.ts";
import {
  PRIMARY_READS_MAX,
  PROOF_CALLS_MAX,
  SEARCH_CALLS_MAX,
  UPLINK_CALLS_MAX,
} from "./limits.ts";
import { Peers } from "./peers.ts";
import { PlayerReads } from "./player-reads.ts";
import { PrimaryProofs } from "./primary-proofs.ts";
import { PrimaryReads } from "./primary-reads.ts";
import { forwardedRoute } from "./proof-routes.ts";
import type { ReplicaPlace } from "./replica-folder.ts";
import type { KeeperStatus } from "./keeper-status.ts";
import type { ReplicaUser } from "./replica-keeper.ts";
import { ReplicaView } from "./replica-view.ts";
import { resolveRoute } from "./resolve-route.ts";
import { SearchCalls } from "./search-calls.ts";
import { searchRoute } from "./search-routes.ts";
import { Uplink } from "./uplink.ts";

/** Options of {@link createEdge}. */
export interface EdgeOptions {
  readonly region: string;
  readonly edgeId: string;
  readonly deployment: string;
  readonly primaryUrl: string;
  readonly publisherUrl: string;
  /** Undefined: there is no search. */
  readonly searchUrl?: string | undefined;
  /** The edge's own token. */
  readonly token: string;
  /** Verifies credentials. */
  readonly accessKey: KeyObject;
  /** Verifies checkpoints. */
  readonly signingKey: CheckpointKeys;
  readonly identityKey: () => IdentityKeyMaterial;
  readonly checkpointFile: string;
  /** Workers that share this edge's limits towards the primary. */
  readonly workers: number;
  /** PEM authorities to trust for the peers. */
  readonly ca?: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** Those of an unconfigured deployment when left out. */
  readonly currencies?: Currencies | undefined;
  /** How the process that keeps the replica is doing. */
  readonly keeper: () => KeeperStatus;
}

/** A request worker. */
export interface Edge extends ReplicaUser, AsyncDisposable {
  /** Routes, beside which others may mount theirs. */
  readonly app: Hono;
  /** Answers a request. */
  readonly fetch: (request: Request) => Response | Promise<Response>;
  readonly port: EdgePort;
}

/** Builds a worker; it serves once its app is listened to. */
export function createEdge(options: EdgeOptions): Edge {
  const { clock, log, token, workers, currencies = DEFAULT_CURRENCIES } = options;
  const fetch = trustingFetch(options.ca);
  const replica = new ReplicaSlot(options);
  const view = (): ReplicaView | undefined => replica.view;
  const { checkpoints, primary, uplink, proofs } = towardsPrimary(options, fetch);
  const search = new SearchCalls({
    url: options.searchUrl,
    token,
    fetch,
    inFlightMax: share(SEARCH_CALLS_MAX, workers),
    primary,
  });
  const gate = new Gate(new CredentialVerifier(options.accessKey, { clock }));
  const intake = new EventIntake(options);
  const players = new PlayerReads(view, primary);
  const { peers } = replica;
  const reads = { gate, view, primary, clock, currencies };
  const plain = plainBalance(reads);
  const app = edgeApp({
    balance: balanceRoute(reads),
    events: eventsRoute({ gate, intake, uplink, proofs, currencies }),
    resolve: resolveRoute({ gate, players, identityKey: options.identityKey }),
    forwarded: forwardedRoute({ gate, proofs }),
    search: {
      read: searchRoute({ gate, search }, "read"),
      investigate: searchRoute({ gate, search }, "admin"),
    },
    checkpoint: () => checkpoints.note,
    ready: () => readiness(replica.view, peers.primaryAnswers),
    scrape: edgeMetrics(options.region, {
      view,
      primary,
      uplink,
      search,
      keeper: options.keeper,
    }),
    region: options.region,
    log,
  });
  return {
    app,
    fetch: (request) => plain(request) ?? app.fetch(request),
    port: createEdgePort({ region: options.region, gate, intake, uplink, players, search }),
    use: (place) => replica.use(place),
    async [Symbol.asyncDispose]() {
      await uplink[Symbol.asyncDispose]();
      checkpoints.flush();
      await replica[Symbol.asyncDispose]();
    },
  };
}

/** What speaks with the primary; it shares the newest checkpoint seen. */
function towardsPrimary(options: EdgeOptions, fetch: Fetch) {
  const { clock, log, token, primaryUrl, workers } = options;
  const checkpoints = new CheckpointKeeper({
    file: options.checkpointFile,
    publicKey: options.signingKey,
    deployment: options.deployment,
    clock,
    log,
  });
  const client = createLedgerClient({ baseUrl: primaryUrl, token, fetch });
  const primary = new PrimaryReads({
    client,
    checkpoint: () => checkpoints.note,
    clock,
    inFlightMax: share(PRIMARY_READS_MAX, workers),
  });
  const uplink = new Uplink({
    target: { baseUrl: primaryUrl, token, fetch },
    checkpoints,
    clock,
    log,
    callsMax: share(UPLINK_CALLS_MAX, workers),
  });
  const proofs = new PrimaryProofs({
    baseUrl: primaryUrl,
    token,
    fetch,
    checkpoints,
    inFlightMax: share(PROOF_CALLS_MAX, workers),
  });
  return { checkpoints, primary, uplink, proofs };
}

/** A worker's part of a limit that holds for the edge. */
function share(limit: number, workers: number): number {
  return Math.max(1, Math.floor(limit / workers));
}

function readiness(view: ReplicaView | undefined, primaryAnswers: boolean) {
  const replica =
    view === undefined
      ? null
      : { epoch: view.head.epoch, seq: view.head.seq, age_ms: Math.ceil(view.ageMs()) };
  return { ready: view !== undefined || primaryAnswers, replica, primary: primaryAnswers };
}

/** The replica in service, and what its age is judged by. */
class ReplicaSlot implements ReplicaUser, AsyncDisposable {
  readonly #options: EdgeOptions;
  readonly peers: Peers;
  view: ReplicaView | undefined;

  constructor(options: EdgeOptions) {
    this.#options = options;
    const { primaryUrl, publisherUrl, clock, ca } = options;
    this.peers = new Peers({
      primaryUrl,
      publisherUrl,
      clock,
      fetch: trustingFetch(ca),
      onProbed: () => this.view?.refreshAge(),
    });
    this.peers.start();
  }

  async use(place: ReplicaPlace | undefined): Promise<void> {
    const { clock, log, currencies } = this.#options;
    const { peers } = this;
    const next =
      place === undefined
        ? undefined
        : await ReplicaView.open(place.path, {
            clock,
            log,
            currencies,
            primaryClock: peers.primaryClock,
            publisherTripMs: () => peers.publisherTripMs,
          });
    const former = this.view;
    this.view = next;
    former?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.peers[Symbol.asyncDispose]();
    await this.use(undefined);
  }
}
