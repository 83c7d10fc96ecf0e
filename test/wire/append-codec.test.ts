/**
 * Goal: Append's short way can't be told from the generated one, except by its speed. Method: the
 * hand-written codec against the generated one on random messages, and the same calls by both ways
 * over the real server.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Code as ConnectCode, ConnectError } from "@connectrpc/connect";
import { serve, type Server } from "../../src/runtime/index.ts";
import {
  AppendRequestSchema,
  AppendResponseSchema,
  LedgerService,
} from "../../src/wire/gen/countroom/v1/ledger_service_pb.ts";
import {
  Code,
  ReceiptSchema,
  Status,
  type Receipt,
} from "../../src/wire/gen/countroom/v1/record_pb.ts";
import {
  BODY_BYTES_MAX,
  CALL_MS_MAX,
  connectFetch,
  createLedgerClient,
  decodeAppendRequest,
  encodeAppendResponse,
  type UnaryCall,
} from "../../src/wire/index.ts";
import { EVENT_ID, PLAYER, SEED } from "./events.ts";

console.log(`seed ${SEED}`);
fc.configureGlobal({ seed: SEED, numRuns: 500 });

const text = fc.oneof(fc.string({ maxLength: 200 }), fc.constantFrom("", "é", EVENT_ID, PLAYER));
const count = fc.maxSafeNat().map(BigInt);
const amount = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

const receipts: fc.Arbitrary<Receipt> = fc
  .record({
    status: fc.constantFrom(Status.ACCEPTED, Status.REJECTED),
    code: fc.constantFrom(Code.OK, Code.KEY_CONFLICT),
    message: text,
    field: text,
    eventId: text,
    idempotencyKey: text,
    playerRef: text,
    seq: count,
    epoch: count,
    recordedAt: count,
    bookmark: text,
    replayed: fc.boolean(),
    balances: fc.array(
      fc.record({
        currency: fc.constantFrom("FUN", "TON"),
        available: amount,
        bonus: amount,
        held: amount,
        version: count,
      }),
      { maxLength: 3 },
    ),
    txnId: text,
    roundId: text,
    detail: fc.oneof(
      fc.constant({ case: undefined }),
      fc.record({
        case: fc.constant("houseRound" as const),
        value: fc.record({
          serverSeedHash: fc.uint8Array({ maxLength: 32 }),
          clientSeed: text,
          seedPair: count,
          nonce: count,
          fairVersion: fc.nat(),
          rollX100: fc.nat(),
          multiplierX100: count,
          win: amount,
        }),
      }),
    ),
  })
  .map((init) => create(ReceiptSchema, init as Parameters<typeof create<typeof ReceiptSchema>>[1]));

const requests = fc.record({
  credentials: fc.array(text, { maxLength: 3 }),
  items: fc.array(
    fc.record({
      event: fc.uint8Array({ maxLength: 300 }),
      credential: fc.nat({ max: 5 }),
      identity: fc.option(fc.record({ keyId: text, hash: fc.uint8Array({ maxLength: 32 }) }), {
        nil: undefined,
      }),
    }),
    { maxLength: 5 },
  ),
  checkpoint: text,
});

describe("the hand-written codec", () => {
  test("writes responses as the generated one does", () => {
    const property = fc.property(fc.array(receipts, { maxLength: 4 }), text, (some, checkpoint) => {
      const message = create(AppendResponseSchema, { receipts: some, checkpoint });
      expect(encodeAppendResponse(some, checkpoint)).toEqual(
        toBinary(AppendResponseSchema, message),
      );
    });
    fc.assert(property);
  });

  test("reads requests as the generated one does, also damaged ones", () => {
    const flips = fc.array(fc.nat(), { maxLength: 2 });
    const property = fc.property(requests, flips, (request, bits) => {
      const bytes = toBinary(AppendRequestSchema, create(AppendRequestSchema, request));
      if (bits.length === 0) expect(decodeAppendRequest(bytes)).toMatchObject(request);
      for (const bit of bits) {
        if (bytes.length > 0) bytes[(bit >> 3) % bytes.length]! ^= 1 << (bit & 7);
      }
      let read: ReturnType<typeof decodeAppendRequest>;
      try {
        read = decodeAppendRequest(bytes);
      } catch {
        return;
      }
      // Whatever is left of a damaged request names no more events than there are.
      expect(read.items.length).toBeLessThanOrEqual(bytes.length);
    });
    fc.assert(property);
  });

  test("merges an identity that comes in parts", () => {
    const part = (identity: object) =>
      toBinary(AppendRequestSchema, create(AppendRequestSchema, { items: [{ identity }] }));
    const [head, tail] = [part({ keyId: "k" }), part({ hash: Uint8Array.of(1) })];
    const item = Buffer.concat([head.subarray(2), tail.subarray(2)]);
    const bytes = Buffer.concat([Uint8Array.of(0x12, item.length), item]);
    const [read] = decodeAppendRequest(bytes).items;
    expect(read?.identity).toEqual({ keyId: "k", hash: Buffer.of(1) });
    const [generated] = fromBinary(AppendRequestSchema, bytes).items;
    expect(generated?.identity).toMatchObject({ keyId: "k", hash: Uint8Array.of(1) });
  });
});

describe("the short way", () => {
  let server: Server;
  let last: { way: string; items: number; call?: UnaryCall } = { way: "", items: 0 };
  const path = "/countroom.v1.LedgerService/Append";

  beforeAll(() => {
    const refuse = (token: string | null): void => {
      if (token !== "Bearer good") throw new ConnectError("who?", ConnectCode.Unauthenticated);
    };
    const connect = connectFetch({
      gate: (context) => refuse(context.requestHeader.get("authorization")),
      routes: (router) =>
        router.service(LedgerService, {
          append: (request) => {
            last = { way: "generated", items: request.items.length };
            return { checkpoint: "generated" };
          },
        }),
      unary: [
        {
          path,
          gate: (call) => refuse(call.header.get("authorization")),
          answer: async (bytes, call) => {
            const { items, checkpoint } = decodeAppendRequest(bytes);
            last = { way: "short", items: items.length, call };
            if (checkpoint === "fence me") {
              throw new ConnectError("fenced", ConnectCode.FailedPrecondition);
            }
            if (checkpoint === "fail") throw new Error("a secret");
            return encodeAppendResponse([], "short");
          },
        },
      ],
    });
    server = serve({
      port: 0,
      fetch: (request) => connect(request) ?? new Response(null, { status: 404 }),
    });
  });

  afterAll(() => server.stop(500));

  const client = (token = "good") => createLedgerClient({ baseUrl: server.url, token });

  async function failure(call: Promise<unknown>): Promise<string> {
    try {
      await call;
      return "none";
    } catch (error) {
      const { code, rawMessage } = ConnectError.from(error);
      return `${ConnectCode[code]}: ${rawMessage}`;
    }
  }

  const post = (headers: Record<string, string>, body: BodyInit) =>
    fetch(server.url + path, {
      method: "POST",
      headers: { authorization: "Bearer good", "content-type": "application/proto", ...headers },
      body,
    });

  test("is taken by the ordinary client, deadline and all", async () => {
    const answer = await client().append({ items: [{}, {}] }, { timeoutMs: 5_000 });
    expect(answer.checkpoint).toBe("short");
    expect(last).toMatchObject({ way: "short", items: 2 });
    expect(last.call?.timeoutMs).toBe(5_000);
    await client().append({});
    expect(last.call?.timeoutMs).toBeUndefined();
  });

  test("tells errors as Connect does", async () => {
    expect(await failure(client("bad").append({}))).toBe("Unauthenticated: who?");
    const fenced = client().append({ checkpoint: "fence me" });
    expect(await failure(fenced)).toBe("FailedPrecondition: fenced");
    expect(await failure(client().append({ checkpoint: "fail" }))).toBe("Internal: internal error");
    const junk = await post({}, Uint8Array.of(0x12, 0xff));
    expect(await junk.json()).toMatchObject({ code: "invalid_argument" });
    const late = client().append({}, { timeoutMs: CALL_MS_MAX + 1 });
    expect(await failure(late)).toStartWith("InvalidArgument");
  });

  test("refuses what is too large, whether it tells its length or not", async () => {
    const large = { items: [{ event: new Uint8Array(BODY_BYTES_MAX) }] };
    expect(await failure(client().append(large))).toStartWith("ResourceExhausted");
    const chunk = new Uint8Array(1024 * 1024);
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => (sent++ < 20 ? controller.enqueue(chunk) : controller.close()),
    });
    const response = await post({}, endless);
    expect(response.status).toBe(429);
    expect(await response.json()).toMatchObject({ code: "resource_exhausted" });
  });

  test("reads a body that doesn't tell its length", async () => {
    const bytes = toBinary(AppendRequestSchema, create(AppendRequestSchema, { items: [{}] }));
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    expect((await post({}, body)).status).toBe(200);
    expect(last).toMatchObject({ way: "short", items: 1 });
  });

  test("leaves JSON, compression and odd headers to the generated way", async () => {
    await post({ "content-type": "application/json" }, "{}");
    expect(last.way).toBe("generated");
    last = { way: "none", items: 0 };
    const compressed = await post({ "content-encoding": "gzip" }, Bun.gzipSync(new Uint8Array(0)));
    expect(compressed.status).toBeGreaterThanOrEqual(400);
    const odd = await post({ "connect-timeout-ms": "-1" }, new Uint8Array(0));
    expect(odd.status).toBe(400);
    const get = await fetch(server.url + path, { headers: { authorization: "Bearer good" } });
    expect(get.status).toBe(405);
    expect(last.way).toBe("none");
  });
});
