/**
 * Goal: every answer of the sync routes is one that the pinned client takes the right way.
 * Method: a hostile client over real HTTP against a running publisher.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { issueCredential } from "../../src/access/index.ts";
import { FRAME_BYTES } from "../../src/publisher/limits.ts";
import { access, Stage, until, type Feed } from "./harness.ts";

const HOLD_MS = 700;
let stage: Stage;
let feed: Feed;

beforeAll(async () => {
  const pageLog = { rotateBytes: 30 * FRAME_BYTES, retainBytes: 60 * FRAME_BYTES };
  stage = await Stage.open(20, { holdMs: HOLD_MS, pageLog });
  feed = await stage.feed();
});
afterAll(() => stage[Symbol.asyncDispose]());

async function timed(response: Promise<Response>): Promise<[Response, number]> {
  const start = performance.now();
  return [await response, performance.now() - start];
}

/** Each answer has its status, and took the time that keeps a client from spinning. */
async function inParallel(
  cases: readonly { response: Promise<[Response, number]>; status: number }[],
): Promise<void> {
  for (const { response, status } of cases) {
    const [answer, ms] = await response;
    expect([answer.url, answer.status]).toEqual([answer.url, status]);
    expect(ms).toBeGreaterThan(240);
  }
}

const generation = async (): Promise<number> => {
  const info = (await (await stage.get("/info", feed)).json()) as { current_generation: number };
  return info.current_generation;
};

/** Position behind the last frame of the current generation. */
async function end(): Promise<{ gen: number; from: number }> {
  const gen = await generation();
  let from = 1;
  for (;;) {
    const response = await stage.get(`/sync/${gen}/${from}/${from + 128}`, feed);
    if (response.status !== 200) return end();
    from += (await response.arrayBuffer()).byteLength / FRAME_BYTES;
    const head = await stage.feed();
    if (head.seq === stage.book.seq && (await generation()) === gen) return { gen, from };
  }
}

describe("answers", () => {
  test("info, frames and export are raw and bear no encoding, whatever is accepted", async () => {
    const headers = {
      authorization: `Bearer ${stage.token}`,
      "accept-encoding": "gzip, br, zstd",
    };
    const gen = await generation();
    expect(gen).toBeGreaterThanOrEqual(1);
    for (const path of ["/info", `/export/${gen}`, `/sync/${gen}/1/129`]) {
      const response = await stage.get(path, feed, { headers });
      expect(response.status).toBe(200);
      expect(response.headers.get("content-encoding")).toBeNull();
      const body = new Uint8Array(await response.arrayBuffer());
      if (path.startsWith("/export")) expect(body.length % 4096).toBe(0);
      if (path.startsWith("/sync")) expect(body.length % FRAME_BYTES).toBe(0);
    }
  });

  test("without a good token: 401, late", async () => {
    const player = { sub: "x", role: "api", scopes: ["read"] } as const;
    const weak = await issueCredential(access.privateKey, player);
    const tokens = ["", "Bearer ", "Bearer nonsense", `Bearer ${weak}`];
    await inParallel(
      tokens.flatMap((authorization) =>
        ["/info", "/export/1", "/sync/1/1/129"].map((path) => ({
          response: timed(stage.get(path, feed, { headers: { authorization } })),
          status: 401,
        })),
      ),
    );
  });

  test("another feed or epoch: info 401, everything else 410, late", async () => {
    const other = (segment: string) => ({
      sync_url: feed.sync_url.replace(`${feed.epoch}-${feed.feed}`, segment),
    });
    const segments = [`${feed.epoch}-0000000000000000`, `${feed.epoch + 1}-${feed.feed}`, "x"];
    await inParallel(
      segments.flatMap((segment) => [
        { response: timed(stage.get("/info", other(segment))), status: 401 },
        { response: timed(stage.get("/export/1", other(segment))), status: 410 },
        { response: timed(stage.get("/sync/1/1/129", other(segment))), status: 410 },
      ]),
    );
  });

  test("what can't be is 410 and alarms; what isn't understood never is 404 or 500", async () => {
    const { gen, from } = await end();
    const alarms = stage.log.length;
    const bad = [`/sync/${gen + 1}/1/129`, `/sync/${gen}/${from + 5000}/1`, `/sync/${gen}/0/128`];
    await inParallel(bad.map((path) => ({ response: timed(stage.get(path, feed)), status: 410 })));
    expect(stage.log.slice(alarms).filter((line) => /POSITION_IMPOSSIBLE/.test(line)).length).toBe(3);
    const odd = ["/sync/x/1/2", "/sync/1", "/export/", "/export/-1", "/sync/1/1e9/2", "/"];
    await inParallel(odd.map((path) => ({ response: timed(stage.get(path, feed)), status: 410 })));
    expect((await stage.get("/x/info", feed)).status).toBe(401);
  });

  test("writes and other methods: 405, late", async () => {
    const headers = { authorization: `Bearer ${stage.token}` };
    const paths = ["/sync/1/1/129", "/v2/pipeline", "/v3/pipeline", "/v3/cursor", "/info"];
    const init = { method: "POST", body: "{}", headers };
    await inParallel(
      paths.map((path) => ({ response: timed(stage.get(path, feed, init)), status: 405 })),
    );
  });
});

