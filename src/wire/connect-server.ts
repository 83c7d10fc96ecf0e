/**
 * Serves Connect services from a `fetch` handler, on any runtime.
 *
 * @module
 */
import { createConnectRouter, type ConnectRouter, type HandlerContext } from "@connectrpc/connect";
import type { UniversalHandler, UniversalServerResponse } from "@connectrpc/connect/protocol";
import { universalServerRequestFromFetch } from "@connectrpc/connect/protocol";
import { BODY_BYTES_MAX, CALL_MS_MAX } from "./limits.ts";
import { answerUnary, isPlainBinary, type UnaryRoute } from "./unary-route.ts";

/** Options of {@link connectFetch}. */
export interface ConnectServerOptions {
  /** Registers services: `(router) => router.service(LedgerService, {…})`. */
  readonly routes: (router: ConnectRouter) => void;
  /**
   * Runs before any of the body is read. Throw a ConnectError to turn the call away, or leave what
   * was learnt in `context.values`.
   */
  readonly gate?: (context: HandlerContext) => void | Promise<void>;
  /** Methods whose plain binary calls take a shorter way. `gate` above is not theirs. */
  readonly unary?: readonly UnaryRoute[];
  /** Aborted at shutdown: every running call's `context.signal` follows. */
  readonly shutdown?: AbortSignal;
  /** Largest request message. Default {@link BODY_BYTES_MAX}. */
  readonly readBytesMax?: number;
}

/** Answers Connect calls, and undefined for every other path. */
export type ConnectFetch = (request: Request) => Promise<Response> | undefined;

/**
 * A `fetch` handler for Connect services.
 *
 * The caller's `Connect-Timeout-Ms` aborts `context.signal` and is told by `context.timeoutMs()`;
 * a caller that goes away aborts it too, and ends the generator of a server stream.
 */
export function connectFetch(options: ConnectServerOptions): ConnectFetch {
  const bytesMax = options.readBytesMax ?? BODY_BYTES_MAX;
  const limits = { bytesMax, timeoutMsMax: CALL_MS_MAX };
  const router = createConnectRouter({
    grpc: false,
    grpcWeb: false,
    readMaxBytes: bytesMax,
    maxTimeoutMs: CALL_MS_MAX,
    ...(options.gate === undefined ? {} : { requestGate: options.gate }),
    ...(options.shutdown === undefined ? {} : { shutdownSignal: options.shutdown }),
  });
  options.routes(router);
  const handlers = new Map(router.handlers.map((one) => [one.requestPath, one]));
  const short = new Map((options.unary ?? []).map((one) => [one.path, one]));
  return (request) => {
    const { pathname } = new URL(request.url);
    const route = short.get(pathname);
    if (route !== undefined && isPlainBinary(request)) return answerUnary(route, request, limits);
    const handler = handlers.get(pathname);
    return handler === undefined ? undefined : answer(handler, request);
  };
}

async function answer(handler: UniversalHandler, request: Request): Promise<Response> {
  const gone = new AbortController();
  const signal = AbortSignal.any([request.signal, gone.signal]);
  const call = { ...universalServerRequestFromFetch(request, {}), signal };
  return toResponse(await handler(call), gone);
}

function toResponse(answered: UniversalServerResponse, gone: AbortController): Response {
  const { body, status, header } = answered;
  const init = { status, ...(header === undefined ? {} : { headers: header }) };
  if (body === undefined) return new Response(null, init);
  const chunks = body[Symbol.asyncIterator]();
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await chunks.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel(reason) {
        // The signal first: it wakes a generator that waits for something to send.
        gone.abort(reason);
        await chunks.return?.();
      },
    },
    // One message at a time: what a slow reader hasn't taken stays with the generator.
    { highWaterMark: 0 },
  );
  return new Response(stream, init);
}
