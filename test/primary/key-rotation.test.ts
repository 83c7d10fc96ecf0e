/**
 * Goal: another key takes over the signing of checkpoints, whenever the rotation is interrupted;
 * the book says so once, both keys have signed it, the old private half is gone; and whoever
 * knows the old key alone is convinced by the chain, and by nothing else.
 * Method: the command on real folders; every state that a crash can leave, put together from
 * copies; kill -9 at any moment; links bent in every way.
 */
import { describe, expect, test } from "bun:test";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadKeys, SigningFiles } from "../../src/access/index.ts";
import { openLedgerView } from "../../src/store/ledger-db.ts";
import {
  cosignCheckpoint,
  decodeEvent,
  openCheckpoint,
  parseKeyChain,
  successor,
  successorsOf,
  type KeyLink,
} from "../../src/wire/index.ts";
import { deposit, registration } from "./events.ts";
import { makeFolder, startIn, type Folder } from "./folder.ts";
import { countroom, startProcess } from "./process.ts";

const SEED = Number(process.env["TEST_SEED"] ?? "11");
const ROTATE = ["keys", "rotate", "--confirm", "--json", "--data"] as const;

/** Starts, settles something, stops. */
async function work(folder: Folder, records = 3): Promise<void> {
  const { primary, fatal } = await startIn(folder);
  const access = await folder.credential("api-play");
  const [player] = await primary.append([{ event: registration(), access }]);
  for (let left = records; left > 0; left -= 1) {
    await primary.append([{ event: deposit(player!.playerRef, 1n), access }]);
  }
  await primary.stop();
  expect(fatal).toEqual([]);
}

const keysOf = (folder: Folder): string => join(folder.dir, "keys");
const chainOf = (folder: Folder): readonly KeyLink[] =>
  parseKeyChain(new SigningFiles(keysOf(folder)).chain)!;

/** Seqs of the `key_rotated` records. */
function rotations(folder: Folder): number[] {
  using ledger = openLedgerView(folder.paths.ledger);
  const seqs: number[] = [];
  for (const { seq, event } of ledger.reader.read(1, 10_000)) {
    const decoded = decodeEvent(event);
    if (decoded.ok && decoded.command.payload.type === "key_rotated") seqs.push(seq);
  }
  return seqs;
}

/** The folder is as after one whole rotation from `old`. */
function expectRotated(folder: Folder, old: KeyObject): void {
  const keys = loadKeys(keysOf(folder));
  const { publicKey } = keys.signing;
  expect(publicKey.equals(old)).toBe(false);
  expect(keys.signers().map(({ key }) => key.equals(publicKey))).toEqual([true, false]);
  expect(keys.signers()[1]!.key.equals(old)).toBe(true);
  expect(readdirSync(keysOf(folder)).filter((name) => /next|tmp/.test(name))).toEqual([]);
  expect(rotations(folder)).toHaveLength(1);
  const chain = chainOf(folder);
  expect(chain.map(({ seq }) => seq)).toEqual(rotations(folder));
  const [before, after] = successorsOf([{ key: old }], chain);
  expect(after!.key.equals(publicKey)).toBe(true);
  expect(before!.until).toEqual(keys.signers()[1]!.until!);
  for (const key of [old, publicKey]) openCheckpoint(chain[0]!.checkpoint, key);
}

