/**
 * Goal: every event gets a receipt; none is lost, sent in two calls at once, or changed between
 * attempts, whatever happens to calls.
 * Method: the uplink against a server that breaks calls in every way; a random run from a printed
 * seed holds the rules under load.
 */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CheckpointKeeper } from "../../src/edge/checkpoint-keeper.ts";
import { Uplink, type Submission } from "../../src/edge/uplink.ts";
import { logger } from "../../src/ops/index.ts";
import { systemClock, trustingFetch, uuidv7 } from "../../src/runtime/index.ts";
import {
  cosignCheckpoint,
  encodeEvent,
  signCheckpoint,
  type CheckpointKeys,
  type Signer,
} from "../../src/wire/index.ts";
import { Code, Status } from "../../src/wire/gen/countroom/v1/record_pb.ts";
import { LedgerServer, type Fate } from "./ledger-server.ts";

const SEED = Number(process.env["TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 32)) >>> 0;
console.log(`uplink: TEST_SEED=${SEED}`);

const keys = generateKeyPairSync("ed25519");
const log = logger("test", { level: "silent" });
let server: LedgerServer;
let dir: string;
let uplink: Uplink;

function start(callsMax = 4): Uplink {
  const checkpoints = new CheckpointKeeper({
    file: join(dir, "checkpoint"),
    publicKey: keys.publicKey,
    deployment: "dev",
    clock: systemClock,
    log,
  });
  const target = { baseUrl: server.url, token: "t", fetch: trustingFetch(undefined) };
  return new Uplink({ target, checkpoints, clock: systemClock, log, callsMax });
}

beforeEach(async () => {
  server = await LedgerServer.open();
  dir = mkdtempSync(join(tmpdir(), "countroom-uplink-"));
  uplink = start();
});
afterEach(async () => {
  await uplink[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

function submission(key: string, more: Partial<Submission> = {}): Submission {
  return {
    event: encodeEvent({
      eventId: uuidv7(),
      idempotencyKey: key,
      payload: { case: "playerRegistered", value: {} },
    }),
    credential: "c",
    key,
    ids: { idempotencyKey: key },
    ...more,
  };
}

const submit = async (key: string, more: Partial<Submission> = {}) =>
  (await uplink.submit(submission(key, more))).receipt;

describe("batches", () => {
  test("gather what arrives while calls run, at most four at a time", async () => {
    server.delayMs = 20;
    const receipts = await Promise.all(Array.from({ length: 500 }, (_, n) => submit(`k${n}`)));
    expect(receipts.map(({ idempotencyKey }) => idempotencyKey)).toEqual(
      Array.from({ length: 500 }, (_, n) => `k${n}`),
    );
    expect(server.inFlightMax).toBeLessThanOrEqual(4);
    expect(server.calls.length).toBeLessThan(20);
  });

  test("name each credential once", async () => {
    await Promise.all(
      Array.from({ length: 30 }, (_, n) => submit(`k${n}`, { credential: `c${n % 3}` })),
    );
    for (const call of server.calls) {
      expect(new Set(call.credentials).size).toBe(call.credentials.length);
      expect(call.credentials.length).toBeLessThanOrEqual(3);
    }
    expect(server.effects.size).toBe(30);
  });

  test("stay within the size of a call", async () => {
    const padding = "x".repeat(4_000);
    const large = encodeEvent({ eventId: uuidv7(), idempotencyKey: "x", sessionId: padding });
    const all = Array.from({ length: 2_000 }, (_, n) =>
      uplink.submit({ ...submission(`k${n}`), event: large }),
    );
    await Promise.all(all);
    for (const { items } of server.calls) {
      expect(items.length).toBeLessThanOrEqual(1_000);
      expect(items.reduce((sum, { event }) => sum + event.length, 0)).toBeLessThan(3 * 2 ** 20);
    }
  });

  test("never carry a later part of a request while an earlier one is on its way", async () => {
    server.delayMs = 10;
    const request = {};
    const others = Array.from({ length: 700 }, (_, n) => submit(`other${n}`));
    const own = Array.from({ length: 900 }, (_, n) => submit(`own${n}`, { request }));
    await Promise.all([...others, ...own]);
    expect(server.calls.length).toBeGreaterThan(1);
    // Nothing else is left to send: whatever ran beside another call was a part of this request.
    expect(server.inFlightMax).toBe(1);
    const keys = server.events.map(({ idempotencyKey }) => idempotencyKey);
    const came = keys.filter((key) => key.startsWith("own"));
    expect(came).toEqual(Array.from({ length: 900 }, (_, n) => `own${n}`));
  });

  test("never hold a key twice at the same time", async () => {
    server.delayMs = 5;
    const receipts = await Promise.all(
      Array.from({ length: 200 }, async (_, n) => {
        await Bun.sleep(n % 40);
        return submit(`k${n % 7}`);
      }),
    );
    expect(server.clashes).toEqual([]);
    expect(server.effects.size).toBe(7);
    expect(receipts.filter(({ replayed }) => !replayed)).toHaveLength(7);
  });
});

describe("an unclear call", () => {
  test.each<Fate>(["drop", "settle-then-drop", "unavailable"])(
    "(%s) is repeated with the same bytes",
    async (fate) => {
      server.fate = (call) => (call <= 3 ? fate : "settle");
      const receipt = await submit("k", { deadlineMs: 3_000 });
      expect(receipt.status).toBe(Status.ACCEPTED);
      expect(receipt.replayed).toBe(fate === "settle-then-drop");
      expect(server.calls).toHaveLength(4);
      const sent = server.calls.map(({ items }) => Buffer.from(items[0]!.event).toString("hex"));
      expect(new Set(sent).size).toBe(1);
      expect(uplink.counts.retries).toBe(3);
    },
  );

  test("ends with UNAVAILABLE at the caller's deadline", async () => {
    for (const fate of ["unavailable", "hang"] as const) {
      server.fate = () => fate;
      const started = performance.now();
      const receipt = await submit(`k-${fate}`, { deadlineMs: 150 });
      const tookMs = performance.now() - started;
      expect([receipt.status, receipt.code]).toEqual([Status.UNAVAILABLE, Code.UNAVAILABLE]);
      expect(receipt.idempotencyKey).toBe(`k-${fate}`);
      expect(tookMs).toBeGreaterThan(140);
      expect(tookMs).toBeLessThan(600);
    }
  });

  test("keeps waiting events for the primary's return", async () => {
    server.fate = (call) => (call < 5 ? "unavailable" : "settle");
    const receipts = await Promise.all(Array.from({ length: 50 }, (_, n) => submit(`k${n}`)));
    expect(receipts.every(({ status }) => status === Status.ACCEPTED)).toBe(true);
  });

  test("that the primary refuses outright isn't repeated", async () => {
    server.fate = () => "denied";
    const receipt = await submit("k");
    expect(receipt.code).toBe(Code.UNAVAILABLE);
    expect(server.calls).toHaveLength(1);
  });
});

test("under random failures each key takes effect once and everybody hears", async () => {
  let state = SEED;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const fates: Fate[] = ["settle", "settle", "settle", "drop", "settle-then-drop", "unavailable"];
  server.fate = () => fates[Math.floor(random() * fates.length)]!;
  server.delayMs = 2;
  const receipts = await Promise.all(
    Array.from({ length: 600 }, async () => {
      await Bun.sleep(random() * 300);
      const key = `k${Math.floor(random() * 100)}`;
      return { key, receipt: await submit(key) };
    }),
  );
  expect(server.clashes).toEqual([]);
  for (const { key, receipt } of receipts) {
    expect(receipt.status).toBe(Status.ACCEPTED);
    expect(Number(receipt.seq)).toBe(server.effects.get(key)!);
  }
  expect(uplink.waiting).toBe(0);
});

describe("checkpoints", () => {
  const note = (epoch: number, size: number): string =>
    signCheckpoint(
      {
        deployment: "dev",
        epoch,
        reign: "0".repeat(32),
        size,
        root: new Uint8Array(32),
        state: new Uint8Array(32),
        time: 1,
      },
      keys.privateKey,
    );
  const keeper = (publicKey: CheckpointKeys = keys.publicKey): CheckpointKeeper =>
    new CheckpointKeeper({
      file: join(dir, "checkpoint"),
      publicKey,
      deployment: "dev",
      clock: systemClock,
      log,
    });

  test("give way once the key they were signed with was replaced", () => {
    const next = generateKeyPairSync("ed25519");
    const cosigned = cosignCheckpoint(note(1, 10), next.privateKey);
    let signers: readonly Signer[] = [{ key: keys.publicKey }];
    const held = keeper(() => signers);
    // Its thief tells of an epoch that there never was.
    held.offer(note(9, 3));
    held.offer(cosigned);
    expect(held.note).toBe(note(9, 3));
    signers = [{ key: next.publicKey }, { key: keys.publicKey, until: { epoch: 1, size: 10 } }];
    held.offer(cosigned);
    expect(held.note).toBe(cosigned);
    held.flush();
    expect(keeper(signers).note).toBe(cosigned);
    held.offer(note(1, 11));
    held.offer(note(1, 9));
    expect(held.note).toBe(cosigned);
  });

  test("only ever get newer, on disk too, and survive a restart", () => {
    const first = keeper();
    first.offer(note(1, 10));
    first.offer(note(1, 5));
    expect(first.note).toBe(note(1, 10));
    first.offer(note(2, 3));
    first.offer(note(1, 100));
    expect(first.note).toBe(note(2, 3));
    expect(keeper().note).toBe(note(2, 3));
  });

  test("that don't verify are passed over", () => {
    const one = keeper();
    one.offer(note(1, 10));
    one.offer(note(1, 11).replace("\n11\n", "\n12\n"));
    one.offer("nonsense");
    one.offer("x".repeat(10_000));
    expect(one.note).toBe(note(1, 10));
  });

  test("of another worker that are newer stay on disk", () => {
    const [a, b] = [keeper(), keeper()];
    a.offer(note(2, 1));
    b.offer(note(1, 9));
    b.flush();
    expect(keeper().note).toBe(note(2, 1));
  });
});
