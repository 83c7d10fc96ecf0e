/**
 * Search in this process, in front of a primary over real HTTP that can lie.
 */
import { afterAll, expect } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issueCredential } from "../../src/access/index.ts";
import { logger } from "../../src/ops/index.ts";
import { SEARCH_FILE, searchHash, startSearch, type Search } from "../../src/search/index.ts";
import { createLedgerClient, readTailRecord } from "../../src/wire/index.ts";
import { BookServer } from "../publisher/book-server.ts";
import { until } from "../publisher/harness.ts";
import { TestBook } from "../publisher/test-book.ts";
import { rebuiltHash } from "./site.ts";

const access = generateKeyPairSync("ed25519");
const root = mkdtempSync(join(tmpdir(), "countroom-search-follow-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Ready {
  readonly ready: boolean;
  readonly state: string;
  readonly seq: number;
  readonly head_seq: number;
  readonly age_ms: number | null;
  readonly code?: string;
}

let stages = 0;

export class Stage implements AsyncDisposable {
  readonly folder = join(root, `${(stages += 1)}`);
  readonly book: TestBook;
  readonly server: BookServer;
  readonly log: string[] = [];
  search!: Search;

  readonly #scrubEveryMs: number | undefined;

  constructor(players: number, scrubEveryMs?: number) {
    this.#scrubEveryMs = scrubEveryMs;
    this.book = new TestBook();
    this.book.populate(players);
    this.server = new BookServer(this.book);
    this.start();
  }

  start(): void {
    this.search = startSearch({
      folder: this.folder,
      deployment: "dev",
      client: createLedgerClient({ baseUrl: this.server.url, token: "t" }),
      signingPublic: this.book.keys.publicKey,
      accessPublic: access.publicKey,
      host: "127.0.0.1",
      port: 0,
      log: logger("search", { level: "info", write: (line) => void this.log.push(line) }),
      withheldRetryMs: 200,
      ...(this.#scrubEveryMs === undefined ? {} : { scrubEveryMs: this.#scrubEveryMs }),
    });
    this.search.ended.catch(() => undefined);
  }

  get file(): string {
    return join(this.folder, SEARCH_FILE);
  }

  async ready(): Promise<Ready> {
    return (await (await fetch(`${this.search.url}/readyz`)).json()) as Ready;
  }

  /** Waits until search answers for a whole book, and holds its rows against the records. */
  async settled(book: TestBook = this.server.book): Promise<void> {
    this.server.wake();
    await until("search to have the book", async () => {
      const { ready, seq } = await this.ready();
      return ready && seq === book.seq;
    });
    const { seq, epoch, proven, hash } = searchHash(this.file)!;
    expect([seq, epoch, proven]).toEqual([book.seq, book.epoch, book.seq]);
    expect(hash).toBe(rebuiltHash(book.records.map(readTailRecord)));
  }

  async get(path: string): Promise<{ status: number; headers: Headers; body: any }> {
    const token = await issueCredential(access.privateKey, { sub: "edge-eu", role: "edge" });
    const headers = { authorization: `Bearer ${token}`, "countroom-operator": "demo" };
    const answer = await fetch(this.search.url + path, { headers });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.search.stop();
    await this.server[Symbol.asyncDispose]();
  }
}
