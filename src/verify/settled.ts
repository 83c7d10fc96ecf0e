/**
 * Settled bets, house rounds and paid jackpots: what stands of them after corrections.
 *
 * Nearly all are bets of cash that nobody ever corrects, of which there are millions: they are kept
 * in columns of numbers. The others are objects.
 *
 * @module
 */
import type { Part, Stake } from "./state.ts";

/** A win and who pays which part of it. */
export interface Win {
  readonly minor: bigint;
  /** Part of the win that the pool pays. */
  readonly jackpot: bigint;
  readonly pool: string;
}

export const NO_WIN: Win = Object.freeze({ minor: 0n, jackpot: 0n, pool: "" });

const NO_PARTS: readonly Part[] = Object.freeze([]);
const NO_KEYS: readonly string[] = Object.freeze([]);

/** What stands of a settled bet. */
export interface Settled {
  readonly kind: "bet" | "house" | "jackpot";
  /** Number of its player. */
  readonly player: number;
  readonly currency: string;
  /** Sum of the round's name that the settlement gave, 0 when it gave none. */
  readonly round: number;
  readonly stake: Stake;
  /** Bonuses that the settlement changed. */
  readonly bonuses: readonly string[];
  win: Win;
  standing: "settled" | "taken" | "void";
  /** The record that made it stand so. */
  seq: number;
  corrections: number;
}

const CHUNK = 1 << 14;
/** Columns of numbers: seq, player, currency, round; the top bit of currency: a house round. */
const COLUMNS = 4;
const HOUSE = 0x8000_0000;

/** A sum of a round's name that tells rounds apart, never 0 but for no name. */
export function roundSum(name: string): number {
  if (name === "") return 0;
  let sum = 0x811c_9dc5;
  for (let at = 0; at < name.length; at += 1) {
    sum = Math.imul(sum ^ name.charCodeAt(at), 0x0100_0193);
  }
  return sum >>> 0 || 1;
}

/** Everything that was settled. */
export class SettledBook {
  readonly #numbers: Uint32Array[] = [];
  readonly #amounts: BigInt64Array[] = [];
  readonly #currencies: string[] = [];
  readonly #known = new Map<string, Settled>();
  #count = 0;

  /** A bet of cash alone, or a house round, that was settled with a win of cash. */
  addPlain(
    seq: number,
    player: number,
    currency: string,
    round: string,
    minor: bigint,
    win: bigint,
    isHouse: boolean,
  ): void {
    const at = this.#count % CHUNK;
    if (at === 0) {
      this.#numbers.push(new Uint32Array(CHUNK * COLUMNS));
      this.#amounts.push(new BigInt64Array(CHUNK * 2));
    }
    const numbers = this.#numbers.at(-1) as Uint32Array;
    const amounts = this.#amounts.at(-1) as BigInt64Array;
    let index = this.#currencies.indexOf(currency);
    if (index < 0) index = this.#currencies.push(currency) - 1;
    const from = at * COLUMNS;
    numbers[from] = seq;
    numbers[from + 1] = player;
    numbers[from + 2] = isHouse ? index | HOUSE : index;
    numbers[from + 3] = roundSum(round);
    amounts[at * 2] = minor;
    amounts[at * 2 + 1] = win;
    this.#count += 1;
  }

  /** Anything else. `txn` where a record settles several bets. */
  add(settled: Settled, txn?: string): void {
    this.#known.set(keyOf(settled.seq, txn), settled);
  }

  /** A resettlement pays the win of an earlier settlement: its name leads there, too. */
  alias(seq: number, settled: Settled): void {
    this.#known.set(keyOf(seq, undefined), settled);
  }

  /** What a record settled; of several bets, the one with this txn_id. */
  find(seq: number, txn: string): Settled | undefined {
    return this.#known.get(keyOf(seq, txn)) ?? this.bySeq(seq);
  }

  /** What a record settled, unless that was several bets. */
  bySeq(seq: number): Settled | undefined {
    const key = keyOf(seq, undefined);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const plain = this.#plain(seq);
    if (plain !== undefined) this.#known.set(key, plain);
    return plain;
  }

  #plain(seq: number): Settled | undefined {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#seqAt(middle) < seq) low = middle + 1;
      else high = middle;
    }
    if (low >= this.#count || this.#seqAt(low) !== seq) return undefined;
    const numbers = this.#numbers[Math.floor(low / CHUNK)] as Uint32Array;
    const amounts = this.#amounts[Math.floor(low / CHUNK)] as BigInt64Array;
    const at = low % CHUNK;
    const kind = numbers[at * COLUMNS + 2] as number;
    const isHouse = kind >= HOUSE;
    return {
      kind: isHouse ? "house" : "bet",
      player: numbers[at * COLUMNS + 1] as number,
      currency: this.#currencies[isHouse ? kind - HOUSE : kind] as string,
      round: numbers[at * COLUMNS + 3] as number,
      stake: { minor: amounts[at * 2] as bigint, parts: NO_PARTS, free: false },
      bonuses: NO_KEYS,
      win: { minor: amounts[at * 2 + 1] as bigint, jackpot: 0n, pool: "" },
      standing: "settled",
      seq,
      corrections: 0,
    };
  }

  #seqAt(index: number): number {
    const numbers = this.#numbers[Math.floor(index / CHUNK)] as Uint32Array;
    return numbers[(index % CHUNK) * COLUMNS] as number;
  }
}

function keyOf(seq: number, txn: string | undefined): string {
  return txn === undefined ? `${seq}` : `${seq}\0${txn}`;
}
