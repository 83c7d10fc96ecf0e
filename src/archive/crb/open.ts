/**
 * Reads an object of format CRB1, checking everything the format can prove and naming what fails.
 *
 * @module
 */
import { damaged } from "../errors.ts";
import { BLOCK_BYTES, TAG_BYTES } from "../limits.ts";
import { ByteReader } from "./byte-reader.ts";
import { diagnoseBlock } from "./diagnose.ts";
import { parseHeader, type CrbHeader } from "./header.ts";
import * as keys from "./keys.ts";
import { unpack, type CrbTrailer } from "./unpack.ts";
import { unwrapKey } from "./wrap.ts";

const SEALED_BYTES = BLOCK_BYTES + TAG_BYTES;

/** An object whose header has been read and whose key has been found. */
export interface OpenedObject {
  readonly header: CrbHeader;
  /**
   * Plaintext, each piece authenticated; the whole is proven only when the generator returns its
   * trailer, so nothing read from it may be kept before. Can be read once.
   */
  plaintext(): AsyncGenerator<Uint8Array, CrbTrailer>;
  /** Lets go of the source, read to its end or not. */
  close(): Promise<void>;
}

/** Reads the clear header alone; no key is needed, and nothing is proven. */
export async function readHeader(
  object: string,
  source: AsyncIterable<Uint8Array>,
): Promise<CrbHeader> {
  const reader = new ByteReader(source);
  try {
    return parseHeader(object, await headerOf(object, reader));
  } finally {
    await reader.close();
  }
}

/**
 * Opens an object. `object` names it in findings; `key` is the place it was found at, from the
 * tenant on without hash suffix and extension, and must be the one sealed in its header.
 */
export async function openObject(
  object: string,
  key: string,
  source: AsyncIterable<Uint8Array>,
  identities: readonly string[],
): Promise<OpenedObject> {
  const reader = new ByteReader(source);
  try {
    return await open(object, key, reader, identities);
  } catch (error) {
    await reader.close();
    throw error;
  }
}

async function open(
  object: string,
  key: string,
  reader: ByteReader,
  identities: readonly string[],
): Promise<OpenedObject> {
  const stored = (await headerOf(object, reader)).slice();
  const header = parseHeader(object, stored);
  const seed = (await reader.take(keys.SEED_BYTES)).slice();
  if (seed.length < keys.SEED_BYTES) throw damaged(object, "is cut inside its key commitment");
  const salt = seed.subarray(0, keys.SALT_BYTES);
  const prefix = seed.subarray(keys.SALT_BYTES, keys.SALT_BYTES + keys.PREFIX_BYTES);
  const commitment = seed.subarray(keys.SALT_BYTES + keys.PREFIX_BYTES);

  const dek = await unwrapKey(object, header.wraps, header.recipients, identities);
  if (!keys.sameBytes(keys.keyCommitment(dek, salt), commitment)) {
    throw damaged(object, "its salt or key commitment was changed, or the key isn't its own");
  }
  const blockKey = keys.blockKey(dek, salt, stored);
  const plain = new ByteReader(openBlocks(object, reader, blockKey, prefix));
  // Opening the first block proves the header: only now is its word on anything worth hearing.
  await plain.ended();
  if (header.key !== key) {
    throw damaged(object, `belongs at ${header.key}: moved or swapped with another object`);
  }
  const close = (): Promise<void> => reader.close();
  return { header, plaintext: () => unpack(object, plain, header.raw), close };
}

async function headerOf(object: string, reader: ByteReader): Promise<Uint8Array> {
  const lead = await reader.take(keys.LEAD_BYTES);
  const magic = lead.subarray(0, keys.MAGIC.length);
  if (lead.length < keys.LEAD_BYTES || !keys.sameBytes(magic, keys.MAGIC)) {
    throw damaged(object, "doesn't begin with CRB1: no object of this format, or changed");
  }
  const length = (lead[keys.MAGIC.length]! << 8) | lead[keys.MAGIC.length + 1]!;
  const header = await reader.take(length);
  if (header.length < length) throw damaged(object, "is cut inside its header");
  return header;
}

async function* openBlocks(
  object: string,
  reader: ByteReader,
  key: Uint8Array,
  prefix: Uint8Array,
): AsyncGenerator<Uint8Array> {
  let sealed = (await reader.take(SEALED_BYTES)).slice();
  for (let index = 0; ; index += 1) {
    if (sealed.length < TAG_BYTES) throw damaged(object, `is cut before block ${index}`);
    const following = (await reader.take(SEALED_BYTES)).slice();
    const last = following.length === 0;
    const plain = keys.openBlock(key, keys.blockNonce(prefix, index, last), sealed);
    if (plain === undefined) {
      const next = last ? {} : { next: { sealed: following, last: await reader.ended() } };
      throw damaged(object, diagnoseBlock({ key, prefix, index, last, sealed, ...next }));
    }
    yield plain;
    if (last) return;
    sealed = following;
  }
}
