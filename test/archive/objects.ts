/** Builds and opens objects of the archive's format, for tests. */
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { FramePacker } from "../../src/archive/crb/frames.ts";
import type { HeaderFields } from "../../src/archive/crb/header.ts";
import { openObject } from "../../src/archive/crb/open.ts";
import { sealObject, type Sealed } from "../../src/archive/crb/seal.ts";

export interface Pair {
  readonly identity: string;
  readonly recipient: string;
}

export async function newPair(): Promise<Pair> {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

export const FIELDS: HeaderFields = {
  kind: "snapshot-chunk",
  repo: "0123456789abcdef0123456789abcdef",
  tenant: "dev",
  db: "ledger",
  key: "dev/ledger/v1/snap/0001/0000000000000007-0a/0003",
  epoch: "1",
  seq: ["1", "7"],
  records: "7",
  tree: { size: "7", root: Buffer.alloc(32, 9).toString("base64") },
  checkpoint: "countroom/dev/1/aa\n7\n…",
  prev: "",
  schema: 1,
  logic: 1,
  at: "1790000000000000",
};

export async function seal(
  plain: Uint8Array,
  recipients: readonly string[],
  fields: Partial<HeaderFields> = {},
): Promise<Sealed> {
  const packer = new FramePacker();
  packer.add(plain);
  return sealObject({ ...FIELDS, ...fields }, packer.finish(), { recipients, stateDigest: "x" });
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Pieces of odd sizes, as networks deliver them. */
export async function* pieces(bytes: Uint8Array, size = 300_007): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Reads an object whole; throws what the format finds. */
export async function openWhole(
  bytes: Uint8Array,
  identities: readonly string[],
  key: string = FIELDS.key,
): Promise<Uint8Array> {
  const object = await openObject("object", key, pieces(bytes), identities);
  const out: Uint8Array[] = [];
  for await (const piece of object.plaintext()) out.push(piece.slice());
  return joined(out);
}

/** Bytes that zstd can't shrink much, so that objects have several blocks. Seeded. */
export function noise(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed >>> 0 || 1;
  for (let at = 0; at < length; at += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state & 0xff;
  }
  return bytes;
}
