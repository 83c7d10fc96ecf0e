/**
 * Goal: the scripts keep their promises over a bucket that behaves like B2, also when it doesn't:
 * locks proven, bad moments outlived, thieves' tricks seen through, a death in the middle leaving
 * nothing half done. Method: processes on both sides, a real book, planned accidents.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AwsV4Signer } from "aws4fetch";
import { startFakeS3, WRITER, type FakeS3 } from "../fakes/s3/start.ts";
import { LiveBook } from "./live-book.ts";
import { script, start, type Run } from "./scripts.ts";

const SEED = Number(process.env["TEST_SEED"] ?? 20_261_103);
console.log(`seed ${SEED}`);
const DAY_MS = 86_400_000;
const BUCKET = "countroom-r007";
const root = mkdtempSync(join(tmpdir(), "countroom-remote-"));
const dir = join(root, "book");
const identity = join(dir, "keys", "recovery.key");
const env = { B2_APPLICATION_KEY_ID: WRITER.id, B2_APPLICATION_KEY: WRITER.secret };
let s3: FakeS3;
let made = 0;
/** A prefix of its own for each test. */
const place = (): string => `b2://${BUCKET}/p${(made += 1)}`;
const target = (): string => join(root, `restored-${(made += 1)}`);
const server = (): string[] => ["--endpoint", s3.url, "--region", s3.region];

beforeAll(async () => {
  s3 = await startFakeS3();
  await s3.bucket(BUCKET);
  await using book = await LiveBook.start(dir, SEED);
  await book.populate(20);
  await book.traffic(300);
  await book.stop();
}, 30_000);

afterEach(async () => {
  await s3.calm();
  await s3.set({ clockOffsetMs: 0 });
});

