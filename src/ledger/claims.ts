/**
 * Claims: facts that may happen once, for ever, kept as 16-byte hashes.
 *
 * @module
 */
import { hash } from "node:crypto";
import { LedgerError } from "./errors.ts";
import { ID_LENGTH_MAX } from "./limits.ts";
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

/** Room for the kind and three names of at most `ID_LENGTH_MAX` units, three bytes each. */
const SCRATCH = Buffer.alloc(1 + 3 * (2 + 3 * ID_LENGTH_MAX));

/** Views of the scratch by length: making one costs as much as the hash (measured). */
const VIEWS = Array.from({ length: SCRATCH.length + 1 }, (_, size) => SCRATCH.subarray(0, size));

/** Whose names the scratch begins with; callers come in runs. */
let scratchOperator: string | undefined;
let scratchSource: string | undefined;
let scratchEnd = 0;

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
  if (operatorId !== scratchOperator || source !== scratchSource) {
    scratchOperator = undefined;
    scratchEnd = put(put(1, operatorId), source);
    scratchOperator = operatorId;
    scratchSource = source;
  }
  SCRATCH[0] = kind;
  const digest = hash("sha256", VIEWS[put(scratchEnd, name)]!, "buffer");
  // A copy: a view would keep all 32 bytes, and costs more to make.
  return Uint8Array.prototype.slice.call(digest, 0, CLAIM_BYTES);
}

function put(at: number, text: string): number {
  const { length } = text;
  if (length > ID_LENGTH_MAX) throw new LedgerError("COMMAND_UNVALIDATED", "a name is too long");
  const start = at + 2;
  let size = 0;
  // Names are short and nearly always ASCII: a loop beats the encoder (measured).
  for (; size < length; size++) {
    const unit = text.charCodeAt(size);
    if (unit > 0x7f) break;
    SCRATCH[start + size] = unit;
  }
  if (size < length) size = SCRATCH.write(text, start, "utf8");
  SCRATCH[at] = size >> 8;
  SCRATCH[at + 1] = size & 0xff;
  return start + size;
}

/** A claim on a name of an operator's source. */
export function claim(kind: ClaimKind, operatorId: string, source: string, name: string): Claim {
  return { kind, hash: claimHash(kind, operatorId, source, name) };
}

/** Hash of the claim that a command makes on its idempotency key. */
export function keyHash(command: Command): Uint8Array {
  return claimHash(ClaimKind.KEY, command.operatorId, command.source, command.idempotencyKey);
}
