/**
 * Goal: a book whose signing key was replaced is proven to whoever knows the keys, or an old one
 * and the chain; what strangers and replaced keys sign proves nothing, for or against it; what is
 * forged in a known key's name is damage.
 * Method: the commands as processes, on a folder whose key was rotated twice.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadKeys, publicKeysIn } from "../../src/access/index.ts";
import { withChain } from "../../src/verify/index.ts";
import {
  openCheckpoint,
  parseKeyChain,
  signCheckpoint,
  successorsOf,
  type Checkpoint,
} from "../../src/wire/index.ts";
import { deposit, registration } from "../primary/events.ts";
import { makeFolder, startIn, type Folder } from "../primary/folder.ts";
import { countroom } from "../primary/process.ts";

let folder: Folder;
let keys = "";
/** Private halves, oldest first, and the signing.pub of before each rotation. */
const olds: KeyObject[] = [];
const pubs: string[] = [];
let last = "";

beforeAll(async () => {
  folder = await makeFolder();
  keys = join(folder.dir, "keys");
  for (let turn = 0; turn < 2; turn += 1) {
    await work();
    olds.push(createPrivateKey(readFileSync(join(keys, "signing.key"))));
    pubs.push(put(`pub-${turn}`, readFileSync(join(keys, "signing.pub"), "utf8")));
    expect((await countroom("keys", "rotate", "--data", folder.dir, "--confirm")).code).toBe(0);
  }
  last = await work();
  const exported = await countroom("export", "--data", folder.dir, file("book.crx"));
  expect(exported.code).toBe(0);
}, 60_000);

afterAll(() => folder[Symbol.asyncDispose]());

const file = (name: string): string => join(folder.dir, name);
const signingPub = (): string => readFileSync(join(keys, "signing.pub"), "utf8");
const chainText = (): string => readFileSync(join(keys, "signing.chain"), "utf8");

function put(name: string, text: string): string {
  writeFileSync(file(name), text);
  return file(name);
}

/** Settles something; answers the checkpoint that the primary ends with. */
async function work(): Promise<string> {
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

/** Exit code, kinds of gaps and kinds of findings. */
async function audit(...flags: readonly string[]): Promise<readonly unknown[]> {
  const { code, stdout } = await countroom("verify", "book", "--json", ...flags);
  const { gaps, findings } = JSON.parse(stdout);
  const kinds = (list: readonly { readonly kind: string }[]) => list.map(({ kind }) => kind);
  return [code, kinds(gaps), kinds(findings)];
}

const book = (): readonly string[] => ["--export", file("book.crx")];
const PROVEN = [0, [], []];

test("everything is proven by signing.pub, and by an old key with the chain", async () => {
  expect(await audit("--data", folder.dir)).toEqual(PROVEN);
  const pub = join(keys, "signing.pub");
  expect(await audit(...book(), "--public-key", pub)).toEqual(PROVEN);
  const chain = ["--chain", join(keys, "signing.chain")];
  for (const old of pubs) {
    expect(await audit(...book(), "--public-key", old, ...chain)).toEqual(PROVEN);
    expect(await audit("--data", folder.dir, "--public-key", old)).toEqual(PROVEN);
  }
}, 30_000);

test("what signing.pub lacks is a gap, not damage", async () => {
  for (const old of pubs) {
    const [code, gaps, findings] = await audit(...book(), "--public-key", old);
    expect([code, findings]).toEqual([3, []]);
    expect(gaps).toContain("checkpoint_key_unknown");
  }
  // The newest alone, as an operator may leave it after a theft.
  const newest = put("newest.pub", signingPub().slice(0, signingPub().indexOf("#")));
  const alone = await audit(...book(), "--public-key", newest);
  expect(alone).toEqual([3, ["checkpoint_key_unknown"], []]);
  // Bounds that somebody has removed are told by the chain, and by nothing else.
  const bare = put("bare.pub", signingPub().replaceAll(/^#.*\n/gm, ""));
  expect(await audit(...book(), "--public-key", bare)).toEqual([
    3,
    ["checkpoint_key_replaced"],
    [],
  ]);
  const chain = ["--chain", join(keys, "signing.chain")];
  expect(await audit(...book(), "--public-key", bare, ...chain)).toEqual(PROVEN);
}, 30_000);

test("what replaced and strange keys sign says nothing, what is forged is damage", async () => {
  const genuine = openCheckpoint(last, loadKeys(keys).signers());
  const forge = (change: Partial<Checkpoint>, by: KeyObject) =>
    put("held.checkpoint", signCheckpoint({ ...genuine, ...change }, by));
  const held = (note: string) => audit("--data", folder.dir, "--checkpoint", note);
  for (const old of olds) {
    for (const change of [{ size: 1_000 }, { epoch: 6 }, { root: new Uint8Array(32) }]) {
      expect(await held(forge(change, old))).toEqual([3, ["checkpoint_key_replaced"], []]);
    }
  }
  const stranger = generateKeyPairSync("ed25519").privateKey;
  expect(await held(forge({ size: 1_000 }, stranger))).toEqual([3, ["checkpoint_key_unknown"], []]);
  const bent = put("bent.checkpoint", last.replace(`\n${genuine.size}\n`, "\n1000\n"));
  expect(await held(bent)).toEqual([5, [], ["checkpoint_signature_wrong"]]);
  expect(await held(put("good.checkpoint", last))).toEqual(PROVEN);
}, 30_000);

test("a chain is a chain, or the command says so", async () => {
  const pub = ["--public-key", join(keys, "signing.pub")];
  for (const path of [put("no.chain", "{}\n"), file("absent.chain")]) {
    const { code, stderr } = await countroom("verify", "book", ...book(), ...pub, "--chain", path);
    expect([code, stderr]).toEqual([2, expect.stringContaining("KEY_CHAIN_UNREADABLE")]);
  }
});

test("the auditor's reading of a chain is the writer's, whatever is bent in it", () => {
  const lines = chainText().split("\n").slice(0, -1);
  const known = publicKeysIn(readFileSync(pubs[0]!, "utf8"));
  const told = (text: string) => {
    const chain = parseKeyChain(text);
    return chain === undefined ? undefined : successorsOf(known, chain);
  };
  const plain = (list: ReturnType<typeof withChain>) =>
    list?.map(({ key, until }) => [key.export({ format: "jwk" }).x, until]);
  expect(told(chainText())).toHaveLength(3);
  const texts = [chainText(), "", "null\n", lines.toReversed().join("\n"), lines[1]!];
  for (let at = 0; at < lines[0]!.length; at += 11) {
    const bent = lines[0]!.charAt(at) === "A" ? "B" : "A";
    texts.push(`${lines[0]!.slice(0, at)}${bent}${lines[0]!.slice(at + 1)}\n${lines[1]}\n`);
  }
  for (const text of texts) {
    expect(plain(withChain(known, text))).toEqual(plain(told(text)));
  }
});
