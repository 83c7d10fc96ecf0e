/**
 * Keyed hashes that stand for messenger ids: the book holds them, never the ids.
 *
 * @module
 */
import { createHmac } from "node:crypto";

/** The key of the hashes. `keyId` is stored beside each, so that the key can be changed. */
export interface IdentityKeyMaterial {
  readonly keyId: string;
  readonly secret: Uint8Array;
}

/** An identity as the book knows it. */
export interface HashedIdentity {
  readonly keyId: string;
  /** 32 bytes. */
  readonly hash: Uint8Array;
}

/**
 * HMAC-SHA256 over operator, messenger and id, each after its length in two bytes, so that no two
 * triples give the same input.
 */
export function identityOf(
  key: IdentityKeyMaterial,
  operatorId: string,
  messenger: string,
  id: string,
): HashedIdentity {
  const hmac = createHmac("sha256", key.secret);
  for (const part of [operatorId, messenger, id]) {
    const bytes = Buffer.from(part);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    hmac.update(length).update(bytes);
  }
  return { keyId: key.keyId, hash: new Uint8Array(hmac.digest()) };
}
