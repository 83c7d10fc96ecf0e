/**
 * How `search.db` writes ids and finds them again.
 *
 * @module
 */
import type { PackedId } from "./search-schema.ts";

/**
 * Records in one segment of lookups and lines. A commit changes most pages of the newest segment,
 * so it should be small: with 2^18 records writing took 1.7 times as long (measured). A question
 * asks every segment, about two microseconds each: 60 ms in a thousand million records.
 */
export const SEGMENT_RECORDS = 2 ** 15;

/** Values of a hash: in a full segment about one lookup in two hundred meets a stranger. */
const HASHES = 2 ** 25;

/** What a lookup is by. */
export const LookupKind = Object.freeze({
  event: 1,
  txn: 2,
  trace: 3,
  round: 4,
  player: 5,
  /** Refusals of a player. */
  refusal: 6,
} as const);
export type LookupKind = (typeof LookupKind)[keyof typeof LookupKind];

/** The segment that a record lies in. */
export function segmentOf(seq: number): number {
  return Math.floor(seq / SEGMENT_RECORDS);
}

/** Hash of an operator's id: FNV-1a over its UTF-16, mixed. What it finds is compared in full. */
export function lookupHash(kind: LookupKind, operator: number, id: string): number {
  let hash = Math.imul(0x811c9dc5 ^ kind, 0x01000193) ^ operator;
  for (let at = 0; at < id.length; at += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 7;
}

/** The bucket of a hash in a segment; a safe integer for every seq there can be. */
export function bucketOf(segment: number, hash: number): number {
  return segment * HASHES + hash;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The stored form of an id; null for the empty one. */
export function packId(id: string): PackedId | null {
  if (id === "") return null;
  return id.length === 36 && UUID.test(id) ? packUuid(id) : id;
}

/** The 16 bytes of a canonical UUID. */
export function packUuid(uuid: string): Uint8Array {
  return Buffer.from(uuid.replaceAll("-", ""), "hex");
}

/** The bytes of hex digits, null for none. */
export function packHex(hex: string): Uint8Array | null {
  return hex === "" ? null : Buffer.from(hex, "hex");
}

/** The id of a stored form. */
export function unpackId(id: PackedId | null): string {
  if (id === null || typeof id === "string") return id ?? "";
  const hex = unpackHex(id);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return `${parts.join("-")}-${hex.slice(20)}`;
}

/** Hex digits of stored bytes. */
export function unpackHex(bytes: Uint8Array | null): string {
  if (bytes === null) return "";
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/** Whether two stored forms are the same id. */
export function sameId(a: PackedId | null, b: PackedId | null): boolean {
  if (a === null || b === null || typeof a === "string" || typeof b === "string") return a === b;
  return Buffer.compare(a, b) === 0;
}
