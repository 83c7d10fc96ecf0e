/**
 * Objects in a bucket: Backblaze B2 and Amazon S3, and whatever speaks the same.
 *
 * Never a conditional header (B2 has none), Content-MD5 on every PUT, versions addressed by id,
 * and a lock counts only when the store has told it back.
 *
 * @module
 */
import type { Sealed } from "../crb/seal.ts";
import { ArchiveError } from "../errors.ts";
import { KEY_BYTES_MAX, LIST_PAGES_MAX, LOCK_ROUNDING_MS, RANGE_BYTES } from "../limits.ts";
import type { Lock, ObjectStore, PutReceipt, StoredObject } from "./object-store.ts";
import type { S3Client, S3Reply } from "./s3-client.ts";
import type { S3Fault } from "./s3-faults.ts";
import { xmlElements, xmlText } from "./s3-xml.ts";

/** What a signed path carries unharmed through every client and server. */
const KEY = /^[a-z0-9/._-]+$/;

/** How servers answer when there is no retention to tell. */
const UNTOLD = new Set(["ARCHIVE_GAP", "ARCHIVE_STORE_DENIED", "ARCHIVE_STORE_CONFIG"]);

/** Keeps objects under a prefix of one bucket. */
export class S3Store implements ObjectStore {
  readonly place: string;
  readonly #client: S3Client;
  readonly #prefix: string;

  /** `prefix` is empty or ends with a slash. */
  constructor(place: string, client: S3Client, prefix: string) {
    this.place = place;
    this.#client = client;
    this.#prefix = prefix;
  }

  async probe(): Promise<void> {
    await this.#client.send({
      method: "GET",
      what: "the first look into the bucket",
      comparesClocks: true,
      query: { versions: "", prefix: this.#prefix, "max-keys": "1" },
    });
  }

  async put(key: string, object: Sealed, lock?: Lock): Promise<PutReceipt> {
    const name = this.#name(key);
    const reply = await this.#client.send({
      method: "PUT",
      what: "storing it",
      comparesClocks: true,
      key: name,
      headers: {
        "content-type": "application/octet-stream",
        "content-md5": Buffer.from(object.md5, "hex").toString("base64"),
        ...(lock === undefined ? {} : lockHeaders(lock)),
      },
      body: new Blob(object.parts as Uint8Array<ArrayBuffer>[]),
      sha256: object.sha256,
      check: (answer) => checkEtag(answer, object.md5),
    });
    const version = reply.headers.get("x-amz-version-id") ?? undefined;
    const stored = await this.#readBack(name, version, object.bytes, lock !== undefined);
    if (lock !== undefined) assertLocked(name, lock, stored);
    return { version, lock: stored };
  }

  async list(prefix: string): Promise<readonly StoredObject[]> {
    const found: StoredObject[] = [];
    let markers: Record<string, string> = {};
    for (let page = 0; page < LIST_PAGES_MAX; page += 1) {
      const reply = await this.#client.send({
        method: "GET",
        what: "listing the bucket",
        query: { versions: "", prefix: this.#prefix + prefix, ...markers },
      });
      const xml = reply.text();
      for (const version of xmlElements(xml, "Version")) {
        const object = this.#storedObject(version);
        if (object !== undefined) found.push(object);
      }
      if (xmlText(xml, "IsTruncated") !== "true") return found;
      const nextKey = xmlText(xml, "NextKeyMarker");
      const nextVersion = xmlText(xml, "NextVersionIdMarker");
      if (nextKey === undefined) break;
      markers = {
        "key-marker": nextKey,
        ...(nextVersion === undefined ? {} : { "version-id-marker": nextVersion }),
      };
    }
    throw new ArchiveError("ARCHIVE_STORE_FAILED", "the bucket's listing doesn't end", {
      object: this.place,
    });
  }

  async *read(object: StoredObject): AsyncGenerator<Uint8Array> {
    let next = this.#range(object, 0);
    for (let at = 0; at < object.bytes; at += RANGE_BYTES) {
      const piece = await next;
      // One range ahead: the network works while the last piece is decrypted.
      next = this.#range(object, at + RANGE_BYTES);
      next.catch(() => {});
      yield piece;
    }
  }

  async #range(object: StoredObject, from: number): Promise<Uint8Array> {
    if (from >= object.bytes) return new Uint8Array(0);
    const to = Math.min(from + RANGE_BYTES, object.bytes) - 1;
    const expected = `bytes ${from}-${to}/${object.bytes}`;
    const reply = await this.#client.send({
      method: "GET",
      what: `reading bytes ${from} to ${to}`,
      key: this.#name(object.key),
      query: object.version === undefined ? {} : { versionId: object.version },
      headers: { range: `bytes=${from}-${to}` },
      check: (answer): S3Fault | undefined => {
        const told = answer.headers.get("content-range") ?? "nothing";
        if (told === expected && answer.body.length === to - from + 1) return undefined;
        return { status: 0, code: "WrongRange", message: `asked for ${expected}, got ${told}` };
      },
    });
    return reply.body;
  }

  /** Asks the store what it keeps: the length must agree; answers the lock it tells. */
  async #readBack(
    name: string,
    version: string | undefined,
    bytes: number,
    lockAsked: boolean,
  ): Promise<Lock | undefined> {
    const query: Record<string, string> = version === undefined ? {} : { versionId: version };
    const head = await this.#client.send({
      method: "HEAD",
      what: "reading back its headers",
      key: name,
      query,
    });
    const told = head.headers.get("content-length");
    if (told !== String(bytes)) {
      throw new ArchiveError("ARCHIVE_STORE_FAILED", `has ${told} bytes instead of ${bytes}`, {
        object: name,
      });
    }
    const mode = head.headers.get("x-amz-object-lock-mode");
    const until = head.headers.get("x-amz-object-lock-retain-until-date");
    const lock = parseLock(mode, until);
    return lock === undefined && lockAsked ? this.#retention(name, query) : lock;
  }

  /** Some servers and some keys don't see the lock in HEAD; this call answers it alone. */
  async #retention(name: string, query: Record<string, string>): Promise<Lock | undefined> {
    try {
      const reply = await this.#client.send({
        method: "GET",
        what: "reading back its retention",
        key: name,
        query: { retention: "", ...query },
      });
      const xml = reply.text();
      return parseLock(xmlText(xml, "Mode") ?? null, xmlText(xml, "RetainUntilDate") ?? null);
    } catch (error) {
      // No retention, or a key that may not read it: for the caller the lock isn't proven.
      if (error instanceof ArchiveError && UNTOLD.has(error.code)) return undefined;
      throw error;
    }
  }

  #storedObject(xml: string): StoredObject | undefined {
    const key = xmlText(xml, "Key");
    if (key === undefined || !key.startsWith(this.#prefix)) return undefined;
    const bytes = Number(xmlText(xml, "Size"));
    if (!Number.isSafeInteger(bytes) || bytes < 0) return undefined;
    const etag = (xmlText(xml, "ETag") ?? "").replaceAll('"', "");
    return {
      key: key.slice(this.#prefix.length),
      bytes,
      version: xmlText(xml, "VersionId"),
      md5: /^[0-9a-f]{32}$/.test(etag) ? etag : undefined,
      hidden: xmlText(xml, "IsLatest") !== "true",
    };
  }

  #name(key: string): string {
    const name = this.#prefix + key;
    if (KEY.test(name) && name.length <= KEY_BYTES_MAX) return name;
    throw new ArchiveError("ARCHIVE_USAGE", "object names hold only a-z, 0-9 and / . _ -", {
      object: name,
      hint: "Choose a prefix and a deployment name of these characters.",
    });
  }
}

