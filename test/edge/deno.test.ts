/**
 * Goal: an edge does on Deno what it does on Bun.
 * Method: a whole deployment whose edge runs on Deno; skipped where there is none.
 */
import { expect, test } from "bun:test";
import { deposit, Deployment, until } from "./deployment.ts";

const deno = Bun.which("deno");
const runtime = [deno ?? "", "run", "-A", "--no-check", "--node-modules-dir=manual"];

test.skipIf(deno === null)(
  "an edge on Deno reads its writes and changes feeds without a gap",
  async () => {
    await using site = await Deployment.open({ edgeRuntime: runtime });
    const playerRef = await site.player("5");
    const [receipt] = await site.settle(deposit(playerRef, "9007199254740993"));
    await until("the replica to show the deposit", async () => {
      const { status, body } = await site.read(playerRef, receipt!.bookmark);
      expect([status, body["balances"][0].available]).toEqual([200, "9007199254740998"]);
      return body["freshness"].source === "replica";
    });
    const before = site.pointer().feed;
    site.publisher.kill("SIGKILL");
    await site.publisher.exited;
    await site.startPublisher();
    await until("the new feed", async () => {
      expect((await site.read(playerRef)).status).toBe(200);
      return site.pointer().feed !== before;
    });
    site.edge.kill("SIGTERM");
    expect(await site.edge.exited).toBe(0);
  },
  30_000,
);
