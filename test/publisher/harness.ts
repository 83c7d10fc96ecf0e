/**
 * A running publisher with a folder, keys and tokens of its own, and real libSQL clients in
 * processes of their own.
 */
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issueCredential } from "../../src/access/index.ts";
import { logger } from "../../src/ops/index.ts";
import {
  startPublisher,
  type Publisher,
  type PublisherOptions,
} from "../../src/publisher/index.ts";
import { spawn, type Child } from "../../src/runtime/index.ts";
import { createLedgerClient } from "../../src/wire/index.ts";
import { BookServer } from "./book-server.ts";
import { TestBook } from "./test-book.ts";

export const access = generateKeyPairSync("ed25519");

/** A token of an edge. */
export function edgeToken(): Promise<string> {
  return issueCredential(access.privateKey, { sub: "edge-eu", role: "edge" });
}

/** A random number source with a printed seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The run's seed, or a fresh one; printed, so that a failure can be repeated. */
export function testSeed(what: string): number {
  const seed = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 2 ** 32));
  console.log(`${what}: TEST_SEED=${seed}`);
  return seed;
}

export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 10_000,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms in vain for: ${what}`);
    await Bun.sleep(5);
  }
}

/** Book, its server, a publisher and everything that was started with them. */
export class Stage implements AsyncDisposable {
  readonly book: TestBook;
  readonly server: BookServer;
  readonly folder = mkdtempSync(join(tmpdir(), "countroom-publisher-"));
  publisher!: Publisher;
  token = "";
  readonly log: string[] = [];
  readonly #children: Child[] = [];

  private constructor(book: TestBook) {
    this.book = book;
    this.server = new BookServer(book);
  }

  static async open(
    players = 20,
    options: Partial<PublisherOptions> = {},
    book = new TestBook(),
  ): Promise<Stage> {
    book.populate(players);
    const stage = new Stage(book);
    stage.token = await edgeToken();
    await stage.start(options);
    return stage;
  }

  /** The publisher's folder. */
  get path(): string {
    return join(this.folder, "publisher");
  }

  async start(options: Partial<PublisherOptions> = {}): Promise<void> {
    const write = (line: string): void => void this.log.push(line.trimEnd());
    this.publisher = await startPublisher({
      folder: this.path,
      deployment: "dev",
      client: createLedgerClient({ baseUrl: this.server.url, token: "none" }),
      signingPublic: this.book.keys.publicKey,
      accessPublic: access.publicKey,
      host: "127.0.0.1",
      port: 0,
      tickMs: 10,
      log: logger("publisher", { write }),
      withheldRetryMs: 200,
      ...options,
    });
    this.publisher.ended.catch(() => undefined);
  }

  /** What `GET /v1/feed` says. */
  async feed(): Promise<Feed> {
    return (await (await fetch(`${this.publisher.url}/v1/feed?edge=eu`)).json()) as Feed;
  }

  /** A request below a feed, on a connection of its own: connections have a history there. */
  get(path: string, feed?: { sync_url: string }, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${this.token}` };
    return (async () =>
      fetch(`${(feed ?? (await this.feed())).sync_url}${path}`, {
        headers,
        keepalive: false,
        ...init,
      }))();
  }

  async readyz(): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(`${this.publisher.url}/readyz`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** The published head has reached the book's. */
  async settled(): Promise<void> {
    this.server.wake();
    await until("the publisher to reach the book", async () => {
      return (await this.feed()).seq === this.book.seq;
    });
  }

  /** Something happens to this many players, in bursts, over about `ms`. */
  async play(events: number, ms: number, pick: () => number): Promise<void> {
    const rounds = Math.max(1, Math.round(ms / 5));
    for (let round = 0; round < rounds; round += 1) {
      for (let i = 0; i < events / rounds; i += 1) this.book.play(pick);
      this.server.wake();
      await Bun.sleep(5);
    }
  }

  /** Runs a script in a process of its own; `lines` grows with what it prints. */
  async child(command: readonly string[]): Promise<{ child: Child; lines: string[] }> {
    const lines: string[] = [];
    // What libSQL says about a publisher that is gone fills a pipe that nobody reads.
    const onStderr = (): void => undefined;
    const child = await spawn({ command, onStdout: (line) => void lines.push(line), onStderr });
    this.#children.push(child);
    return { child, lines };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
    await this.publisher.stop();
    await this.server[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Feed {
  readonly epoch: number;
  readonly feed: string;
  readonly seq: number;
  readonly tick: number;
  readonly time: number;
  readonly sync_url: string;
}
