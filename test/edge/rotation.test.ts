/**
 * Goal: publisher and edges go on when the primary comes back with another signing key: those that
 * were running take it up by themselves, those that are restarted too, and one that was given the
 * old public key alone believes nothing new.
 * Method: a whole deployment; its primary is stopped, its key rotated, and started again.
 */
import { expect, test } from "bun:test";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadKeys } from "../../src/access/index.ts";
import { openCheckpoint } from "../../src/wire/index.ts";
import { countroom } from "../primary/process.ts";
import { deposit, Deployment, startRole, until } from "./deployment.ts";

test("a rotation under a running deployment", async () => {
  await using site = await Deployment.open();
  const playerRef = await site.player("5");
  const old = site.keys.signingPublic;
  const lonely = join(site.dir, "lonely");
  cpSync(join(site.dir, "keys"), lonely, { recursive: true });
  site.primary.kill("SIGTERM");
  await site.primary.exited;
  const rotated = await countroom("keys", "rotate", "--data", site.dir, "--confirm", "--json");
  expect(JSON.parse(rotated.stdout)).toMatchObject({ status: "rotated" });
  await site.startPrimary();
  const [receipt] = await site.settle(deposit(playerRef, "7"));
  const next = loadKeys(join(site.dir, "keys")).signingPublic;
  expect(next.equals(old)).toBe(false);
  await until("the replica to show the deposit", async () => {
    const { status, body } = await site.read(playerRef, receipt!.bookmark);
    expect([status, body["balances"][0].available]).toEqual([200, "12"]);
    return body["freshness"].source === "replica";
  });
  const noteOf = async (url: string) => (await fetch(`${url}/v1/checkpoint`)).text();
  await until("the running edge to hold a checkpoint of the new key alone", async () => {
    await site.settle(deposit(playerRef, "1"));
    const note = await noteOf(site.edge.url);
    return (
      openCheckpoint(note, [{ key: old }, { key: next }]).size > 0 && note.split("\n").length === 8
    );
  });
  openCheckpoint(await noteOf(site.edge.url), next);
  expect(site.publisher.log()).not.toContain("STATE_WRONG");

  site.edge.kill("SIGTERM");
  site.publisher.kill("SIGTERM");
  await Promise.all([site.edge.exited, site.publisher.exited]);
  await site.startPublisher();
  await site.startEdge();
  await until("the restarted edge to serve a replica", async () => {
    return (await site.readyz()).replica !== null;
  });
  expect((await site.read(playerRef)).status).toBe(200);
  const keys = await fetch(`${site.edge.url}/v1/keys`, {
    headers: { authorization: `Bearer ${site.key("read")}` },
  });
  const told: any = await keys.json();
  expect([told.keys.length, told.rotations.length]).toEqual([2, 1]);

  // Of what was signed since, an edge that knows the old key takes what the old key signed.
  const behind = await startRole(
    "edge",
    {
      data: join(site.dir, "elsewhere"),
      keys: lonely,
      port: 0,
      region: "eu",
      "primary-url": site.primary.url,
      "publisher-url": site.publisher.url,
      "replica-dir": join(site.dir, "elsewhere", "replica"),
    },
    {},
  );
  try {
    const headers = { authorization: `Bearer ${site.key("play")}` };
    const body = JSON.stringify(deposit(playerRef, "1"));
    const answer = await fetch(`${behind.url}/v1/events`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body,
    });
    expect(answer.status).toBe(200);
    expect((await fetch(`${behind.url}/v1/checkpoint`)).status).toBe(503);
    expect(behind.log()).toContain("doesn't verify");
    const pub = readFileSync(join(site.dir, "keys", "signing.pub"));
    writeFileSync(join(lonely, "signing.pub"), pub);
    await until("the edge to take up the file it was given", async () => {
      await fetch(`${behind.url}/v1/events`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify(deposit(playerRef, "1")),
      });
      return (await fetch(`${behind.url}/v1/checkpoint`)).status === 200;
    });
  } finally {
    behind.kill("SIGKILL");
    await behind.exited;
  }
}, 60_000);