function lockHeaders(lock: Lock): Record<string, string> {
  return {
    "x-amz-object-lock-mode": lock.mode,
    "x-amz-object-lock-retain-until-date": new Date(lock.untilMs).toISOString(),
  };
}

/** The ETag of a single PUT is the MD5 of its bytes, unless a key service encrypts them. */
function checkEtag(reply: S3Reply, md5: string): S3Fault | undefined {
  const etag = (reply.headers.get("etag") ?? "").replaceAll('"', "");
  const keyService = (reply.headers.get("x-amz-server-side-encryption") ?? "").includes("kms");
  if (etag === md5 || keyService) return undefined;
  return { status: 0, code: "WrongETag", message: `stored ${etag || "nothing"}, sent ${md5}` };
}

function parseLock(mode: string | null, until: string | null): Lock | undefined {
  if (mode !== "COMPLIANCE" && mode !== "GOVERNANCE") return undefined;
  const untilMs = Date.parse(until ?? "");
  return Number.isNaN(untilMs) ? undefined : { mode, untilMs };
}

function assertLocked(object: string, asked: Lock, stored: Lock | undefined): void {
  if (
    stored !== undefined &&
    stored.mode === asked.mode &&
    stored.untilMs >= asked.untilMs - LOCK_ROUNDING_MS
  ) {
    return;
  }
  const show = (lock: Lock | undefined): string =>
    lock === undefined ? "no lock" : `${lock.mode} until ${new Date(lock.untilMs).toISOString()}`;
  throw new ArchiveError(
    "ARCHIVE_LOCK_UNVERIFIED",
    `was asked to be locked ${show(asked)}, but the store tells ${show(stored)}`,
    { object, hint: "Turn Object Lock on for the bucket, and let the key read retentions." },
  );
}
