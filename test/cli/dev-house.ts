/** Runs `countroom dev` as a person does, on a folder and ports of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DevFile } from "../../src/cli/dev/dev-file.ts";
import { until } from "./processes.ts";

const MAIN = join(import.meta.dirname, "../../src/cli/main.ts");
const START_MS = 40_000;

/** What a command said, and how it ended. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command to its end. */
export async function countroom(...words: readonly string[]): Promise<Ended> {
  const child = Bun.spawn([process.execPath, MAIN, ...words], {
    stdout: "pipe", stderr: "pipe", stdin: "ignore",
  });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited,
  ]);
  return { code, out, err };
}

export class DevHouse {
  readonly folder = mkdtempSync(join(tmpdir(), "countroom-dev-"));
  readonly data = join(this.folder, "data");
  readonly base: number;
  #process: Bun.Subprocess<"ignore", "pipe", "pipe"> | undefined;
  #said = Promise.resolve(["", ""]);

  constructor(base: number) {
    this.base = base;
  }

  static async open(): Promise<DevHouse> {
    const house = new DevHouse(await freeBase());
    await house.start();
    return house;
  }

  /** Starts `dev` and waits for its file. */
  async start(): Promise<DevFile> {
    // After a kill the old file lies there until the new `dev` removes it.
    const stale = JSON.stringify(await this.dev());
    const fresh = async (): Promise<boolean> => {
      const now = await this.dev();
      return now !== undefined && JSON.stringify(now) !== stale;
    };
    const words = ["dev", "--data", this.data, "--port-base", `${this.base}`];
    const child = Bun.spawn([process.execPath, MAIN, ...words], {
      stdout: "pipe", stderr: "pipe", stdin: "ignore",
      // Shared memory would keep the replicas of every test run.
      env: { ...process.env, COUNTROOM_REPLICA_DIR: join(this.folder, "replicas") },
    });
    this.#process = child;
    this.#said = Promise.all([
      new Response(child.stdout).text(), new Response(child.stderr).text(),
    ]);
    let ended = false;
    void child.exited.then(() => (ended = true));
    await until(async () => ended || await fresh(), START_MS);
    if (ended) throw new Error(`dev ended: ${(await this.#said).join("\n")}`);
    return (await this.dev())!;
  }

  /** dev.json as it is now; undefined when there is none. */
  async dev(): Promise<DevFile | undefined> {
    try {
      return JSON.parse(await readFile(join(this.data, "dev.json"), "utf8")) as DevFile;
    } catch {
      return undefined;
    }
  }

  async stop(signal: "SIGTERM" | "SIGINT" | "SIGKILL" = "SIGTERM"): Promise<Ended> {
    const child = this.#process!;
    child.kill(signal);
    const code = await child.exited;
    const [out = "", err = ""] = await this.#said;
    return { code, out, err };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process?.exitCode === null) await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The first of six free ports in a row. */
async function freeBase(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const base = 20_000 + Math.floor(Math.random() * 30_000);
    const free = await Promise.all([0, 1, 2, 3, 4, 5].map((offset) => isFree(base + offset)));
    if (free.every(Boolean)) return base;
  }
  throw new Error("no free ports");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