describe("held polls", () => {
  test("end with the same generation; a commit ends them at once", async () => {
    // Heartbeats would end the hold early.
    stage.server.disguise = (message) => ({ ...message, sentAt: 0n });
    await Bun.sleep(250);
    const { gen, from } = await end();
    const [quiet, quietMs] = await timed(stage.get(`/sync/${gen}/${from}/${from + 128}`, feed));
    expect([quiet.status, await quiet.json()]).toEqual([400, { generation: gen }]);
    expect(quietMs).toBeGreaterThan(HOLD_MS * 0.9);
    expect(quietMs).toBeLessThan(HOLD_MS + 300);
    const held = timed(stage.get(`/sync/${gen}/${from}/${from + 128}`, feed));
    await Bun.sleep(100);
    const before = performance.now();
    stage.book.deposit(stage.book.players[0]!, 5n);
    stage.server.wake();
    const [response] = await held;
    expect(response.status).toBe(200);
    expect(performance.now() - before).toBeLessThan(100);
    stage.server.disguise = (message) => message;
  });

  test("survive a rotation, and learn of it only at the generation's end", async () => {
    for (let round = 0; round < 12; round += 1) {
      const { gen, from } = await end();
      const held = stage.get(`/sync/${gen}/${from}/${from + 128}`, feed);
      for (const player of stage.book.players.slice(0, 8)) stage.book.deposit(player, 1n);
      stage.server.wake();
      const response = await held;
      let next = from;
      if (response.status === 200) {
        next += (await response.arrayBuffer()).byteLength / FRAME_BYTES;
      } else {
        expect(response.status).toBe(400);
      }
      await stage.settled();
      if ((await generation()) === gen) continue;
      let last = await stage.get(`/sync/${gen}/${next}/${next + 128}`, feed);
      while (last.status === 200) {
        next += (await last.arrayBuffer()).byteLength / FRAME_BYTES;
        last = await stage.get(`/sync/${gen}/${next}/${next + 128}`, feed);
      }
      expect(last.status).toBe(400);
      expect(((await last.json()) as { generation: number }).generation).toBeGreaterThan(gen);
      return;
    }
    throw new Error("no rotation came");
  }, 15_000);

  test("a generation between info and export may have ended; a dropped one is gone", async () => {
    const started = await generation();
    await until("a rotation", async () => {
      stage.book.deposit(stage.book.players[1]!, 1n);
      await stage.settled();
      return (await generation()) > started;
    });
    expect((await stage.get(`/export/${started}`, feed)).status).toBe(200);
    expect((await stage.get(`/sync/${started}/1/129`, feed)).status).toBe(200);
    await until("a drop", async () => {
      for (const player of stage.book.players) stage.book.deposit(player, 1n);
      await stage.settled();
      return (await generation()) > started + 4;
    });
    expect((await stage.get(`/export/${started}`, feed)).status).toBe(410);
    expect((await stage.get(`/sync/${started}/1/129`, feed)).status).toBe(410);
  }, 20_000);
});

test("positions, bytes and feed are in the metrics; health and readiness answer", async () => {
  const { gen, from } = await end();
  await stage.get(`/sync/${gen}/${from}/${from + 1}`, feed);
  const text = await (await fetch(`${stage.publisher.url}/metrics`)).text();
  expect(text).toMatch(/countroom_publisher_edge_acknowledged_seq\{edge="eu",role="publisher"\} \d+/);
  expect(text).toMatch(/countroom_publisher_edge_bytes_total\{edge="eu",role="publisher"\} [1-9]/);
  expect(text).toContain(`feed="${feed.epoch}-${feed.feed}"`);
  expect(text).toMatch(/countroom_publisher_lag_seconds\{[^}]*\} [0-9.]+/);
  expect((await fetch(`${stage.publisher.url}/healthz`)).status).toBe(200);
  expect((await stage.readyz()).status).toBe(200);
  const unknown = await fetch(`${stage.publisher.url}/nowhere`);
  expect([unknown.status, unknown.headers.get("content-type")]).toEqual([
    404,
    "application/problem+json",
  ]);
});
