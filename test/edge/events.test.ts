/**
 * Goal: whatever is posted, good events are settled once and bad ones refuse themselves; nothing
 * is lost, nothing half done, the process lives on.
 * Method: a whole deployment; tables of bad input; the book's head and the player's balance are
 * compared before and after.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { EventSchema } from "../../src/wire/gen/countroom/v1/event_pb.ts";
import {
  Code,
  EventBatchSchema,
  ReceiptBatchSchema,
} from "../../src/wire/gen/countroom/v1/record_pb.ts";
import { answerOf, deposit, Deployment, event, type Answer } from "./deployment.ts";

let site: Deployment;
let playerRef: string;
beforeAll(async () => {
  site = await Deployment.open();
  playerRef = await site.player("1000000");
});
afterAll(() => site[Symbol.asyncDispose]());

const head = (): Promise<number> => site.head();

const fun = (minor: unknown, currency: unknown = "FUN") => ({ minor, currency });
const bet = (amount: unknown, more: object = {}) => ({
  ...event(),
  player_ref: playerRef,
  round_id: "r",
  txn_id: "t",
  bet_placed: { amount },
  ...more,
});

describe("a bad event", () => {
  const cases: readonly (readonly [string, () => unknown, string, string | undefined])[] = [
    ["a float", () => bet(fun(1.5)), "EVENT_FIELD_INVALID", "bet_placed.amount.minor"],
    ["a number", () => bet(fun(5)), "EVENT_FIELD_INVALID", "bet_placed.amount.minor"],
    [
      "a float in a string",
      () => bet(fun("1.5")),
      "EVENT_FIELD_INVALID",
      "bet_placed.amount.minor",
    ],
    ["an exponent", () => bet(fun("1e3")), "EVENT_FIELD_INVALID", "bet_placed.amount.minor"],
    ["2^63", () => bet(fun(String(2n ** 63n))), "EVENT_FIELD_INVALID", "bet_placed.amount.minor"],
    ["a negative", () => bet(fun("-1")), "AMOUNT_INVALID", "bet_placed.amount.minor"],
    ["zero", () => bet(fun("0")), "AMOUNT_INVALID", "bet_placed.amount.minor"],
    ["no amount", () => bet(undefined), "EVENT_FIELD_MISSING", "bet_placed.amount"],
    ["an unknown currency", () => bet(fun("1", "XXX")), "CURRENCY_UNKNOWN", undefined],
    ["an unknown field", () => bet(fun("1"), { colour: "red" }), "EVENT_UNKNOWN_FIELD", "colour"],
    [
      "an unknown field inside",
      () => bet({ ...fun("1"), colour: "red" }),
      "EVENT_UNKNOWN_FIELD",
      "bet_placed.amount.colour",
    ],
    ["no payload", () => event(), "EVENT_TYPE_UNKNOWN", "payload"],
    ["no key", () => ({ player_registered: {} }), "EVENT_FIELD_MISSING", "idempotency_key"],
    ["a key that is a number", () => ({ idempotency_key: 5 }), "EVENT_FIELD_INVALID", undefined],
    [
      "a long key",
      () => ({ ...bet(fun("1")), ...event("k".repeat(129)) }),
      "EVENT_FIELD_INVALID",
      undefined,
    ],
    [
      "a control character",
      () => bet(fun("1"), { round_id: "a\u0000b" }),
      "EVENT_FIELD_INVALID",
      "round_id",
    ],
    [
      "a player that is no UUID",
      () => bet(fun("1"), { player_ref: "x" }),
      "EVENT_FIELD_INVALID",
      "player_ref",
    ],
    ["a list", () => [[]], "EVENT_MALFORMED", undefined],
  ];

  test.each(cases.map((one) => [...one]))(
    "%s by itself is a problem",
    async (_, make, code, field) => {
      const before = await head();
      const { status, body, headers } = await site.post((make as () => unknown)());
      expect([status, body["code"]]).toEqual([400, code]);
      if (field !== undefined) expect(body["field"]).toBe(field as string);
      expect(headers.get("content-type")).toBe("application/problem+json");
      expect(await head()).toBe(before);
    },
  );

  test("leaves its neighbours alone", async () => {
    const good = { ...event(), player_registered: {} };
    const before = await head();
    const { status, body } = await site.post([good, ...cases.map(([, make]) => make())]);
    expect(status).toBe(200);
    const [first, ...rest] = body["receipts"];
    expect(first.status).toBe("accepted");
    expect(rest.map((one: any) => [one.status, one.code])).toEqual(
      cases.map(([, , code]) => ["rejected", code]),
    );
    for (const receipt of rest) expect(receipt).not.toHaveProperty("seq");
    expect(await head()).toBe(before + 1);
  });
});

describe("a bad request", () => {
  const post = async (init: RequestInit, key: string | undefined = site.key("play")) => {
    const headers = new Headers(init.headers);
    if (key !== undefined) headers.set("authorization", `Bearer ${key}`);
    return answerOf(
      await fetch(`${site.edge.url}/v1/events`, { method: "POST", ...init, headers }),
    );
  };
  const json = (body: string): RequestInit => ({
    headers: { "content-type": "application/json" },
    body,
  });
  const charset = (name: string): RequestInit => ({
    headers: { "content-type": `application/json; charset=${name}` },
    body: "{",
  });
  const protobuf = (body: Uint8Array, type = "application/protobuf"): RequestInit => ({
    headers: { "content-type": type },
    body: body as Uint8Array<ArrayBuffer>,
  });

  test.each([
    ["not JSON", () => json("{"), 400, "REQUEST_MALFORMED"],
    [
      "not UTF-8",
      () => ({ ...json(""), body: Uint8Array.of(0xff, 0xfe) }),
      400,
      "REQUEST_MALFORMED",
    ],
    [
      "a key twice",
      () => json('{"idempotency_key":"a","idempotency_key":"b"}'),
      400,
      "REQUEST_MALFORMED",
    ],
    ["deep nesting", () => json("[".repeat(5_000)), 400, "REQUEST_MALFORMED"],
    ["a string", () => json('"x"'), 400, "REQUEST_INVALID"],
    ["nothing", () => json("[]"), 400, "REQUEST_INVALID"],
    ["more than events", () => json('{"events":[{}],"x":1}'), 400, "REQUEST_INVALID"],
    ["events that are no list", () => json('{"events":{}}'), 400, "REQUEST_INVALID"],
    [
      "1001 events",
      () => json(JSON.stringify(Array(1_001).fill({}))),
      413,
      "REQUEST_TOO_MANY_EVENTS",
    ],
    ["5 MiB", () => json(" ".repeat(5 * 2 ** 20)), 413, "REQUEST_TOO_LARGE"],
    ["no type", () => ({ body: Uint8Array.of(1) }), 415, "REQUEST_UNSUPPORTED_TYPE"],
    ["XML", () => protobuf(Uint8Array.of(1), "text/xml"), 415, "REQUEST_UNSUPPORTED_TYPE"],
    ["UTF-16", () => charset("utf-16"), 415, "REQUEST_UNSUPPORTED_TYPE"],
    ["Latin-1", () => charset('"ISO-8859-1"'), 415, "REQUEST_UNSUPPORTED_TYPE"],
    ["UTF-8, and not JSON", () => charset("UTF-8"), 400, "REQUEST_MALFORMED"],
    [
      "another message type",
      () => protobuf(Uint8Array.of(1), "application/protobuf; messageType=x.Y"),
      415,
      "REQUEST_UNSUPPORTED_TYPE",
    ],
    [
      "a compressed body",
      () => ({
        ...json("{}"),
        headers: { "content-type": "application/json", "content-encoding": "gzip" },
      }),
      415,
      "REQUEST_UNSUPPORTED_TYPE",
    ],
    ["broken Protobuf", () => protobuf(Uint8Array.of(0x0a, 0xff)), 400, "REQUEST_MALFORMED"],
    [
      "an unknown field of a batch",
      () => protobuf(Uint8Array.of(0x10, 0x01)),
      400,
      "REQUEST_INVALID",
    ],
    ["an empty batch", () => protobuf(new Uint8Array()), 400, "REQUEST_INVALID"],
  ] as const)("%s is turned away whole", async (_, init, status, code) => {
    const before = await head();
    const answer = await post(init() as RequestInit);
    expect([answer.status, answer.body["code"]]).toEqual([status, code]);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(await head()).toBe(before);
  });

  test("a body that grows while it arrives is cut off", async () => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        sent += 64 * 1024;
        controller.enqueue(new Uint8Array(64 * 1024).fill(0x20));
        await Bun.sleep(0);
        if (sent > 40 * 2 ** 20) controller.close();
      },
    });
    const answer = await post({ ...json(""), body }).catch(() => undefined);
    if (answer !== undefined) expect(answer.status).toBe(413);
    expect(sent).toBeLessThan(40 * 2 ** 20);
    expect((await site.readyz()).ready).toBe(true);
  });

  test("a caller without the right is turned away whole", async () => {
    const deposit10 = JSON.stringify(deposit(playerRef, "10"));
    const eur = JSON.stringify({
      ...event(),
      player_ref: playerRef,
      deposit_captured: { amount: fun("10", "EUR"), rail: "test-card", external_id: "x" },
    });
    const foreign = JSON.stringify({ ...event(), operator_id: "other", player_registered: {} });
    const cases = [
      ["none", deposit10, 401, "ACCESS_UNAUTHENTICATED"],
      ["x.y.z", deposit10, 401, "ACCESS_UNAUTHENTICATED"],
      [site.key("read"), deposit10, 403, "ACCESS_SCOPE"],
      [site.key("read"), "{", 403, "ACCESS_SCOPE"],
      [site.key("play"), eur, 403, "ACCESS_CURRENCY"],
      [site.key("cashier"), JSON.stringify(bet(fun("1"))), 403, "ACCESS_SCOPE"],
      [site.key("play"), foreign, 403, "ACCESS_SOURCE_MISMATCH"],
    ] as const;
    const before = await head();
    for (const [key, body, status, code] of cases) {
      const answer = await post(json(body), key);
      expect([answer.status, answer.body["code"]]).toEqual([status, code]);
    }
    expect(await head()).toBe(before);
  });
});

describe("good events", () => {
  test("the same one fifty times at once has one effect and equal receipts", async () => {
    const ref = await site.player();
    const one = deposit(ref, "5");
    const answers = await Promise.all(Array.from({ length: 50 }, () => site.post(one)));
    const receipts = answers.map(({ body }) => body["receipts"][0]);
    expect(new Set(receipts.map(({ seq }) => seq)).size).toBe(1);
    expect(receipts.filter(({ replayed }) => replayed === false)).toHaveLength(1);
    const { body } = await site.read(ref, receipts[0].bookmark);
    expect(body["balances"][0]).toMatchObject({ available: "5", version: "2" });
  });

  test("another meaning under the same key is a conflict that names the field", async () => {
    const ref = await site.player();
    const key = Bun.randomUUIDv7();
    await site.settle(deposit(ref, "5", key));
    const { status, body } = await site.post(deposit(ref, "6", key));
    expect(status).toBe(200);
    expect(body["receipts"][0]).toMatchObject({ status: "rejected", code: "KEY_CONFLICT" });
    expect(body["receipts"][0].field).toContain("minor");
  });

  test("come back in the order they were sent", async () => {
    const events = Array.from({ length: 200 }, (_, index) => deposit(playerRef, "1", `o-${index}`));
    const { body } = await site.post({ events });
    const keys = body["receipts"].map((one: any) => one.idempotency_key);
    expect(keys).toEqual(events.map((one: any) => one.idempotency_key));
    const versions = body["receipts"].map((one: any) => Number(one.balances[0].version));
    expect(versions).toEqual(versions.toSorted((a: number, b: number) => a - b));
  });

  test("in Protobuf are answered in Protobuf, one or many", async () => {
    const make = (idempotencyKey: string) =>
      create(EventSchema, {
        idempotencyKey,
        playerRef,
        payload: {
          case: "depositCaptured",
          value: { amount: { minor: 1n, currency: "FUN" }, rail: "play" },
        },
      });
    const send = async (
      type: string,
      body: Uint8Array,
    ): Promise<Answer & { bytes: Uint8Array }> => {
      const response = await fetch(`${site.edge.url}/v1/events`, {
        method: "POST",
        headers: { authorization: `Bearer ${site.key("play")}`, "content-type": type },
        body: body as Uint8Array<ArrayBuffer>,
      });
      const bytes = new Uint8Array(await response.arrayBuffer());
      return { status: response.status, headers: response.headers, body: {}, bytes };
    };
    const batch = create(EventBatchSchema, { events: [make("p-1"), make("p-2"), make("p-1")] });
    const many = await send("application/protobuf", toBinary(EventBatchSchema, batch));
    expect(many.headers.get("content-type")).toBe("application/protobuf");
    const { receipts } = fromBinary(ReceiptBatchSchema, many.bytes);
    expect(receipts.map(({ code, replayed }) => [code, replayed])).toEqual([
      [Code.OK, false],
      [Code.OK, false],
      [Code.OK, true],
    ]);
    expect(receipts.every(({ eventId }) => eventId !== "")).toBe(true);
    const type = "application/x-protobuf; messageType=countroom.v1.Event";
    const single = await send(type, toBinary(EventSchema, make("p-1")));
    expect(fromBinary(ReceiptBatchSchema, single.bytes).receipts).toHaveLength(1);
  });
});
