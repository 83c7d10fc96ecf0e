/**
 * Goal: a key that was replaced is believed of what it signed until then, and of nothing later:
 * whoever has stolen it can't stop the primary, nor name a key of his own as its successor.
 * Method: a real rotation, then notes and links signed with the old private half.
 */
import { describe, expect, test } from "bun:test";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadKeys, publicKeysIn, SigningFiles } from "../../src/access/index.ts";
import {
  cosignCheckpoint,
  openCheckpoint,
  parseKeyChain,
  signCheckpoint,
  successorsOf,
  type Checkpoint,
  type Signer,
} from "../../src/wire/index.ts";
import { deposit, registration } from "./events.ts";
import { makeFolder, startIn, type Folder } from "./folder.ts";
import { countroom, startProcess, type PrimaryProcess } from "./process.ts";

const ROTATE = ["keys", "rotate", "--confirm", "--json", "--data"] as const;
const EXITED_5 = 5;

const keysOf = (folder: Folder): string => join(folder.dir, "keys");
const pubOf = (folder: Folder): string => readFileSync(join(keysOf(folder), "signing.pub"), "utf8");

/** Settles something; answers the checkpoint it ends with. */
async function work(folder: Folder): Promise<string> {
  const { primary } = await startIn(folder);
  const access = await folder.credential("api-play");
  const [player] = await primary.append([{ event: registration(), access }]);
  await primary.append([{ event: deposit(player!.playerRef, 1n), access }]);
  await primary.stop();
  const { primary: again } = await startIn(folder);
  const note = await (await fetch(`${again.url}/v1/checkpoint`)).text();
  await again.stop();
  return note;
}

/** A folder whose key was replaced, and the old private half. */
async function rotated(folder: Folder): Promise<{ old: KeyObject; before: string; size: number }> {
  const before = await work(folder);
  const old = loadKeys(keysOf(folder)).signing.privateKey;
  const { code, stdout } = await countroom(...ROTATE, folder.dir);
  expect(code).toBe(0);
  return { old, before, size: JSON.parse(stdout).tree_size };
}

async function show(primary: PrimaryProcess, note: string): Promise<string> {
  const response = await fetch(`${primary.url}/v1/checkpoint`, { method: "POST", body: note });
  const { code, verdict } = (await response.json()) as { code?: string; verdict?: string };
  return code ?? verdict ?? "";
}

