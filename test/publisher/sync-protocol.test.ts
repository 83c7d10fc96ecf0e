/**
 * Goal: every answer of the sync routes is one that the pinned client takes the right way.
 * Method: a hostile client over real HTTP against a running publisher.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { issueCredential } from "../../src/access/index.ts";
import { FRAME_BYTES } from "../../src/publisher/limits.ts";
import { access, seeded, Stage, testSeed, until, type Feed } from "./harness.ts";
import { RawConnection } from "./raw-connection.ts";

const HOLD_MS = 700;
let stage: Stage;
let feed: Feed;

beforeAll(async () => {
  const pageLog = { rotateBytes: 30 * FRAME_BYTES, retainBytes: 60 * FRAME_BYTES };
  stage = await Stage.open(20, { holdMs: HOLD_MS, pageLog });
  stage.book.populate(1);
  await stage.settled();
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

/** Polls as one replica does, on one connection. */
class Poller {
  readonly #connection = new RawConnection(stage.publisher.url, stage.token);
  readonly #path = new URL(feed.sync_url).pathname;
  gen = 0;
  from = 1;

  static async open(): Promise<Poller> {
    const poller = new Poller();
    poller.gen = await generation();
    return poller;
  }

  /** One poll; moves on by what it brings. */
  async poll(): Promise<{ status: number; ms: number; generation?: number; frames: number }> {
    const { gen, from } = this;
    const path = `${this.#path}/sync/${gen}/${from}/${from + 128}`;
    const { status, body, ms } = await this.#connection.get(path);
    const frames = status === 200 ? body.length / FRAME_BYTES : 0;
    this.from += frames;
    if (status !== 400) return { status, ms, frames };
    const told = JSON.parse(Buffer.from(body).toString()) as { generation: number };
    return { status, ms, frames, generation: told.generation };
  }

  /** To the end of everything, as a program that waits for it. */
  async catchUp(): Promise<void> {
    for (;;) {
      const { status, generation: told } = await this.poll();
      if (status === 200) continue;
      expect(status).toBe(400);
      if (told === this.gen) return;
      this.gen += 1;
      this.from = 1;
    }
  }

  [Symbol.dispose](): void {
    this.#connection[Symbol.dispose]();
  }
}

