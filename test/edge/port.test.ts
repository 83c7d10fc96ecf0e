/**
 * Goal: the bot's port settles events under an identity and reads balances by it, from the replica
 * or, when that isn't there yet, from the primary.
 * Method: a whole deployment; beside its edge, a worker in this process reads the same replica.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { identityOf } from "../../src/access/index.ts";
import { createEdge, NOTHING_KEPT, ReadError, type Edge } from "../../src/edge/index.ts";
import { logger } from "../../src/ops/index.ts";
import { systemClock } from "../../src/runtime/index.ts";
import { Code, Status } from "../../src/wire/gen/countroom/v1/record_pb.ts";
import { Deployment, until } from "./deployment.ts";

let site: Deployment;
let edge: Edge;
beforeAll(async () => {
  site = await Deployment.open();
  edge = createEdge({
    region: "eu",
    edgeId: "test",
    deployment: "dev",
    primaryUrl: site.primary.url,
    publisherUrl: site.publisher.url,
    token: site.keys.token("edge-eu"),
    accessKey: site.keys.accessPublic,
    signingKey: site.keys.signingPublic,
    identityKey: () => site.keys.identity,
    checkpointFile: join(site.dir, "test-checkpoint"),
    workers: 1,
    clock: systemClock,
    log: logger("test", { level: "silent" }),
    keeper: () => NOTHING_KEPT,
  });
});
afterAll(async () => {
  await edge[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

const register = { case: "playerRegistered", value: {} } as const;
const person = (id: string) => identityOf(site.keys.identity, "demo", "telegram", id);

test("a person registers once and is found by both sides", async () => {
  const identity = person("4711");
  const options = { credential: site.keys.token("bot"), identity };
  expect(await edge.port.balanceByIdentity("demo", identity)).toBeUndefined();
  const receipts = await Promise.all(
    ["one", "two"].map((key) =>
      edge.port.submit({ idempotencyKey: `start-${key}`, payload: register }, options),
    ),
  );
  expect(receipts.map(({ status }) => status)).toEqual([Status.ACCEPTED, Status.ACCEPTED]);
  expect(receipts.map(({ code }) => code).toSorted((a, b) => a - b)).toEqual([
    Code.OK,
    Code.PLAYER_ALREADY_REGISTERED,
  ]);
  const [playerRef] = new Set(receipts.map((one) => one.playerRef));
  const { bookmark } = receipts.find(({ code }) => code === Code.OK)!;
  const primary = await edge.port.balanceByIdentity("demo", identity, bookmark);
  expect(primary).toMatchObject({ playerRef, bookmark, freshness: { source: "primary" } });
  await edge.use(site.pointer());
  const replica = await edge.port.balanceByIdentity("demo", identity, bookmark);
  expect(replica).toMatchObject({ playerRef, bookmark, freshness: { source: "replica" } });
  expect(replica!.balances).toEqual(primary!.balances);
  const response = await fetch(`${site.edge.url}/v1/players/resolve`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${site.key("admin")}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ telegram_id: 4711, operator_id: "demo" }),
  });
  expect(await response.json()).toEqual({ player_ref: playerRef });
  await edge.use(undefined);
});

test("what can't be done is a receipt, not an exception", async () => {
  const identity = person("1");
  const submit = (credential: string, payload: object = { payload: register }) =>
    edge.port.submit({ idempotencyKey: "x", ...payload }, { credential, identity });
  expect((await submit("nonsense")).code).toBe(Code.ACCESS_UNAUTHENTICATED);
  expect((await submit(site.key("read"))).code).toBe(Code.ACCESS_SCOPE);
  expect((await submit(site.keys.token("bot"), {})).code).toBe(Code.EVENT_TYPE_UNKNOWN);
  expect(edge.port.balanceByIdentity("demo", identity, "x")).rejects.toBeInstanceOf(ReadError);
});

test("the newest checkpoint of the answers is kept", async () => {
  await until("a checkpoint to arrive", async () => {
    const options = { credential: site.keys.token("bot"), identity: person("2") };
    await edge.port.submit({ idempotencyKey: crypto.randomUUID(), payload: register }, options);
    const note = await edge.fetch(new Request("http://edge/v1/checkpoint"));
    return note.status === 200 && (await note.text()).startsWith("countroom/dev/1/");
  });
});