describe("a rotation", () => {
  test("is proven to whoever knows any earlier key, and the book goes on", async () => {
    await using folder = await makeFolder();
    await work(folder);
    const first = loadKeys(keysOf(folder)).signing;
    const { code, stdout } = await countroom(...ROTATE, folder.dir, "--reason", "yearly");
    expect(code).toBe(0);
    const done = JSON.parse(stdout);
    expect(done).toMatchObject({ status: "rotated", seq: 6, tree_size: 6 });
    expectRotated(folder, first.publicKey);
    const again = await countroom(...ROTATE, folder.dir);
    expect(JSON.parse(again.stdout)).toEqual({ ...done, status: "already_rotated" });
    await work(folder);
    const second = loadKeys(keysOf(folder)).signing.publicKey;
    expect((await countroom(...ROTATE, folder.dir)).code).toBe(0);
    const { primary, lines } = await startIn(folder);
    expect(lines.some(({ level }) => level === "warn")).toBe(false);
    const third = loadKeys(keysOf(folder)).signing.publicKey;
    const answer: any = await (await fetch(`${primary.url}/v1/keys`)).json();
    const raw = (key: KeyObject) => Buffer.from(key.export({ format: "jwk" }).x!, "base64url");
    expect(answer.keys.map((key: any) => key.public_key)).toEqual(
      [third, second, first.publicKey].map((key) => raw(key).toString("base64")),
    );
    expect(answer.keys[0].key_id).toBe(answer.keys[0].verifier_key.split("+")[1]);
    const chain = parseKeyChain(
      answer.rotations.map((one: any) => JSON.stringify(one)).join("\n"),
    )!;
    const believed = successorsOf([{ key: first.publicKey }], chain);
    expect(believed.map(({ key }) => key.equals(third))).toEqual([false, false, true]);
    const note = await (await fetch(`${primary.url}/v1/checkpoint`)).text();
    for (const key of [second, third]) openCheckpoint(note, key);
    expect(() => openCheckpoint(note, first.publicKey)).toThrow("no signature by a known key");
    await primary.stop();
    const text = readdirSync(keysOf(folder)).map((name) =>
      readFileSync(join(keysOf(folder), name)),
    );
    const secret = first.privateKey.export({ format: "jwk" }).d!;
    const pem = first.privateKey
      .export({ type: "pkcs8", format: "pem" })
      .toString()
      .split("\n")[1]!;
    for (const needle of [secret, pem])
      expect(text.some((one) => one.includes(needle))).toBe(false);
  }, 30_000);

  test("is refused where it makes no sense, and leaves no trace", async () => {
    await using folder = await makeFolder();
    await work(folder);
    const before = readFileSync(join(keysOf(folder), "signing.pub"), "utf8");
    const unsure = await countroom("keys", "rotate", "--data", folder.dir);
    expect([unsure.code, unsure.stderr]).toEqual([4, expect.stringContaining("--confirm")]);
    await using running = await startProcess(folder);
    const busy = await countroom(...ROTATE, folder.dir);
    expect([busy.code, busy.stderr]).toEqual([1, expect.stringContaining("DATA_LOCKED")]);
    expect(busy.stderr).toContain("Stop the primary");
    await running.kill("SIGTERM");
    const other = await countroom(...ROTATE, folder.dir, "--deployment", "prod");
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining("DEPLOYMENT_OTHER")]);
    const nowhere = join(folder.dir, "nowhere");
    expect((await countroom(...ROTATE, nowhere)).code).not.toBe(0);
    expect(existsSync(nowhere)).toBe(false);
    expect(readFileSync(join(keysOf(folder), "signing.pub"), "utf8")).toBe(before);
    expect(new SigningFiles(keysOf(folder)).pending).toBe(false);
    expect(rotations(folder)).toEqual([]);
  }, 30_000);
});

/** States that a crash leaves, from a folder before a rotation and the same folder after it. */
const CRASHES: readonly (readonly [string, (made: Made) => void])[] = [
  ["the new key was made", ({ folder, before }) => copy(before, folder.dir)],
  [
    "the record was written",
    ({ folder, before }) => {
      copy(join(before, "keys"), keysOf(folder));
      rmSync(join(keysOf(folder), "signing.chain"));
      for (const name of ["state.db", "tree.db"]) {
        for (const end of ["", "-wal", "-shm"]) {
          rmSync(join(folder.dir, "primary", name + end), { force: true });
          const old = join(before, "primary", name + end);
          if (existsSync(old)) cpSync(old, join(folder.dir, "primary", name + end));
        }
      }
    },
  ],
  [
    "the checkpoint was signed twice",
    ({ folder, before }) => {
      copy(join(before, "keys"), keysOf(folder));
      rmSync(join(keysOf(folder), "signing.chain"));
    },
  ],
  ["the chain was written", ({ folder, before }) => copy(join(before, "keys"), keysOf(folder))],
  [
    "the public key was written",
    ({ folder, before }) => {
      const pub = readFileSync(join(keysOf(folder), "signing.pub"));
      copy(join(before, "keys"), keysOf(folder));
      Bun.write(join(keysOf(folder), "signing.pub"), pub);
    },
  ],
];

interface Made {
  readonly folder: Folder;
  /** A copy from before the rotation, with the new key made. */
  readonly before: string;
}

/** Over what is there; what is only there stays. */
function copy(from: string, to: string): void {
  if (existsSync(join(from, "primary"))) {
    rmSync(join(to, "primary"), { recursive: true });
    rmSync(join(to, "keys"), { recursive: true });
  }
  cpSync(from, to, { recursive: true });
}

