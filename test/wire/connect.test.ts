/**
 * Goal: the ledger's service works over plain HTTP/1.1 with deadlines, early refusal, limits and
 * streams that end on both sides when one side goes. Method: a small service behind the real
 * server of this runtime, called by the real client.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect as connectSocket } from "node:net";
import { Code as ConnectCode, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { serve, type Server } from "../../src/runtime/index.ts";
import {
  BODY_BYTES_MAX,
  connectFetch,
  createLedgerClient,
  type LedgerClient,
} from "../../src/wire/index.ts";
import { LedgerService } from "../../src/wire/gen/countroom/v1/ledger_service_pb.ts";
import { TEST_CERT, TEST_KEY } from "../runtime/test-certificate.ts";

const BIG = new Uint8Array(BODY_BYTES_MAX + 1);
const FILLER = "x".repeat(65_536);
const shutdown = new AbortController();

/** What the service saw of its last calls. */
const seen = {
  timeoutMs: undefined as number | undefined,
  aborted: 0,
  ended: 0,
  yielded: 0,
  gated: 0,
};

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}

async function* tail(from: bigint, context: HandlerContext) {
  try {
    for (let seq = from; !context.signal.aborted; seq += 1n) {
      seen.yielded += 1;
      yield { headSeq: seq, checkpoint: seq < 1_000n ? "" : FILLER };
      // From 100 on a long silence, as between heartbeats; from 1000 on as fast as it is read.
      if (seq < 1_000n) await sleep(seq < 100n ? 1 : 60_000, context.signal);
    }
  } finally {
    seen.ended += 1;
  }
}

const connect = connectFetch({
  shutdown: shutdown.signal,
  gate: (context) => {
    if (context.requestHeader.get("authorization") === "Bearer good") return;
    seen.gated += 1;
    throw new ConnectError("who are you?", ConnectCode.Unauthenticated);
  },
  routes: (router) =>
    router.service(LedgerService, {
      append: (request) => ({ checkpoint: `${request.items.length} items` }),
      getBalance: async (_, context) => {
        seen.timeoutMs = context.timeoutMs();
        await sleep(5_000, context.signal);
        if (context.signal.aborted) seen.aborted += 1;
        return {};
      },
      tail: (request, context) => tail(request.fromSeq, context),
    }),
});

let server: Server;
let client: LedgerClient;

beforeAll(() => {
  server = serve({
    port: 0,
    fetch: (request, info) => {
      if (request.url.endsWith("/Tail")) info.keepOpen();
      return connect(request) ?? new Response("not a call", { status: 404 });
    },
  });
  client = createLedgerClient({ baseUrl: server.url, token: "good" });
});

afterAll(async () => {
  shutdown.abort();
  await server.stop(1_000);
});

async function codeOf(call: Promise<unknown>): Promise<ConnectCode | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return ConnectError.from(error).code;
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200 && !condition(); turn += 1) await Bun.sleep(10);
  expect(condition()).toBe(true);
}

