/**
 * Goal: an edge passes questions on for the operator of its caller's key and nobody else, passes
 * answers on as they are, and never lets a slow or silly search take it along.
 * Method: a worker in this process, and a stand-in for search that says what it is told to.
 */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureDevKeys, issueCredential, type Keys } from "../../src/access/index.ts";
import { createEdge, NOTHING_KEPT, type Edge } from "../../src/edge/index.ts";
import { logger } from "../../src/ops/index.ts";
import { serve, systemClock, type Server } from "../../src/runtime/index.ts";
import { Code } from "../../src/wire/gen/countroom/v1/record_pb.ts";
import { NOBODY } from "./deployment.ts";
import { LedgerServer } from "./ledger-server.ts";

const NOWHERE = "http://127.0.0.1:9";
let dir: string;
let keys: Keys;
let server: Server;
let edge: Edge;
let asked: { url: string; headers: Headers }[];
let say: (request: Request) => Response | Promise<Response>;

function worker(searchUrl: string | undefined, primaryUrl = NOWHERE): Edge {
  return createEdge({
    region: "eu",
    edgeId: "eu",
    deployment: "dev",
    primaryUrl,
    publisherUrl: NOWHERE,
    searchUrl,
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
  dir = mkdtempSync(join(tmpdir(), "countroom-edge-search-"));
  keys = await ensureDevKeys(join(dir, "keys"), ["eu"]);
  asked = [];
  say = () => Response.json({ fine: true });
  server = serve({
    port: 0,
    fetch: (request) => {
      // The request itself is empty once it is answered.
      asked.push({ url: request.url, headers: new Headers(request.headers) });
      return say(request);
    },
  });
  edge = worker(server.url);
});
afterEach(async () => {
  await edge[Symbol.asyncDispose]();
  await server.stop(0);
  rmSync(dir, { recursive: true });
});

async function ask(
  path: string,
  options: { readonly key?: string; readonly of?: Edge; readonly headers?: object } = {},
): Promise<{ status: number; headers: Headers; body: any }> {
  const authorization = `Bearer ${options.key ?? keys.token("api-read")}`;
  const headers = { authorization, ...options.headers };
  const request = new Request(`http://edge${path}`, { headers });
  const response = await (options.of ?? edge).fetch(request);
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : text,
  };
}

test("path and query go on as they came, for the operator of the caller's key", async () => {
  const path = `/v1/players/${NOBODY}/statement?limit=3&cursor=1-0&at_least=1-4`;
  const key = await issueCredential(keys.access.privateKey, {
    sub: "k",
    role: "api",
    op: "rival",
    src: "s",
    scopes: ["read"],
  });
  const headers = { "countroom-operator": "demo", accept: "text/csv" };
  expect(await ask(path, { key, headers })).toMatchObject({ status: 200, body: { fine: true } });
  const [request] = asked;
  expect(request!.url).toBe(server.url + path);
  expect(request!.headers.get("authorization")).toBe(`Bearer ${keys.token("edge-eu")}`);
  expect(request!.headers.get("countroom-operator")).toBe("rival");
  expect(request!.headers.get("accept")).toBe("text/csv");
  await ask("/v1/rounds/a%2Fb%3Fc%00?source=x");
  expect(asked[1]!.url).toBe(`${server.url}/v1/rounds/a%2Fb%3Fc%00?source=x`);
});

test("keys need their scope, before search hears of it", async () => {
  const noScope = await issueCredential(keys.access.privateKey, {
    sub: "k",
    role: "api",
    op: "demo",
    src: "s",
    scopes: ["cashier"],
  });
  const refused: [string, string | undefined, number, string][] = [
    ["/v1/rounds/r", "nonsense", 401, "ACCESS_UNAUTHENTICATED"],
    ["/v1/rounds/r", noScope, 403, "ACCESS_SCOPE"],
    [`/v1/players/${NOBODY}/statement`, noScope, 403, "ACCESS_SCOPE"],
    ["/v1/records?txn=a", keys.token("api-play"), 403, "ACCESS_SCOPE"],
    // A process's token is of no operator.
    ["/v1/rounds/r", keys.token("edge-eu"), 403, "ACCESS_SCOPE"],
  ];
  for (const [path, key, status, code] of refused) {
    expect(await ask(path, { key })).toMatchObject({ status, body: { code } });
  }
  expect(asked).toEqual([]);
  const admin = keys.token("api-admin");
  expect((await ask("/v1/records?txn=a", { key: admin })).status).toBe(200);
});

test("answers and refusals pass; what is between edge and search doesn't", async () => {
  say = () =>
    new Response("a,b\r\n", {
      headers: {
        "content-type": "text/csv",
        "countroom-bookmark": "1-4",
        "countroom-next-cursor": "3-0",
        "set-cookie": "a=b",
        "x-internal": "host-7",
      },
    });
  const csv = await ask("/v1/rounds/r");
  expect(csv).toMatchObject({ status: 200, body: "a,b\r\n" });
  expect(csv.headers.get("countroom-bookmark")).toBe("1-4");
  expect(csv.headers.get("countroom-next-cursor")).toBe("3-0");
  expect([csv.headers.get("set-cookie"), csv.headers.get("x-internal")]).toEqual([null, null]);
  const problem = { "content-type": "application/problem+json", "retry-after": "1" };
  for (const status of [400, 404, 503]) {
    say = () => new Response(JSON.stringify({ code: "X" }), { status, headers: problem });
    expect(await ask("/v1/rounds/r")).toMatchObject({ status, body: { code: "X" } });
  }
  for (const status of [401, 403, 500, 302]) {
    say = () => new Response(JSON.stringify({ code: "X" }), { status, headers: problem });
    const hidden = await ask("/v1/rounds/r");
    expect(hidden).toMatchObject({ status: 503, body: { code: "UNAVAILABLE" } });
    expect(hidden.headers.get("retry-after")).toBe("1");
  }
  say = () => new Response("<html>", { status: 404, headers: { "content-type": "text/html" } });
  expect(await ask("/v1/rounds/r")).toMatchObject({ status: 503, body: { code: "UNAVAILABLE" } });
});

