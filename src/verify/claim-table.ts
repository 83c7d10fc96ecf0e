/**
 * Facts that may happen once, kept as 16-byte hashes in an open-addressed table: two of them per
 * record over millions of records would be too many objects.
 *
 * @module
 */
import { hash } from "node:crypto";
import { Scratch } from "./views.ts";

/** Kinds of facts, as their hashes end. */
export const FACT = {
  KEY: 1,
  RESOLVED: 2,
  TOMBSTONE: 3,
  ROUND_CLOSED: 4,
  TXN: 5,
  WIN_TAKEN: 6,
  CORRECTED: 7,
  OBJECT: 8,
} as const;
export type Fact = (typeof FACT)[keyof typeof FACT];

export const FACT_NAMES: Readonly<Record<Fact, string>> = {
  1: "use of a key",
  2: "settlement of a bet",
  3: "rollback of a bet",
  4: "close of a round",
  5: "movement of the name",
  6: "rollback of the win",
  7: "correction of record",
  8: "version of",
};

/** Words per slot: four of the hash, one of the seq, one of kind and mark. */
const SLOT_WORDS = 6;
const SLOTS_AT_FIRST = 1 << 12;
const LOAD_MAX = 0.7;
/** Nobody has counted the records yet that a source promises. */
const RESERVED_MAX = 1 << 22;
const MARKED = 0x100;
/** The last byte of the last word. */
const KIND_BITS = 0xff;

const scratch = new Scratch(2048);

/** The name hashed last: rules ask for several facts about one bet. */
const latest = { operator: "", source: "", name: "", words: new Uint32Array(4), known: false };

/**
 * Takes up a fact's 16 bytes as four words: the first 15 bytes of SHA-256(operator ‖ source ‖
 * name), each text after a u16be length, then the kind.
 */
function readFact(
  words: Uint32Array,
  fact: Fact,
  operator: string,
  source: string,
  name: string,
): void {
  const { known } = latest;
  if (!known || latest.name !== name || latest.source !== source || latest.operator !== operator) {
    const bytes = scratch.reserve(6 + 3 * (operator.length + source.length + name.length));
    const end = put(bytes, name, put(bytes, source, put(bytes, operator, 0)));
    readText(latest.words, hash("sha256", scratch.view(end), "latin1"));
    latest.operator = operator;
    latest.source = source;
    latest.name = name;
    latest.known = true;
  }
  for (let word = 0; word < 3; word += 1) words[word] = latest.words[word] as number;
  words[3] = ((latest.words[3] as number) & ~KIND_BITS) | fact;
}

function put(bytes: Buffer, text: string, at: number): number {
  const size = bytes.write(text, at + 2, "utf8");
  bytes[at] = size >>> 8;
  bytes[at + 1] = size;
  return at + 2 + size;
}

/** The name summed last: rules ask for several facts about one bet. */
const summed: { name: string | undefined; sum: number } = { name: undefined, sum: 0 };

/** A quick sum of a name, for {@link Sieve}. */
function quickSum(name: string): number {
  if (summed.name === name) return summed.sum;
  let sum = 0x811c_9dc5;
  for (let at = 0; at < name.length; at += 1) {
    sum = Math.imul(sum ^ name.charCodeAt(at), 0x0100_0193);
  }
  summed.name = name;
  summed.sum = (sum ^ (sum >>> 15)) >>> 0;
  return summed.sum;
}

/**
 * Says of most names that no fact has them, which spares their hash: rules ask of every bet
 * whether it was resolved before.
 */
class Sieve {
  #bits = new Uint32Array(1 << 15);
  #room = (1 << 15) * 4;
  #added = 0;
  /** Sums so far, to sieve anew when the bits fill up. */
  #sums: Uint32Array[] = [];

