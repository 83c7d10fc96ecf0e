/**
 * Where random commands come from: chance by seed, names with whatever may be in names, amounts at
 * the edges, and things that are there in the model, by the state in which they are.
 */
import type { Command, IdentityKey, Payload } from "../../src/ledger/index.ts";
import { command, type CommandInit, person, refOf } from "./book.ts";
import { standingOf } from "./model-corrections.ts";
import type { Model } from "./model.ts";
import { MAX, type Play } from "./model-world.ts";

export interface Sent {
  readonly command: Command;
  readonly identity: IdentityKey | undefined;
}

/** A sequence of numbers that its seed decides (mulberry32). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** From 0 to n - 1. */
  upTo(n: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * n);
  }

  /** In so many of a hundred cases. */
  in(percent: number): boolean {
    return this.upTo(100) < percent;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.upTo(list.length)]!;
  }
}

/** Ends of names: separators, what looks like nothing, other alphabets, pairs of units. */
const TAILS = [
  "",
  "",
  "",
  "|",
  ":",
  '"',
  "\\",
  " ",
  "/a",
  "\u0001",
  "ß",
  "ж",
  "\u2028",
  "🎲",
  "\u200d",
];
const OPERATORS = ["demo", "o|2"];
const SOURCES = ["api", "api", "api", "bot:1"];
export const CURRENCIES = ["FUN", "FUN", "EUR", "EUR", "EUR", "TON"] as const;
/** Players of a scene: the third is rich, the fifth and sixth may do less and less. */
export const PLAYERS = { demo: [1, 2, 3, 4, 5, 6], "o|2": [7] } as Record<string, number[]>;

export type BetState = "unseen" | Exclude<Play["state"], "settled"> | "settled" | "taken" | "gone";

export class Caller {
  readonly world: Model;
  readonly chance: Chance;
  /** Number of the step, for names that nobody has had. */
  n = 0;
  /** How many of a hundred players named are nobody. */
  strangers = 5;

  constructor(world: Model, seed: number) {
    this.world = world;
    this.chance = new Chance(seed);
  }

  fresh(kind: string): string {
    this.n += 1;
    return `${kind}${this.n}${this.chance.pick(TAILS)}`;
  }

