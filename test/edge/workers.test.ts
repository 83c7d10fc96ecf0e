/**
 * Goal: several workers on one port answer alike, follow the same replica, and are replaced when
 * they die.
 * Method: a whole deployment with two workers; one is killed; the feed is changed.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { deposit, Deployment, until } from "./deployment.ts";

let site: Deployment;
beforeAll(async () => {
  site = await Deployment.open({ workers: 2 });
});
afterAll(() => site[Symbol.asyncDispose]());

function workers(of = site): number[] {
  const found = Bun.spawnSync(["pgrep", "-P", String(of.edge.pid), "-f", "edge-worker"]);
  return found.stdout.toString().split("\n").filter(Boolean).map(Number);
}

/** A read on a connection of its own, so that either worker may get it. */
async function read(playerRef: string, atLeast = "1-1"): Promise<Record<string, any>> {
  const url = `${site.edge.url}/v1/players/${playerRef}/balance?at_least=${atLeast}`;
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${site.key("read")}`, connection: "close" },
  });
  return { status: response.status, ...((await response.json()) as object) };
}

test("both answer, with the same rows", async () => {
  const playerRef = await site.player("5");
  const [receipt] = await site.settle(deposit(playerRef, "5"));
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => read(playerRef, receipt!.bookmark)),
  );
  for (const { status, balances } of answers) {
    expect([status, balances[0].available]).toEqual([200, "10"]);
  }
  expect(workers()).toHaveLength(2);
});

test("one that is killed is replaced and follows", async () => {
  const playerRef = await site.player("5");
  const [victim, other] = workers();
  process.kill(victim!, "SIGKILL");
  await until("another worker", () => workers().length === 2 && !workers().includes(victim!));
  expect(workers()).toContain(other!);
  await until("every answer to come from the replica", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => read(playerRef)));
    return answers.every(({ status, freshness }) => {
      return status === 200 && freshness.source === "replica";
    });
  });
}, 20_000);

test("a new feed reaches both without a gap", async () => {
  const playerRef = await site.player("5");
  // Until there is a replica, the primary answers.
  await until("the replica to know the player", async () => {
    const { status, freshness } = await read(playerRef);
    return status === 200 && freshness.source === "replica";
  });
  const before = site.pointer().feed;
  site.publisher.kill("SIGKILL");
  await site.publisher.exited;
  await site.startPublisher();
  const answers: Record<string, any>[] = [];
  await until("the new feed", async () => {
    answers.push(await read(playerRef));
    return site.pointer().feed !== before;
  });
  await until("fresh answers", async () => {
    const some = await Promise.all(Array.from({ length: 20 }, () => read(playerRef)));
    answers.push(...some);
    return some.every(({ freshness }) => freshness.age_ms < 400);
  });
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
}, 20_000);

test("a stop drains all of them", async () => {
  await using other = await Deployment.open({ workers: 2 });
  const pids = workers(other);
  expect(pids).toHaveLength(2);
  const last = other.post({ idempotency_key: "last", player_registered: {} });
  await Bun.sleep(5);
  other.edge.kill("SIGTERM");
  expect((await last).status).toBe(200);
  expect(await other.edge.exited).toBe(0);
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow();
}, 20_000);
