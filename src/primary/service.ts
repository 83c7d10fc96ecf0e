/**
 * LedgerService: what edges, publishers and other consumers call.
 *
 * @module
 */
import { create } from "@bufbuild/protobuf";
import { Code as ConnectCode, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import { AccessError, type Credential, type CredentialVerifier } from "../access/index.ts";
import { Code } from "../ledger/index.ts";
import { AppendResponseSchema, LedgerService } from "../wire/gen/countroom/v1/ledger_service_pb.ts";
import type { Receipt } from "../wire/gen/countroom/v1/record_pb.ts";
import {
  BATCH_EVENTS_MAX,
  CALL_MS,
  codeNumber,
  connectFetch,
  decodeAppendRequest,
  encodeAppendResponse,
  type AppendCall,
  type ConnectFetch,
} from "../wire/index.ts";
import type { AppendQueue } from "./append-queue.ts";
import { getBalance, type BalancesOptions } from "./balances.ts";
import type { Fence } from "./fence.ts";
import { LedgerGate } from "./gate.ts";
import type { AppendEvent } from "./group-decider.ts";
import { CREDENTIALS_MAX } from "./limits.ts";
import type { StateStreams } from "./state-stream.ts";
import type { Tails } from "./tail.ts";

/** What the service is made of. */
export interface ServiceOptions {
  readonly queue: AppendQueue;
  readonly tails: Tails;
  readonly states: StateStreams;
  readonly balances: BalancesOptions;
  readonly fence: Fence;
  readonly verifier: CredentialVerifier;
  readonly monotonicMs: () => number;
  /** The newest signed checkpoint, "" before the first. */
  readonly checkpoint: () => string;
}

/** Serves the service until `shutdown` is aborted. */
export function serveLedger(options: ServiceOptions, shutdown: AbortSignal): ConnectFetch {
  const gate = new LedgerGate(options.verifier);
  const { append, tail } = LedgerService.method;
  return connectFetch({
    shutdown,
    routes: (router) => router.service(LedgerService, implementation(options)),
    gate: ({ method, requestHeader }) => {
      if (method === append) return gate.admitWriter(requestHeader);
      if (method === tail) return gate.admitFollower(requestHeader);
      return gate.admitReader(requestHeader);
    },
    unary: [
      {
        path: `/${LedgerService.typeName}/${append.name}`,
        gate: ({ header }) => gate.admitWriter(header),
        answer: async (bytes, call) => {
          const receipts = await settle(readCall(bytes), call.timeoutMs, options);
          return encodeAppendResponse(receipts, options.checkpoint());
        },
      },
    ],
  });
}

function implementation(options: ServiceOptions): ServiceImpl<typeof LedgerService> {
  const { fence, tails, states, balances } = options;
  return {
    async append(request, context) {
      const receipts = await settle(request, context.timeoutMs(), options);
      const response = create(AppendResponseSchema, { checkpoint: options.checkpoint() });
      response.receipts = receipts as Receipt[];
      return response;
    },
    async *tail(request, context) {
      heed(fence, request.checkpoint);
      yield* tails.read(Number(request.fromSeq), context.signal);
    },
    async *state(request, context) {
      heed(fence, request.checkpoint);
      yield* states.read(context.signal);
    },
    getBalance: (request) => {
      heed(fence, request.checkpoint);
      return getBalance(request, balances);
    },
  };
}

function readCall(bytes: Uint8Array): AppendCall {
  try {
    return decodeAppendRequest(bytes);
  } catch {
    const message = "REQUEST_MALFORMED: the bytes are no AppendRequest";
    throw new ConnectError(message, ConnectCode.InvalidArgument);
  }
}

/** The fields of an Append that count, as a message or as read by hand. */
interface Call {
  readonly credentials: readonly string[];
  readonly items: readonly (Omit<AppendEvent, "access"> & { readonly credential: number })[];
  readonly checkpoint: string;
}

async function settle(
  request: Call,
  timeoutMs: number | undefined,
  options: ServiceOptions,
): Promise<readonly Receipt[]> {
  heed(options.fence, request.checkpoint);
  if (request.items.length > BATCH_EVENTS_MAX) {
    const message = `REQUEST_TOO_MANY_EVENTS: at most ${BATCH_EVENTS_MAX} events`;
    throw new ConnectError(message, ConnectCode.InvalidArgument);
  }
  if (request.credentials.length > CREDENTIALS_MAX) {
    const message = `REQUEST_INVALID: at most ${CREDENTIALS_MAX} credentials`;
    throw new ConnectError(message, ConnectCode.InvalidArgument);
  }
  const deadlineMs = options.monotonicMs() + (timeoutMs ?? CALL_MS);
  const access: (Credential | Code)[] = [];
  for (const token of request.credentials) {
    access.push(options.verifier.cached(token) ?? (await accessOf(token, options.verifier)));
  }
  const events = request.items.map(({ event, credential, identity }): AppendEvent => {
    return { event, access: access[credential] ?? Code.ACCESS_UNAUTHENTICATED, identity };
  });
  return options.queue.append(events, deadlineMs);
}

/** The credential of a token, or the code that every event under it is answered with. */
async function accessOf(token: string, verifier: CredentialVerifier): Promise<Credential | Code> {
  try {
    return await verifier.verify(token);
  } catch (error) {
    if (!(error instanceof AccessError)) throw error;
    return codeNumber(error.code) ?? Code.ACCESS_UNAUTHENTICATED;
  }
}

/** Ends the call when the caller has seen what this primary can't have made. */
function heed(fence: Fence, checkpoint: string): void {
  if (fence.judge(checkpoint) !== "fenced") return;
  const message = "EPOCH_FENCED: this primary has been replaced and stops";
  throw new ConnectError(message, ConnectCode.FailedPrecondition);
}
