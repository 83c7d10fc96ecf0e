/**
 * The state digest of checkpoints, computed from all rows at once.
 *
 * Each row is expanded to 1024 lanes of 16 bits, little endian, by AES-256 in counter mode from
 * counter 0 under the row's SHA-256. The lanes are added modulo 2^16 into the sum of the row's
 * bucket; the digest is SHA-256 over the SHA-256 of each sum.
 *
 * @module
 */
import { createCipheriv, createHash, hash } from "node:crypto";

const BUCKETS = 32;
const SUM_BYTES = 2048;
const NOTHING = Buffer.alloc(SUM_BYTES);
const FIRST_COUNTER = Buffer.alloc(16);

/** A wallet row as digests see it. */
export interface DigestWallet {
  readonly operator: string;
  readonly ref: string;
  readonly currency: string;
  readonly status: number;
  readonly available: bigint;
  readonly bonus: bigint;
  readonly held: bigint;
  readonly version: number;
  readonly seq: number;
}

/** An identity row as digests see it. */
export interface DigestIdentity {
  readonly operator: string;
  readonly keyId: string;
  readonly hash: Uint8Array;
  readonly ref: string;
}

/** Digest of a set of rows; their order doesn't matter. */
export class RowDigest {
  readonly #sums = Array.from({ length: BUCKETS }, () => new Uint16Array(SUM_BYTES / 2));

  addWallet(row: DigestWallet): void {
    const tail = Buffer.alloc(41);
    tail.writeUInt8(row.status, 0);
    tail.writeBigInt64BE(row.available, 1);
    tail.writeBigInt64BE(row.bonus, 9);
    tail.writeBigInt64BE(row.held, 17);
    tail.writeBigUInt64BE(BigInt(row.version), 25);
    tail.writeBigUInt64BE(BigInt(row.seq), 33);
    const texts = [row.operator, row.ref, row.currency].map((text) => sized(Buffer.from(text)));
    this.#add(row.ref, Buffer.concat([Buffer.from("w\0"), ...texts, tail]));
  }

  addIdentity(row: DigestIdentity): void {
    const { operator, keyId, ref } = row;
    const parts = [Buffer.from(operator), Buffer.from(keyId), row.hash, Buffer.from(ref)];
    this.#add(ref, Buffer.concat([Buffer.from("i\0"), ...parts.map(sized)]));
  }

  digest(): Uint8Array {
    const whole = createHash("sha256").update("countroom state v2\n");
    for (const sum of this.#sums) {
      const bytes = Buffer.alloc(SUM_BYTES);
      for (const [lane, value] of sum.entries()) bytes.writeUInt16LE(value, lane * 2);
      whole.update(hash("sha256", bytes, "buffer"));
    }
    return whole.digest();
  }

  #add(ref: string, row: Uint8Array): void {
    const bucket = (hash("sha256", ref, "buffer")[0] as number) % BUCKETS;
    const sum = this.#sums[bucket] as Uint16Array;
    const key = hash("sha256", row, "buffer");
    const lanes = createCipheriv("aes-256-ctr", key, FIRST_COUNTER).update(NOTHING);
    for (let lane = 0; lane < sum.length; lane += 1) {
      sum[lane] = (sum[lane] as number) + lanes.readUInt16LE(lane * 2);
    }
  }
}

function sized(bytes: Uint8Array): Uint8Array {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
