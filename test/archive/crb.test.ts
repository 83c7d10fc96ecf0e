/**
 * Goal: an object of the archive gives back exactly what was sealed, only to its recipients, and
 * every change to it is found and named. Method: published vectors for the ciphers, a second
 * reader made of nothing but the standard tools, and a sweep of changes over every region.
 */
import { describe, expect, test } from "bun:test";
import { createDecipheriv, createHash, hkdfSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Decrypter } from "age-encryption";
import { SKIP_BYTES, SKIP_LENGTHS, skippable } from "../../src/archive/crb/frames.ts";
import { readHeader } from "../../src/archive/crb/open.ts";
import { sealObject } from "../../src/archive/crb/seal.ts";
import { assertCryptoSound } from "../../src/archive/crb/self-test.ts";
import { parseIdentities, parseRecipients } from "../../src/archive/crb/wrap.ts";
import { BLOCK_BYTES, TAG_BYTES } from "../../src/archive/limits.ts";
import { FIELDS, joined, newPair, noise, openWhole, pieces, seal } from "./objects.ts";

const SEED = Number(process.env["TEST_SEED"] ?? 20_261_103);
console.log(`seed ${SEED}`);
const SEALED_BLOCK = BLOCK_BYTES + TAG_BYTES;
const SEEDS_BYTES = 32 + 7 + 32;

const mine = await newPair();
const other = await newPair();

/** Three full blocks and a rest. */
const plain = noise(3 * BLOCK_BYTES + 5_000, SEED);
const sealed = await seal(plain, [other.recipient, mine.recipient]);
const object = joined(sealed.parts);
const headerLength = (object[4]! << 8) | object[5]!;
const firstBlock = 6 + headerLength + SEEDS_BYTES;

async function finding(bytes: Uint8Array, identity = mine.identity, key?: string): Promise<string> {
  try {
    await openWhole(bytes, [identity], key);
    return "nothing found";
  } catch (error) {
    const { name, code, message } = error as Error & { code?: string };
    return name === "ArchiveError" ? `${code} ${message}` : `${name}: ${message}`;
  }
}

function flipped(at: number, bit = 0x10): Uint8Array {
  const copy = object.slice();
  copy[at]! ^= bit;
  return copy;
}

function withBlocks(order: (blocks: Uint8Array[]) => Uint8Array[]): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let at = firstBlock; at < object.length; at += SEALED_BLOCK) {
    blocks.push(object.subarray(at, at + SEALED_BLOCK));
  }
  return joined([object.subarray(0, firstBlock), ...order(blocks)]);
}

describe("the ciphers", () => {
  test("give the published answers", () => {
    expect(assertCryptoSound).not.toThrow();
  });

  test("agree with WebCrypto at the borders of a block", async () => {
    const raw = noise(32, SEED + 1);
    const key = await crypto.subtle.importKey(
      "raw",
      raw as Uint8Array<ArrayBuffer>,
      "AES-GCM",
      false,
      ["encrypt"],
    );
    const { openBlock } = await import("../../src/archive/crb/keys.ts");
    for (const length of [0, 1, 15, 16, 17, BLOCK_BYTES - 1, BLOCK_BYTES]) {
      const iv = noise(12, length + 1);
      const text = noise(length, SEED) as Uint8Array<ArrayBuffer>;
      const params = { name: "AES-GCM", iv: iv as Uint8Array<ArrayBuffer> };
      const theirs = new Uint8Array(await crypto.subtle.encrypt(params, key, text));
      expect(Buffer.compare(openBlock(raw, iv, theirs)!, text)).toBe(0);
    }
  });
});

describe("a round trip", () => {
  const sizes = [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1];
  for (const size of sizes) {
    test(`of ${size} bytes`, async () => {
      const bytes = noise(size, SEED + size);
      const { parts, sha256, md5 } = await seal(bytes, [mine.recipient]);
      const stored = joined(parts);
      expect(createHash("sha256").update(stored).digest("hex")).toBe(sha256);
      expect(createHash("md5").update(stored).digest("hex")).toBe(md5);
      expect(Buffer.compare(await openWhole(stored, [mine.identity]), bytes)).toBe(0);
    });
  }

  test("whatever the rest of the last block leaves for the trailer", async () => {
    // Incompressible contents before a border: the trailer fits, is padded away, or begins anew.
    for (let less = 40; less < 220; less += 9) {
      const bytes = noise(BLOCK_BYTES - less, SEED + less);
      const stored = joined((await seal(bytes, [mine.recipient])).parts);
      expect(Buffer.compare(await openWhole(stored, [mine.identity]), bytes)).toBe(0);
    }
  });

  test("for any of the recipients, and no one else", async () => {
    expect(await openWhole(object, [other.identity])).toEqual(plain);
    const stranger = await newPair();
    expect(await finding(object, stranger.identity)).toStartWith("ARCHIVE_IDENTITY_WRONG");
    expect(await finding(object, stranger.identity)).toContain(mine.recipient);
  });

  test("the same contents never seal to the same bytes", async () => {
    const again = joined((await seal(plain, [other.recipient, mine.recipient])).parts);
    expect(
      Buffer.compare(
        again.subarray(firstBlock, firstBlock + 64),
        object.subarray(firstBlock, firstBlock + 64),
      ),
    ).not.toBe(0);
  });

  test("the header is readable without a key", async () => {
    const header = await readHeader("object", pieces(object));
    expect(header).toMatchObject({ ...FIELDS, raw: plain.length, enc: "A256GCM-HKDF-SHA256-1M" });
  });
});

