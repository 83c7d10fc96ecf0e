/**
 * Goal: objects reach a bucket whole, locked and proven, come back whole, and every refusal is
 * told apart from a bad moment. Method: the real store over real HTTP against a server with B2's
 * manners that checks signatures with code of its own, and plans accidents.
 */
import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { AwsV4Signer } from "aws4fetch";
import type { Sealed } from "../../src/archive/crb/seal.ts";
import {
  openStore,
  parsePlace,
  type OpenStoreOptions,
} from "../../src/archive/stores/open-store.ts";
import type { Lock, ObjectStore } from "../../src/archive/stores/object-store.ts";
import { startFakeS3, WRITER } from "../fakes/s3/start.ts";
import { joined, newPair, noise, seal } from "./objects.ts";

const s3 = await startFakeS3();
await s3.bucket("countroom-r007");
await s3.bucket("open", { enabled: false });
await s3.bucket("kept", { enabled: true, defaultRetention: { mode: "COMPLIANCE", days: 7 } });
afterAll(() => s3[Symbol.asyncDispose]());
afterEach(async () => {
  await s3.calm();
  await s3.set({ clockOffsetMs: 0, legacy: false });
});

const DAY_MS = 86_400_000;
const lock: Lock = {
  mode: "COMPLIANCE",
  untilMs: Math.floor(Date.now() / 1000) * 1000 + 7 * DAY_MS,
};
const pair = await newPair();
const env = { B2_APPLICATION_KEY_ID: WRITER.id, B2_APPLICATION_KEY: WRITER.secret };
const pauses: number[] = [];

function store(
  place = "b2://countroom-r007/main",
  more: Partial<OpenStoreOptions> = {},
): ObjectStore {
  const parsed = parsePlace(place);
  return openStore(parsed, parsed.path, {
    endpoint: s3.url,
    region: s3.region,
    env,
    sleep: async (ms) => void pauses.push(ms),
    ...more,
  });
}

let made = 0;
const newKey = (): string =>
  `dev/ledger/v1/snap/0001/x/${String((made += 1)).padStart(4, "0")}.crb`;
const small = (): Promise<Sealed> => seal(noise(10_000, made), [pair.recipient]);

async function code(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "no error";
  } catch (error) {
    const { code: found, message, hint } = error as Error & { code?: string; hint?: string };
    return `${found} ${message} | ${hint}`;
  }
}

async function whole(from: ObjectStore, key: string): Promise<Uint8Array> {
  const found = (await from.list(key)).find((object) => !object.hidden);
  const parts: Uint8Array[] = [];
  for await (const part of from.read(found!)) parts.push(part);
  return joined(parts);
}

/** A request signed by hand, for what our own store never asks. */
async function raw(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = "",
  host = s3.url,
): Promise<{ status: number; text: string; headers: Headers }> {
  const sha = new Bun.CryptoHasher("sha256").update(body).digest("hex");
  const signed = await new AwsV4Signer({
    accessKeyId: WRITER.id,
    secretAccessKey: WRITER.secret,
    method,
    url: host + path,
    headers: { "x-amz-content-sha256": sha, ...headers },
    service: "s3",
    region: s3.region,
  }).sign();
  const init = { method, headers: signed.headers, body: method === "PUT" ? body : undefined };
  const reply = await fetch(signed.url.href, init);
  return { status: reply.status, text: await reply.text(), headers: reply.headers };
}

const md5 = (text: string): string => new Bun.CryptoHasher("md5").update(text).digest("base64");