describe("a call", () => {
  test("is answered, and other paths are left to others", async () => {
    const answer = await client.append({ items: [{}, {}] });
    expect(answer.checkpoint).toBe("2 items");
    expect((await fetch(`${server.url}/healthz`)).status).toBe(404);
  });

  test("is turned away at the gate without a good token", async () => {
    const stranger = createLedgerClient({ baseUrl: server.url, token: "bad" });
    expect(await codeOf(stranger.append({}))).toBe(ConnectCode.Unauthenticated);
    expect(seen.gated).toBe(1);
  });

  test("carries its deadline, which ends the handler too", async () => {
    const before = seen.aborted;
    const start = performance.now();
    const code = await codeOf(client.getBalance({}, { timeoutMs: 200 }));
    expect(code).toBe(ConnectCode.DeadlineExceeded);
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(seen.timeoutMs).toBeGreaterThan(0);
    expect(seen.timeoutMs).toBeLessThanOrEqual(200);
    await until(() => seen.aborted === before + 1);
  });

  test("that its caller gives up aborts the handler", async () => {
    const before = seen.aborted;
    const giveUp = new AbortController();
    const call = codeOf(client.getBalance({}, { signal: giveUp.signal }));
    await Bun.sleep(100);
    giveUp.abort();
    expect(await call).toBe(ConnectCode.Canceled);
    await until(() => seen.aborted === before + 1);
  });

  test("is refused when its message is too large", async () => {
    const call = client.append({ items: [{ event: BIG }] });
    expect(await codeOf(call)).toBe(ConnectCode.ResourceExhausted);
  });

  test("to nobody is unavailable or unknown, never an answer", async () => {
    const nobody = createLedgerClient({ baseUrl: "http://127.0.0.1:1", token: "good" });
    const code = await codeOf(nobody.append({}));
    expect([ConnectCode.Unavailable, ConnectCode.Unknown, ConnectCode.Internal]).toContain(code!);
  });

  test("in JSON by anybody's HTTP client works too", async () => {
    const response = await fetch(`${server.url}/countroom.v1.LedgerService/Append`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer good" },
      body: '{"items":[{"event":"AA=="}]}',
    });
    expect(await response.json()).toEqual({ checkpoint: "1 items" });
  });
});

describe("TLS", () => {
  test("is spoken to a primary whose authority the client was given", async () => {
    const safe = serve({
      port: 0,
      hostname: "localhost",
      tls: { cert: TEST_CERT, key: TEST_KEY },
      fetch: (request) => connect(request) ?? new Response(null, { status: 404 }),
    });
    const options = { baseUrl: safe.url, token: "good" };
    const trusting = createLedgerClient({ ...options, ca: TEST_CERT });
    expect((await trusting.append({ items: [{}] })).checkpoint).toBe("1 items");
    expect(await codeOf(createLedgerClient(options).append({}))).toBeDefined();
    await safe.stop(500);
  });
});

describe("a stream", () => {
  async function take(from: bigint, count: number, signal?: AbortSignal): Promise<bigint[]> {
    const heads: bigint[] = [];
    for await (const message of client.tail({ fromSeq: from }, { ...(signal && { signal }) })) {
      heads.push(message.headSeq);
      if (heads.length === count) break;
    }
    return heads;
  }

  test("arrives message by message, and ends at the server when the reader leaves", async () => {
    const ended = seen.ended;
    expect(await take(98n, 3)).toEqual([98n, 99n, 100n]);
    await until(() => seen.ended === ended + 1);
  });

  test("ends at the server when the reader leaves while it is silent", async () => {
    const ended = seen.ended;
    const leave = new AbortController();
    const reading = codeOf(take(100n, 2, leave.signal));
    await Bun.sleep(100);
    leave.abort();
    expect(await reading).toBe(ConnectCode.Canceled);
    await until(() => seen.ended === ended + 1);
  });

  test("of a reader who doesn't read holds the generator back, and ends with it", async () => {
    const { ended, yielded } = seen;
    const socket = connectSocket(server.port, "127.0.0.1");
    socket.pause();
    const body = Buffer.of(0, 0, 0, 0, 3, 0x08, 0xe8, 0x07);
    socket.write(
      "POST /countroom.v1.LedgerService/Tail HTTP/1.1\r\nHost: x\r\n" +
        "Authorization: Bearer good\r\n" +
        `Content-Type: application/connect+proto\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    socket.write(body);
    await until(() => seen.yielded > yielded + 10);
    let held = 0;
    for (let turn = 0; turn < 100 && held !== seen.yielded; turn += 1) {
      held = seen.yielded;
      await Bun.sleep(100);
    }
    expect(seen.yielded).toBe(held);
    console.log(`${held - yielded} messages went to a reader who reads nothing`);
    socket.destroy();
    await until(() => seen.ended === ended + 1);
  }, 20_000);
});
