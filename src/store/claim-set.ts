/**
 * Claims in memory, exact and in the order they came.
 *
 * Open addressing over the hashes' own bits: a Map would need a string of every hash.
 *
 * @module
 */

/** Bytes of a claim's hash. */
export const CLAIM_HASH_BYTES = 16;

const WORDS = CLAIM_HASH_BYTES / 4;
const FREE = 0;
const CLAIMS_MIN = 1_024;
/** Below this share of its slots a set is cleared one by one. */
const SPARSE = 32;

/** Hash → seq of the record that made the claim. */
export class ClaimSet {
  // Not #private: these are read for every claim of every event, and hash names cost (measured).
  private bytes = new Uint8Array(CLAIMS_MIN * CLAIM_HASH_BYTES);
  private words = new Int32Array(this.bytes.buffer);
  private seqs = new Float64Array(CLAIMS_MIN);
  private slots = new Int32Array(CLAIMS_MIN * 4);
  private count = 0;

  get size(): number {
    return this.count;
  }

  /**
   * Adds a claim. One that is there already stays as it is, and its seq is answered.
   */
  add(hash: Uint8Array, seq: number): number | undefined {
    if (hash.length !== CLAIM_HASH_BYTES) throw new RangeError("a claim's hash has 16 bytes");
    if (this.count === this.seqs.length) this.grow();
    const slot = this.slotOf(hash);
    const entry = this.slots[slot]!;
    if (entry !== FREE) return this.seqs[entry - 1];
    const word = this.count * WORDS;
    this.words[word] = wordAt(hash, 0);
    this.words[word + 1] = wordAt(hash, 4);
    this.words[word + 2] = wordAt(hash, 8);
    this.words[word + 3] = wordAt(hash, 12);
    this.seqs[this.count] = seq;
    this.count += 1;
    this.slots[slot] = this.count;
    return undefined;
  }

  get(hash: Uint8Array): number | undefined {
    if (this.count === 0) return undefined;
    const entry = this.slots[this.slotOf(hash)]!;
    return entry === FREE ? undefined : this.seqs[entry - 1];
  }

  /** The claim added as number `index`, from 0. The bytes are the set's own. */
  hashAt(index: number): Uint8Array {
    return this.bytes.subarray(index * CLAIM_HASH_BYTES, (index + 1) * CLAIM_HASH_BYTES);
  }

  seqAt(index: number): number {
    return this.seqs[index]!;
  }

  /** The first 32 bits of a claim's hash. */
  headAt(index: number): number {
    return headAt(this.bytes, index * CLAIM_HASH_BYTES);
  }

  /** Copies a claim's hash. */
  copy(index: number, target: Uint8Array, at: number): void {
    const from = index * CLAIM_HASH_BYTES;
    // A loop beats set() with a view of its own for so few bytes (measured).
    for (let byte = 0; byte < CLAIM_HASH_BYTES; byte += 1)
      target[at + byte] = this.bytes[from + byte]!;
  }

  /** A set of the claims added first. */
  first(count: number): ClaimSet {
    const set = new ClaimSet();
    for (let index = 0; index < count; index += 1) set.add(this.hashAt(index), this.seqAt(index));
    return set;
  }

  clear(): void {
    // A set that was large once must not cost the small groups after it.
    if (this.count * SPARSE > this.slots.length) {
      this.slots.fill(FREE);
      this.count = 0;
    } else this.truncate(0);
  }

  /** Takes back what was added after the first `count` claims. */
  truncate(count: number): void {
    // Newest first: no entry is looked for beyond the slot of a newer one.
    for (; this.count > count; this.count -= 1) this.free(this.count);
  }

  /** The slot that holds a claim, or the free one where it would be put. */
  private slotOf(hash: Uint8Array): number {
    const { words, slots } = this;
    const mask = slots.length - 1;
    const last = wordAt(hash, 12);
    for (let at = last & mask; ; at = (at + 1) & mask) {
      const entry = slots[at]!;
      if (entry === FREE) return at;
      const word = (entry - 1) * WORDS;
      if (
        words[word + 3] === last &&
        words[word] === wordAt(hash, 0) &&
        words[word + 1] === wordAt(hash, 4) &&
        words[word + 2] === wordAt(hash, 8)
      ) {
        return at;
      }
    }
  }

  private place(entry: number): void {
    const { slots } = this;
    const mask = slots.length - 1;
    let at = this.words[entry * WORDS - 1]! & mask;
    while (slots[at] !== FREE) at = (at + 1) & mask;
    slots[at] = entry;
  }

  private free(entry: number): void {
    const { slots } = this;
    const mask = slots.length - 1;
    let at = this.words[entry * WORDS - 1]! & mask;
    while (slots[at] !== entry) at = (at + 1) & mask;
    slots[at] = FREE;
  }

  private grow(): void {
    const bytes = new Uint8Array(this.bytes.length * 2);
    const seqs = new Float64Array(this.seqs.length * 2);
    bytes.set(this.bytes);
    seqs.set(this.seqs);
    this.bytes = bytes;
    this.words = new Int32Array(bytes.buffer);
    this.seqs = seqs;
    this.slots = new Int32Array(this.slots.length * 2);
    for (let entry = 1; entry <= this.count; entry += 1) this.place(entry);
  }
}

/** Four bytes, little endian: as this machine's typed arrays lay them out. */
function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** The 32 bits at a place of some bytes, big endian: rising as the bytes do. */
export function headAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  );
}