function codeOf(note: string, keys: readonly Signer[]): string {
  try {
    openCheckpoint(note, keys);
    return "believed";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("a key that was replaced", () => {
  test("stops no primary, whatever it signs since; the newest does", async () => {
    await using folder = await makeFolder();
    const { old, before, size } = await rotated(folder);
    const signers = loadKeys(keysOf(folder)).signers();
    expect(signers.map(({ until }) => until)).toEqual([undefined, { epoch: 1, size }]);
    const genuine = openCheckpoint(before, signers);
    await using primary = await startProcess(folder);
    const changes: readonly Partial<Checkpoint>[] = [
      { epoch: 6, reign: "f".repeat(32) },
      { epoch: 6, reign: "f".repeat(32), size: 1 },
      { size: 1_000 },
      { size: size + 1 },
      { reign: "f".repeat(32) },
    ];
    for (const change of changes) {
      const forged = signCheckpoint({ ...genuine, ...change }, old);
      expect([change, await show(primary, forged)]).toEqual([change, "invalid"]);
      const expected = "reign" in change && !("epoch" in change) ? "believed" : undefined;
      expect(codeOf(forged, signers)).toBe(expected ?? "CHECKPOINT_OUTDATED_KEY");
    }
    expect(await show(primary, before)).toBe("harmless");
    expect(() => readFileSync(folder.paths.fence)).toThrow();
    const next = loadKeys(keysOf(folder)).signing.privateKey;
    const promoted = signCheckpoint({ ...genuine, epoch: 2 }, next);
    expect(await show(primary, cosignCheckpoint(promoted, old))).toBe("EPOCH_FENCED");
    expect(await primary.exited).toBe(EXITED_5);
  }, 30_000);

  test("is believed of nothing where signing.pub doesn't say how far", async () => {
    await using folder = await makeFolder();
    const { before, size } = await rotated(folder);
    expect(pubOf(folder)).toContain(`\n# until epoch 1 size ${size}\n-----BEGIN`);
    expect(codeOf(before, publicKeysIn(pubOf(folder)))).toBe("believed");
    for (const line of ["", "# until epoch 1 size\n", "# until epoch 1\n", "# until\n\n"]) {
      const pem = pubOf(folder).replace(/^# until.*\n/m, line);
      expect(codeOf(before, publicKeysIn(pem))).toBe("CHECKPOINT_OUTDATED_KEY");
      // The chain beside it says how far, to whoever believes the newest.
      const chain = parseKeyChain(new SigningFiles(keysOf(folder)).chain)!;
      expect(successorsOf(publicKeysIn(pem), chain)).toEqual(publicKeysIn(pubOf(folder)));
    }
  }, 30_000);

  test("has one successor: a thief's link makes nobody else one", async () => {
    await using folder = await makeFolder();
    await using forger = await makeFolder();
    const { old, size } = await rotated(folder);
    // The thief has the old key sign a book of his own, and rotates it to a key of his own.
    const pem = old.export({ type: "pkcs8", format: "pem" }).toString();
    writeFileSync(join(keysOf(forger), "signing.key"), pem, { mode: 0o600 });
    const spki = loadKeys(keysOf(forger)).signing.publicKey;
    const pub = spki.export({ type: "spki", format: "pem" }).toString();
    writeFileSync(join(keysOf(forger), "signing.pub"), pub);
    await work(forger);
    expect((await countroom(...ROTATE, forger.dir)).code).toBe(0);
    const [chain, forged] = [folder, forger].map((each) =>
      parseKeyChain(new SigningFiles(keysOf(each)).chain)!,
    );
    const signers = loadKeys(keysOf(folder)).signers();
    expect(successorsOf(signers, forged!)).toEqual(signers);
    const told = successorsOf([{ key: spki }], [...chain!, ...forged!]);
    expect(told.map(({ until }) => until)).toEqual([{ epoch: 1, size }, undefined]);
    const nowhere = [signers[0]!, { key: spki, until: { epoch: 0, size: 0 } }];
    expect(successorsOf(nowhere, forged!)).toEqual(nowhere);
  }, 30_000);

  test("isn't replaced in a folder that is fenced off", async () => {
    await using folder = await makeFolder();
    const note = await work(folder);
    const { publicKey, privateKey } = loadKeys(keysOf(folder)).signing;
    const later = { ...openCheckpoint(note, publicKey), epoch: 2 };
    writeFileSync(folder.paths.fence, signCheckpoint(later, privateKey));
    const refused = await countroom(...ROTATE, folder.dir);
    expect([refused.code, refused.stderr]).toEqual([5, expect.stringContaining("EPOCH_FENCED")]);
    expect(loadKeys(keysOf(folder)).signing.publicKey.equals(publicKey)).toBe(true);
    expect(new SigningFiles(keysOf(folder)).pending).toBe(false);
  }, 30_000);
});

describe("signing.pub", () => {
  test("several public keys are read in their order, damaged ones not at all", () => {
    const keys = [1, 2, 3].map(() => generateKeyPairSync("ed25519").publicKey);
    const pem = keys.map((key) => key.export({ type: "spki", format: "pem" })).join("\n");
    expect(publicKeysIn(pem).map(({ key }, at) => key.equals(keys[at]!))).toEqual([
      true,
      true,
      true,
    ]);
    expect(() => publicKeysIn("")).toThrow();
    expect(() => publicKeysIn(pem.replaceAll("MCowBQ", "MCowBX"))).toThrow();
  });
});

describe("leftovers of a killed rotation", () => {
  const NAMES = ["signing.next.key", "signing.pub", "signing.chain"].map(
    (name, at) => `${name}.0123456789a${at}.tmp`,
  );
  const others = ["edge-eu.jwt.0123456789ab.tmp", "signing.key.bak", "signing.tmp"];

  for (const by of ["a rotation", "a start"]) {
    test(`are swept by ${by}, and nothing else is`, async () => {
      await using folder = await makeFolder();
      await work(folder);
      const secret = generateKeyPairSync("ed25519").privateKey;
      const pem = secret.export({ type: "pkcs8", format: "pem" });
      for (const name of [...NAMES, ...others]) writeFileSync(join(keysOf(folder), name), pem);
      if (by === "a start") await work(folder);
      else expect((await countroom(...ROTATE, folder.dir)).code).toBe(0);
      const left = readdirSync(keysOf(folder)).filter((name) => /tmp|bak/.test(name));
      expect(left.toSorted()).toEqual(others.toSorted());
    }, 30_000);
  }
});