test("standard tools alone can read an object", async () => {
  const header = object.subarray(6, 6 + headerLength);
  const { wraps } = JSON.parse(new TextDecoder().decode(header)) as { wraps: string[] };
  const decrypter = new Decrypter();
  decrypter.addIdentity(mine.identity);
  const dek = await decrypter.decrypt(Buffer.from(wraps[1]!, "base64"));
  const salt = object.subarray(6 + headerLength, 6 + headerLength + 32);
  const prefix = object.subarray(6 + headerLength + 32, 6 + headerLength + 39);
  const info = Buffer.concat([Buffer.from("CRB1"), createHash("sha256").update(header).digest()]);
  const key = new Uint8Array(hkdfSync("sha256", dek, salt, info, 32));
  const stream: Uint8Array[] = [];
  for (let at = firstBlock, i = 0; at < object.length; at += SEALED_BLOCK, i += 1) {
    const block = object.subarray(at, at + SEALED_BLOCK);
    const nonce = Buffer.alloc(12);
    nonce.set(prefix);
    nonce.writeUInt32BE(i, 7);
    nonce[11] = at + SEALED_BLOCK >= object.length ? 1 : 0;
    const cipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 });
    cipher.setAuthTag(block.subarray(-16));
    stream.push(cipher.update(block.subarray(0, -16)), cipher.final());
  }
  // The whole decrypted stream is plain zstd: lengths, padding and trailer are skippable frames.
  const zstd = Bun.zstdDecompressSync(joined(stream) as Uint8Array<ArrayBuffer>);
  expect(Buffer.compare(zstd, plain)).toBe(0);
});

test("an object sealed by the first version still opens", async () => {
  const path = join(import.meta.dir, "golden-object-v1.json");
  const golden = JSON.parse(readFileSync(path, "utf8")) as Record<string, string>;
  const bytes = new Uint8Array(Buffer.from(golden["object"]!, "base64"));
  const text = await openWhole(bytes, [golden["identity"]!], golden["key"]!);
  expect(new TextDecoder().decode(text)).toBe(golden["text"]!);
});