  /** A name that isn't one. */
  #broken(): string {
    return this.chance.pick(["a\0b", "x".repeat(129), "\0"]);
  }

  operator(): string {
    return this.chance.in(92) ? OPERATORS[0]! : OPERATORS[1]!;
  }

  source(): string {
    return this.chance.pick(SOURCES);
  }

  player(operator: string): string {
    const { chance } = this;
    if (chance.in(this.strangers)) return refOf(99);
    return refOf(chance.pick(PLAYERS[chance.in(97) ? operator : OPERATORS[1]!]!));
  }

  /** Perhaps not the right one, perhaps nobody. */
  other(operator: string): string {
    return this.chance.in(35) ? refOf(99) : this.player(operator);
  }

  currency(): string {
    return this.chance.in(1) ? this.chance.pick(["XYZ", "eur", ""]) : this.chance.pick(CURRENCIES);
  }

  /** Small, at an edge or beside it, huge, and seldom no amount at all. */
  much(...edges: readonly (bigint | undefined)[]): bigint {
    const { chance } = this;
    const roll = chance.upTo(100);
    const known = edges.filter((edge): edge is bigint => edge !== undefined && edge > 0n);
    if (roll < 42 && known.length > 0) {
      const near = chance.pick(known) + chance.pick([0n, 0n, 0n, 1n, -1n, 8n, -8n]);
      return near > 0n && near <= MAX ? near : 1n;
    }
    if (roll < 94) return BigInt(1 + chance.upTo(chance.in(70) ? 20 : 1000));
    if (roll < 99) {
      const power = 2n ** BigInt(chance.pick([31, 32, 53, 62, 63, 1 + chance.upTo(63)]));
      const huge = power + chance.pick([0n, 1n, -1n, 8n, -8n]);
      return huge > MAX || huge < 1n ? MAX : huge;
    }
    return chance.pick([0n, -1n, MAX + 1n]);
  }

  /** The same, but the amount is one. */
  most(...edges: readonly (bigint | undefined)[]): bigint {
    const much = this.much(...edges);
    return much < 1n || much > MAX ? 1n : much;
  }

  /** Time from now, microseconds; 0 is none. */
  end(): number {
    const { chance } = this;
    if (chance.in(40)) return 0;
    const spans = [100, 1_000_000, 60_000_000, 86_400_000_000];
    const soon = chance.pick([-1, 0, 1, 2, 3, 5, 9, 20, ...spans, ...spans, ...spans]);
    return this.world.now + soon;
  }

  /** How far the clock goes on: from a microsecond to months, or just to where something ends. */
  wait(): number {
    const { chance, world } = this;
    const ends = [
      ...[...world.holds.values()].map(({ expiresAt }) => expiresAt),
      ...world.standing(refOf(1)).map(({ expiresAt }) => expiresAt),
      ...[...world.rules.values()].flatMap(({ timeOutUntil, exclusionEndsAt, limits }) => {
        return [timeOutUntil, exclusionEndsAt, ...limits.map(({ pendingAt }) => pendingAt)];
      }),
    ].filter((end) => end > world.now);
    if (ends.length > 0 && chance.in(50)) {
      return Math.max(0, chance.pick(ends) - world.now + chance.pick([-1, 0, 0, 1]));
    }
    const [second, day] = [1_000_000, 86_400_000_000];
    const spans = [1, 7, 999, second, 60 * second, 899 * second, 900 * second, 901 * second];
    return chance.pick([...spans, ...spans, day - 1, day, day + 1, 7 * day, 30 * day, 100 * day]);
  }

  /** In which state a bet is, as the rules tell states apart. */
  stateOf(key: string): BetState {
    const play = this.world.plays.get(key);
    if (play?.state !== "settled") return play?.state ?? "unseen";
    const { as } = standingOf(this.world, key);
    return as === "void" ? "gone" : as;
  }

  /** Key and play in a state that chance picks first, so that rare ones are met. */
  play(operator: string, only?: Play["kind"]): [string, Play] | undefined {
    const all = [...this.world.plays].filter(([key, { kind }]) => {
      return (JSON.parse(key) as string[])[1] === operator && (only ?? kind) === kind;
    });
    if (all.length === 0) return undefined;
    const states = [...new Set(all.map(([key]) => this.stateOf(key)))];
    const state = this.chance.in(30) ? "open" : this.chance.pick(states);
    const those = all.filter(([key]) => this.stateOf(key) === state);
    return this.chance.pick(those.length > 0 ? those : all);
  }

  /** A txn_id: none, new, another's, or one that was taken back before it came. */
  txn(operator: string, source: string): string {
    const { chance, world } = this;
    const roll = chance.upTo(100);
    if (roll < 45) return "";
    if (roll < 78) return this.fresh("m");
    if (roll > 98) return this.#broken();
    const isHere = (key: string): boolean => {
      const parts = JSON.parse(key) as string[];
      return parts.at(-3) === operator && parts.at(-2) === source;
    };
    const lost = [...world.takenWins].filter((key) => isHere(key) && !world.txns.has(key));
    const known = roll < 88 ? lost : [...world.txns.keys(), ...world.plays.keys()].filter(isHere);
    if (known.length === 0) return this.fresh("m");
    return (JSON.parse(chance.pick(known)) as string[]).at(-1)!;
  }

  /** Completes a command under a key of its own. */
  sent(init: CommandInit, identity?: IdentityKey): Sent {
    const key = this.fresh("k");
    return { command: command({ source: "api", idempotencyKey: key, ...init }), identity };
  }

  /** A command about a player, who is named by reference, by identity, or by both. */
  about(operatorId: string, ref: string, payload: Payload, rest: Partial<Command> = {}): Sent {
    const { chance } = this;
    const init = { operatorId, source: this.source(), ...rest, payload };
    const roll = chance.upTo(100);
    if (roll < 92) return this.sent({ ...init, playerRef: ref });
    const identity = person(chance.pick(["a", "b", "z"]), operatorId);
    if (roll < 96) return this.sent(init, identity);
    return roll < 98 ? this.sent({ ...init, playerRef: ref }, identity) : this.sent(init);
  }
}
