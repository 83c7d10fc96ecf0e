/**
 * Primary, publisher and edge as processes of their own, with keys and a folder of their own.
 */
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ensureDevKeys, type Keys } from "../../src/access/index.ts";
import { defaultReplicaFolder } from "../../src/edge/index.ts";
import { createLedgerClient } from "../../src/wire/index.ts";

const MAIN = join(import.meta.dir, "../../src/cli/main.ts");
const READY_MS_MAX = 20_000;

/** A player reference that nobody has. */
export const NOBODY = "01980a4b-5c7e-7d31-9b1f-3f0a2c9d8e71";

type RoleName = "primary" | "publisher" | "edge" | "search";

/** A running process. */
export interface Role {
  readonly url: string;
  readonly pid: number;
  readonly exited: Promise<number>;
  kill(signal: "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGCONT"): void;
  log(): string;
}

/** Starts `countroom <role>` and waits until it says that it is ready. */
export async function startRole(
  name: RoleName,
  flags: Readonly<Record<string, string | number>>,
  env: Readonly<Record<string, string>> = {},
  runtime: readonly string[] = [process.execPath],
): Promise<Role> {
  const words = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
  const child = Bun.spawn([...runtime, MAIN, name, ...words], {
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, ...env },
  });
  let log = "";
  void (async () => {
    for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) log += chunk;
  })();
  const late = setTimeout(() => child.kill("SIGKILL"), READY_MS_MAX);
  let line = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    line += chunk;
    if (line.includes("\n")) break;
  }
  clearTimeout(late);
  if (!line.includes("\n")) throw new Error(`${name} did not get ready: ${log}`);
  const { url } = JSON.parse(line) as { url: string };
  const { pid, exited } = child;
  return { url, pid, exited, kill: (signal) => child.kill(signal), log: () => log };
}

/** Waits until something holds. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 10_000,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms in vain for: ${what}`);
    await Bun.sleep(10);
  }
}

/** Options of {@link Deployment.open}. */
export interface DeploymentOptions {
  readonly workers?: number;
  readonly edgeEnv?: Readonly<Record<string, string>>;
  /** Runs the edge on another runtime: program and flags in front of the script. */
  readonly edgeRuntime?: readonly string[];
}

export class Deployment implements AsyncDisposable {
  readonly dir: string;
  readonly keys: Keys;
  readonly #options: DeploymentOptions;
  readonly #all: Role[] = [];
  primary!: Role;
  publisher!: Role;
  edge!: Role;

  private constructor(dir: string, keys: Keys, options: DeploymentOptions) {
    this.dir = dir;
    this.keys = keys;
    this.#options = options;
  }

  /** Everything, with the edge serving its replica. */
  static async open(options: DeploymentOptions = {}): Promise<Deployment> {
    const dir = realpathSync(mkdtempSync(join(tmpdir(), "countroom-edge-")));
    const one = new Deployment(dir, await ensureDevKeys(join(dir, "keys"), ["eu"]), options);
    await one.startPrimary();
    await one.startPublisher();
    await one.startEdge();
    await until("the edge to serve a replica", async () => (await one.readyz()).replica !== null);
    return one;
  }

  async startPrimary(): Promise<void> {
    this.primary = await this.#start("primary", { port: portOf(this.primary) });
  }

  async startPublisher(): Promise<void> {
    const flags = { port: portOf(this.publisher), "primary-url": this.primary.url };
    this.publisher = await this.#start("publisher", flags);
  }

  async startEdge(): Promise<void> {
    const flags = {
      port: portOf(this.edge),
      region: "eu",
      "primary-url": this.primary.url,
      "publisher-url": this.publisher.url,
      workers: this.#options.workers ?? 1,
    };
    this.edge = await this.#start("edge", flags, this.#options.edgeEnv);
  }

  /** The process of that role has ended. */
  async died(name: Exclude<RoleName, "search">): Promise<boolean> {
    return (await Promise.race([this[name].exited, Bun.sleep(0)])) !== undefined;
  }

