/**
 * Goal: `/openapi.json` tells the shapes that the routes really take and give.
 * Method: the document of an app, against the contract's own descriptors and real answers.
 */
import { expect, test } from "bun:test";
import { create, type DescMessage } from "@bufbuild/protobuf";
import { Hono } from "hono";
import { edgeApp } from "../../src/edge/app.ts";
import { unknownPlayer } from "../../src/edge/balance-answer.ts";
import { logger } from "../../src/ops/index.ts";
import { EventSchema } from "../../src/wire/gen/countroom/v1/event_pb.ts";
import { ReceiptSchema } from "../../src/wire/gen/countroom/v1/record_pb.ts";
import { receiptToJson } from "../../src/wire/index.ts";

function app(): Hono {
  return edgeApp({
    balance: () => new Response(),
    events: () => new Response(),
    resolve: () => new Response(),
    forwarded: () => new Response(),
    search: { read: () => new Response(), investigate: () => new Response() },
    checkpoint: () => "",
    ready: () => ({ ready: true }),
    scrape: async () => new Response(),
    region: "eu",
    log: logger("edge", { level: "silent" }),
  });
}

async function read(of: Hono): Promise<any> {
  return (await of.request("/openapi.json")).json();
}
const document = await read(app());
const { schemas } = document.components;

/** What the primary alone writes. */
const OWN: ReadonlySet<string> = new Set(["epoch_started", "key_rotated"]);

/** Each field of a message is described, and nothing else is. */
function describes(schema: any, message: DescMessage): void {
  expect(schema.additionalProperties).toBe(false);
  const fields = message.fields.map(({ name }) => name).filter((name) => !OWN.has(name));
  expect(Object.keys(schema.properties).toSorted()).toEqual(fields.toSorted());
  for (const { name, message: inner } of message.fields) {
    const { properties, $ref, additionalProperties } = schema.properties[name] ?? {};
    if (inner !== undefined && $ref === undefined && properties !== undefined) {
      describes({ properties, additionalProperties }, inner);
    }
  }
}

test("an event has every field of the contract that callers may send", () => {
  describes(schemas.Event, EventSchema);
  expect(schemas.Event.properties.surface.enum).toContain("SURFACE_MINIAPP");
});

test("a house round in a receipt has its fields", () => {
  const receipt = create(ReceiptSchema, { detail: { case: "houseRound", value: { nonce: 1n } } });
  const { house_round } = receiptToJson(receipt);
  const { properties, required } = schemas.HouseRound;
  expect(Object.keys(properties)).toEqual(Object.keys(house_round!));
  expect(required).toEqual(Object.keys(house_round!));
  for (const [name, value] of Object.entries(house_round!)) {
    expect([name, properties[name].type]).toEqual([name, typeof value]);
  }
});

test("an unknown player's answer has freshness", async () => {
  const { responses } = document.paths["/v1/players/{player_ref}/balance"].get;
  const { schema } = responses[404].content["application/problem+json"];
  expect(schema.$ref).toBe("#/components/schemas/UnknownPlayer");
  const answer = unknownPlayer({ epoch: 1, seq: 2, ageMs: 3, source: "replica" });
  expect(Object.keys(schemas.UnknownPlayer.properties)).toEqual(
    expect.arrayContaining(Object.keys((await answer.json()) as object)),
  );
});

test("events go in and receipts come out as Protobuf too", () => {
  const { requestBody, responses } = document.paths["/v1/events"].post;
  const types = ["application/json", "application/protobuf", "application/x-protobuf"];
  expect(Object.keys(requestBody.content)).toEqual(types);
  expect(Object.keys(responses[200].content)).toEqual(types.slice(0, 2));
});

test("a checkpoint that isn't there yet is answered as the document says", async () => {
  const { status } = await app().request("/v1/checkpoint");
  expect(Object.keys(document.paths["/v1/checkpoint"].get.responses)).toEqual(["200", `${status}`]);
});

test("the webhook is told where there is a bot", async () => {
  expect(document.paths).not.toHaveProperty("/telegram/webhook");
  const bot = new Hono().post("/webhook", () => new Response());
  const { paths, components } = await read(app().route("/telegram", bot));
  expect(Object.keys(paths)).toContain("/telegram/webhook");
  const [secret] = Object.keys(paths["/telegram/webhook"].post.security[0]);
  expect(components.securitySchemes[secret!].in).toBe("header");
});
