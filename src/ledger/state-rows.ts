/**
 * The rows that replicas hold and state digests cover, and their canonical bytes.
 *
 * @module
 */
import type { PlayerStatus } from "./state-view.ts";

/** A player's balances in one currency, as replicas hold them. */
export interface WalletRow {
  readonly operatorId: string;
  readonly playerRef: string;
  readonly currency: string;
  readonly status: PlayerStatus;
  readonly available: bigint;
  readonly bonus: bigint;
  readonly held: bigint;
  readonly version: number;
  readonly seq: number;
}

/** A messenger identity bound to a player. */
export interface IdentityRow {
  readonly operatorId: string;
  readonly keyId: string;
  readonly hash: Uint8Array;
  readonly playerRef: string;
}

/** Anything that a state digest covers. */
export type DigestRow = WalletRow | IdentityRow;

/**
 * Canonical bytes of a row: `w NUL`, then operator, player_ref and currency with two-byte
 * big-endian lengths, one byte of status, available, bonus and held as int64, version and seq as
 * uint64, big endian; or `i NUL`, then operator, key_id, hash and player_ref with such lengths.
 */
export function canonicalRow(row: DigestRow): Uint8Array {
  return "currency" in row ? canonicalWallet(row) : canonicalIdentity(row);
}

function canonicalWallet(row: WalletRow): Uint8Array {
  const numbers = Buffer.alloc(41);
  numbers[0] = row.status;
  numbers.writeBigInt64BE(row.available, 1);
  numbers.writeBigInt64BE(row.bonus, 9);
  numbers.writeBigInt64BE(row.held, 17);
  numbers.writeBigUInt64BE(BigInt(row.version), 25);
  numbers.writeBigUInt64BE(BigInt(row.seq), 33);
  const names = [prefixed(row.operatorId), prefixed(row.playerRef), prefixed(row.currency)];
  return Buffer.concat([Buffer.from("w\0"), ...names, numbers]);
}

function canonicalIdentity(row: IdentityRow): Uint8Array {
  return Buffer.concat([
    Buffer.from("i\0"),
    prefixed(row.operatorId),
    prefixed(row.keyId),
    prefixed(row.hash),
    prefixed(row.playerRef),
  ]);
}

function prefixed(value: string | Uint8Array): Uint8Array {
  const bytes = Buffer.from(value as string);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