describe("every change is found and named", () => {
  const at = (text: string): number => Buffer.from(object).indexOf(text);
  const cases: readonly (readonly [what: string, bytes: () => Uint8Array, finding: RegExp])[] = [
    ["a bit of the magic", () => flipped(1), /doesn't begin with CRB1/],
    [
      "a bit of the header's length",
      () => flipped(5, 0x40),
      /header isn't readable|header is wrong/,
    ],
    ["the high bit of the header's length", () => flipped(4, 0x80), /header isn't readable/],
    ["a bit of the header's braces", () => flipped(6), /header isn't readable/],
    [
      "a letter in the header's tenant",
      () => flipped(at('"dev"') + 1, 1),
      /header or nonce prefix/,
    ],
    ["the header's key", () => flipped(at("/0003") + 4, 1), /header or nonce prefix/],
    ["the header's epoch", () => flipped(at('"epoch":"1"') + 9, 2), /header or nonce prefix/],
    ["a bit of my wrapped key", () => flipped(at(',"wraps"') + 450, 1), /wrapped|header/],
    ["a bit of the salt", () => flipped(6 + headerLength + 3), /salt or key commitment/],
    ["a bit of the nonce prefix", () => flipped(6 + headerLength + 34), /header or nonce prefix/],
    ["a bit of the key commitment", () => flipped(6 + headerLength + 50), /salt or key commitment/],
    ["a bit of the first block", () => flipped(firstBlock + 77), /block 0 doesn't authenticate/],
    ["a bit of the first tag", () => flipped(firstBlock + BLOCK_BYTES + 2), /block 0 doesn't/],
    ["a bit of the second block", () => flipped(firstBlock + SEALED_BLOCK + 9), /block 1 doesn't/],
    ["the last byte", () => flipped(object.length - 1), /block 3, the last, doesn't authenticate/],
    ["a cut inside the header", () => object.slice(0, 60), /cut inside its header/],
    ["a cut inside the seeds", () => object.slice(0, firstBlock - 4), /cut inside its key commit/],
    ["a cut before the first block", () => object.slice(0, firstBlock), /cut before block 0/],
    [
      "a cut at a block border",
      () => withBlocks((b) => b.slice(0, 2)),
      /ends after block 1.*border/,
    ],
    ["a cut inside a block", () => object.slice(0, -7), /block 3, the last.*cut inside/],
    [
      "the first block dropped",
      () => withBlocks((b) => b.slice(1)),
      /block 1 stands in the place of block 0/,
    ],
    [
      "two blocks swapped",
      () => withBlocks(([a, b, ...rest]) => [b!, a!, ...rest]),
      /block 1 stands in the place of block 0/,
    ],
    [
      "a block doubled",
      () => withBlocks(([a, ...rest]) => [a!, a!, ...rest]),
      /block 0 stands in the place of block 1/,
    ],
    ["a byte appended", () => joined([object, new Uint8Array(1)]), /appended/],
    ["a block appended", () => joined([withBlocks((b) => b), noise(SEALED_BLOCK, 3)]), /block 3/],
    ["nothing left", () => new Uint8Array(0), /doesn't begin with CRB1/],
  ];
  for (const [what, bytes, expected] of cases) {
    test(what, async () => {
      const found = await finding(bytes());
      expect(found).toStartWith("ARCHIVE_DAMAGED object: ");
      expect(found).toMatch(expected);
    });
  }

  test("another key name", async () => {
    const found = await finding(object, mine.identity, FIELDS.key.replace("0003", "0004"));
    expect(found).toStartWith("ARCHIVE_DAMAGED object: belongs at dev/ledger/");
  });

  test("blocks of another object of the same set", async () => {
    const twin = joined((await seal(plain, [mine.recipient])).parts);
    const twinFirst = 6 + ((twin[4]! << 8) | twin[5]!) + SEEDS_BYTES;
    const mixed = withBlocks(([a, , ...rest]) => {
      return [a!, twin.subarray(twinFirst + SEALED_BLOCK, twinFirst + 2 * SEALED_BLOCK), ...rest];
    });
    expect(await finding(mixed)).toMatch(/block 1 doesn't authenticate/);
  });

  test("a single flipped bit anywhere in a small object", async () => {
    const small = joined((await seal(new TextEncoder().encode("one bet"), [mine.recipient])).parts);
    const step = Math.max(1, Math.floor(small.length / 150));
    for (let index = SEED % step; index < small.length; index += step) {
      const copy = small.slice();
      copy[index]! ^= 1 << (index % 8);
      const found = await finding(copy);
      // A recipient's own name may be what changed: then nobody's key fits.
      expect(found).toMatch(/^ARCHIVE_(DAMAGED|IDENTITY_WRONG) object/);
    }
  });

  test("a single cut anywhere in a small object", async () => {
    const small = joined((await seal(new TextEncoder().encode("one bet"), [mine.recipient])).parts);
    const step = Math.max(1, Math.floor(small.length / 60));
    for (let length = 0; length < small.length; length += step) {
      expect(await finding(small.slice(0, length))).toStartWith("ARCHIVE_DAMAGED object");
    }
  });
});

test("a frame that claims more than a frame may hold is not unpacked", async () => {
  const bomb = Bun.zstdCompressSync(new Uint8Array(64 * BLOCK_BYTES), { level: 1 });
  const lengths = skippable(SKIP_LENGTHS, new Uint8Array(8));
  new DataView(lengths.buffer).setUint32(SKIP_BYTES, BLOCK_BYTES, true);
  new DataView(lengths.buffer).setUint32(SKIP_BYTES + 4, bomb.length, true);
  const parts = [lengths, bomb];
  const packed = { parts, raw: BLOCK_BYTES, stored: lengths.length + bomb.length };
  const recipients = [mine.recipient];
  const made = await sealObject(FIELDS, { ...packed, sha256: new Uint8Array(32) }, { recipients });
  expect(await finding(joined(made.parts))).toContain("a frame doesn't decompress");
});

describe("keys given by people", () => {
  test("a recipient of another kind, or none, is refused", () => {
    expect(() => parseRecipients([])).toThrow(/recipients are needed/);
    expect(() => parseRecipients(["age1pq1abc"])).toThrow(/isn't an X25519/);
    expect(parseRecipients([mine.recipient, mine.recipient])).toEqual([mine.recipient]);
  });

  test("an identity file may hold comments, and must hold an identity", () => {
    expect(parseIdentities(`# created\n\n${mine.identity}\n`)).toEqual([mine.identity]);
    expect(() => parseIdentities("# nothing\n")).toThrow(/no age identity/);
    expect(() => parseIdentities(mine.recipient)).toThrow(/no age identity/);
  });
});