const keyOf = (op: string): Promise<string> =>
  issueCredential(keys.access.privateKey, { sub: op, role: "api", op, src: "s", scopes: ["read"] });

test("32 questions at a time, half of them one operator's, then 503; silence ends", async () => {
  say = () => new Promise(() => undefined);
  const began = performance.now();
  const callers = await Promise.all(["one", "two", "three"].map(keyOf));
  const answers = await Promise.all(
    callers.map((key) =>
      Promise.all(Array.from({ length: 20 }, () => ask("/v1/rounds/r", { key }))),
    ),
  );
  const told = answers.map((own) => {
    expect(own.every(({ status }) => status === 503)).toBe(true);
    return own.filter(({ body }) => body.code === "UNAVAILABLE").length;
  });
  expect(Math.max(...told)).toBeLessThanOrEqual(16);
  expect(told.reduce((sum, own) => sum + own)).toBe(32);
  expect(asked.length).toBe(32);
  expect(performance.now() - began).toBeLessThan(5_000);
  say = () => Response.json({ fine: true });
  expect((await ask("/v1/rounds/r")).status).toBe(200);
}, 10_000);

test("one operator's questions leave places for another's", async () => {
  const release = Promise.withResolvers<void>();
  const [hog, other] = await Promise.all(["hog", "other"].map(keyOf));
  say = async ({ headers }) => {
    if (headers.get("countroom-operator") === "hog") await release.promise;
    return Response.json({ fine: true });
  };
  const held = Array.from({ length: 32 }, () => ask("/v1/rounds/r", { key: hog! }));
  const answers = await Promise.all(
    Array.from({ length: 16 }, () => ask("/v1/rounds/r", { key: other! })),
  );
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  release.resolve();
  const told = (await Promise.all(held)).map(({ status }) => status);
  expect(told.filter((status) => status === 200).length).toBe(16);
  expect((await ask("/v1/rounds/r", { key: hog! })).status).toBe(200);
});

test("a bookmark that search doesn't reach is the primary's to judge", async () => {
  await using primary = await LedgerServer.open();
  await using judged = worker(server.url, primary.url);
  const body = JSON.stringify({ code: "UNAVAILABLE" });
  const problem = { "content-type": "application/problem+json", "retry-after": "1" };
  say = () => new Response(body, { status: 503, headers: problem });
  const target = "/v1/rounds/r?at_least=1-9";
  primary.balanceCode = Code.BOOKMARK_LOST;
  // Search is away: that says nothing of the bookmark.
  expect(await ask(target, { of: judged })).toMatchObject({ status: 503 });
  const headers = { ...problem, "countroom-behind": "bookmark" };
  say = () => new Response(body, { status: 503, headers });
  const cases: [Code, number, string][] = [
    [Code.BOOKMARK_LOST, 409, "BOOKMARK_LOST"],
    [Code.BOOKMARK_UNKNOWN, 400, "BOOKMARK_UNKNOWN"],
    // It is in the book, and search gets there.
    [Code.OK, 503, "UNAVAILABLE"],
    [Code.PLAYER_UNKNOWN, 503, "UNAVAILABLE"],
  ];
  for (const [code, status, name] of cases) {
    primary.balanceCode = code;
    const answer = await ask(target, { of: judged });
    expect(answer).toMatchObject({ status, body: { code: name } });
    expect(answer.headers.get("retry-after")).toBe(status === 503 ? "1" : null);
    expect(answer.headers.get("countroom-behind")).toBeNull();
  }
  // Without the primary nobody can tell.
  expect(await ask(target)).toMatchObject({ status: 503, body: { code: "UNAVAILABLE" } });
});

test("an edge without search says so, and what to do", async () => {
  await using alone = worker(undefined);
  const { status, body } = await ask("/v1/rounds/r", { of: alone });
  expect(status).toBe(503);
  expect(body).toMatchObject({ code: "UNAVAILABLE", hint: expect.stringContaining("SEARCH_URL") });
  await using lost = worker(NOWHERE);
  const away = await ask("/v1/rounds/r", { of: lost });
  expect(away).toMatchObject({ status: 503, body: { code: "UNAVAILABLE" } });
  expect(JSON.stringify(away.body)).not.toContain("127.0.0.1");
});

test("the document describes them", async () => {
  const { body } = await ask("/openapi.json");
  const paths = ["/v1/players/{player_ref}/statement", "/v1/rounds/{round_id}", "/v1/records"];
  for (const path of paths) {
    const { get } = body.paths[path];
    expect(get.responses["200"].content["application/json"].schema).toBeDefined();
    expect(get.parameters.map(({ name }: any) => name)).toContain("at_least");
    expect(get.summary).not.toBe("");
  }
  const { entries } = body.components.schemas.Statement.properties;
  expect(Object.keys(entries.items.properties)).toContain("balance");
});