  /** The folder that the edge's replicas live in. */
  get replicas(): string {
    return defaultReplicaFolder(this.dir, "eu");
  }

  /** The replica that the edge would serve after a restart. */
  pointer(): { path: string; epoch: number; feed: string } {
    return JSON.parse(readFileSync(join(this.dir, "edges", "eu", "replica.json"), "utf8"));
  }

  async readyz(): Promise<{ ready: boolean; replica: { seq: number; age_ms: number } | null }> {
    return (await (await fetch(`${this.edge.url}/readyz`)).json()) as never;
  }

  /** Newest record of the book, asked of the primary. */
  async head(): Promise<number> {
    const token = this.keys.token("edge-eu");
    const client = createLedgerClient({ baseUrl: this.primary.url, token });
    const { headSeq } = await client.getBalance({ operatorId: "demo", playerRef: NOBODY });
    return Number(headSeq);
  }

  /** The value of a metric of the edge without labels of its own. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.edge.url}/metrics`)).text();
    const line = text.split("\n").find((one) => one.startsWith(`countroom_edge_${name}{`));
    return Number(line?.split(" ").at(-1));
  }

  /** The API key of that name. */
  key(name: "read" | "play" | "cashier" | "admin"): string {
    return this.keys.token(`api-${name}`);
  }

  /** Posts a JSON body to `/v1/events` with the playing key. */
  async post(body: unknown, key = this.key("play")): Promise<Answer> {
    const response = await fetch(`${this.edge.url}/v1/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    return answerOf(response);
  }

  /** Posts events that must all be accepted. */
  async settle(...events: readonly object[]): Promise<readonly ReceiptLike[]> {
    const { status, body } = await this.post({ events });
    const receipts = (body.receipts ?? []) as ReceiptLike[];
    if (status !== 200 || receipts.some((one) => one.status !== "accepted")) {
      throw new Error(`not all accepted: ${status} ${JSON.stringify(body)}`);
    }
    return receipts;
  }

  /** A new player with some play money. */
  async player(minor = "0"): Promise<string> {
    const [registered] = await this.settle({ ...event(), player_registered: {} });
    const { player_ref } = registered!;
    if (minor !== "0") await this.settle(deposit(player_ref, minor));
    return player_ref;
  }

  async read(playerRef: string, atLeast?: string, key = this.key("read")): Promise<Answer> {
    const query = atLeast === undefined ? "" : `?at_least=${encodeURIComponent(atLeast)}`;
    const response = await fetch(`${this.edge.url}/v1/players/${playerRef}/balance${query}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    return answerOf(response);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const role of this.#all) {
      role.kill("SIGCONT");
      role.kill("SIGKILL");
    }
    await Promise.all(this.#all.map(({ exited }) => exited));
    rmSync(dirname(this.replicas), { recursive: true, force: true });
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #start(
    name: RoleName,
    flags: Readonly<Record<string, string | number>>,
    env?: Readonly<Record<string, string>>,
  ): Promise<Role> {
    const runtime = name === "edge" ? this.#options.edgeRuntime : undefined;
    const role = await startRole(name, { data: this.dir, ...flags }, env, runtime);
    this.#all.push(role);
    return role;
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, any>;
}

export interface ReceiptLike {
  readonly status: string;
  readonly code: string;
  readonly player_ref: string;
  readonly seq: string;
  readonly bookmark: string;
  readonly replayed: boolean;
  readonly event_id: string;
}

export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? (JSON.parse(text) as Record<string, any>) : { text },
  };
}

/** The envelope of an event with a key of its own. */
export function event(key: string = Bun.randomUUIDv7()): { idempotency_key: string } {
  return { idempotency_key: key };
}

export function deposit(playerRef: string, minor: string, key?: string): object {
  const deposit_captured = { amount: { minor, currency: "FUN" }, rail: "play" };
  return { ...event(key), player_ref: playerRef, deposit_captured };
}

function portOf(role: Role | undefined): number {
  return role === undefined ? 0 : Number(new URL(role.url).port);
}
