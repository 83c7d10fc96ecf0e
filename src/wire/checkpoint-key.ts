/**
 * Names, ids and forms of the keys that sign checkpoints: https://c2sp.org/signed-note
 *
 * @module
 */
import { createHash, createPublicKey, type KeyObject } from "node:crypto";

/** The last place of which a key that was replaced is believed: neither is exceeded. */
export interface KeyBound {
  readonly epoch: number;
  readonly size: number;
}

/** A key that is believed: without a bound of everything, because no other has followed it. */
export interface Signer {
  readonly key: KeyObject;
  readonly until?: KeyBound | undefined;
}

/** The bound of a replaced key of which nobody says where it ended: it proves nothing. */
export const BELIEVED_NOWHERE: KeyBound = Object.freeze({ epoch: 0, size: 0 });

/**
 * Keys that are believed, newest first; a bare one is believed of everything. A function is asked
 * for each note: a process takes up keys that an operator adds while it runs.
 */
export type CheckpointKeys = KeyObject | readonly Signer[] | (() => readonly Signer[]);

/** Bytes of a key id in a signature. */
export const KEY_ID_BYTES = 4;

/** Bytes of a raw Ed25519 public key. */
export const PUBLIC_KEY_BYTES = 32;

/** C2SP's number of the plain Ed25519 signature algorithm. */
const ALGORITHM_ED25519 = 0x01;

/** The keys as a list. */
export function signerList(keys: CheckpointKeys): readonly Signer[] {
  if (typeof keys === "function") return keys();
  return Array.isArray(keys) ? (keys as readonly Signer[]) : [{ key: keys as KeyObject }];
}

/** Those that no other has followed. */
export function currentSigners(keys: CheckpointKeys): readonly Signer[] {
  return signerList(keys).filter(({ until }) => until === undefined);
}

/** The name that a deployment's signatures carry. */
export function keyName(deployment: string): string {
  return `countroom-${deployment}`;
}

/** First four bytes of SHA-256(name ‖ newline ‖ algorithm ‖ key). */
export function keyId(name: string, publicKey: KeyObject): Buffer {
  return createHash("sha256")
    .update(name)
    .update(Buffer.from([0x0a, ALGORITHM_ED25519]))
    .update(rawPublicKey(publicKey))
    .digest()
    .subarray(0, KEY_ID_BYTES);
}

/** A deployment's key id as records and answers have it: 8 hex digits. */
export function checkpointKeyId(deployment: string, publicKey: KeyObject): string {
  return keyId(keyName(deployment), publicKey).toString("hex");
}

/** The signed-note key line that a verifier outside is given: `name+keyid+base64(alg ‖ key)`. */
export function verifierKey(deployment: string, publicKey: KeyObject): string {
  const key = Buffer.concat([Buffer.from([ALGORITHM_ED25519]), rawPublicKey(publicKey)]);
  const id = checkpointKeyId(deployment, publicKey);
  return `${keyName(deployment)}+${id}+${key.toString("base64")}`;
}

/** The 32 bytes of an Ed25519 public key. */
export function rawPublicKey(publicKey: KeyObject): Buffer {
  const { kty, crv, x } = publicKey.export({ format: "jwk" });
  if (kty !== "OKP" || crv !== "Ed25519" || x === undefined) {
    throw new TypeError("checkpoints are signed with Ed25519");
  }
  return Buffer.from(x, "base64url");
}

/** The key of 32 bytes. @throws when they are no key */
export function publicKeyFromRaw(raw: Uint8Array): KeyObject {
  if (raw.length !== PUBLIC_KEY_BYTES) throw new TypeError("an Ed25519 key has 32 bytes");
  const x = Buffer.from(raw).toString("base64url");
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
}
