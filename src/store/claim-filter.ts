/**
 * A filter in memory that answers most lookups of claims that were never made.
 *
 * Blocked Bloom filters: one 64-byte block, and so one cache line, per lookup and layer. Layers
 * double, so the filter grows without a pause to rebuild it.
 *
 * @module
 */
import { FILTER_BITS_PER_CLAIM, FILTER_CLAIMS } from "./limits.ts";

const BLOCK_WORDS = 16;
const BLOCK_BITS = BLOCK_WORDS * 32;
const WORD_SPAN = 2 ** 32;
/**
 * Claims of several kinds on one name differ in their last byte only. Spread over the other bits,
 * so that one kind doesn't make the others suspect: bets under keys of their own id are common.
 */
const KIND_AT = 15;
const KIND_LOW = 0x9e37_79b1;
const KIND_HIGH = 0x85eb_ca6b;

interface Layer {
  readonly words: Uint32Array;
  readonly blocks: number;
  readonly capacity: number;
  count: number;
}

/** Says "certainly not" or "maybe". Claims are hashes already: their bits are used as they are. */
export class ClaimFilter {
  readonly #layers: Layer[];

  /** `expected` claims fit into the first layer. */
  constructor(expected = FILTER_CLAIMS) {
    this.#layers = [layer(Math.max(expected, FILTER_CLAIMS))];
  }

  /** Bytes of memory it takes. */
  get bytes(): number {
    return this.#layers.reduce((sum, { words }) => sum + words.byteLength, 0);
  }

  /** Adds the claim at a place of some bytes. */
  add(bytes: Uint8Array, at = 0): void {
    let last = this.#layers[this.#layers.length - 1]!;
    if (last.count >= last.capacity) {
      last = layer(last.capacity * 2);
      this.#layers.push(last);
    }
    last.count += 1;
    const { words } = last;
    const base = blockOf(word(bytes, at), last.blocks);
    const kind = bytes[at + KIND_AT]!;
    const low = word(bytes, at + 4) ^ Math.imul(kind, KIND_LOW);
    const high = word(bytes, at + 8) ^ Math.imul(kind, KIND_HIGH);
    words[base + ((low >>> 5) & 15)]! |= 1 << (low & 31);
    words[base + ((low >>> 14) & 15)]! |= 1 << ((low >>> 9) & 31);
    words[base + ((low >>> 23) & 15)]! |= 1 << ((low >>> 18) & 31);
    words[base + ((high >>> 5) & 15)]! |= 1 << (high & 31);
    words[base + ((high >>> 14) & 15)]! |= 1 << ((high >>> 9) & 31);
    words[base + ((high >>> 23) & 15)]! |= 1 << ((high >>> 18) & 31);
  }

  /** False when the claim was never added. */
  has(hash: Uint8Array): boolean {
    const block = word(hash, 0);
    const kind = hash[KIND_AT]!;
    const low = word(hash, 4) ^ Math.imul(kind, KIND_LOW);
    const high = word(hash, 8) ^ Math.imul(kind, KIND_HIGH);
    for (const { words, blocks } of this.#layers) {
      const base = blockOf(block, blocks);
      if (
        (words[base + ((low >>> 5) & 15)]! & (1 << (low & 31))) !== 0 &&
        (words[base + ((low >>> 14) & 15)]! & (1 << ((low >>> 9) & 31))) !== 0 &&
        (words[base + ((low >>> 23) & 15)]! & (1 << ((low >>> 18) & 31))) !== 0 &&
        (words[base + ((high >>> 5) & 15)]! & (1 << (high & 31))) !== 0 &&
        (words[base + ((high >>> 14) & 15)]! & (1 << ((high >>> 9) & 31))) !== 0 &&
        (words[base + ((high >>> 23) & 15)]! & (1 << ((high >>> 18) & 31))) !== 0
      ) {
        return true;
      }
    }
    return false;
  }
}

function layer(claims: number): Layer {
  const blocks = Math.ceil((claims * FILTER_BITS_PER_CLAIM) / BLOCK_BITS);
  return {
    words: new Uint32Array(blocks * BLOCK_WORDS),
    blocks,
    capacity: Math.floor((blocks * BLOCK_BITS) / FILTER_BITS_PER_CLAIM),
    count: 0,
  };
}

/** First word of the block for 32 random bits; no power of two, which would waste up to half. */
function blockOf(bits: number, blocks: number): number {
  return Math.floor(((bits >>> 0) * blocks) / WORD_SPAN) * BLOCK_WORDS;
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
