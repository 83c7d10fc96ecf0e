/**
 * A shorter way for one unary method: bytes in, bytes out, by the Connect protocol.
 *
 * The generated handler spends 0.12 ms of CPU on a call (measured), more than a commit takes; this
 * one 0.01 ms. It takes plain binary calls; everything else about the method (JSON, compression,
 * wrong methods and media types) is left to the generated handler.
 *
 * https://connectrpc.com/docs/protocol#unary-request
 *
 * @module
 */
import { Code, ConnectError } from "@connectrpc/connect";
import { codeToHttpStatus, errorToJsonBytes } from "@connectrpc/connect/protocol-connect";

/** What a {@link UnaryRoute} knows of its call. */
export interface UnaryCall {
  readonly header: Headers;
  /** Milliseconds the caller waits, or undefined when it didn't say. */
  readonly timeoutMs: number | undefined;
  /** Aborted when the caller goes away. Its deadline is the handler's to keep. */
  readonly signal: AbortSignal;
}

/** A method served without the generated handler. */
export interface UnaryRoute {
  /** Path of the method: `/package.Service/Method`. */
  readonly path: string;
  /** Runs before the body is read; throw a ConnectError to turn the call away. */
  readonly gate?: (call: UnaryCall) => void | Promise<void>;
  /** Answers the request's bytes. Throw a ConnectError to fail with its code. */
  readonly answer: (request: Uint8Array, call: UnaryCall) => Promise<Uint8Array>;
}

const BINARY = "application/proto";
const TIMEOUT = /^[0-9]{1,10}$/;

/** Whether a request is one that {@link answerUnary} understands. */
export function isPlainBinary(request: Request): boolean {
  const { headers } = request;
  if (request.method !== "POST" || headers.get("content-type") !== BINARY) return false;
  const encoding = headers.get("content-encoding");
  const timeout = headers.get("connect-timeout-ms");
  return (
    (encoding === null || encoding === "identity") && (timeout === null || TIMEOUT.test(timeout))
  );
}

/** Answers a call that {@link isPlainBinary}. */
export async function answerUnary(
  route: UnaryRoute,
  request: Request,
  limits: { readonly bytesMax: number; readonly timeoutMsMax: number },
): Promise<Response> {
  try {
    const call = callOf(request, limits.timeoutMsMax);
    if (route.gate !== undefined) await route.gate(call);
    const body = await readBody(request, limits.bytesMax);
    const answer = (await route.answer(body, call)) as Uint8Array<ArrayBuffer>;
    return new Response(answer, { headers: { "content-type": BINARY } });
  } catch (error) {
    return failure(error);
  }
}

function callOf(request: Request, timeoutMsMax: number): UnaryCall {
  const said = request.headers.get("connect-timeout-ms");
  const timeoutMs = said === null ? undefined : Number(said);
  if (timeoutMs !== undefined && timeoutMs > timeoutMsMax) {
    const message = `timeout ${timeoutMs}ms must be <= ${timeoutMsMax}`;
    throw new ConnectError(message, Code.InvalidArgument);
  }
  return { header: request.headers, timeoutMs, signal: request.signal };
}

async function readBody(request: Request, bytesMax: number): Promise<Uint8Array> {
  const length = Number(request.headers.get("content-length") ?? Number.NaN);
  if (length <= bytesMax) return new Uint8Array(await request.arrayBuffer());
  if (length > bytesMax) throw tooLarge(bytesMax);
  // A chunked body doesn't tell its length: it is counted while it is read.
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > bytesMax) throw tooLarge(bytesMax);
    chunks.push(chunk);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function tooLarge(bytesMax: number): ConnectError {
  return new ConnectError(`the message has more than ${bytesMax} bytes`, Code.ResourceExhausted);
}

function failure(error: unknown): Response {
  // What isn't a ConnectError is nobody's business outside.
  const told =
    error instanceof ConnectError ? error : new ConnectError("internal error", Code.Internal);
  return new Response(errorToJsonBytes(told, undefined) as Uint8Array<ArrayBuffer>, {
    status: codeToHttpStatus(told.code),
    headers: { "content-type": "application/json" },
  });
}