afterAll(async () => {
  await s3[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

const snapshot = (to: string, ...more: string[]): Promise<Run> =>
  script("snapshot", ["--data", dir, "--to", to, ...server(), "--json", ...more], env);
const restore = (from: string, to: string, ...more: string[]): Promise<Run> =>
  script(
    "restore",
    ["--from", from, "--to", to, "--identity", identity, ...server(), "--json", ...more],
    env,
  );

interface Part {
  readonly key: string;
  readonly version: string;
  readonly locked: { readonly mode: string; readonly until: string } | null;
}
const parts = (run: Run): readonly Part[] => run.json["objects"] as Part[];

/** What a thief with the writer's key can do: put and hide by name. */
async function withWriterKey(method: "PUT" | "DELETE", name: string, body = ""): Promise<number> {
  const signed = await new AwsV4Signer({
    accessKeyId: WRITER.id,
    secretAccessKey: WRITER.secret,
    method,
    url: `${s3.url}/${BUCKET}/${name}`,
    headers: { "x-amz-content-sha256": createHash("sha256").update(body).digest("hex") },
    service: "s3",
    region: s3.region,
  }).sign();
  const init = { method, headers: signed.headers, body: method === "PUT" ? body : undefined };
  return (await fetch(signed.url.href, init)).status;
}

describe("a locked snapshot", () => {
  test("is locked object by object, comes back whole, and needs the identity", async () => {
    const to = place();
    const taken = await snapshot(to, "--lock-days", "7");
    expect(taken.err).toBe("");
    expect(taken.code).toBe(0);
    for (const { locked, version } of parts(taken)) {
      expect(locked?.mode).toBe("COMPLIANCE");
      const left = Date.parse(locked!.until) - Date.now();
      expect(left).toBeWithin(7 * DAY_MS - 60_000, 7 * DAY_MS + 60_000);
      expect(version).not.toBeNull();
    }
    const into = target();
    const back = await restore(to, into);
    expect(back.err).toBe("");
    expect(back.json).toMatchObject({
      status: "restored",
      seq: taken.json["seq"],
      state: taken.json["state"],
    });
    expect(existsSync(join(into, "primary", "ledger.db"))).toBe(true);

    const wrong = join(root, "other.key");
    const { generateX25519Identity } = await import("age-encryption");
    writeFileSync(wrong, `${await generateX25519Identity()}\n`);
    const refused = await restore(to, target(), "--identity", wrong, "--trust", "any");
    expect(refused.code).toBe(2);
    expect(refused.json).toMatchObject({ exit_code: 2, error: { code: "ARCHIVE_IDENTITY_WRONG" } });
  });

  test("may be lifted by a few in governance mode, and hides no secret", async () => {
    const taken = await snapshot(place(), "--lock-days", "1", "--lock-mode", "governance");
    expect(parts(taken).every(({ locked }) => locked?.mode === "GOVERNANCE")).toBe(true);
    expect(taken.out + taken.err).not.toContain(WRITER.secret);
  });

  test("isn't one when the store drops or shortens a lock", async () => {
    for (const kind of ["drop-lock", "short-lock"] as const) {
      await s3.fault({ kind, method: "PUT", times: 1, skip: 1 });
      const to = place();
      const failed = await snapshot(to, "--lock-days", "7");
      expect(failed.code).toBe(1);
      expect(failed.json).toMatchObject({ error: { code: "ARCHIVE_LOCK_UNVERIFIED" } });
      expect((await restore(to, target())).code).toBe(3);
    }
  });
});

describe("thieves with the writer's key", () => {
  test("hide everything and put rubbish over it: versions still restore", async () => {
    const to = place();
    const taken = await snapshot(to, "--lock-days", "7");
    const prefix = to.slice(`b2://${BUCKET}/`.length);
    for (const [index, { key }] of parts(taken).entries()) {
      const name = `${prefix}/${key}`;
      if (index % 2 === 0) expect(await withWriterKey("DELETE", name)).toBe(204);
      else expect(await withWriterKey("PUT", name, "rubbish")).toBe(200);
    }
    const back = await restore(to, target());
    expect(back.code).toBe(0);
    expect(back.json["seq"]).toBe(taken.json["seq"]);
    expect((back.json["warnings"] as string[]).join()).toContain("is hidden by something newer");
  });

  test("change what is stored: named", async () => {
    const to = place();
    const taken = await snapshot(to);
    const { key } = parts(taken)[1]!;
    await s3.tamper(BUCKET, `${to.slice(`b2://${BUCKET}/`.length)}/${key}`, 5_000, 8);
    const refused = await restore(to, target());
    expect(refused.code).toBe(5);
    expect(refused.json).toMatchObject({ error: { code: "ARCHIVE_DAMAGED" } });
    expect(refused.err).toContain(`${key}: block 0`);
  });

  test("or take it away: named with its records", async () => {
    const to = place();
    const taken = await snapshot(to);
    const { key } = parts(taken)[1]!;
    await s3.purge(BUCKET, `${to.slice(`b2://${BUCKET}/`.length)}/${key}`);
    const refused = await restore(to, target());
    expect(refused.code).toBe(3);
    expect(refused.err).toContain(`${key} (records 1 to ${String(taken.json["seq"])})`);
  });
});

describe("bad moments", () => {
  test("are outlived: slow down, errors, resets, cuts", async () => {
    await s3.fault({ kind: "status", status: 503, retryAfter: "1", method: "PUT", times: 1 });
    await s3.fault({ kind: "reset-after", method: "PUT", times: 1, skip: 1 });
    await s3.fault({ kind: "status", status: 500, code: "InternalError", times: 2, skip: 3 });
    const to = place();
    const taken = await snapshot(to, "--lock-days", "1");
    expect(taken.code).toBe(0);
    await s3.fault({ kind: "cut", method: "GET", key: "0001.crb", times: 2 });
    await s3.fault({ kind: "status", status: 503, method: "GET", times: 1, skip: 2 });
    expect((await restore(to, target())).code).toBe(0);
  });

  test("that stay are told, and leave no snapshot", async () => {
    await s3.fault({
      kind: "status",
      status: 403,
      code: "AccessDenied",
      method: "PUT",
      key: "manifest",
      times: 9,
    });
    const to = place();
    const failed = await snapshot(to);
    expect(failed.code).toBe(1);
    expect(failed.json).toMatchObject({ error: { code: "ARCHIVE_STORE_DENIED" } });
    const back = await restore(to, target());
    expect(back.code).toBe(3);
    expect(back.err).toContain("no manifest");
  });

  test("bytes that change on the way every time are damage", async () => {
    const to = place();
    await snapshot(to);
    await s3.fault({ kind: "wrong-bytes", method: "GET", key: "0001.crb", times: 9 });
    const refused = await restore(to, target());
    expect(refused.code).toBe(5);
    expect(refused.err).toContain("0001.crb: ");
  });

  test("a clock that is wrong stops a snapshot before it begins", async () => {
    await s3.set({ clockOffsetMs: 120_000 });
    expect((await snapshot(place())).json).toMatchObject({ error: { code: "ARCHIVE_CLOCK_SKEW" } });
  });
});

describe("a death in the middle", () => {
  test("of a restore leaves no folder, and the next one clears what lies beside it", async () => {
    const to = place();
    await snapshot(to);
    const into = join(root, "dying", "restored");
    await s3.fault({
      kind: "status",
      status: 503,
      retryAfter: "25",
      method: "GET",
      key: "0000.crb",
      times: 9,
    });
    const args = [
      "scripts/restore.ts",
      "--from",
      to,
      "--to",
      into,
      "--identity",
      identity,
      ...server(),
    ];
    const { child, done } = start(args, env);
    const beside = join(root, "dying");
    const deadline = Date.now() + 8_000;
    const left = (): string[] => (existsSync(beside) ? readdirSync(beside) : []);
    // The records are applied by then; the state's object doesn't come.
    while (Date.now() < deadline && !left().some((name) => hasLedger(join(beside, name))))
      await Bun.sleep(20);
    child.kill("SIGKILL");
    await done;
    expect(left().filter((name) => !name.startsWith("."))).toEqual([]);
    expect(left()).toHaveLength(1);
    await s3.calm();
    expect((await restore(to, into)).code).toBe(0);
    expect(left()).toEqual(["restored"]);
  }, 20_000);

  test("by a signal clears up at once", async () => {
    const to = place();
    await snapshot(to);
    const into = join(root, "stopped", "restored");
    await s3.fault({
      kind: "status",
      status: 503,
      retryAfter: "20",
      method: "GET",
      key: "0000.crb",
      times: 1,
    });
    const args = [
      "scripts/restore.ts",
      "--from",
      to,
      "--to",
      into,
      "--identity",
      identity,
      ...server(),
    ];
    const { child, done } = start(args, env);
    const beside = join(root, "stopped");
    const deadline = Date.now() + 8_000;
    while (Date.now() < deadline && !existsSync(beside)) await Bun.sleep(20);
    child.kill("SIGTERM");
    expect((await done).code).toBe(1);
    expect(readdirSync(beside)).toEqual([]);
  }, 20_000);

  test("of a snapshot leaves no snapshot", async () => {
    const to = place();
    await s3.fault({
      kind: "status",
      status: 503,
      retryAfter: "25",
      method: "PUT",
      key: "manifest",
      times: 9,
    });
    const { child, done } = start(
      ["scripts/snapshot.ts", "--data", dir, "--to", to, ...server()],
      env,
    );
    const deadline = Date.now() + 8_000;
    let seen = 0;
    while (Date.now() < deadline && seen < 1) {
      seen += (await s3.journal()).filter(({ path }) => path.includes("manifest")).length;
      await Bun.sleep(20);
    }
    child.kill("SIGKILL");
    await done;
    expect((await restore(to, target())).code).toBe(3);
  }, 20_000);
});

describe("the command lines", () => {
  const cases: readonly (readonly [string, "snapshot" | "restore", string[], RegExp])[] = [
    ["an unknown flag", "snapshot", ["--to", "x", "--fast"], /unknown option '--fast'/],
    ["no target", "snapshot", [], /required option '--to/],
    [
      "a lock of no days",
      "snapshot",
      ["--to", "x", "--lock-days", "0"],
      /whole number from 1 to 3000/,
    ],
    ["a lock without end", "snapshot", ["--to", "x", "--lock-days", "3001"], /whole number/],
    ["a lock mode", "snapshot", ["--to", "x", "--lock-mode", "none"], /Allowed choices/],
    [
      "a lock on a folder",
      "snapshot",
      ["--to", join(root, "f"), "--lock-days", "1"],
      /folder can't lock/,
    ],
    ["a foreign scheme", "snapshot", ["--to", "ftp://x/y"], /ftp:\/\/ isn't known/],
    [
      "plain http",
      "snapshot",
      ["--to", "s3://bucket/x", "--endpoint", "http://s3.example"],
      /isn't encrypted/,
    ],
    ["a bad recipient", "snapshot", ["--to", join(root, "f"), "--recipient", "age1x"], /X25519/],
    [
      "a tenant that leaves the place",
      "restore",
      ["--from", root, "--to", join(root, "n"), "--identity", identity, "--tenant", "../dev"],
      /leaves the folder/,
    ],
    ["no identity", "restore", ["--from", "x", "--to", join(root, "n")], /no identity to open/],
    [
      "a missing identity",
      "restore",
      ["--from", "x", "--to", "y", "--identity", "/none"],
      /can't be read/,
    ],
    [
      "an identity that is none",
      "restore",
      ["--from", "x", "--to", "y", "--identity", "README.md"],
      /age identity|can't be read/,
    ],
    [
      "a trust that is none",
      "restore",
      ["--from", "x", "--to", "y", "--identity", identity, "--trust", identity],
      /holds no public key/,
    ],
  ];
  for (const [what, name, args, expected] of cases) {
    test(`${what}: refused as usage, nothing touched`, async () => {
      const data = name === "snapshot" ? ["--data", dir] : [];
      const run = await script(name, [...data, ...args], { COUNTROOM_DATA: join(root, "none") });
      expect(run.err).toMatch(expected);
      expect(run.code).toBe(2);
      expect(existsSync(join(root, "f", "dev"))).toBe(false);
      expect(existsSync(join(root, "n"))).toBe(false);
    });
  }

  test("a full target is refused before anything is read", async () => {
    const into = target();
    mkdirSync(into);
    writeFileSync(join(into, "mine"), "mine");
    await s3.journal();
    const refused = await restore(place(), into);
    expect(refused.code).toBe(2);
    expect(await s3.journal()).toEqual([]);
    expect(readFileSync(join(into, "mine"), "utf8")).toBe("mine");
  });

  test("help is help", async () => {
    for (const name of ["snapshot", "restore"] as const) {
      const help = await script(name, ["--help"]);
      expect(help.code).toBe(0);
      expect(help.out).toContain("Exit codes");
    }
  });

  test("s3:// works with Amazon's names for credentials, by path to one snapshot", async () => {
    const amazon = { AWS_ACCESS_KEY_ID: WRITER.id, AWS_SECRET_ACCESS_KEY: WRITER.secret };
    const to = `s3://${BUCKET}/amazon`;
    const taken = await script(
      "snapshot",
      ["--data", dir, "--to", to, ...server(), "--json"],
      amazon,
    );
    expect(taken.code).toBe(0);
    const one = `${to}/dev/ledger/v1/snap/0001/${String(taken.json["snapshot"])}`;
    const args = ["--from", one, "--to", target(), ...server(), "--json", "--dry-run"];
    // The identity is found where the environment says, or among the deployment's keys.
    const places: Record<string, string>[] = [
      { COUNTROOM_RECOVERY_IDENTITY: identity },
      { COUNTROOM_DATA: dir },
    ];
    for (const where of places) {
      const proven = await script("restore", args, { ...amazon, ...where });
      expect(proven.json).toMatchObject({ status: "proven", snapshot: taken.json["snapshot"] });
    }
    expect(existsSync(args[3]!)).toBe(false);
  });
});

function hasLedger(folder: string): boolean {
  return existsSync(join(folder, "primary", "ledger.db"));
}
