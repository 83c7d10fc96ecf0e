/**
 * Goal: a server drains when it is stopped, keeps what it is told to keep open, speaks TLS that
 * only the right authorities trust, and shares its port. Method: real sockets; the same on Deno
 * when there is one.
 */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import {
  randomBytes,
  scriptCommand,
  serve,
  spawn,
  trustingFetch,
} from "../../src/runtime/index.ts";
import { TEST_CERT, TEST_KEY } from "./test-certificate.ts";

async function failed(call: Promise<unknown>): Promise<boolean> {
  return call.then(
    () => false,
    () => true,
  );
}

describe("a server", () => {
  test("tells its address, and the caller's", async () => {
    const server = serve({ port: 0, fetch: (_, info) => new Response(info.remoteAddress) });
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    expect(await (await fetch(server.url)).text()).toBe("127.0.0.1");
    await server.stop();
  });

  test("listens on IPv6, and tells an address that can be dialled", async () => {
    const server = serve({ port: 0, hostname: "::1", fetch: () => new Response("six") });
    expect(server.url).toBe(`http://[::1]:${server.port}`);
    expect(await (await fetch(server.url)).text()).toBe("six");
    await server.stop();
    const every = serve({ port: 0, hostname: "0.0.0.0", fetch: () => new Response("all") });
    expect(await (await fetch(every.url)).text()).toBe("all");
    await every.stop();
  });

  test("refuses a port that is taken", async () => {
    const first = serve({ port: 0, fetch: () => new Response() });
    expect(() => serve({ port: first.port, fetch: () => new Response() })).toThrow();
    await first.stop();
  });

  test("shares a port when both ask for it", async () => {
    const first = serve({ port: 0, reusePort: true, fetch: () => new Response("1") });
    const second = serve({ port: first.port, reusePort: true, fetch: () => new Response("2") });
    const seen = new Set<string>();
    for (let turn = 0; turn < 100 && seen.size < 2; turn += 1) {
      const response = await fetch(first.url, { headers: { connection: "close" } });
      seen.add(await response.text());
    }
    expect([...seen].toSorted()).toEqual(["1", "2"]);
    await Promise.all([first.stop(), second.stop()]);
  });

  test("lets what runs end when it stops, and takes nothing new", async () => {
    const server = serve({
      port: 0,
      fetch: async () => {
        await Bun.sleep(300);
        return new Response("done");
      },
    });
    const running = fetch(server.url).then((response) => response.text());
    await Bun.sleep(50);
    const stopping = server.stop(5_000);
    expect(await failed(fetch(server.url, { headers: { connection: "close" } }))).toBe(true);
    expect(await running).toBe("done");
    await stopping;
    expect(server.stop()).toBe(stopping);
  });

  test("cuts what outlasts its patience", async () => {
    const server = serve({ port: 0, idleTimeout: 0, fetch: () => new Promise(() => {}) });
    const running = failed(fetch(server.url));
    await Bun.sleep(50);
    const start = performance.now();
    await server.stop(100);
    expect(performance.now() - start).toBeLessThan(3_000);
    expect(await running).toBe(true);
  });

  test("cuts a silent request after its idle timeout, unless it is kept open", async () => {
    const server = serve({
      port: 0,
      idleTimeout: 1,
      fetch: async (request, info) => {
        if (request.url.endsWith("/keep")) info.keepOpen();
        // Bun counts idle time in steps of four seconds.
        await Bun.sleep(9_000);
        return new Response("kept");
      },
    });
    const [silent, kept] = await Promise.all([
      failed(fetch(`${server.url}/silent`)),
      fetch(`${server.url}/keep`).then((response) => response.text()),
    ]);
    expect(silent).toBe(true);
    expect(kept).toBe("kept");
    await server.stop(100);
  }, 20_000);

  test("turns a handler's failure into a bare 500", async () => {
    const server = serve({
      port: 0,
      fetch: () => {
        throw new Error("a secret");
      },
    });
    const response = await fetch(server.url);
    expect(response.status).toBe(500);
    expect(await response.text()).toBe("");
    await server.stop();
  });

  test("refuses a body beyond its limit", async () => {
    const server = serve({
      port: 0,
      bodyBytesMax: 1_000,
      fetch: async (request) => new Response(String((await request.bytes()).length)),
    });
    const post = (length: number) =>
      fetch(server.url, { method: "POST", body: randomBytes(length) });
    expect(await (await post(1_000)).text()).toBe("1000");
    expect((await post(1_001)).status).toBe(413);
    await server.stop();
  });
});

describe("TLS", () => {
  test("is trusted through its authority and not otherwise", async () => {
    const server = serve({
      port: 0,
      hostname: "localhost",
      tls: { cert: TEST_CERT, key: TEST_KEY },
      fetch: () => new Response("safe"),
    });
    expect(server.url).toBe(`https://localhost:${server.port}`);
    const response = await trustingFetch(TEST_CERT)(server.url);
    expect(await response.text()).toBe("safe");
    expect(await failed(trustingFetch(undefined)(server.url))).toBe(true);
    await server.stop();
  });
});

const deno = Bun.which("deno");
const portable = join(import.meta.dir, "portable.ts");
const runtimes: readonly (readonly [string, readonly string[] | undefined])[] = [
  ["bun", scriptCommand(portable, [])],
  [
    "deno",
    deno === null
      ? undefined
      : [deno, "run", "-A", "--no-check", "--node-modules-dir=manual", portable],
  ],
];

describe("an edge's needs", () => {
  for (const [runtime, command] of runtimes) {
    test.skipIf(command === undefined)(
      `are met by ${runtime}`,
      async () => {
        const lines: string[] = [];
        const child = await spawn({
          command: command ?? [],
          onStdout: (line) => void lines.push(line),
          onStderr: () => {},
        });
        const { code } = await child.exited;
        await Bun.sleep(20);
        expect(JSON.parse(lines.at(-1) ?? "null")).toEqual({
          runtime,
          append: "refused",
          heads: ["0", "1", "2"],
          child: { lines: ["child speaks"], code: 0, signal: null },
          thrown: [500, ""],
          slow: 200,
          stopped: true,
          refusedAfterStop: true,
          streamsEnded: 1,
          decoded: true,
          zstd: [true, 1000],
          clock: true,
        });
        expect(code).toBe(0);
      },
      30_000,
    );
  }
});