describe("storing", () => {
  test("sends what B2 wants, and the lock is read back", async () => {
    await s3.journal();
    const key = newKey();
    const object = await small();
    const receipt = await store().put(key, object, lock);
    expect(receipt.lock).toEqual(lock);
    expect(receipt.version).toStartWith("4_z");
    const [put, head] = await s3.journal();
    expect(put).toMatchObject({ method: "PUT", path: `/countroom-r007/main/${key}`, status: 200 });
    expect(put!.headers).toMatchObject({
      "content-length": String(object.bytes),
      "content-md5": Buffer.from(object.md5, "hex").toString("base64"),
      "x-amz-content-sha256": object.sha256,
      "x-amz-object-lock-mode": "COMPLIANCE",
    });
    const names = Object.keys(put!.headers).join(" ");
    expect(names).not.toMatch(/if-|checksum|transfer-encoding|expect|x-amz-meta|acl/);
    expect(head).toMatchObject({ method: "HEAD", query: `versionId=${receipt.version}` });
    expect(await whole(store(), key)).toEqual(joined(object.parts));
  });

  test("a bucket's own retention is told, too", async () => {
    const receipt = await store("b2://kept/p").put(newKey(), await small());
    expect(receipt.lock?.mode).toBe("COMPLIANCE");
    expect((await store("b2://open/p").put(newKey(), await small())).lock).toBeUndefined();
  });

  for (const kind of ["drop-lock", "short-lock"] as const) {
    test(`a lock that isn't what was asked is a failure (${kind})`, async () => {
      await s3.fault({ kind, method: "PUT", times: 1 });
      const found = await code(store().put(newKey(), await small(), lock));
      expect(found).toMatch(/^ARCHIVE_LOCK_UNVERIFIED main\/dev.*locked COMPLIANCE until/);
    });
  }

  test("a key that can't read the lock proves nothing", async () => {
    const blind = { ...WRITER, id: "blind", capabilities: ["writeFiles", "readFiles"] as const };
    await s3.key(blind);
    const own = { env: { B2_APPLICATION_KEY_ID: "blind", B2_APPLICATION_KEY: blind.secret } };
    const found = await code(store(undefined, own).put(newKey(), await small(), lock));
    expect(found).toStartWith("ARCHIVE_LOCK_UNVERIFIED");
  });

  test("a bucket without Object Lock refuses locks, and it is said so", async () => {
    const found = await code(store("b2://open/p").put(newKey(), await small(), lock));
    expect(found).toMatch(/^ARCHIVE_STORE_CONFIG .*missing ObjectLockConfiguration/);
  });

  test("an old server that refuses checksum headers sees none", async () => {
    await s3.set({ legacy: true });
    expect((await store().put(newKey(), await small(), lock)).lock).toEqual(lock);
  });
});

