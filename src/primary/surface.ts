/**
 * Everything a primary answers, put together.
 *
 * @module
 */
import { CredentialVerifier, loadKeys } from "../access/index.ts";
import type { RoleConfig } from "../config/index.ts";
import type { Metrics } from "../ops/index.ts";
import type { Clock, FetchHandler } from "../runtime/index.ts";
import type { AppendQueue } from "./append-queue.ts";
import type { Book } from "./book.ts";
import type { Checkpointer } from "./checkpointer.ts";
import type { Fence } from "./fence.ts";
import { HttpGate } from "./http-gate.ts";
import { primaryFetch } from "./http.ts";
import { keysAnswer } from "./keys-answer.ts";
import { ProofRoutes, type Prove } from "./proof-routes.ts";
import { serveLedger } from "./service.ts";
import { StateStreams } from "./state-stream.ts";
import type { Tails } from "./tail.ts";
import { TlogRoutes } from "./tlog-routes.ts";

/** The parts of a running primary. */
export interface SurfaceOptions {
  readonly config: RoleConfig;
  readonly clock: Clock;
  readonly book: Book;
  readonly queue: AppendQueue;
  readonly tails: Tails;
  readonly fence: Fence;
  readonly checkpointer: Checkpointer;
  readonly metrics: Metrics;
  readonly shutdown: AbortSignal;
  readonly headSeq: () => number;
  /** Why the primary takes no events just now; undefined when it does. */
  readonly notReady: () => string | undefined;
}

/** The handler of every request to a primary. */
export function primarySurface(options: SurfaceOptions): FetchHandler {
  const { clock, queue, tails, fence, checkpointer, metrics, headSeq, notReady } = options;
  const { log, state, paths, epoch: row } = options.book;
  const { epoch } = row;
  const monotonicMs = (): number => clock.monotonicMs();
  const checkpoint = (): string => checkpointer.latest.note;
  const checkpointed = async (): Promise<void> => {
    if (checkpointer.latest.size === 0) await checkpointer.flush();
  };
  const keys = loadKeys(options.config.keysDir);
  const verifier = new CredentialVerifier(keys.accessPublic, { clock });
  const states = new StateStreams({ path: paths.state, monotonicMs, checkpointed });
  const balances = { state, log, epoch };
  const service = serveLedger(
    { queue, tails, states, balances, fence, verifier, monotonicMs, checkpoint },
    options.shutdown,
  );
  const gate = new HttpGate(verifier);
  const prove: Prove = (question, waitMs) => checkpointer.prove(question, waitMs);
  return primaryFetch({
    service,
    fence,
    proofs: new ProofRoutes({ prove, gate, headSeq, monotonicMs }),
    tlog: new TlogRoutes({ prove, gate, checkpoint, monotonicMs }),
    metrics,
    clock,
    epoch,
    headSeq,
    checkpoint,
    keys: keysAnswer(keys, options.config.deployment),
    notReady,
  });
}
