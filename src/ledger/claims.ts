/**
 * Claims: facts that may happen once, for ever, kept as 16-byte hashes.
 *
 * @module
 */
import { hash } from "node:crypto";
import { LedgerError } from "./errors.ts";
import { NAME_LENGTH_MAX } from "./limits.ts";
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
  /** (operator, source, txn id): a movement other than a bet has this id. */
  TXN: 5,
  /** (operator, source, txn id): a win is taken back, or was before it came. */
  WIN_TAKEN: 6,
  /** (operator, "", seq NUL bet txn id, or seq alone): a correction follows the record. */
  CORRECTED: 7,
  /** (operator, "", kind and key of an object and its version): see `object-life.ts`. */
  OBJECT: 8,
} as const;
export type ClaimKind = (typeof ClaimKind)[keyof typeof ClaimKind];

/** Bytes of a claim's hash: the name's 15 and the kind's one. */
export const CLAIM_BYTES = 16;

/** Bytes that tell names apart: among 2^40 names, a collision has a probability of 2^-41. */
const NAME_HASH_BYTES = CLAIM_BYTES - 1;

/** Room for three names of at most `NAME_LENGTH_MAX` units, three bytes each. */
const SCRATCH = Buffer.alloc(3 * (2 + 3 * NAME_LENGTH_MAX));

/** Views of the scratch by length: making one costs as much as the hash (measured). */
const VIEWS = Array.from({ length: SCRATCH.length + 1 }, (_, size) => SCRATCH.subarray(0, size));

/** Whose names the scratch begins with; callers come in runs. */
let scratchOperator: string | undefined;
let scratchSource: string | undefined;
let scratchEnd = 0;

/**
 * Names hashed last. A bet asks for several kinds of claims on one name, and callers often use one
 * id as key and transaction.
 */
const MEMO_SIZE = 4;
const memoNames: string[] = Array.from({ length: MEMO_SIZE }, () => "");
const memoHashes = Array.from<Uint8Array | undefined>({ length: MEMO_SIZE });
let memoNext = 0;

/**
 * First 15 bytes of SHA-256 over operator, source and name, each preceded by its length in UTF-8
 * bytes as two bytes, big endian; then the kind's byte. Lengths keep joined fields apart.
 */
export function claimHash(
  kind: ClaimKind,
  operatorId: string,
  source: string,
  name: string,
): Uint8Array {
  if (operatorId !== scratchOperator || source !== scratchSource) {
    scratchOperator = undefined;
    memoHashes.fill(undefined);
    scratchEnd = put(put(0, operatorId), source);
    scratchOperator = operatorId;
    scratchSource = source;
  }
  const digest = nameHash(name);
  const claimed = new Uint8Array(CLAIM_BYTES);
  // Byte by byte: slice() takes as long as the hash itself (measured), a view keeps all 32 bytes.
  for (let at = 0; at < NAME_HASH_BYTES; at++) claimed[at] = digest[at]!;
  claimed[NAME_HASH_BYTES] = kind;
  return claimed;
}

/** The claim of another kind on the same name, in the same bytes: no copy is made. */
export function turnTo(hash: Uint8Array, kind: ClaimKind): Uint8Array {
  hash[NAME_HASH_BYTES] = kind;
  return hash;
}

function nameHash(name: string): Uint8Array {
  for (let at = 0; at < MEMO_SIZE; at++) {
    const known = memoHashes[at];
    if (known !== undefined && memoNames[at] === name) return known;
  }
  const digest = hash("sha256", VIEWS[put(scratchEnd, name)]!, "buffer");
  memoNames[memoNext] = name;
  memoHashes[memoNext] = digest;
  memoNext = (memoNext + 1) % MEMO_SIZE;
  return digest;
}

function put(at: number, text: string): number {
  const { length } = text;
  if (length > NAME_LENGTH_MAX) throw new LedgerError("COMMAND_UNVALIDATED", "a name is too long");
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
