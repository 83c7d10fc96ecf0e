/** Buckets and their versions, in memory. */
import { createHash, randomBytes } from "node:crypto";
import { S3Error } from "./errors.ts";
import type { BucketLock, Retention } from "./locks.ts";

export interface Version {
  readonly key: string;
  readonly id: string;
  readonly atMs: number;
  /** Hides what is below; has no bytes. */
  readonly marker: boolean;
  bytes: Uint8Array;
  readonly md5: string;
  readonly info: Readonly<Record<string, string>>;
  retention?: Retention;
  hold: boolean;
}

/** One bucket; versioning can't be turned off. */
export class Bucket {
  readonly name: string;
  lock: BucketLock;
  /** Newest first. */
  readonly #keys = new Map<string, Version[]>();
  #order = 0;

  constructor(name: string, lock: BucketLock) {
    this.name = name;
    this.lock = lock;
  }

  add(version: Omit<Version, "id" | "md5">): Version {
    const order = String((this.#order += 1)).padStart(8, "0");
    const id = `4_z${randomBytes(8).toString("hex")}_u${order}`;
    const md5 = createHash("md5").update(version.bytes).digest("hex");
    const added: Version = { ...version, id, md5 };
    this.#keys.set(version.key, [added, ...(this.#keys.get(version.key) ?? [])]);
    return added;
  }

  /** A version by id, or what the name shows now. */
  find(key: string, id: string | null): Version {
    const versions = this.#keys.get(key) ?? [];
    const found = id === null ? versions[0] : versions.find((version) => version.id === id);
    if (found === undefined || (id === null && found.marker)) {
      const code = id === null ? "NoSuchKey" : "NoSuchVersion";
      throw new S3Error(404, code, "The specified key or version does not exist.");
    }
    return found;
  }

  remove(version: Version): void {
    const rest = (this.#keys.get(version.key) ?? []).filter((other) => other !== version);
    if (rest.length === 0) this.#keys.delete(version.key);
    else this.#keys.set(version.key, rest);
  }

  /** All versions by name, newest first within one. */
  all(prefix: string): Version[] {
    const names = [...this.#keys.keys()].filter((key) => key.startsWith(prefix)).sort();
    return names.flatMap((key) => this.#keys.get(key) ?? []);
  }

  isLatest(version: Version): boolean {
    return this.#keys.get(version.key)?.[0] === version;
  }
}