describe("bad moments", () => {
  const retried = [
    ["SlowDown with Retry-After", { kind: "status", status: 503, retryAfter: "2" }],
    ["an internal error", { kind: "status", status: 500, code: "InternalError" }],
    ["429", { kind: "status", status: 429, code: "TooManyRequests" }],
    [
      "a body that got lost",
      {
        kind: "status",
        status: 400,
        code: "InvalidRequest",
        message: "request body was too small",
      },
    ],
    ["a reset", { kind: "reset" }],
    ["a reset after the object was stored", { kind: "reset-after" }],
    ["a failure inside a 200", { kind: "error-in-200" }],
    ["an ETag of other bytes", { kind: "wrong-etag" }],
  ] as const;
  for (const [what, fault] of retried) {
    test(`${what} on PUT is tried again with the same bytes`, async () => {
      await s3.journal();
      pauses.length = 0;
      await s3.fault({ ...fault, method: "PUT", times: 2 });
      const key = newKey();
      const object = await small();
      await store().put(key, object, lock);
      const puts = (await s3.journal()).filter(({ method }) => method === "PUT");
      expect(puts).toHaveLength(3);
      expect(new Set(puts.map(({ headers }) => headers["x-amz-content-sha256"])).size).toBe(1);
      // A connection that dies is tried once more by fetch itself, without a pause.
      expect(pauses.length).toBeWithin(fault.kind.startsWith("reset") ? 1 : 2, 3);
      if ("retryAfter" in fault) expect(pauses.every((ms) => ms >= 2_000)).toBe(true);
      // At worst equal versions are left behind.
      const versions = await store().list(key);
      expect(new Set(versions.map((version) => version.md5))).toEqual(new Set([object.md5]));
    });
  }

  const reads = ["cut", "reset", "wrong-range"] as const;
  for (const kind of reads) {
    test(`${kind} on GET is read again`, async () => {
      const key = newKey();
      const object = await small();
      await store().put(key, object);
      await s3.fault({ kind, method: "GET", key, times: 2 });
      expect(await whole(store(), key)).toEqual(joined(object.parts));
    });
  }

  test("a version that is gone is a gap, whatever its id looks like", async () => {
    const key = newKey();
    await store().put(key, await small());
    const gone = { key, bytes: 10, version: "3/L4kqt+JlcpXro=&x y'*", hidden: false };
    expect(await code(store().read(gone).next())).toMatch(/^ARCHIVE_GAP .*NoSuchVersion/);
  });

  test("an object longer than a range comes in several", async () => {
    const key = newKey();
    const object = await seal(noise(17 * 1024 * 1024, 5), [pair.recipient]);
    await store().put(key, object);
    await s3.journal();
    await s3.fault({ kind: "cut", method: "GET", key, times: 1, skip: 1 });
    expect(Buffer.compare(await whole(store(), key), joined(object.parts))).toBe(0);
    const gets = (await s3.journal()).filter(
      ({ method, query }) => method === "GET" && query.includes("versionId"),
    );
    expect(gets).toHaveLength(4);
  });

  test("attempts end", async () => {
    await s3.fault({ kind: "status", status: 503, method: "PUT", times: 100 });
    await s3.journal();
    expect(await code(store().put(newKey(), await small()))).toMatch(
      /^ARCHIVE_STORE_FAILED .*every attempt: SlowDown/,
    );
    expect((await s3.journal()).length).toBe(6);
  });

  const refused = [
    ["501", { status: 501, code: "NotImplemented" }, "ARCHIVE_STORE_CONFIG"],
    ["AccessDenied", { status: 403, code: "AccessDenied" }, "ARCHIVE_STORE_DENIED"],
    ["InvalidArgument", { status: 400, code: "InvalidArgument" }, "ARCHIVE_STORE_CONFIG"],
    ["a redirect", { status: 301, code: "PermanentRedirect" }, "ARCHIVE_STORE_CONFIG"],
  ] as const;
  for (const [what, fault, expected] of refused) {
    test(`${what} is never tried again`, async () => {
      await s3.journal();
      await s3.fault({ kind: "status", ...fault, method: "PUT", times: 1 });
      expect(await code(store().put(newKey(), await small()))).toStartWith(expected);
      expect((await s3.journal()).length).toBe(1);
    });
  }
});

