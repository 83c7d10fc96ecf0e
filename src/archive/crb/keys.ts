/**
 * Keys of one object: HKDF-SHA256 (RFC 5869) and AES-256-GCM (NIST SP 800-38D).
 *
 * @module
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  hkdfSync,
  timingSafeEqual,
} from "node:crypto";
import { TAG_BYTES } from "../limits.ts";

export const MAGIC = new TextEncoder().encode("CRB1");
export const DEK_BYTES = 32;
export const SALT_BYTES = 32;
export const PREFIX_BYTES = 7;
export const COMMIT_BYTES = 32;
/** Magic and the header's length. */
export const LEAD_BYTES = MAGIC.length + 2;
/** Salt, nonce prefix and key commitment: what stands between the header and the first block. */
export const SEED_BYTES = SALT_BYTES + PREFIX_BYTES + COMMIT_BYTES;

const CIPHER = "aes-256-gcm";
const COMMIT_INFO = "CRB1 commit";

function hkdf(key: Uint8Array, salt: Uint8Array, info: Uint8Array | string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", key, salt, info, 32));
}

/**
 * The key of an object's blocks. The header's stored bytes are bound into it, so that a changed
 * header opens nothing.
 */
export function blockKey(dek: Uint8Array, salt: Uint8Array, header: Uint8Array): Uint8Array {
  const info = new Uint8Array(MAGIC.length + 32);
  info.set(MAGIC);
  info.set(createHash("sha256").update(header).digest(), MAGIC.length);
  return hkdf(dek, salt, info);
}

/** Commits to the object's key: GCM alone lets one object open under two keys. */
export function keyCommitment(dek: Uint8Array, salt: Uint8Array): Uint8Array {
  return hkdf(dek, salt, COMMIT_INFO);
}

/** Compares without telling by its time where two values differ. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Nonce of block `index`: a block can be neither moved nor dropped, nor can the last be lost. */
export function blockNonce(prefix: Uint8Array, index: number, last: boolean): Uint8Array {
  const nonce = new Uint8Array(PREFIX_BYTES + 5);
  nonce.set(prefix);
  new DataView(nonce.buffer).setUint32(PREFIX_BYTES, index);
  nonce[PREFIX_BYTES + 4] = last ? 1 : 0;
  return nonce;
}

/** Encrypts one block; the tag follows the ciphertext. */
export function sealBlock(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Uint8Array {
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  const body = cipher.update(plain);
  cipher.final();
  const sealed = new Uint8Array(body.length + TAG_BYTES);
  sealed.set(body);
  sealed.set(cipher.getAuthTag(), body.length);
  return sealed;
}

/** Decrypts one block, or answers undefined when it doesn't authenticate. */
export function openBlock(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  if (sealed.length < TAG_BYTES) return undefined;
  const border = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(border));
  const plain = decipher.update(sealed.subarray(0, border));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return plain;
}
