/**
 * The folders that an edge's replicas live in.
 *
 * Each replica has a folder of its own, `<epoch>-<feed>-<nonce>`, that is never used again after
 * an error. A pointer beside the edge's other files names the one in service, so that a restarted
 * edge can serve it, stale, before the publisher has answered.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { randomHex } from "../runtime/index.ts";

const SHARED_MEMORY = "/dev/shm";
const FILE = "wallet.db";
const FOLDER = /^\d{1,16}-[A-Za-z0-9]{1,64}-[0-9a-f]{8}$/;

const Pointer = v.object({ path: v.string(), epoch: v.number(), feed: v.string() });

/** A replica on disk. */
export interface ReplicaPlace {
  /** The database file. */
  readonly path: string;
  readonly epoch: number;
  readonly feed: string;
}

/**
 * The folder for an edge's replicas when none is configured: shared memory, where a commit costs
 * a fraction, named after the deployment's folder; otherwise beside the edge's other files.
 */
export function defaultReplicaFolder(dataDir: string, region: string): string {
  try {
    accessSync(SHARED_MEMORY, constants.W_OK);
    const id = createHash("sha256").update(realpathSync(dataDir)).digest("hex").slice(0, 12);
    return join(SHARED_MEMORY, `countroom-${id}`, region);
  } catch {
    return join(dataDir, "edges", region, "replica");
  }
}

/** Creates folders, remembers the one in service, deletes the others. */
export class ReplicaFolders {
  readonly base: string;
  readonly #pointer: string;

  constructor(base: string, pointerFile: string) {
    this.base = base;
    this.#pointer = pointerFile;
  }

  /** A new, empty folder for a replica of this feed. */
  async create(epoch: number, feed: string): Promise<ReplicaPlace> {
    const folder = join(this.base, `${epoch}-${feed}-${randomHex(4)}`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return { path: join(folder, FILE), epoch, feed };
  }

  /** The replica that was in service last, if it is still whole. */
  async remembered(): Promise<ReplicaPlace | undefined> {
    try {
      const place = v.parse(Pointer, JSON.parse(await readFile(this.#pointer, "utf8")));
      const whole = [place.path, `${place.path}-info`].every(
        (file) => statSync(file, { throwIfNoEntry: false }) !== undefined,
      );
      return whole && dirname(dirname(place.path)) === this.base ? place : undefined;
    } catch {
      return undefined;
    }
  }

  /** Makes this the one that a restarted edge would serve. */
  async remember(place: ReplicaPlace): Promise<void> {
    await mkdir(dirname(this.#pointer), { recursive: true, mode: 0o700 });
    const temporary = `${this.#pointer}.${randomHex(4)}.tmp`;
    await writeFile(temporary, `${JSON.stringify(place)}\n`, { mode: 0o600 });
    await rename(temporary, this.#pointer);
  }

  /** Deletes every replica but those given. */
  async keepOnly(kept: readonly (ReplicaPlace | undefined)[]): Promise<void> {
    const folders = new Set(kept.map((place) => (place === undefined ? "" : dirname(place.path))));
    const names = await readdir(this.base).catch(() => []);
    for (const name of names) {
      const folder = join(this.base, name);
      if (!FOLDER.test(name) || folders.has(folder)) continue;
      await rm(folder, { recursive: true, force: true });
    }
  }
}
