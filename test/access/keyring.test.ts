/**
 * Goal: a deployment's keys are made once, stay what they are, and are nobody else's to read.
 * Method: a real folder, made twice and by two at once, then damaged file by file.
 */
import { afterAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Decrypter, Encrypter } from "age-encryption";
import { CredentialVerifier, ensureDevKeys, loadKeys, signerIn } from "../../src/access/index.ts";
import { OperatorError } from "../../src/ops/index.ts";
import { systemClock } from "../../src/runtime/index.ts";
import { openCheckpoint, signCheckpoint } from "../../src/wire/index.ts";

const root = mkdtempSync(join(tmpdir(), "countroom-keys-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const dir = join(root, "keys");
const keys = await ensureDevKeys(dir, ["eu", "asia"]);

const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]),
  );

function failure(read: () => unknown): OperatorError {
  try {
    read();
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

describe("the keys of a development deployment", () => {
  test("are these files, and only their owner reads the private ones", () => {
    const names = readdirSync(dir).toSorted();
    expect(names).toEqual([
      "access.key",
      "access.pub",
      "api-admin.jwt",
      "api-cashier.jwt",
      "api-play.jwt",
      "api-read.jwt",
      "bot.jwt",
      "edge-asia.jwt",
      "edge-eu.jwt",
      "games.key",
      "identity.key",
      "publisher.jwt",
      "recovery.key",
      "recovery.pub",
      "search.jwt",
      "signing.key",
      "signing.pub",
      "telegram.json",
    ]);
    for (const name of names) {
      const mode = statSync(join(dir, name)).mode & 0o777;
      expect([name, mode]).toEqual([name, name.endsWith(".pub") ? 0o644 : 0o600]);
    }
  });

  test("stay as they are, and a new region gets only its token", async () => {
    const before = contents(dir);
    await ensureDevKeys(dir, ["eu", "asia"]);
    expect(contents(dir)).toEqual(before);
    await ensureDevKeys(dir, ["eu", "asia", "us"]);
    const { "edge-us.jwt": token, ...rest } = contents(dir);
    expect(rest).toEqual(before);
    expect(token).toBeDefined();
    rmSync(join(dir, "edge-us.jwt"));
  });

  test("a guest's token is a replica's, unless there is one already", async () => {
    const verifier = new CredentialVerifier(keys.accessPublic, { clock: systemClock });
    await ensureDevKeys(dir, ["eu", "asia"], ["guest", "eu"]);
    const guest = await verifier.verify(keys.token("edge-guest"));
    expect(guest).toMatchObject({ subject: "edge-guest", role: "replica" });
    expect(guest.scopes.size + guest.events.size).toBe(0);
    expect((await verifier.verify(keys.token("edge-eu"))).role).toBe("edge");
    rmSync(join(dir, "edge-guest.jwt"));
  });

  test("made by several at once fit each other", async () => {
    const shared = join(root, "shared");
    await Promise.all(Array.from({ length: 6 }, () => ensureDevKeys(shared, ["eu"])));
    const made = loadKeys(shared);
    const verifier = new CredentialVerifier(made.accessPublic, { clock: systemClock });
    expect((await verifier.verify(made.token("edge-eu"))).role).toBe("edge");
    expect(readdirSync(shared).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("sign and verify", async () => {
    const verifier = new CredentialVerifier(keys.accessPublic, { clock: systemClock });
    expect(await verifier.verify(keys.token("bot"))).toMatchObject({
      role: "bot",
      operatorId: "demo",
      source: "telegram",
    });
    const checkpoint = {
      deployment: "dev",
      epoch: 1,
      reign: "0".repeat(32),
      size: 1,
      root: new Uint8Array(32),
      state: new Uint8Array(32),
      time: 1,
    };
    const note = signCheckpoint(checkpoint, keys.signing.privateKey);
    expect(openCheckpoint(note, keys.signingPublic)).toEqual(checkpoint);
  });

  test("have a recovery pair that opens what was sealed for it", async () => {
    expect(keys.recoveryIdentity).toMatch(/^AGE-SECRET-KEY-1[0-9A-Z]+$/);
    const sealer = new Encrypter();
    sealer.addRecipient(keys.recoveryRecipient);
    const opener = new Decrypter();
    opener.addIdentity(keys.recoveryIdentity);
    expect(await opener.decrypt(await sealer.encrypt("seal"), "text")).toBe("seal");
  });

  test("name in the recovery file whose sets a restore may believe", () => {
    const text = readFileSync(join(keys.dir, "recovery.key"), "utf8");
    expect(signerIn(text)?.equals(keys.signingPublic)).toBe(true);
    expect(signerIn(`${keys.recoveryIdentity}\n`)).toBeUndefined();
  });

  test("get no new recovery pair beside the public half of an old one", async () => {
    const restored = join(root, "restored");
    await ensureDevKeys(restored, ["eu"]);
    const recipient = loadKeys(restored).recoveryRecipient;
    rmSync(join(restored, "recovery.key"));
    await ensureDevKeys(restored, ["eu"]);
    expect(existsSync(join(restored, "recovery.key"))).toBe(false);
    expect(loadKeys(restored).recoveryRecipient).toBe(recipient);
    rmSync(join(restored, "recovery.pub"));
    await ensureDevKeys(restored, ["eu"]);
    expect(loadKeys(restored).recoveryRecipient).not.toBe(recipient);
  });

  test("hold secrets of full length", () => {
    expect(keys.games).toHaveLength(32);
    expect(keys.identity.secret).toHaveLength(32);
    expect(keys.identity.keyId).toMatch(/^[0-9a-f]{8}$/);
    expect(keys.telegram.token).toMatch(/^\d{10}:[\w-]{35}$/);
    expect(keys.telegram.secret).toMatch(/^[0-9a-f]{48}$/);
  });
});

describe("a key file", () => {
  test("that is missing is named, with a hint", () => {
    const error = failure(() => loadKeys(join(root, "nowhere")).games);
    expect(error.code).toBe("KEY_MISSING");
    expect(error.message).toContain(join(root, "nowhere", "games.key"));
    expect(error.hint).not.toBe("");
  });

  test("that others may read is refused", () => {
    const path = join(dir, "games.key");
    chmodSync(path, 0o644);
    const error = failure(() => keys.games);
    chmodSync(path, 0o600);
    expect(error.code).toBe("KEY_EXPOSED");
    expect(error.hint).toBe(`chmod 600 ${path}`);
  });

  test.each([
    ["games.key", () => keys.games],
    ["identity.key", () => keys.identity],
    ["signing.key", () => keys.signing],
    ["access.pub", () => keys.accessPublic],
    ["telegram.json", () => keys.telegram],
  ])("%s that holds something else is refused without quoting it", (name, read) => {
    const path = join(dir, name);
    const before = readFileSync(path, "utf8");
    writeFileSync(path, "not-a-key-but-secret");
    const error = failure(read);
    writeFileSync(path, before);
    expect(error.code).toBe("KEY_DAMAGED");
    expect(JSON.stringify([error.message, error.hint, String(error.cause)])).not.toContain(
      "secret-",
    );
    expect(error.message).not.toContain("not-a-key");
    expect(() => read()).not.toThrow();
  });
});