  has(sum: number): boolean {
    const bit = sum % (this.#bits.length * 32);
    return (((this.#bits[bit >>> 5] as number) >>> (bit & 31)) & 1) === 1;
  }

  add(sum: number): void {
    if (this.#added >= this.#room) this.#grow();
    const bit = sum % (this.#bits.length * 32);
    this.#bits[bit >>> 5] = (this.#bits[bit >>> 5] as number) | (1 << (bit & 31));
    const at = this.#added % CHUNK;
    if (at === 0) this.#sums.push(new Uint32Array(CHUNK));
    (this.#sums.at(-1) as Uint32Array)[at] = sum;
    this.#added += 1;
  }

  #grow(): void {
    this.#bits = new Uint32Array(this.#bits.length * 4);
    this.#room *= 4;
    const size = this.#bits.length * 32;
    for (let index = 0; index < this.#added; index += 1) {
      const sum = this.#sums[Math.floor(index / CHUNK)]?.[index % CHUNK] as number;
      const bit = sum % size;
      this.#bits[bit >>> 5] = (this.#bits[bit >>> 5] as number) | (1 << (bit & 31));
    }
  }
}

const CHUNK = 1 << 14;

/** Facts with the record that made each. */
export class ClaimTable {
  #slots = SLOTS_AT_FIRST;
  #words = new Uint32Array(SLOTS_AT_FIRST * SLOT_WORDS);
  #size = 0;
  readonly #sieve = new Sieve();
  readonly #key = new Uint32Array(4);

  get size(): number {
    return this.#size;
  }

  /** Makes room for so many facts at once, before the first: growing moves all of them. */
  reserve(facts: number): void {
    if (this.#size > 0) return;
    const wanted = Math.min(facts, RESERVED_MAX) / LOAD_MAX;
    while (this.#slots < wanted) this.#slots *= 2;
    this.#words = new Uint32Array(this.#slots * SLOT_WORDS);
  }

  /** Seq of the record that made a fact. */
  find(fact: Fact, operator: string, source: string, name: string): number | undefined {
    if (!this.#sieve.has(quickSum(name))) return undefined;
    readFact(this.#key, fact, operator, source, name);
    return this.#seqAt(this.#find());
  }

  /** Makes a fact; answers the seq of an earlier record that made it, which then stays. */
  make(
    fact: Fact,
    operator: string,
    source: string,
    name: string,
    seq: number,
  ): number | undefined {
    if (this.#size >= this.#slots * LOAD_MAX) this.#grow();
    readFact(this.#key, fact, operator, source, name);
    const at = this.#find();
    const earlier = this.#seqAt(at);
    if (earlier !== undefined) return earlier;
    this.#sieve.add(quickSum(name));
    for (let word = 0; word < 4; word += 1) this.#words[at + word] = this.#key[word] as number;
    this.#words[at + 4] = seq;
    this.#words[at + 5] = fact;
    this.#size += 1;
    return undefined;
  }

  /** Seq of the record that made the fact with this hash; it counts as seen elsewhere from now. */
  mark(hash16: Uint8Array): number | undefined {
    readBytes(this.#key, hash16);
    const at = this.#find();
    const seq = this.#seqAt(at);
    if (seq !== undefined) this.#words[at + 5] = (this.#words[at + 5] as number) | MARKED;
    return seq;
  }

  /** Facts that were never marked, in no order. */
  *unmarked(): Generator<{ fact: Fact; seq: number }> {
    for (let at = 0; at < this.#words.length; at += SLOT_WORDS) {
      const seq = this.#words[at + 4] as number;
      const fact = this.#words[at + 5] as number;
      if (seq !== 0 && (fact & MARKED) === 0) yield { fact: fact as Fact, seq };
    }
  }

  #seqAt(at: number): number | undefined {
    const seq = this.#words[at + 4] as number;
    return seq === 0 ? undefined : seq;
  }

  /** Offset of the key's slot, or of the free one where it belongs. */
  #find(): number {
    const words = this.#words;
    const key = this.#key;
    // By index: taking a typed array apart goes through its iterator.
    const first = key[0] as number;
    const second = key[1] as number;
    const third = key[2] as number;
    const fourth = key[3] as number;
    let slot = first % this.#slots;
    for (;;) {
      const at = slot * SLOT_WORDS;
      if (words[at + 4] === 0) return at;
      if (
        words[at] === first &&
        words[at + 1] === second &&
        words[at + 2] === third &&
        words[at + 3] === fourth
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
      for (let word = 0; word < 4; word += 1) this.#key[word] = old[at + word] as number;
      const to = this.#find();
      for (let word = 0; word < SLOT_WORDS; word += 1) {
        this.#words[to + word] = old[at + word] as number;
      }
    }
  }
}

/** The first 16 bytes as four words. Byte by byte: a DataView per hash costs several times that. */
function readBytes(words: Uint32Array, bytes: Uint8Array): void {
  for (let index = 0; index < 4; index += 1) {
    const at = index * 4;
    const high = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    const low = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
    words[index] = (high << 16) | low;
  }
}

/** The same of a text with a character per byte. */
function readText(words: Uint32Array, text: string): void {
  for (let index = 0; index < 4; index += 1) {
    const at = index * 4;
    const high = (text.charCodeAt(at) << 8) | text.charCodeAt(at + 1);
    const low = (text.charCodeAt(at + 2) << 8) | text.charCodeAt(at + 3);
    words[index] = (high << 16) | low;
  }
}
