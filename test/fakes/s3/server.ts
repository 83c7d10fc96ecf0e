/** The wire: whole requests in, answers and planned accidents out. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { admin } from "./admin.ts";
import { S3Error } from "./errors.ts";
import type { Fault } from "./faults.ts";
import type { S3Request, S3Response } from "./request.ts";
import { World } from "./world.ts";
import { errorDocument } from "./xml.ts";

const BODY_BYTES_MAX = 300 * 1024 * 1024;

export interface S3Server {
  readonly url: string;
  readonly world: World;
  stop(): Promise<void>;
}

/** Serves on the loopback; buckets are named in the path or as first label of the host. */
export async function startS3(options: { port: number; region: string }): Promise<S3Server> {
  const world = new World(options.region);
  const server = createServer((incoming, outgoing) => {
    void serve(world, incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(options.port, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, world, stop: () => close(server) };
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

async function serve(
  world: World,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const request = await receive(incoming);
  if (request.rawPath.startsWith("/_admin/")) {
    const body = new TextDecoder().decode(request.body);
    send(world, request, outgoing, admin(world, request.rawPath.slice(8), body));
    return;
  }
  const entry = world.note(request);
  const fault = world.faults.take(request);
  if (fault?.kind === "reset") return cut(outgoing);
  const response = planned(fault) ?? act(world, request, fault);
  entry.status = response.status;
  if (fault?.kind === "reset-after") return cut(outgoing);
  send(world, request, outgoing, spoil(response, fault), fault?.kind === "cut");
}

async function receive(incoming: IncomingMessage): Promise<S3Request> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of incoming as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > BODY_BYTES_MAX) throw new RangeError("the body is too long");
    parts.push(part);
  }
  const [rawPath = "/", rawQuery = ""] = (incoming.url ?? "/").split(/\?(.*)/s);
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
  );
  const host = (headers["host"] ?? "").replace(/:\d+$/, "");
  // "bucket.s3.test" names the bucket; "127.0.0.1" and "localhost" leave that to the path.
  const virtual = /^\d/.test(host) ? undefined : /^([a-z0-9-]+)\..+$/.exec(host)?.[1];
  const segments = rawPath.slice(1).split("/");
  const bucket = virtual ?? segments.shift() ?? "";
  return {
    method: incoming.method ?? "GET",
    rawPath,
    rawQuery,
    query: new URLSearchParams(rawQuery),
    headers,
    body: Buffer.concat(parts),
    bucket,
    key: decodeURIComponent(segments.join("/")),
  };
}

function planned(fault: Fault | undefined): S3Response | undefined {
  if (fault?.kind !== "status") return undefined;
  const status = fault.status ?? 503;
  const headers: Record<string, string> = {};
  if (fault.retryAfter !== undefined) headers["retry-after"] = fault.retryAfter;
  const body = errorDocument(fault.code ?? "SlowDown", fault.message ?? "planned");
  return { status, headers, body };
}

function act(world: World, request: S3Request, fault: Fault | undefined): S3Response {
  try {
    return world.answer(request, fault);
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    return { status: error.status, body: errorDocument(error.code, error.message) };
  }
}

function spoil(response: S3Response, fault: Fault | undefined): S3Response {
  if (fault?.kind === "error-in-200") {
    return { ...response, body: errorDocument("InternalError", "planned, after the fact") };
  }
  if (fault?.kind !== "wrong-bytes" || !(response.body instanceof Uint8Array)) return response;
  const body = response.body.slice();
  body[body.length >> 1]! ^= 0x10;
  return { ...response, body };
}

function send(
  world: World,
  request: S3Request,
  outgoing: ServerResponse,
  response: S3Response,
  half = false,
): void {
  const body = Buffer.from((response.body ?? "") as string);
  outgoing.sendDate = false;
  outgoing.writeHead(response.status, {
    "content-length": String(body.length),
    "content-type": "application/xml",
    ...response.headers,
    date: new Date(world.nowMs()).toUTCString(),
  });
  if (request.method === "HEAD") {
    outgoing.end();
    return;
  }
  if (!half) {
    outgoing.end(body);
    return;
  }
  outgoing.write(body.subarray(0, body.length >> 1));
  setTimeout(() => cut(outgoing), 20);
}

function cut(outgoing: ServerResponse): void {
  outgoing.socket?.destroy();
}
