/**
 * Goal: an edge without a replica asks the primary, passes on what it says of bookmarks, and says
 * 503 with a code when nobody can answer.
 * Method: a worker in this process, a stand-in for the primary, no publisher.
 */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureDevKeys, type Keys } from "../../src/access/index.ts";
import { createEdge, NOTHING_KEPT, type Edge } from "../../src/edge/index.ts";
import { logger } from "../../src/ops/index.ts";
import { systemClock } from "../../src/runtime/index.ts";
import { Code } from "../../src/wire/gen/countroom/v1/record_pb.ts";
import { NOBODY } from "./deployment.ts";
import { LedgerServer } from "./ledger-server.ts";

const NOWHERE = "http://127.0.0.1:9";
let dir: string;
let keys: Keys;
let server: LedgerServer;
let edge: Edge;

function worker(primaryUrl: string): Edge {
  return createEdge({
    region: "eu",
    edgeId: "eu",
    deployment: "dev",
    primaryUrl,
    publisherUrl: NOWHERE,
    token: keys.token("edge-eu"),
    accessKey: keys.accessPublic,
    signingKey: keys.signingPublic,
    identityKey: () => keys.identity,
    checkpointFile: join(dir, "checkpoint"),
    workers: 1,
    clock: systemClock,
    log: logger("test", { level: "silent" }),
    keeper: () => NOTHING_KEPT,
  });
}

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "countroom-alone-"));
  keys = await ensureDevKeys(join(dir, "keys"), ["eu"]);
  server = await LedgerServer.open();
  edge = worker(server.url);
});
afterEach(async () => {
  await edge[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

async function read(of: Edge, query = ""): Promise<{ status: number; body: Record<string, any> }> {
  const url = `http://edge/v1/players/${NOBODY}/balance${query}`;
  const headers = { authorization: `Bearer ${keys.token("api-read")}` };
  const response = await of.fetch(new Request(url, { headers }));
  return { status: response.status, body: (await response.json()) as Record<string, any> };
}

describe("without a replica", () => {
  test.each([
    [Code.OK, 200, undefined],
    [Code.PLAYER_UNKNOWN, 404, "PLAYER_UNKNOWN"],
    [Code.BOOKMARK_UNKNOWN, 400, "BOOKMARK_UNKNOWN"],
    [Code.BOOKMARK_LOST, 409, "BOOKMARK_LOST"],
  ])("the primary's %p is the answer", async (code, status, name) => {
    server.balanceCode = code;
    const answer = await read(edge, "?at_least=1-5");
    expect([answer.status, answer.body["code"]]).toEqual([status, name]);
    if (status < 405) {
      const { freshness } = answer.body;
      if (freshness !== undefined) expect(freshness.source).toBe("primary");
    }
  });

  test("64 reads at a time, then 503", async () => {
    server.balanceDelayMs = 50;
    const answers = await Promise.all(Array.from({ length: 80 }, () => read(edge)));
    const busy = answers.filter(({ status }) => status === 503);
    expect(busy.map(({ body }) => body["code"])).toEqual(Array(16).fill("OVERLOADED"));
    expect(server.balancesMax).toBe(64);
  });

  test("an unreachable primary is 503, and the edge isn't ready", async () => {
    await using lost = worker(NOWHERE);
    const answer = await read(lost);
    expect([answer.status, answer.body["code"]]).toEqual([503, "UNAVAILABLE"]);
    expect(JSON.stringify(answer.body)).not.toContain("127.0.0.1");
    const ready = await lost.fetch(new Request("http://edge/readyz"));
    expect(ready.status).toBe(503);
    expect((await ready.json()) as object).toEqual({ ready: false, replica: null, primary: false });
    const health = await lost.fetch(new Request("http://edge/healthz"));
    expect(health.status).toBe(200);
    const note = await lost.fetch(new Request("http://edge/v1/checkpoint"));
    expect(note.status).toBe(503);
  });
});

describe("events", () => {
  const post = (body: unknown) =>
    edge.fetch(
      new Request("http://edge/v1/events", {
        method: "POST",
        headers: {
          authorization: `Bearer ${keys.token("api-play")}`,
          "content-type": "application/json",
        },
        body: JSON.stringify(body),
      }),
    );

  test("that the primary can't take are 503 and may be sent again", async () => {
    server.fate = () => "denied";
    const response = await post([
      { idempotency_key: "a", player_registered: {} },
      { idempotency_key: "b", player_registered: {}, colour: "red" },
    ]);
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("1");
    expect(((await response.json()) as { code: string }).code).toBe("UNAVAILABLE");
    server.fate = () => "settle";
    expect((await post({ idempotency_key: "a", player_registered: {} })).status).toBe(200);
  });

  test("carry what the edge knows and the caller left out", async () => {
    await post({ idempotency_key: "a", player_registered: {} });
    const event = server.events[0]!;
    expect(event.eventId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(Number(event.occurredAt) / 1000).toBeCloseTo(Date.now(), -4);
    expect(event.origin).toMatchObject({ edgeId: "eu", region: "eu", edgeSeq: 1n });
    await post({ idempotency_key: "b", player_registered: {}, occurred_at: "5", event_id: NOBODY });
    expect(server.events[1]).toMatchObject({ eventId: NOBODY, occurredAt: 5n });
    expect(server.events[1]!.origin!.edgeSeq).toBe(2n);
  });
});
