/**
 * A digest of the wallet and identity rows that can be kept while they change.
 *
 * LtHash16: each row is expanded by SHAKE-256 to 1024 lanes of 16 bits, which are added, modulo
 * 2^16, into the sum of the row's bucket. The order of rows doesn't matter, and removing a row
 * subtracts what adding it added.
 *
 * @module
 */
import { createHash, hash } from "node:crypto";
import { LedgerError } from "./errors.ts";
import { STATE_BUCKETS } from "./limits.ts";
import { type DigestRow, canonicalRow } from "./state-rows.ts";

/** Bytes of a bucket's sum. */
export const BUCKET_SUM_BYTES = 2048;

const LANES = BUCKET_SUM_BYTES / 2;
const EXPAND = { outputLength: BUCKET_SUM_BYTES } as const;
const HEADER = Buffer.from("countroom state v1\n");

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

  /** Adds a row. */
  add(row: DigestRow): void {
    const [lanes, term] = this.#open(row);
    for (let lane = 0; lane < LANES; lane++) {
      lanes[lane]! += term[2 * lane]! | (term[2 * lane + 1]! << 8);
    }
  }

  /** Removes a row exactly as it was added. */
  remove(row: DigestRow): void {
    const [lanes, term] = this.#open(row);
    for (let lane = 0; lane < LANES; lane++) {
      lanes[lane]! -= term[2 * lane]! | (term[2 * lane + 1]! << 8);
    }
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

  /** The sum of the row's bucket, about to change, and the row's expansion. */
  #open(row: DigestRow): [lanes: Uint16Array, term: Uint8Array] {
    const bucket = bucketOf(row.playerRef);
    this.#digests[bucket] = undefined;
    const term = createHash("shake256", EXPAND).update(canonicalRow(row)).digest();
    return [this.#sums[bucket]!, term];
  }

  #bytes(bucket: number): Uint8Array {
    const bytes = new Uint8Array(BUCKET_SUM_BYTES);
    const view = new DataView(bytes.buffer);
    this.#sums[bucket]!.forEach((lane, index) => view.setUint16(2 * index, lane, true));
    return bytes;
  }
}
