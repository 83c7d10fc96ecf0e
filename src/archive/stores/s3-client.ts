/**
 * Signed S3 requests with our own retry rules: aws4fetch signs, the rest is exact headers.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import { jitter, systemClock, type Clock, type Fetch } from "../../runtime/index.ts";
import { ArchiveError } from "../errors.ts";
import {
  ATTEMPTS_MAX,
  CLOCK_SKEW_MS_MAX,
  RANGE_BYTES,
  REQUEST_TIMEOUT_MS,
  XML_BYTES_MAX,
} from "../limits.ts";
import { classify, faultError, faultOf, pauseMs, type S3Fault } from "./s3-faults.ts";

const EMPTY_SHA256 = createHash("sha256").digest("hex");
const REPLY_BYTES_MAX = Math.max(XML_BYTES_MAX, RANGE_BYTES);

/** Keys of an account; a session token comes with temporary ones. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Options of {@link S3Client}. */
export interface S3ClientOptions {
  /** Base of the bucket: with its name in the host or as first part of the path. */
  readonly bucketUrl: URL;
  readonly region: string;
  readonly credentials: S3Credentials;
  readonly clock?: Clock;
  readonly fetch?: Fetch;
  readonly sleep?: (ms: number) => Promise<void>;
  /** Ends requests and pauses at once. */
  readonly signal?: AbortSignal;
}

/** One request. Keys hold nothing that needs escaping. */
export interface S3Request {
  readonly method: "GET" | "HEAD" | "PUT";
  /** For messages, in words. */
  readonly what: string;
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Blob;
  /** Lower-case hex of the body's SHA-256. */
  readonly sha256?: string;
  /** Refuses to go on when this machine's clock and the server's differ: set where locks are. */
  readonly comparesClocks?: boolean;
  /** Judges a reply that looks like success; a fault it returns is treated like any other. */
  readonly check?: (reply: S3Reply) => S3Fault | undefined;
}

/** A successful reply with its whole body. */
export interface S3Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
  text(): string;
}

/** Sends requests to one bucket. */
export class S3Client {
  readonly #options: S3ClientOptions;
  readonly #clock: Clock;
  readonly #fetch: Fetch;
  readonly #sleep: (ms: number) => Promise<void>;
  readonly #stops: readonly AbortSignal[];

  constructor(options: S3ClientOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.#sleep = options.sleep ?? ((ms) => pause(ms, options.signal));
    this.#stops = options.signal === undefined ? [] : [options.signal];
  }

  /** Sends until it succeeds, is refused for good, or the attempts are spent. */
  async send(request: S3Request): Promise<S3Reply> {
    const object = request.key ?? this.#options.bucketUrl.href;
    for (let attempt = 0; ; attempt += 1) {
      const reply = await this.#attempt(request);
      if (!("code" in reply)) return reply;
      if (classify(reply) !== "retry" || attempt + 1 >= ATTEMPTS_MAX) {
        throw faultError(request.what, object, reply);
      }
      await this.#sleep(pauseMs(attempt, reply, jitter()));
    }
  }

  async #attempt(request: S3Request): Promise<S3Reply | S3Fault> {
    let reply: S3Reply;
    let whole: string;
    try {
      const response = await this.#signedFetch(request);
      const body = await readBody(response, request.method === "HEAD");
      reply = {
        status: response.status,
        headers: response.headers,
        body,
        text: () => new TextDecoder().decode(body),
      };
      whole = reply.status >= 300 || request.method === "PUT" ? reply.text() : "";
    } catch (cause) {
      this.#options.signal?.throwIfAborted();
      return { status: 0, code: "ConnectionLost", message: "no whole reply came", cause };
    }
    if (request.comparesClocks === true) this.#checkClock(reply.headers);
    // Some calls say 200 before they know, and put the failure into the body.
    if (reply.status >= 300 || whole.includes("<Error>")) {
      return faultOf(reply.status < 300 ? 0 : reply.status, reply.headers, whole);
    }
    return request.check?.(reply) ?? reply;
  }

  async #signedFetch(request: S3Request): Promise<Response> {
    const { bucketUrl, region, credentials } = this.#options;
    const url = new URL(bucketUrl);
    const base = url.pathname.replace(/\/$/, "");
    url.pathname = request.key === undefined ? `${base}/` : `${base}/${request.key}`;
    for (const [name, value] of Object.entries(request.query ?? {})) {
      url.searchParams.set(name, value);
    }
    const now = new Date(Math.floor(this.#clock.nowUs() / 1000)).toISOString();
    const signed = await new AwsV4Signer({
      ...credentials,
      method: request.method,
      url: url.href,
      headers: {
        ...request.headers,
        "x-amz-content-sha256": request.sha256 ?? EMPTY_SHA256,
      },
      service: "s3",
      region,
      datetime: now.replace(/[:-]|\.\d{3}/g, ""),
    }).sign();
    // Unsigned, as proxies may change it: objects must come as they are stored.
    signed.headers.set("accept-encoding", "identity");
    return this.#fetch(signed.url.href, {
      method: signed.method,
      headers: signed.headers,
      body: request.body,
      redirect: "manual",
      signal: AbortSignal.any([AbortSignal.timeout(REQUEST_TIMEOUT_MS), ...this.#stops]),
    });
  }

  /** Dates of locks come from our clock: one that is wrong would lock for too long or too short. */
  #checkClock(headers: Headers): void {
    const date = Date.parse(headers.get("date") ?? "");
    const ownMs = this.#clock.nowUs() / 1000;
    if (Number.isNaN(date) || Math.abs(date - ownMs) <= CLOCK_SKEW_MS_MAX) return;
    const seconds = Math.round(Math.abs(date - ownMs) / 1000);
    throw new ArchiveError(
      "ARCHIVE_CLOCK_SKEW",
      `this machine's clock and the store's differ by ${seconds} s`,
      { object: this.#options.bucketUrl.host, hint: "Set the clock, then run it again." },
    );
  }
}

/** Waits; rejects at once when the signal fires. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal!.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** Reads a body whole, refusing what no answer of ours can be, and noticing a cut. */
async function readBody(response: Response, headOnly: boolean): Promise<Uint8Array> {
  if (headOnly || response.body === null) return new Uint8Array(0);
  const told = response.headers.get("content-length");
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
    parts.push(part);
    bytes += part.length;
    if (bytes > REPLY_BYTES_MAX) throw new RangeError("the reply is too long");
  }
  if (told !== null && Number(told) !== bytes) throw new RangeError("the reply is cut");
  if (parts.length === 1) return parts[0]!;
  const body = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    body.set(part, at);
    at += part.length;
  }
  return body;
}
