/**
 * A digest of the wallet and identity rows that can be kept while they change.
 *
 * LtHash16: each row is expanded to 1024 lanes of 16 bits, little endian, which are added, modulo
 * 2^16, into the sum of the row's bucket. The order of rows doesn't matter, and removing a row
 * subtracts what adding it added. The expansion is the key stream of AES-256 in counter mode, from
 * counter 0, under the row's SHA-256: a seventh of SHAKE-256's price (measured), which was half of
 * a start with a million players.
 *
 * @module
 */
import { createCipheriv, createHash, hash } from "node:crypto";
import { LedgerError } from "./errors.ts";
import { STATE_BUCKETS } from "./limits.ts";
import { type DigestRow, canonicalRow } from "./state-rows.ts";

/** Bytes of a bucket's sum. */
export const BUCKET_SUM_BYTES = 2048;

const LANES = BUCKET_SUM_BYTES / 2;
const ZEROES = Buffer.alloc(BUCKET_SUM_BYTES);
const COUNTER = Buffer.alloc(16);
const HEADER = Buffer.from("countroom state v2\n");

/** The expansion of the row at hand, as bytes and as lanes. */
const TERM = new Uint16Array(LANES);
const TERM_BYTES = new Uint8Array(TERM.buffer);

/** Bucket of every row of a player: the low five bits of SHA-256(player_ref)'s first byte. */
export function bucketOf(playerRef: string): number {
  return hash("sha256", playerRef, "buffer")[0]! & (STATE_BUCKETS - 1);
}

/** Digest of a set of rows. */
export class StateDigest {
  readonly #sums: Uint16Array[] = Array.from({ length: STATE_BUCKETS }, () => {
    return new Uint16Array(LANES);
  });
  /** Digests of buckets that didn't change since they were computed. */
  readonly #digests: (Uint8Array | undefined)[] = [];

  /** A digest from what {@link StateDigest.snapshot} returned. */
  static restore(sums: readonly Uint8Array[]): StateDigest {
    const digest = new StateDigest();
    if (sums.length !== STATE_BUCKETS || sums.some((sum) => sum.length !== BUCKET_SUM_BYTES)) {
      throw new LedgerError("STATE_MALFORMED", "a state digest needs 32 sums of 2048 bytes");
    }
    for (const [bucket, sum] of sums.entries()) {
      const lanes = digest.#sums[bucket]!;
      for (let lane = 0; lane < LANES; lane++) {
        lanes[lane] = sum[2 * lane]! | (sum[2 * lane + 1]! << 8);
      }
    }
    return digest;
  }

  /** Adds all rows of another digest, from what its {@link StateDigest.snapshot} returned. */
  merge(sums: readonly Uint8Array[]): void {
    for (const [bucket, lanes] of StateDigest.restore(sums).#sums.entries()) {
      const own = this.#sums[bucket]!;
      for (let lane = 0; lane < LANES; lane++) own[lane]! += lanes[lane]!;
      this.#digests[bucket] = undefined;
    }
  }

  /** Adds a row. */
  add(row: DigestRow): void {
    const lanes = this.#open(row);
    for (let lane = 0; lane < LANES; lane++) lanes[lane]! += TERM[lane]!;
  }

  /** Removes a row exactly as it was added. */
  remove(row: DigestRow): void {
    const lanes = this.#open(row);
    for (let lane = 0; lane < LANES; lane++) lanes[lane]! -= TERM[lane]!;
  }

  /** SHA-256 of each bucket's sum; a head keeps the first 16 bytes of each. */
  bucketDigests(): Uint8Array[] {
    return this.#sums.map((_, bucket) => {
      return (this.#digests[bucket] ??= hash("sha256", this.#bytes(bucket), "buffer"));
    });
  }

  /** The state line of a checkpoint. */
  digest(): Uint8Array {
    const digest = createHash("sha256").update(HEADER);
    for (const bucket of this.bucketDigests()) digest.update(bucket);
    return digest.digest();
  }

  /** Copies of the 32 sums, 2048 bytes each. */
  snapshot(): Uint8Array[] {
    return this.#sums.map((_, bucket) => this.#bytes(bucket));
  }

  /** The sum of the row's bucket, about to change; the row's expansion is in `TERM` then. */
  #open(row: DigestRow): Uint16Array {
    const bucket = bucketOf(row.playerRef);
    this.#digests[bucket] = undefined;
    const key = hash("sha256", canonicalRow(row), "buffer");
    TERM_BYTES.set(createCipheriv("aes-256-ctr", key, COUNTER).update(ZEROES));
    return this.#sums[bucket]!;
  }

  #bytes(bucket: number): Uint8Array {
    const bytes = new Uint8Array(BUCKET_SUM_BYTES);
    const view = new DataView(bytes.buffer);
    this.#sums[bucket]!.forEach((lane, index) => view.setUint16(2 * index, lane, true));
    return bytes;
  }
}
