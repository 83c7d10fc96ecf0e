/**
 * Goal: whatever dies, reads go on, tell their true age, and heal by themselves; events are
 * settled once.
 * Method: a whole deployment whose processes are stopped and killed; a reader runs all the while
 * and remembers every answer.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { dirname } from "node:path";
import { deposit, Deployment, event, until } from "./deployment.ts";

let site: Deployment;
let playerRef: string;
beforeAll(async () => {
  site = await Deployment.open();
  playerRef = await site.player("1000");
  await until("the replica to know the player", async () => {
    return (await site.read(playerRef)).status === 200;
  });
});
afterAll(() => site[Symbol.asyncDispose]());

/** Tests run in any order: each begins with everything well. */
beforeEach(async () => {
  if (await site.died("primary")) await site.startPrimary();
  if (await site.died("publisher")) await site.startPublisher();
  if (await site.died("edge")) await site.startEdge();
  await until("the replica to be fed", async () => {
    return (await site.metric("replica_fed")) === 1 && (await ageMs()) < 400;
  });
});

async function available(): Promise<bigint> {
  const { body } = await site.read(playerRef);
  return BigInt(body["balances"][0].available as string);
}

/** The process that feeds the replica: the only child of an edge without workers and audits. */
function syncers(): number[] {
  const found = Bun.spawnSync(["pgrep", "-P", String(site.edge.pid), "-f", "syncer-child"]);
  return found.stdout.toString().split("\n").filter(Boolean).map(Number);
}

async function ageMs(): Promise<number> {
  const { body } = await site.read(playerRef);
  expect(body["freshness"].source).toBe("replica");
  return body["freshness"].age_ms as number;
}

/** Reads all the time; returns what came when told to stop. */
function reader(): { stop(): Promise<readonly { status: number; source: string; seq: number }[]> } {
  const seen: { status: number; source: string; seq: number }[] = [];
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      const { status, body } = await site.read(playerRef);
      const { source, seq } = body["freshness"] ?? {};
      seen.push({ status, source, seq });
      await Bun.sleep(2);
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      await running;
      return seen;
    },
  };
}

test("a killed publisher lets the replica age; its new feed comes without a gap", async () => {
  const before = site.pointer();
  const reads = reader();
  site.publisher.kill("SIGKILL");
  await site.publisher.exited;
  const killed = performance.now();
  await Bun.sleep(700);
  const stated = await ageMs();
  expect(stated).toBeGreaterThanOrEqual(performance.now() - killed - 50);
  // Parked: a syncer without a publisher would spin.
  await until("the syncer to be parked", () => syncers().length === 0);
  const [receipt] = await site.settle(deposit(playerRef, "1"));
  const fresh = await site.read(playerRef, receipt!.bookmark);
  expect(fresh.body["freshness"].source).toBe("primary");
  await site.startPublisher();
  await until("the new feed to be served", () => site.pointer().feed !== before.feed);
  await until("the new replica to be fresh", async () => (await ageMs()) < 300);
  const seen = await reads.stop();
  expect(seen.length).toBeGreaterThan(100);
  expect(seen.filter(({ status, source }) => status !== 200 || source !== "replica")).toEqual([]);
  const seqs = seen.map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
  await until("the old folder to be deleted", () => !existsSync(dirname(before.path)));
  expect(readdirSync(site.replicas)).toHaveLength(1);
}, 20_000);

test("a syncer that is killed is replaced", async () => {
  const reads = reader();
  const [pid] = syncers();
  process.kill(pid!, "SIGKILL");
  await until("another syncer", () => syncers().length === 1 && syncers()[0] !== pid);
  const [receipt] = await site.settle(deposit(playerRef, "1"));
  await until("the replica to follow again", async () => {
    const { replica } = await site.readyz();
    return replica !== null && replica.seq >= Number(receipt!.seq);
  });
  const seen = await reads.stop();
  expect(seen.filter(({ status, source }) => status !== 200 || source !== "replica")).toEqual([]);
}, 20_000);

test("a syncer that hangs is noticed by its standing head", async () => {
  const condemned = await site.metric("replica_condemned_total");
  const [pid] = syncers();
  process.kill(pid!, "SIGSTOP");
  const [receipt] = await site.settle(deposit(playerRef, "1"));
  expect((await site.read(playerRef, receipt!.bookmark)).body["freshness"].source).toBe("primary");
  await until("another syncer", () => syncers().some((one) => one !== pid), 12_000);
  await until("the replica to follow again", async () => {
    const { replica } = await site.readyz();
    return replica !== null && replica.seq >= Number(receipt!.seq);
  });
  await until("the hanging one to be gone", () => !syncers().includes(pid!));
  await until("the metrics to tell", async () => {
    return (await site.metric("replica_condemned_total")) === condemned + 1;
  });
}, 25_000);

test("events posted while the primary restarts are settled once", async () => {
  const key = Bun.randomUUIDv7();
  const before = await available();
  site.primary.kill("SIGKILL");
  await site.primary.exited;
  const waiting = Array.from({ length: 20 }, () => site.post(deposit(playerRef, "100", key)));
  await Bun.sleep(100);
  // The replica answers all the while.
  expect((await site.read(playerRef)).status).toBe(200);
  await site.startPrimary();
  const answers = await Promise.all(waiting);
  const receipts = answers.map(({ body }) => body["receipts"]?.[0]);
  expect(receipts.every((one) => one?.status === "accepted")).toBe(true);
  expect(new Set(receipts.map(({ seq }) => seq)).size).toBe(1);
  const { body } = await site.read(playerRef, receipts[0].bookmark);
  expect(body["balances"][0].available).toBe(String(before + 100n));
}, 20_000);

test("an edge restarted without a publisher serves its last replica, truly aged", async () => {
  const before = await available();
  site.publisher.kill("SIGKILL");
  await site.publisher.exited;
  const killed = performance.now();
  site.edge.kill("SIGKILL");
  await site.edge.exited;
  await until("orphaned syncers to go", () => {
    const found = Bun.spawnSync(["pgrep", "-f", `${site.replicas}`]);
    return found.stdout.length === 0;
  });
  await site.startEdge();
  const stated = await ageMs();
  expect(stated).toBeGreaterThanOrEqual(performance.now() - killed - 50);
  expect(await available()).toBe(before);
  await site.startPublisher();
  await until("a fresh replica", async () => (await ageMs()) < 300);
}, 20_000);

test("a second edge on the same folder is refused, and a stop drains", async () => {
  const { dir, primary, publisher } = site;
  const main = `${import.meta.dir}/../../src/cli/main.ts`;
  const words = `edge --data ${dir} --port 0 --primary-url ${primary.url}`.split(" ");
  const second = Bun.spawnSync({
    cmd: [process.execPath, main, ...words, "--publisher-url", publisher.url],
    stderr: "pipe",
  });
  expect(second.exitCode).toBe(1);
  expect(second.stderr.toString()).toContain("DATA_LOCKED");
  const last = site.post({ ...event(), player_registered: {} });
  await Bun.sleep(5);
  site.edge.kill("SIGTERM");
  expect((await last).status).toBe(200);
  expect(await site.edge.exited).toBe(0);
  expect(syncers()).toEqual([]);
});