describe("a crash after", () => {
  for (const [what, undo] of CRASHES) {
    for (const by of ["the command", "the next start"]) {
      test(`${what}: finished by ${by}`, async () => {
        await using folder = await makeFolder();
        await work(folder);
        const old = loadKeys(keysOf(folder)).signing.publicKey;
        const next = await new SigningFiles(keysOf(folder)).next();
        const before = mkdtempSync(join(tmpdir(), "countroom-before-"));
        cpSync(folder.dir, before, { recursive: true });
        expect((await countroom(...ROTATE, folder.dir)).code).toBe(0);
        undo({ folder, before });
        expect(new SigningFiles(keysOf(folder)).pending).toBe(true);
        if (by === "the command") expect((await countroom(...ROTATE, folder.dir)).code).toBe(0);
        else await work(folder, 1);
        expectRotated(folder, old);
        expect(loadKeys(keysOf(folder)).signing.publicKey.equals(next.publicKey)).toBe(true);
        await work(folder, 1);
        expect(rotations(folder)).toHaveLength(1);
        rmSync(before, { recursive: true });
      }, 30_000);
    }
  }

  test("any moment: kill -9, then once more", async () => {
    await using folder = await makeFolder();
    await work(folder);
    for (let round = 0; round < 6; round += 1) {
      const old = loadKeys(keysOf(folder)).signing.publicKey;
      const main = join(import.meta.dir, "../../src/cli/main.ts");
      const child = Bun.spawn([process.execPath, main, ...ROTATE, folder.dir], {
        stdout: "ignore",
      });
      await Bun.sleep(150 + ((SEED * 31 + round * 97) % 300));
      child.kill("SIGKILL");
      await child.exited;
      const pending = new SigningFiles(keysOf(folder)).pending;
      await work(folder, 1);
      const { publicKey } = loadKeys(keysOf(folder)).signing;
      const believed = successorsOf([{ key: old }], chainOf(folder));
      expect(believed.some(({ key }) => key.equals(publicKey))).toBe(true);
      expect(chainOf(folder).map(({ seq }) => seq)).toEqual(rotations(folder));
      if (pending) expect(publicKey.equals(old)).toBe(false);
      expect(loadKeys(keysOf(folder)).signers()[0]!.key.equals(publicKey)).toBe(true);
    }
  }, 60_000);
});

describe("the chain", () => {
  test("convinces nobody of what the old key did not sign", async () => {
    await using folder = await makeFolder();
    await using other = await makeFolder();
    await work(folder);
    await work(other);
    const old = loadKeys(keysOf(folder)).signing.publicKey;
    for (const { dir } of [folder, other]) expect((await countroom(...ROTATE, dir)).code).toBe(0);
    const link = chainOf(folder)[0]!;
    const foreign = chainOf(other)[0]!;
    const next = loadKeys(keysOf(folder)).signing.publicKey;
    expect(successor(old, link)?.equals(next)).toBe(true);
    const thief = generateKeyPairSync("ed25519");
    const flip = (bytes: Uint8Array, at: number): Uint8Array => {
      const changed = Uint8Array.from(bytes);
      changed[at % bytes.length]! ^= 4;
      return changed;
    };
    const bent: readonly KeyLink[] = [
      { ...link, checkpoint: cosignCheckpoint(foreign.checkpoint, thief.privateKey) },
      { ...foreign, checkpoint: link.checkpoint },
      { ...link, event: foreign.event },
      { ...link, outcome: foreign.outcome },
      { ...link, seq: link.seq - 1 },
      { ...link, seq: link.seq + 1 },
      { ...link, path: [] },
      { ...link, path: link.path.map((hash, at) => flip(hash, at)) },
      { ...link, checkpoint: link.checkpoint.split("\n").slice(0, -2).join("\n") + "\n" },
      { ...link, checkpoint: "" },
      ...Array.from({ length: link.event.length }, (_, at) => ({
        ...link,
        event: flip(link.event, at),
      })),
    ];
    for (const one of bent) expect(successor(old, one)).toBeUndefined();
    // A thief's signature beside the old key's says nothing about the thief.
    const cosigned = { ...link, checkpoint: cosignCheckpoint(link.checkpoint, thief.privateKey) };
    expect(successor(old, cosigned)?.equals(next)).toBe(true);
    const stranger = { key: thief.publicKey };
    expect(successorsOf([stranger], [link, foreign])).toEqual([stranger]);
    expect(successorsOf([stranger], [cosigned])).toHaveLength(1);
  }, 30_000);

  test("is text that can be damaged, and then is none", () => {
    for (const text of ["{", "[]", "{}", '{"seq":"0"}', '{"seq":"1","checkpoint":"x"}', "null"]) {
      expect(parseKeyChain(`${text}\n`)).toBeUndefined();
    }
    expect(parseKeyChain("")).toEqual([]);
    expect(parseKeyChain("{}\n".repeat(300))).toBeUndefined();
  });
});