describe("answers", () => {
  test("info, frames and export are raw and bear no encoding, whatever is accepted", async () => {
    const headers = {
      authorization: `Bearer ${stage.token}`,
      "accept-encoding": "gzip, br, zstd",
    };
    // The last tick may have ended its generation, and left a new one without frames.
    let gen = 0;
    await until("a generation with frames", async () => {
      stage.book.deposit(stage.book.players[0]!, 1n);
      await stage.settled();
      gen = await generation();
      return (await stage.get(`/sync/${gen}/1/129`, feed)).status === 200;
    });
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

  test("a replica is synced under the name that its token gives, and under no other", async () => {
    const bearer = async (role: "edge" | "replica" | "publisher" | "api", sub: string) => ({
      headers: {
        authorization: `Bearer ${await issueCredential(access.privateKey, {
          sub,
          role,
          ...(role === "api" ? { scopes: ["admin"] } : {}),
        })}`,
      },
    });
    const guests = { sync_url: feed.sync_url.replace(/eu$/, "guest") };
    // Guest tokens were of role edge once, and a token file is written once.
    for (const role of ["replica", "edge", "publisher"] as const) {
      const answer = await stage.get("/info", guests, await bearer(role, "edge-guest"));
      expect([role, answer.status]).toEqual([role, 200]);
    }
    const strangers = await Promise.all([
      bearer("replica", "edge-guest"),
      bearer("edge", "edge-guest"),
      bearer("replica", "eu"),
      bearer("api", "edge-eu"),
    ]);
    await inParallel(
      strangers.flatMap((init) =>
        ["/info", "/export/1", "/sync/1/1/129"].map((path) => ({
          response: timed(stage.get(path, feed, init)),
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
    using poller = await Poller.open();
    await poller.catchUp();
    const { gen, from } = poller;
    const alarms = stage.log.length;
    const bad = [`/sync/${gen + 1}/1/129`, `/sync/${gen}/${from + 5000}/1`, `/sync/${gen}/0/128`];
    await inParallel(bad.map((path) => ({ response: timed(stage.get(path, feed)), status: 410 })));
    expect(stage.log.slice(alarms).filter((line) => /POSITION_IMPOSSIBLE/.test(line)).length).toBe(
      3,
    );
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

/** Heartbeats would end every hold early. */
const withoutHeartbeats = async (): Promise<void> => {
  stage.server.disguise = (message) => ({ ...message, sentAt: 0n });
  await Bun.sleep(250);
};

describe("held polls", () => {
  afterEach(() => {
    stage.server.disguise = (message) => message;
  });

  test("a pull that comes out of the blue ends at once, the next one waits", async () => {
    await withoutHeartbeats();
    using poller = await Poller.open();
    await poller.catchUp();
    const held = await poller.poll();
    expect(held).toMatchObject({ status: 400, generation: poller.gen });
    expect(held.ms).toBeGreaterThan(HOLD_MS * 0.9);
    expect(held.ms).toBeLessThan(HOLD_MS + 500);
    using other = await Poller.open();
    other.from = poller.from;
    expect((await other.poll()).ms).toBeLessThan(300);
  });

  test("a commit ends the wait at once", async () => {
    await withoutHeartbeats();
    using poller = await Poller.open();
    await poller.catchUp();
    const held = poller.poll();
    await Bun.sleep(100);
    const before = performance.now();
    stage.book.deposit(stage.book.players[0]!, 5n);
    stage.server.wake();
    expect((await held).status).toBe(200);
    expect(performance.now() - before).toBeLessThan(200);
  });

  test("heartbeats and a busy book don't keep a pull going", async () => {
    using poller = await Poller.open();
    await poller.catchUp();
    const busy = stage.play(200, 1_200, seeded(testSeed("busy")));
    for (let pull = 0; pull < 2; pull += 1) {
      const start = performance.now();
      for (;;) {
        const { status, generation: told } = await poller.poll();
        if (status === 400 && told === poller.gen) break;
        if (status === 400) [poller.gen, poller.from] = [poller.gen + 1, 1];
      }
      const ms = performance.now() - start;
      expect(ms).toBeLessThan(1_500);
    }
    await busy;
  }, 15_000);

  test("they survive a rotation, and learn of it only at the generation's end", async () => {
    using poller = await Poller.open();
    await poller.catchUp();
    const { gen } = poller;
    for (let round = 0; round < 50; round += 1) {
      const held = poller.poll();
      for (const player of stage.book.players.slice(0, 8)) stage.book.deposit(player, 1n);
      stage.server.wake();
      await held;
      await stage.settled();
      if ((await generation()) > gen) break;
    }
    expect(await generation()).toBeGreaterThan(gen);
    let last = await poller.poll();
    while (last.status === 200 || last.generation === gen) last = await poller.poll();
    expect(last.status).toBe(400);
    expect(last.generation).toBeGreaterThan(gen);
  }, 15_000);

  test("a generation between info and export may have ended; a dropped one is gone", async () => {
    using poller = await Poller.open();
    const { gen } = poller;
    const rotated = (newer: number) =>
      until(`generation ${newer}`, async () => {
        for (const player of stage.book.players) stage.book.deposit(player, 1n);
        await stage.settled();
        return (await generation()) >= newer;
      });
    await rotated(gen + 1);
    expect((await stage.get(`/export/${gen}`, feed)).status).toBe(200);
    expect((await poller.poll()).status).toBe(200);
    await rotated(gen + 5);
    expect((await stage.get(`/export/${gen}`, feed)).status).toBe(410);
    expect((await poller.poll()).status).toBe(410);
  }, 20_000);
});

test("positions, bytes and feed are in the metrics; health and readiness answer", async () => {
  using poller = await Poller.open();
  stage.book.populate(1);
  await stage.settled();
  await poller.catchUp();
  const text = await (await fetch(`${stage.publisher.url}/metrics`)).text();
  expect(text).toMatch(
    /countroom_publisher_edge_acknowledged_seq\{edge="eu",role="publisher"\} \d+/,
  );
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
