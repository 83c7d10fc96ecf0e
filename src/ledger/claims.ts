/**
 * Claims: facts that may happen once, for ever, kept as 16-byte hashes.
 *
 * @module
 */
import { hash } from "node:crypto";
import type { Claim, Command } from "./types.ts";

/** What a claim says. */
export const ClaimKind = {
  /** (operator, source, idempotency key): the key is used. */
  KEY: 1,
  /** (operator, source, bet txn id): the bet is settled. */
  RESOLVED: 2,
  /** (operator, source, bet txn id): the bet is rolled back, or was before it came. */
  TOMBSTONE: 3,
  /** (operator, source, round id): the round is closed. */
  ROUND_CLOSED: 4,
} as const;
export type ClaimKind = (typeof ClaimKind)[keyof typeof ClaimKind];

/** Bytes of a claim's hash: among 2^40 claims, a collision has a probability of 2^-49. */
export const CLAIM_BYTES = 16;

const SCRATCH = Buffer.allocUnsafe(4096);

/**
 * First 16 bytes of SHA-256 over the kind's byte, then operator, source and name, each preceded by
 * its length in UTF-8 bytes as two bytes, big endian. Lengths keep joined fields apart.
 */
export function claimHash(
  kind: ClaimKind,
  operatorId: string,
  source: string,
  name: string,
): Uint8Array {
  SCRATCH[0] = kind;
  let end = put(1, operatorId);
  end = put(end, source);
  end = put(end, name);
  return hash("sha256", SCRATCH.subarray(0, end), "buffer").subarray(0, CLAIM_BYTES);
}

function put(at: number, text: string): number {
  // A UTF-16 unit takes at most three bytes of UTF-8; validated names are far shorter.
  if (at + 2 + text.length * 3 > SCRATCH.length) throw new RangeError("claim name too long");
  const size = SCRATCH.write(text, at + 2, "utf8");
  SCRATCH.writeUInt16BE(size, at);
  return at + 2 + size;
}

/** A claim on a name of an operator's source. */
export function claim(kind: ClaimKind, operatorId: string, source: string, name: string): Claim {
  return { kind, hash: claimHash(kind, operatorId, source, name) };
}

/** Hash of the claim that a command makes on its idempotency key. */
export function keyHash(command: Command): Uint8Array {
  return claimHash(ClaimKind.KEY, command.operatorId, command.source, command.idempotencyKey);
}
