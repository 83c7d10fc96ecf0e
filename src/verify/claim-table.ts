/**
 * Facts that may happen once, kept as 16-byte hashes in an open-addressed table: two of them per
 * record over millions of records would be too many objects.
 *
 * @module
 */
import { hash } from "node:crypto";

/** Kinds of facts, as their hashes begin. */
export const FACT = { KEY: 1, RESOLVED: 2, TOMBSTONE: 3, ROUND_CLOSED: 4 } as const;
export type Fact = (typeof FACT)[keyof typeof FACT];

export const FACT_NAMES: Readonly<Record<Fact, string>> = {
  1: "use of a key",
  2: "settlement of a bet",
  3: "rollback of a bet",
  4: "close of a round",
};

const HASH_BYTES = 16;
/** Words per slot: four of the hash, one of the seq, one of kind and mark. */
const SLOT_WORDS = 6;
const SLOTS_AT_FIRST = 1 << 12;
const LOAD_MAX = 0.7;
const MARKED = 0x100;

let scratch = Buffer.alloc(2048);

/** First 16 bytes of SHA-256(kind ‖ operator ‖ source ‖ name), each text after a u16be length. */
export function factHash(fact: Fact, operator: string, source: string, name: string): Uint8Array {
  const most = 7 + 3 * (operator.length + source.length + name.length);
  if (scratch.length < most) scratch = Buffer.alloc(most * 2);
  scratch[0] = fact;
  let end = 1;
  for (const text of [operator, source, name]) {
    const size = scratch.write(text, end + 2, "utf8");
    scratch.writeUInt16BE(size, end);
    end += 2 + size;
  }
  return hash("sha256", scratch.subarray(0, end), "buffer").subarray(0, HASH_BYTES);
}

/** Hashes with the record that made each. */
export class ClaimTable {
  #slots = SLOTS_AT_FIRST;
  #words = new Uint32Array(SLOTS_AT_FIRST * SLOT_WORDS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Seq of the record that made the claim. */
  seqOf(hash16: Uint8Array): number | undefined {
    const at = this.#find(readWords(hash16));
    const seq = this.#words[at + 4] as number;
    return seq === 0 ? undefined : seq;
  }

  /** Adds a claim; answers the seq of an earlier one, which then stays. */
  add(fact: Fact, hash16: Uint8Array, seq: number): number | undefined {
    if (this.#size >= this.#slots * LOAD_MAX) this.#grow();
    const key = readWords(hash16);
    const at = this.#find(key);
    const earlier = this.#words[at + 4] as number;
    if (earlier !== 0) return earlier;
    for (let index = 0; index < key.length; index += 1) {
      this.#words[at + index] = key[index] as number;
    }
    this.#words[at + 4] = seq;
    this.#words[at + 5] = fact;
    this.#size += 1;
    return undefined;
  }

  /** Marks a claim as seen elsewhere. */
  mark(hash16: Uint8Array): void {
    const at = this.#find(readWords(hash16));
    if (this.#words[at + 4] !== 0) this.#words[at + 5] = (this.#words[at + 5] as number) | MARKED;
  }

  /** Claims that were never marked, in no order. */
  *unmarked(): Generator<{ fact: Fact; seq: number }> {
    for (let at = 0; at < this.#words.length; at += SLOT_WORDS) {
      const seq = this.#words[at + 4] as number;
      const fact = this.#words[at + 5] as number;
      if (seq !== 0 && (fact & MARKED) === 0) yield { fact: fact as Fact, seq };
    }
  }

  /** Offset of the key's slot, or of the free one where it belongs. */
  #find(key: readonly number[]): number {
    const words = this.#words;
    let slot = (key[0] as number) % this.#slots;
    for (;;) {
      const at = slot * SLOT_WORDS;
      if (words[at + 4] === 0) return at;
      if (
        words[at] === key[0] &&
        words[at + 1] === key[1] &&
        words[at + 2] === key[2] &&
        words[at + 3] === key[3]
      ) {
        return at;
      }
      slot = (slot + 1) % this.#slots;
    }
  }

  #grow(): void {
    const old = this.#words;
    this.#slots *= 2;
    this.#words = new Uint32Array(this.#slots * SLOT_WORDS);
    for (let at = 0; at < old.length; at += SLOT_WORDS) {
      if (old[at + 4] === 0) continue;
      const key = [old[at], old[at + 1], old[at + 2], old[at + 3]] as number[];
      const to = this.#find(key);
      for (let word = 0; word < SLOT_WORDS; word += 1) {
        this.#words[to + word] = old[at + word] as number;
      }
    }
  }
}

/** The hash as four words. Byte by byte: a DataView per hash costs several times as much. */
function readWords(bytes: Uint8Array): number[] {
  return [word(bytes, 0), word(bytes, 4), word(bytes, 8), word(bytes, 12)];
}

function word(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  const low = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
  return ((high << 16) | low) >>> 0;
}