describe("before any work", () => {
  test("a wrong key, a missing bucket and a wrong clock are told apart", async () => {
    await store().probe();
    const wrong = { env: { ...env, B2_APPLICATION_KEY: "not it" } };
    expect(await code(store(undefined, wrong).probe())).toMatch(
      /STORE_DENIED.*SignatureDoesNotMatch/,
    );
    expect(await code(store("b2://nowhere/x").probe())).toMatch(/STORE_CONFIG.*NoSuchBucket/);
    await s3.set({ clockOffsetMs: 90_000 });
    expect(await code(store().probe())).toMatch(/^ARCHIVE_CLOCK_SKEW .*differ by (89|90|91) s/);
  });

  const places = [
    ["ftp://x/y", {}, /ftp:\/\/ isn't known/],
    ["b2://UPPER/x", {}, /bucket's name/],
    ["b2://countroom-r007/x", { endpoint: undefined, region: undefined }, /needs a region/],
    ["b2://countroom-r007/x", { endpoint: "http://s3.example.com" }, /isn't encrypted/],
    ["b2://countroom-r007/x", { endpoint: "https://h/path" }, /isn't an address/],
    ["b2://countroom-r007/x", { env: {} }, /no credentials.*B2_APPLICATION_KEY_ID/],
    ["s3://countroom-r007/x", { env }, /no credentials.*AWS_ACCESS_KEY_ID/],
    ["/tmp/folder", {}, /a folder has no endpoint/],
  ] as const;
  for (const [place, more, expected] of places) {
    test(`${place} with ${Object.keys(more).join(", ") || "all"} set wrong is refused`, () => {
      expect(code(Promise.resolve().then(() => store(place, more)))).resolves.toMatch(expected);
    });
  }

  test("names that clients sign differently are refused", async () => {
    expect(await code(store().put("dev/A+b.crb", await small()))).toStartWith("ARCHIVE_USAGE");
  });
});

describe("the bucket's listing", () => {
  test("tells hidden and older versions and goes over several pages", async () => {
    const prefix = "pages/";
    for (let index = 0; index < 4; index += 1) {
      const path = `/countroom-r007/main/${prefix}${index}`;
      for (let version = 0; version < 300; version += 1) await raw("PUT", path, {}, `${version}`);
    }
    await raw("DELETE", `/countroom-r007/main/${prefix}2`);
    const found = await store().list(prefix);
    expect(found).toHaveLength(1_200);
    expect(found.filter(({ hidden }) => !hidden).map(({ key }) => key)).toEqual([
      "pages/0",
      "pages/1",
      "pages/3",
    ]);
  });
});

describe("the stand-in has B2's manners", () => {
  const path = (): string => `/countroom-r007/raw/${newKey()}`;
  const until = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();
  const locked = (mode: string, days: number, body = "x"): Record<string, string> => ({
    "x-amz-object-lock-mode": mode,
    "x-amz-object-lock-retain-until-date": until(days),
    "content-md5": md5(body),
  });
  const retention = (mode: string, days: number): string =>
    `<Retention><Mode>${mode}</Mode><RetainUntilDate>${until(days)}</RetainUntilDate></Retention>`;

  test("conditional headers are not implemented", async () => {
    const reply = await raw("PUT", path(), { "if-none-match": "*" }, "x");
    expect(reply.status).toBe(501);
    expect(reply.text).toContain(
      "A header you provided implies functionality that is not implemented",
    );
  });

  test("a lock needs a checksum, and its text is B2's", async () => {
    const headers = locked("COMPLIANCE", 1);
    delete headers["content-md5"];
    expect((await raw("PUT", path(), headers, "x")).text).toContain(
      "Content-MD5 OR x-amz-checksum- HTTP header is required for " +
        "Put Object/Put Part requests with Object Lock parameters",
    );
    expect((await raw("PUT", path(), { "content-md5": md5("y") }, "x")).text).toContain(
      "BadDigest",
    );
  });

  test("checksum headers are refused by old regions only", async () => {
    const headers = { "x-amz-checksum-crc32": "AAAAAA==" };
    expect((await raw("PUT", path(), headers, "x")).status).toBe(200);
    await s3.set({ legacy: true });
    const reply = await raw("PUT", path(), headers, "x");
    expect(reply.text).toContain(
      "Unsupported header 'x-amz-checksum-crc32' received for this API call.",
    );
  });

  test("the length must be told, and the payload be what was signed", async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array(3));
        controller.close();
      },
    });
    expect((await fetch(s3.url + path(), { method: "PUT", body })).status).toBe(411);
    expect(
      (await raw("PUT", path(), { "x-amz-content-sha256": "0".repeat(64) }, "x")).text,
    ).toContain("XAmzContentSHA256Mismatch");
    expect(
      (await raw("PUT", path(), { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" }, "x")).status,
    ).toBe(400);
  });

  test("a bucket can be the host's first label", async () => {
    const host = s3.url.replace("127.0.0.1", "countroom-r007.localhost");
    const reply = await raw("PUT", "/raw/virtual", {}, "x", host);
    expect(reply.status).toBe(200);
    expect((await raw("GET", "/countroom-r007/raw/virtual")).text).toBe("x");
  });

  test("COMPLIANCE can't be shortened, weakened, bypassed or removed; hiding works", async () => {
    const at = path();
    const put = await raw("PUT", at, locked("COMPLIANCE", 5), "x");
    const id = put.headers.get("x-amz-version-id")!;
    const change = (body: string, more = {}) =>
      raw("PUT", `${at}?retention`, { "content-md5": md5(body), ...more }, body);
    expect((await change(retention("COMPLIANCE", 4))).status).toBe(403);
    expect((await change(retention("GOVERNANCE", 9))).status).toBe(403);
    const bypass = { "x-amz-bypass-governance-retention": "true" };
    expect((await change(retention("COMPLIANCE", 4), bypass)).status).toBe(403);
    expect((await change(retention("COMPLIANCE", 9))).status).toBe(200);
    expect((await raw("GET", `${at}?retention`)).text).toContain("<Mode>COMPLIANCE</Mode>");
    expect((await raw("DELETE", `${at}?versionId=${id}`)).status).toBe(403);
    expect((await raw("DELETE", at)).status).toBe(204);
    expect((await raw("GET", at)).status).toBe(404);
    expect((await raw("GET", `${at}?versionId=${id}`)).text).toBe("x");
  });

  test("GOVERNANCE yields to the capability, a legal hold to nothing", async () => {
    await s3.key({
      ...WRITER,
      capabilities: [
        ...WRITER.capabilities,
        "deleteFiles",
        "bypassGovernance",
        "writeFileLegalHolds",
      ],
    });
    const at = path();
    const put = await raw("PUT", at, locked("GOVERNANCE", 5), "x");
    const one = `${at}?versionId=${put.headers.get("x-amz-version-id")}`;
    const bypass = { "x-amz-bypass-governance-retention": "true" };
    expect((await raw("DELETE", one)).status).toBe(403);
    const hold = "<LegalHold><Status>ON</Status></LegalHold>";
    expect((await raw("PUT", `${at}?legal-hold`, { "content-md5": md5(hold) }, hold)).status).toBe(
      200,
    );
    expect((await raw("DELETE", one, bypass)).status).toBe(403);
    const off = hold.replace("ON", "OFF");
    await raw("PUT", `${at}?legal-hold`, { "content-md5": md5(off) }, off);
    expect((await raw("DELETE", one, bypass)).status).toBe(204);
    await s3.key(WRITER);
  });

  test("locks end with the clock, and not beyond 3 000 days", async () => {
    await s3.key({ ...WRITER, capabilities: [...WRITER.capabilities, "deleteFiles"] });
    expect((await raw("PUT", path(), locked("COMPLIANCE", 3_001), "x")).status).toBe(400);
    expect((await raw("PUT", path(), locked("COMPLIANCE", -1), "x")).status).toBe(400);
    const at = path();
    const put = await raw("PUT", at, locked("COMPLIANCE", 0.002), "x");
    const one = `${at}?versionId=${put.headers.get("x-amz-version-id")}`;
    expect((await raw("DELETE", one)).status).toBe(403);
    await s3.set({ clockOffsetMs: 5 * 60_000 });
    expect((await raw("DELETE", one)).status).toBe(204);
    await s3.key(WRITER);
  });

  test("plain listing shows what a name shows", async () => {
    const name = newKey();
    await raw("PUT", `/countroom-r007/v2/${name}`, {}, "x");
    const listed = await raw("GET", "/countroom-r007/?list-type=2&prefix=v2%2F");
    expect(listed.text).toContain(`<Key>v2/${name}</Key>`);
    await raw("DELETE", `/countroom-r007/v2/${name}`);
    expect((await raw("GET", "/countroom-r007/?list-type=2&prefix=v2%2F")).text).not.toContain(
      "<Key>",
    );
  });
});
