/**
 * Goal: a balance read at the edge is right, says how old it is, and honours bookmarks.
 * Method: a whole deployment; the publisher is stopped where the replica must lag.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { issueCredential } from "../../src/access/index.ts";
import { deposit, Deployment, event, until } from "./deployment.ts";

let site: Deployment;
beforeAll(async () => {
  site = await Deployment.open();
});
afterAll(() => site[Symbol.asyncDispose]());

const token = (claims: object): Promise<string> =>
  issueCredential(site.keys.access.privateKey, {
    sub: "test",
    role: "api",
    op: "demo",
    src: "test",
    scopes: ["read"],
    ...claims,
  });

describe("a read", () => {
  test("answers balances, freshness and a bookmark", async () => {
    const playerRef = await site.player("25000000");
    await until("the replica to show the deposit", async () => {
      return (await site.read(playerRef)).body["balances"]?.[0]?.available === "25000000";
    });
    const { status, headers, body } = await site.read(playerRef);
    expect(status).toBe(200);
    const [seq] = [body["freshness"].seq as number];
    expect(body).toEqual({
      player_ref: playerRef,
      balances: [
        {
          currency: "FUN",
          exponent: 6,
          available: "25000000",
          bonus: "0",
          held: "0",
          version: "2",
        },
      ],
      freshness: { epoch: 1, seq, age_ms: expect.any(Number), source: "replica" },
    });
    expect(headers.get("countroom-bookmark")).toBe(`1-${seq}`);
    expect(headers.get("content-type")).toBe("application/json");
  });

  test("takes a reference in capitals for the same player", async () => {
    const playerRef = await site.player();
    const [receipt] = await site.settle(deposit(playerRef, "1"));
    const { status, body } = await site.read(playerRef.toUpperCase(), receipt!.bookmark);
    expect(status).toBe(200);
    expect(body["player_ref"]).toBe(playerRef);
  });

  test("shows a change within tens of milliseconds, also of a row it kept", async () => {
    const playerRef = await site.player();
    await until("the replica to know the player", async () => {
      return (await site.read(playerRef)).status === 200;
    });
    const lagsMs: number[] = [];
    for (let round = 1; round <= 10; round += 1) {
      await site.settle(deposit(playerRef, "1"));
      const settled = performance.now();
      await until("the change to be seen", async () => {
        const { body } = await site.read(playerRef);
        return body["balances"][0].available === String(round);
      });
      lagsMs.push(performance.now() - settled);
    }
    lagsMs.sort((a, b) => a - b);
    expect(lagsMs[5]!).toBeLessThan(100);
  });

  test("is refused to whoever may not read", async () => {
    const playerRef = await site.player();
    const cases = [
      [undefined, 401, "ACCESS_UNAUTHENTICATED"],
      ["Basic eHg6eHg=", 401, "ACCESS_UNAUTHENTICATED"],
      ["Bearer x.y.z", 401, "ACCESS_UNAUTHENTICATED"],
      [`Bearer ${site.key("read").slice(0, -4)}AAAA`, 401, "ACCESS_UNAUTHENTICATED"],
      [`Bearer ${await token({ exp: 1_000 })}`, 401, "ACCESS_EXPIRED"],
      [`Bearer ${await token({ scopes: ["cashier"] })}`, 403, "ACCESS_SCOPE"],
    ] as const;
    for (const [authorization, status, code] of cases) {
      const response = await fetch(`${site.edge.url}/v1/players/${playerRef}/balance`, {
        headers: authorization === undefined ? {} : { authorization },
      });
      expect(response.status).toBe(status);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
      expect(response.headers.has("www-authenticate")).toBe(status === 401);
      const body = (await response.json()) as Record<string, unknown>;
      expect(body["code"]).toBe(code);
      expect(body).not.toHaveProperty("balances");
    }
  });

  test("of an unknown player, or another operator's, is 404 with freshness", async () => {
    const playerRef = await site.player();
    await until("the replica to know the player", async () => {
      return (await site.read(playerRef)).status === 200;
    });
    const stranger = await token({ op: "other", src: "other" });
    const answers = [
      await site.read("01980a4b-5c7e-7d31-9b1f-3f0a2c9d8e71"),
      await site.read(playerRef, undefined, stranger),
      await site.read(playerRef, "1-1", stranger),
    ];
    for (const { status, body } of answers) {
      expect(status).toBe(404);
      expect(body["code"]).toBe("PLAYER_UNKNOWN");
      expect(body["freshness"]).toEqual({
        epoch: 1,
        seq: expect.any(Number),
        age_ms: expect.any(Number),
        source: "replica",
      });
    }
  });

  test("that makes no sense is 400", async () => {
    const playerRef = await site.player();
    const cases = [
      ["not-a-uuid/balance", "REQUEST_INVALID"],
      [`${playerRef}/balance?at_last=1-1`, "REQUEST_INVALID"],
      [`${playerRef}/balance?at_least=1-1&at_least=1-2`, "REQUEST_INVALID"],
      [`${playerRef}/balance?at_least=`, "BOOKMARK_MALFORMED"],
      [`${playerRef}/balance?at_least=1`, "BOOKMARK_MALFORMED"],
      [`${playerRef}/balance?at_least=1--1`, "BOOKMARK_MALFORMED"],
      [`${playerRef}/balance?at_least=01-1`, "BOOKMARK_MALFORMED"],
      [`${playerRef}/balance?at_least=1-9999999999999999`, "BOOKMARK_MALFORMED"],
      [`${playerRef}/balance?at_least=${"1".repeat(5_000)}`, "REQUEST_INVALID"],
    ] as const;
    for (const [path, code] of cases) {
      const response = await fetch(`${site.edge.url}/v1/players/${path}`, {
        headers: { authorization: `Bearer ${site.key("read")}` },
      });
      expect([path, response.status]).toEqual([path, 400]);
      expect(((await response.json()) as { code: string }).code).toBe(code);
    }
  });
});

describe("a bookmark", () => {
  test("makes every write readable at once, from whichever side is first", async () => {
    const playerRef = await site.player();
    let expected = 0n;
    for (let round = 1n; round <= 25n; round += 1n) {
      const [receipt] = await site.settle(deposit(playerRef, String(round)));
      expected += round;
      const { status, body, headers } = await site.read(playerRef, receipt!.bookmark);
      expect(status).toBe(200);
      expect(body["balances"][0].available).toBe(String(expected));
      expect(headers.get("countroom-bookmark")).toBe(receipt!.bookmark);
    }
  });

  test("that the replica doesn't reach is answered by the primary", async () => {
    const playerRef = await site.player();
    site.publisher.kill("SIGSTOP");
    try {
      const [receipt] = await site.settle(deposit(playerRef, "7"));
      const started = performance.now();
      const { status, body, headers } = await site.read(playerRef, receipt!.bookmark);
      const tookMs = performance.now() - started;
      expect(status).toBe(200);
      expect(body["balances"][0].available).toBe("7");
      expect(body["freshness"]).toEqual({
        epoch: 1,
        seq: Number(receipt!.seq),
        age_ms: expect.any(Number),
        source: "primary",
      });
      expect(headers.get("countroom-bookmark")).toBe(receipt!.bookmark);
      expect(tookMs).toBeGreaterThan(95);
      expect(tookMs).toBeLessThan(1_500);
    } finally {
      site.publisher.kill("SIGCONT");
    }
  });

  test("beyond the book is 400, judged by the primary alone", async () => {
    const playerRef = await site.player();
    for (const bookmark of ["1-1000000000", "2-1"]) {
      const { status, body } = await site.read(playerRef, bookmark);
      expect(status).toBe(400);
      expect(body["code"]).toBe("BOOKMARK_UNKNOWN");
    }
  });

  test("reads that all need the primary are bounded", async () => {
    const playerRef = await site.player();
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => site.read(playerRef, "1-1000000000")),
    );
    const codes = new Set(answers.map(({ body }) => body["code"] as string));
    expect([...codes].filter((code) => !["BOOKMARK_UNKNOWN", "OVERLOADED"].includes(code))).toEqual(
      [],
    );
    const busy = answers.filter(({ body }) => body["code"] === "OVERLOADED");
    for (const { status, headers } of busy) {
      expect(status).toBe(503);
      expect(headers.has("retry-after")).toBe(true);
    }
  });
});

describe("POST /v1/players/resolve", () => {
  const resolve = (body: unknown, key: "admin" | "play" = "admin") =>
    fetch(`${site.edge.url}/v1/players/resolve`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${site.key(key)}`,
        "content-type": "application/json",
      },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });

  test("knows nobody who hasn't registered, and only the desk may ask", async () => {
    const cases = [
      [{ telegram_id: "123" }, "admin", 404, "PLAYER_UNKNOWN"],
      [{ telegram_id: 123 }, "admin", 404, "PLAYER_UNKNOWN"],
      [{ telegram_id: "123" }, "play", 403, "ACCESS_SCOPE"],
      [{ telegram_id: "123", operator_id: "other" }, "admin", 403, "ACCESS_SCOPE"],
      [{ telegram_id: 1.5 }, "admin", 400, "REQUEST_INVALID"],
      [{ telegram_id: "0123" }, "admin", 400, "REQUEST_INVALID"],
      [{ telegram_id: "9007199254740991" }, "admin", 400, "REQUEST_INVALID"],
      [{ telegram_id: "123", more: 1 }, "admin", 400, "REQUEST_INVALID"],
      [{}, "admin", 400, "REQUEST_INVALID"],
      ["{", "admin", 400, "REQUEST_MALFORMED"],
      ["x".repeat(10_000), "admin", 413, "REQUEST_TOO_LARGE"],
    ] as const;
    for (const [body, key, status, code] of cases) {
      const response = await resolve(body, key);
      const problem = (await response.json()) as { code: string };
      expect([body, response.status, problem.code]).toEqual([body, status, code]);
    }
  });
});

describe("the surface", () => {
  test("answers machines", async () => {
    await site.settle({ ...event(), player_registered: {} });
    const note = await fetch(`${site.edge.url}/v1/checkpoint`);
    expect(await note.text()).toStartWith("countroom/dev/1/");
    expect((await fetch(`${site.edge.url}/healthz`)).status).toBe(200);
    const ready = await site.readyz();
    expect(ready.ready).toBe(true);
    const metrics = await (await fetch(`${site.edge.url}/metrics`)).text();
    expect(metrics).toContain("countroom_edge_uplink_events_total");
    expect(metrics).toContain("countroom_edge_replica_age_seconds");
  });

  test("refuses unknown routes and wrong methods with a problem", async () => {
    const cases = [
      ["GET", "/nothing", 404, null],
      ["GET", "/v1/players/x", 404, null],
      ["GET", "/v1/events", 405, "POST"],
      ["DELETE", "/v1/players/x/balance", 405, "GET, HEAD"],
      ["PUT", "/healthz", 405, "GET, HEAD"],
    ] as const;
    for (const [method, path, status, allow] of cases) {
      const response = await fetch(`${site.edge.url}${path}`, { method });
      expect([path, response.status, response.headers.get("allow")]).toEqual([path, status, allow]);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
      expect(((await response.json()) as { code: string }).code).toBe("ROUTE_UNKNOWN");
    }
  });

  test("describes itself so that its examples can be posted", async () => {
    const document = (await (await fetch(`${site.edge.url}/openapi.json`)).json()) as any;
    expect(Object.keys(document.paths).toSorted()).toEqual([
      "/healthz",
      "/metrics",
      "/readyz",
      "/v1/checkpoint",
      "/v1/events",
      "/v1/keys",
      "/v1/players/resolve",
      "/v1/players/{player_ref}/balance",
      "/v1/players/{player_ref}/statement",
      "/v1/proofs/consistency",
      "/v1/proofs/inclusion",
      "/v1/records",
      "/v1/rounds/{round_id}",
    ]);
    const { schema, examples } =
      document.paths["/v1/events"].post.requestBody.content["application/json"];
    expect(JSON.stringify(schema)).toContain("#/components/schemas/Event");
    expect(document.components.schemas.Event.properties).toHaveProperty("bet_placed");
    const playerRef = await site.player("1");
    const keys = { deposit: "play", dice: "play", bet_and_settlement: "play" } as const;
    const money = { card_deposit: "cashier", withdrawal: "play", payout: "cashier" } as const;
    for (const [name, key] of Object.entries({ ...keys, ...money })) {
      const text = JSON.stringify(examples[name].value).replaceAll(
        /"player_ref":"[^"]+"/g,
        `"player_ref":"${playerRef}"`,
      );
      const { status, body } = await site.post(text, site.key(key));
      expect(status).toBe(200);
      expect(body["receipts"].map((one: any) => [name, one.status])).toEqual(
        body["receipts"].map(() => [name, "accepted"]),
      );
    }
  });
});
