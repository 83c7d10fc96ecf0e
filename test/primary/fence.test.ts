/**
 * Goal: one writer. A primary that is shown what it can't have written stops with exit code 5 and
 * says why; everything else that is shown leaves it running. A promotion opens the next epoch once.
 * Method: real processes; a second folder with the same keys plays the promoted one.
 */
import { describe, expect, test } from "bun:test";
import { cpSync, mkdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConnectError } from "@connectrpc/connect";
import { Code } from "../../src/ledger/index.ts";
import { openCheckpoint, signCheckpoint, type Checkpoint } from "../../src/wire/index.ts";
import { deposit, FUN, registration } from "./events.ts";
import { makeFolder, startIn, type Folder } from "./folder.ts";
import { countroom, startProcess, type PrimaryProcess } from "./process.ts";

const EXITED_5 = 5;

async function checkpointOf(primary: PrimaryProcess): Promise<string> {
  return (await fetch(`${primary.url}/v1/checkpoint`)).text();
}

async function show(primary: PrimaryProcess, note: string): Promise<[number, string]> {
  const response = await fetch(`${primary.url}/v1/checkpoint`, { method: "POST", body: note });
  const { code, verdict } = (await response.json()) as { code?: string; verdict?: string };
  return [response.status, code ?? verdict ?? ""];
}

/** A note by this deployment's key that differs from a genuine one. */
function forge(folder: Folder, note: string, change: Partial<Checkpoint>): string {
  const genuine = openCheckpoint(note, folder.keys.signingPublic);
  return signCheckpoint({ ...genuine, ...change }, folder.keys.signing.privateKey);
}

/** Fills a folder with a player and some money. */
async function fill(primary: PrimaryProcess, folder: Folder): Promise<string> {
  const append = async (event: Uint8Array) => {
    const { receipts } = await primary.client().append({
      credentials: [folder.token("api-play")],
      items: [{ event }],
    });
    return receipts[0]!;
  };
  const { playerRef } = await append(registration());
  expect((await append(deposit(playerRef, FUN))).code).toBe(1);
  return playerRef;
}

describe("a checkpoint that is shown", () => {
  test("is harmless when it is older, its own, forged, another's or no checkpoint", async () => {
    await using folder = await makeFolder();
    await using other = await makeFolder();
    await using primary = await startProcess(folder);
    const own = await checkpointOf(primary);
    const lies = [
      "",
      "nothing\n\nlike a note\n",
      own.replace("/1/", "/2/"),
      forge(other, await otherNote(other), { epoch: 9 }),
      forge(folder, own, { deployment: "elsewhere", epoch: 9 }),
    ];
    expect(await show(primary, own)).toEqual([200, "harmless"]);
    for (const lie of lies) expect((await show(primary, lie))[0]).toBe(200);
    expect((await show(primary, "x".repeat(10_000)))[0]).toBe(413);
    const metrics = await (await fetch(`${primary.url}/metrics`)).text();
    expect(metrics).toMatch(/invalid_checkpoints_total\{role="primary"\} 4/);
    await fill(primary, folder);
  });

  test("of a later epoch stops the primary, shown by whatever call", async () => {
    await using folder = await makeFolder();
    const ways: Record<string, (primary: PrimaryProcess, note: string) => Promise<unknown>> = {
      post: async (primary, note) => {
        expect(await show(primary, note)).toEqual([409, "EPOCH_FENCED"]);
      },
      append: (primary, checkpoint) => primary.client().append({ checkpoint }),
      tail: (primary, checkpoint) => drain(primary.client().tail({ fromSeq: 1n, checkpoint })),
      state: (primary, checkpoint) => drain(primary.client().state({ checkpoint })),
      balance: (primary, checkpoint) => primary.client().getBalance({ checkpoint }),
    };
    for (const [way, call] of Object.entries(ways)) {
      await using primary = await startProcess(folder);
      const note = forge(folder, await checkpointOf(primary), { epoch: 2 });
      const told = await call(primary, note).catch((error) => ConnectError.from(error).message);
      if (way !== "post") expect(told).toContain("EPOCH_FENCED");
      expect([way, await primary.exited]).toEqual([way, EXITED_5]);
      expect(primary.stderr()).toContain('"code":"EPOCH_FENCED"');
      expect(primary.stderr()).toContain('"hint":');
      await rm(folder.paths.fence);
    }
  }, 60_000);

  test("is remembered: a primary that was fenced off stays so after a restart", async () => {
    await using folder = await makeFolder();
    await using primary = await startProcess(folder);
    const note = forge(folder, await checkpointOf(primary), { epoch: 2 });
    expect(await show(primary, note)).toEqual([409, "EPOCH_FENCED"]);
    expect(await primary.exited).toBe(EXITED_5);
    const promoted = await countroom("promote", "--data", folder.dir, "--confirm");
    const fenced = expect.stringContaining("PROMOTE_FENCED");
    expect([promoted.code, promoted.stderr]).toEqual([5, fenced]);
    for (let restart = 0; restart < 2; restart += 1) {
      const { code, stderr } = await countroom("primary", "--data", folder.dir, "--port", "0");
      expect([code, stderr]).toEqual([5, expect.stringContaining("EPOCH_FENCED")]);
    }
  });

  test("of its own epoch stops it when the reign, or a record, is not its own", async () => {
    await using folder = await makeFolder();
    for (const change of [{ reign: "f".repeat(32) }, { size: 1_000 }]) {
      await using primary = await startProcess(folder);
      const note = forge(folder, await checkpointOf(primary), change);
      expect(await show(primary, note)).toEqual([409, "EPOCH_FENCED"]);
      expect(await primary.exited).toBe(EXITED_5);
      await rm(folder.paths.fence);
    }
  });
});

