/**
 * Primary, search and an edge in front of them, as processes of their own. There is no publisher:
 * balances don't matter here, and events reach the primary without one.
 */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ensureDevKeys,
  issueCredential,
  type EventType,
  type Keys,
} from "../../src/access/index.ts";
import { SEARCH_FILE } from "../../src/search/index.ts";
import { SearchIndex } from "../../src/search/index.ts";
import { createLedgerClient, readTailRecord, type TailRecord } from "../../src/wire/index.ts";
import { answerOf, startRole, until, type Answer, type Role } from "../edge/deployment.ts";

const NOWHERE = "http://127.0.0.1:9";

export class Site implements AsyncDisposable {
  readonly dir: string;
  readonly keys: Keys;
  readonly #all: Role[] = [];
  primary!: Role;
  search!: Role;
  edge!: Role;

  private constructor(dir: string, keys: Keys) {
    this.dir = dir;
    this.keys = keys;
  }

  static async open(options: { readonly edge?: boolean } = {}): Promise<Site> {
    const dir = realpathSync(mkdtempSync(join(tmpdir(), "countroom-search-")));
    const site = new Site(dir, await ensureDevKeys(join(dir, "keys"), ["eu"]));
    await site.startPrimary();
    await site.startSearch();
    if (options.edge !== false) {
      site.edge = await site.#start("edge", {
        region: "eu",
        "primary-url": site.primary.url,
        "publisher-url": NOWHERE,
        "search-url": site.search.url,
        "replica-dir": join(dir, "replica"),
      });
    }
    return site;
  }

  get file(): string {
    return join(this.dir, "search", SEARCH_FILE);
  }

  async startPrimary(): Promise<void> {
    this.primary = await this.#start("primary", { port: portOf(this.primary) });
  }

  async startSearch(): Promise<void> {
    const flags = { port: portOf(this.search), "primary-url": this.primary.url };
    this.search = await this.#start("search", flags);
  }

  /** A key of an operator that may bring the usual events under a source of its own. */
  key(operator: string, source: string, more: readonly EventType[] = []): Promise<string> {
    return issueCredential(this.keys.access.privateKey, {
      sub: `${operator}-${source}`,
      role: "api",
      op: operator,
      src: source,
      scopes: ["read", "play", "admin"],
      events: [
        "player_registered",
        "deposit_captured",
        "bet_placed",
        "round_settled",
        "bet_rolled_back",
        "house_round",
        ...more,
      ],
      currencies: ["*"],
      rails: ["play"],
      win_ceiling: { "*": "1000000000000" },
    });
  }

  /** Posts events to the edge and answers their receipts. */
  async post(events: readonly object[], key = this.keys.token("api-play")): Promise<any[]> {
    const response = await fetch(`${this.edge.url}/v1/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ events }),
    });
    const { receipts } = (await response.json()) as { receipts?: any[] };
    if (receipts === undefined) throw new Error(`no receipts: ${response.status}`);
    return receipts;
  }

  /** Asks the edge. */
  async ask(
    target: string,
    key = this.keys.token("api-read"),
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const authorization = `Bearer ${key}`;
    const all = { authorization, ...headers };
    return answerOf(await fetch(this.edge.url + target, { headers: all }));
  }

  /** Asks search itself, as an edge does. */
  async askSearch(target: string, headers: Record<string, string> = {}): Promise<Answer> {
    const authorization = `Bearer ${this.keys.token("edge-eu")}`;
    const all = { authorization, "countroom-operator": "demo", ...headers };
    return answerOf(await fetch(this.search.url + target, { headers: all }));
  }

  /** The whole book, read from the primary. */
  async records(): Promise<TailRecord[]> {
    const token = this.keys.token("search");
    const client = createLedgerClient({ baseUrl: this.primary.url, token });
    const records: TailRecord[] = [];
    for await (const message of client.tail({ fromSeq: 1n })) {
      records.push(...message.records.map(readTailRecord));
      if (records.length >= Number(message.headSeq)) break;
    }
    return records;
  }

  /** Waits until search has everything. */
  async caughtUp(): Promise<number> {
    const head = (await this.records()).length;
    await until("search to catch up", async () => {
      const ready = await fetch(`${this.search.url}/readyz`).catch(() => undefined);
      const body = (await ready?.json()) as { ready: boolean; seq: number } | undefined;
      return body?.ready === true && body.seq >= head;
    });
    return head;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const role of this.#all) role.kill("SIGKILL");
    await Promise.all(this.#all.map(({ exited }) => exited));
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #start(name: "primary" | "search" | "edge", flags: Record<string, string | number>) {
    const role = await startRole(name, { data: this.dir, port: 0, ...flags });
    this.#all.push(role);
    return role;
  }
}

/** Content hash of a file built anew from records. */
export function rebuiltHash(records: readonly TailRecord[], chunk = 500): string {
  const dir = mkdtempSync(join(tmpdir(), "countroom-rebuilt-"));
  try {
    using index = SearchIndex.open(join(dir, SEARCH_FILE));
    for (let at = 0; at < records.length; at += chunk) index.apply(records.slice(at, at + chunk));
    return index.contentHash();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Content hash of a file that nobody writes. */
export function storedHash(file: string): { readonly seq: number; readonly hash: string } {
  using index = SearchIndex.open(file);
  return { seq: index.seq, hash: index.contentHash() };
}

function portOf(role: Role | undefined): number {
  return role === undefined ? 0 : Number(new URL(role.url).port);
}
