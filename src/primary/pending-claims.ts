/**
 * Claims of the group being decided, which are in no table yet.
 *
 * Open addressing over the hashes' own bits: a Map would need a string of every hash.
 *
 * @module
 */
import { GROUP_EVENTS_MAX } from "./limits.ts";

const FREE = 0;
const SLOTS_MIN = 4 * GROUP_EVENTS_MAX;

/** Hash → seq, forgotten at the end of the group. */
export class PendingClaims {
  #slots = new Int32Array(2 ** Math.ceil(Math.log2(SLOTS_MIN)));
  readonly #hashes: Uint8Array[] = [];
  readonly #seqs: number[] = [];

  add(hash: Uint8Array, seq: number): void {
    if (2 * (this.#hashes.length + 1) > this.#slots.length) this.#grow();
    this.#hashes.push(hash);
    this.#seqs.push(seq);
    this.#place(hash, this.#hashes.length);
  }

  get(hash: Uint8Array): number | undefined {
    const mask = this.#slots.length - 1;
    for (let at = first(hash) & mask; ; at = (at + 1) & mask) {
      const entry = this.#slots[at]!;
      if (entry === FREE) return undefined;
      if (equal(this.#hashes[entry - 1]!, hash)) return this.#seqs[entry - 1];
    }
  }

  clear(): void {
    if (this.#hashes.length === 0) return;
    this.#slots.fill(FREE);
    this.#hashes.length = 0;
    this.#seqs.length = 0;
  }

  #place(hash: Uint8Array, entry: number): void {
    const mask = this.#slots.length - 1;
    let at = first(hash) & mask;
    while (this.#slots[at] !== FREE) at = (at + 1) & mask;
    this.#slots[at] = entry;
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (const [index, hash] of this.#hashes.entries()) this.#place(hash, index + 1);
  }
}

/** Other bits than the claim filter's block, though that would do no harm. */
function first(hash: Uint8Array): number {
  return hash[12]! | (hash[13]! << 8) | (hash[14]! << 16) | (hash[15]! << 24);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}
