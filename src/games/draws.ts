/**
 * Unbiased draws from a pair of seeds, as anyone can repeat them once the server seed is shown.
 *
 * Block r = HMAC-SHA256(key = server seed's text, message = `clientSeed:nonce:r`), r from 0. Each
 * draw takes the next four bytes, big endian, as u32.
 *
 * @module
 */
import { createHmac } from "node:crypto";

/** Version of these rules; recorded with every round. */
export const FAIR_VERSION = 1;

const BLOCK_BYTES = 32;
const TWO_32 = 0x1_0000_0000;
const TWO_32_BIG = 0x1_0000_0000n;

/** A stream of draws for one round. */
export class Draws {
  readonly #serverSeed: string;
  readonly #prefix: string;
  #block: Buffer = Buffer.alloc(0);
  #round = 0;
  #at = 0;

  constructor(serverSeed: string, clientSeed: string, nonce: number) {
    if (!Number.isSafeInteger(nonce) || nonce < 0) throw new RangeError("a nonce counts from 0");
    this.#serverSeed = serverSeed;
    this.#prefix = `${clientSeed}:${nonce}:`;
  }

  /** The next four bytes. */
  u32(): number {
    if (this.#at === this.#block.length) {
      const message = this.#prefix + this.#round++;
      this.#block = createHmac("sha256", this.#serverSeed).update(message).digest();
      this.#at = 0;
    }
    const value = this.#block.readUInt32BE(this.#at);
    this.#at += BLOCK_BYTES / 8;
    return value;
  }

  /**
   * A number from 0 to n - 1, each exactly equally likely: floor(u32 · n ÷ 2^32), where a u32 with
   * (u32 · n mod 2^32) < (2^32 mod n) is skipped (Lemire, "Fast Random Integer Generation in an
   * Interval", 2019).
   */
  draw(n: number): number {
    for (;;) {
      const drawn = scale(this.u32(), n);
      if (drawn !== undefined) return drawn;
    }
  }
}

/** What a u32 gives in a draw of n; undefined when it must be skipped. */
export function scale(u32: number, n: number): number | undefined {
  if (!Number.isInteger(n) || n < 1 || n > TWO_32) throw new RangeError("n is 1 to 2^32");
  const product = BigInt(u32) * BigInt(n);
  if (product % TWO_32_BIG < BigInt(TWO_32 % n)) return undefined;
  // A count below 2^32, not money.
  return Number(product / TWO_32_BIG);
}

/** The draws of a round. */
export function draws(serverSeed: string, clientSeed: string, nonce: number): Draws {
  return new Draws(serverSeed, clientSeed, nonce);
}