describe("promote", () => {
  test("opens one epoch, and the old primary stops once it sees it", async () => {
    await using folder = await makeFolder();
    await using old = await startProcess(folder);
    const player = await fill(old, folder);
    await old.kill("SIGTERM");
    const copy = await mkdtemp(join(tmpdir(), "countroom-promoted-"));
    cpSync(folder.dir, copy, { recursive: true });

    const without = await countroom("promote", "--data", copy);
    expect([without.code, without.stderr]).toEqual([4, expect.stringContaining("--confirm")]);
    const wrong = await countroom("promote", "--data", join(copy, "nowhere"), "--confirm");
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining("DATABASE_MISSING")]);

    const first = await countroom("promote", "--data", copy, "--confirm", "--json");
    const promoted = JSON.parse(first.stdout);
    expect(promoted).toMatchObject({
      status: "promoted",
      epoch: 2,
      reason: "promotion",
      was_sealed: false,
      previous_epoch: 1,
      previous_size: 3,
    });
    const again = JSON.parse(
      (await countroom("promote", "--data", copy, "--confirm", "--json")).stdout,
    );
    expect(again).toMatchObject({ status: "already_open", epoch: 2, reign: promoted.reign });

    const copied: Folder = { ...folder, dir: copy };
    await using next = await startProcess(copied);
    expect([next.epoch, next.reign]).toEqual([2, promoted.reign]);
    const running = await countroom("promote", "--data", copy, "--confirm");
    expect([running.code, running.stderr]).toEqual([1, expect.stringContaining("DATA_LOCKED")]);

    const judge = async (bookmark: string) =>
      (await next.client().getBalance({ playerRef: player, bookmark })).code as number;
    expect(await judge("1-3")).toBe(Code.OK);
    expect(await judge("1-4")).toBe(Code.BOOKMARK_LOST);
    expect(await judge("2-4")).toBe(Code.OK);
    expect(await judge("2-5")).toBe(Code.BOOKMARK_UNKNOWN);

    await using revived = await startProcess(folder);
    expect(revived.epoch).toBe(1);
    expect(await show(revived, await checkpointOf(next))).toEqual([409, "EPOCH_FENCED"]);
    expect(await revived.exited).toBe(EXITED_5);
    expect((await show(next, await checkpointOf(next)))[1]).toBe("harmless");
    await rm(copy, { recursive: true });
  }, 60_000);

  test("has nothing to continue in an empty ledger", async () => {
    await using folder = await makeFolder();
    mkdirSync(folder.paths.dir);
    const answer = await countroom("promote", "--data", folder.dir, "--confirm");
    expect([answer.code, answer.stderr]).toEqual([1, expect.stringContaining("DATABASE_MISSING")]);
  });
});

async function otherNote(folder: Folder): Promise<string> {
  const { primary } = await startIn(folder);
  const note = await (await fetch(`${primary.url}/v1/checkpoint`)).text();
  await primary.stop();
  return note;
}

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}
