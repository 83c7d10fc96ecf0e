/**
 * Goal: a backup taken after the signing key was rotated is believed by whoever holds the recovery
 * file from before, because the book proves the rotation; without that proof it is refused.
 * Method: a small book, rotated twice, with the scripts as processes.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { loadKeys } from "../../src/access/index.ts";
import { deposit, registration } from "../primary/events.ts";
import { makeFolder, startIn, type Folder } from "../primary/folder.ts";
import { countroom, script, type Run } from "./scripts.ts";

const root = mkdtempSync(join(tmpdir(), "countroom-rotation-"));
let folder: Folder;
beforeAll(async () => {
  folder = await makeFolder();
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

const key = (name: string): string => join(folder.dir, "keys", name);

async function work(): Promise<void> {
  const { primary } = await startIn(folder);
  const access = await folder.credential("api-play");
  const [player] = await primary.append([{ event: registration(), access }]);
  await primary.append([{ event: deposit(player!.playerRef, 1n), access }]);
  await primary.stop();
}

function restore(place: string, to: string, ...more: string[]): Promise<Run> {
  const where = ["--from", join(root, place), "--to", join(root, to)];
  return script("restore", [...where, "--identity", key("recovery.key"), ...more]);
}

function snapshot(place: string): Promise<Run> {
  return script("snapshot", ["--data", folder.dir, "--to", join(root, place)]);
}

test("a set made with a key after it was replaced is nobody's", async () => {
  await using site = await makeFolder();
  const own = folder;
  folder = site;
  try {
    await work();
    const stale = join(site.dir, "..", `${basename(site.dir)}-stale`);
    cpSync(site.dir, stale, { recursive: true });
    const earlier = script("snapshot", ["--data", stale, "--to", join(root, "earlier")]);
    expect((await earlier).code).toBe(0);
    expect((await countroom("keys", "rotate", "--data", site.dir, "--confirm")).code).toBe(0);
    const trust = ["--trust", key("signing.pub")];
    expect((await restore("earlier", "earlier-restored", ...trust)).code).toBe(0);
    // Whoever has the old key goes on with it.
    folder = { ...site, dir: stale, config: () => site.config({ COUNTROOM_DATA: stale }) };
    await work();
    expect((await snapshot("stale")).code).toBe(0);
    const refused = await restore("stale", "stale-restored", ...trust);
    expect([refused.code, refused.err]).toEqual([5, expect.stringContaining("ARCHIVE_UNTRUSTED")]);
    expect(refused.err).toContain("replaced");
    rmSync(stale, { recursive: true });
  } finally {
    folder = own;
  }
}, 60_000);

test("the recovery file from before two rotations opens what came after", async () => {
  await work();
  const before = readFileSync(key("signing.pub"));
  for (let turn = 0; turn < 2; turn += 1) {
    expect((await countroom("keys", "rotate", "--data", folder.dir, "--confirm")).code).toBe(0);
    if (turn === 0) await work();
  }
  // Right after a rotation: the checkpoint carries both signatures.
  expect((await snapshot("at-once")).code).toBe(0);
  await work();
  expect((await snapshot("later")).code).toBe(0);
  for (const place of ["at-once", "later"]) {
    const back = await restore(place, `${place}-restored`);
    expect([back.code, back.err]).toEqual([0, expect.not.stringContaining("ARCHIVE")]);
    const keys = loadKeys(join(root, `${place}-restored`, "keys"));
    expect(keys.signers()).toHaveLength(3);
    expect(keys.signing.publicKey.equals(keys.signingPublic)).toBe(true);
  }
  const pub = join(root, "old.pub");
  writeFileSync(pub, before);
  expect((await restore("later", "by-old-pub", "--trust", pub)).code).toBe(0);
  const now = key("signing.pub");
  expect((await restore("later", "by-new-pub", "--trust", now)).code).toBe(0);

  // A set that brings no proof is nobody's whom the recovery file knows.
  rmSync(key("signing.chain"));
  expect((await snapshot("unproven")).code).toBe(0);
  const refused = await restore("unproven", "unproven-restored");
  expect(refused.code).not.toBe(0);
  expect(refused.err).toContain("ARCHIVE_UNTRUSTED");
  expect(refused.err).toContain("--trust");
  expect((await restore("unproven", "told-so", "--trust", now)).code).toBe(0);
}, 60_000);
