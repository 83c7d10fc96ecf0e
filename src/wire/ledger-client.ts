/**
 * The client of the primary's LedgerService: Connect over `fetch`, binary, HTTP/1.1.
 *
 * @module
 */
import { createClient, type CallOptions, type Client, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { LedgerService } from "./gen/countroom/v1/ledger_service_pb.ts";

/** Append, Tail, State and GetBalance of a primary. */
export type LedgerClient = Client<typeof LedgerService>;

/** Options of {@link createLedgerClient}. */
export interface LedgerClientOptions {
  /** The primary's address, without a path. */
  readonly baseUrl: string;
  /** The caller's own signed token. */
  readonly token: string;
  /** PEM authorities to trust beside the system's; on Bun. Elsewhere pass `fetch`. */
  readonly ca?: string;
  readonly fetch?: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
}

/**
 * A client that shows its token with every call. Deadlines and aborts are given per call; after a
 * crash of the primary a call fails with `canceled`, `unavailable` or `unknown`, which all mean
 * that the outcome is unknown. Leaving a stream's loop ends the stream at the primary too.
 */
export function createLedgerClient(options: LedgerClientOptions): LedgerClient {
  const authorization = `Bearer ${options.token}`;
  const showToken: Interceptor = (next) => (request) => {
    request.header.set("authorization", authorization);
    return next(request);
  };
  const transport = createConnectTransport({
    baseUrl: options.baseUrl,
    useBinaryFormat: true,
    interceptors: [showToken],
    fetch: fetchOf(options) as typeof globalThis.fetch,
  });
  const client = createClient(LedgerService, transport);
  return {
    ...client,
    tail: (request, callOptions) => untilLeft(client.tail, request, callOptions),
    state: (request, callOptions) => untilLeft(client.state, request, callOptions),
  };
}

/**
 * Ends the call when its reader leaves the loop. Connect's own streams go on until they are
 * collected as garbage, and the primary would go on sending.
 */
async function* untilLeft<Request, Message>(
  call: (request: Request, options: CallOptions) => AsyncIterable<Message>,
  request: Request,
  options: CallOptions = {},
): AsyncGenerator<Message, void, undefined> {
  const left = new AbortController();
  const { signal } = options;
  const either = signal === undefined ? left.signal : AbortSignal.any([signal, left.signal]);
  try {
    yield* call(request, { ...options, signal: either });
  } finally {
    left.abort();
  }
}

function fetchOf(options: LedgerClientOptions): NonNullable<LedgerClientOptions["fetch"]> {
  const base = options.fetch ?? ((input, init) => fetch(input, init));
  const { ca } = options;
  // A redirect would carry the token elsewhere; a stream that heartbeats needs no idle timeout.
  const fixed = { redirect: "error", timeout: false, ...(ca === undefined ? {} : { tls: { ca } }) };
  return (input, init) => base(input, { ...init, ...fixed } as RequestInit);
}
