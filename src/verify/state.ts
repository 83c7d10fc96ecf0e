/**
 * What the records have added up to so far, as the verifier derives it for itself.
 *
 * @module
 */
import { PlayerStatus } from "../wire/gen/countroom/v1/event_facts_pb.ts";
import type { BonusStage } from "../wire/gen/countroom/v1/object_pb.ts";
import { ClaimTable, type Fact } from "./claim-table.ts";
import type { Bonus, Deposit, Hold, Rules, Velocity } from "./objects.ts";
import { SettledBook } from "./settled.ts";
import type { Usage } from "./usage.ts";

/** A player's row in one currency. */
export interface Row {
  readonly currency: string;
  available: bigint;
  bonus: bigint;
  held: bigint;
  version: number;
  seq: number;
}

/** The last house round of a player: within an epoch a pair of seeds has one server seed. */
export interface LastDraw {
  readonly pair: number;
  readonly seq: number;
  readonly epoch: number;
  readonly serverSeedHash: Uint8Array;
}

/** What few players have. */
export interface Extras {
  /** Those that haven't ended, in the order in which they were granted. */
  bonuses: readonly Bonus[];
  /** Above zero, by currency. */
  readonly debts: Map<string, bigint>;
  rules: Rules | undefined;
  usage: Usage | undefined;
}

/** A registered player. */
export interface Player {
  readonly ref: string;
  readonly operator: string;
  /** Number of the player, from 0. */
  readonly index: number;
  readonly rows: Row[];
  status: PlayerStatus;
  /** What the next house round is drawn from, beside the server seed. */
  seedPair: number;
  nonce: number;
  clientSeed: string;
  draw: LastDraw | undefined;
  extras: Extras | undefined;
}

/** What a stake took from one bonus: its money, or its allowance of free bets. */
export interface Part {
  readonly bonus: string;
  readonly minor: bigint;
}

/** A stake and where it came from. */
export interface Stake {
  readonly minor: bigint;
  /** In spend order; the rest is cash. */
  readonly parts: readonly Part[];
  /** The parts are an allowance of free bets. */
  readonly free: boolean;
}

/** A bet that is neither settled nor undone. */
export interface Bet extends Stake {
  readonly key: string;
  readonly ref: string;
  readonly round: string;
  readonly currency: string;
}

/** A round with open bets. */
export interface Round {
  readonly ref: string;
  /** Takes no more bets; closes with its last open one. */
  closing: boolean;
  /** Keys of its open bets. */
  bets: string[];
}

/** A bonus that was granted, for ever. */
export interface Granted {
  readonly ref: string;
  readonly stage: BonusStage;
  readonly conversionMax: bigint;
}

/** The pair of seeds that a player begins with. */
const FIRST_SEED_PAIR = 1;

/** The operators of records, by the records at which they change. */
class Owners {
  readonly #from: number[] = [];
  readonly #operators: string[] = [];

  add(seq: number, operator: string): void {
    if (this.#operators.at(-1) === operator) return;
    this.#from.push(seq);
    this.#operators.push(operator);
  }

  of(seq: number): string | undefined {
    let low = 0;
    let high = this.#from.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#from[middle] as number) <= seq) low = middle + 1;
      else high = middle;
    }
    return this.#operators[low - 1];
  }
}

/** Everything derived so far. */
export class DerivedState {
  readonly players = new Map<string, Player>();
  /** The same by their numbers. */
  readonly numbered: Player[] = [];
  readonly bets = new Map<string, Bet>();
  readonly rounds = new Map<string, Round>();
  readonly claims = new ClaimTable();
  /** Accounts of the operators: `operator NUL kind NUL qualifier NUL currency`. */
  readonly house = new Map<string, bigint>();
  /** Objects by `operator NUL key`, those that are over included. */
  readonly holds = new Map<string, Hold>();
  readonly deposits = new Map<string, Deposit>();
  readonly bonuses = new Map<string, Granted>();
  /** By operator. */
  readonly velocity = new Map<string, readonly Velocity[]>();
  /** Bets that are settled. */
  readonly settled = new SettledBook();
  /** Records that made bets void before they were settled. */
  readonly voids = new Set<number>();
  /** Whose each record is. */
  readonly owners = new Owners();
  /** Rows of all players. */
  rowCount = 0;

  row(ref: string, currency: string): Row | undefined {
    const player = this.players.get(ref);
    return player === undefined ? undefined : rowOf(player, currency);
  }

  /** The player's row, opened when it is missing. */
  openRow(player: Player, currency: string): Row {
    const known = rowOf(player, currency);
    if (known !== undefined) return known;
    const row: Row = { currency, available: 0n, bonus: 0n, held: 0n, version: 0, seq: 0 };
    player.rows.push(row);
    this.rowCount += 1;
    return row;
  }

  addPlayer(ref: string, operator: string): Player {
    const player: Player = {
      ref,
      operator,
      index: this.players.size,
      rows: [],
      status: PlayerStatus.ACTIVE,
      seedPair: FIRST_SEED_PAIR,
      nonce: 0,
      // Before the player chooses another one.
      clientSeed: ref,
      draw: undefined,
      extras: undefined,
    };
    this.players.set(ref, player);
    this.numbered.push(player);
    return player;
  }

  /** Seq of the record that made a fact of an operator's source. */
  made(fact: Fact, operator: string, source: string, name: string): number | undefined {
    return this.claims.find(fact, operator, source, name);
  }

  /** Sum of the postings to an operator's account. */
  houseSum(operator: string, account: number, qualifier: string, currency: string): bigint {
    return this.house.get(`${operator}\0${account}\0${qualifier}\0${currency}`) ?? 0n;
  }
}

export function rowOf({ rows }: Player, currency: string): Row | undefined {
  for (const row of rows) if (row.currency === currency) return row;
  return undefined;
}

/** Cash that a player may use. */
export function cashOf(player: Player, currency: string): bigint {
  return rowOf(player, currency)?.available ?? 0n;
}

/** The player's extras, made when they are missing. */
export function extrasOf(player: Player): Extras {
  return (player.extras ??= {
    bonuses: [],
    debts: new Map(),
    rules: undefined,
    usage: undefined,
  });
}

const NO_BONUSES: readonly Bonus[] = Object.freeze([]);

/** Bonuses that haven't ended. */
export function bonusesOf({ extras }: Player): readonly Bonus[] {
  return extras === undefined ? NO_BONUSES : extras.bonuses;
}

const I64_MAX = 2n ** 63n - 1n;

/** Whether a player's money in a currency stays within 63 bits after growing. */
export function fits(player: Player, currency: string, growth: bigint): boolean {
  const row = rowOf(player, currency);
  const now = row === undefined ? 0n : row.available + row.bonus + row.held;
  return now + growth <= I64_MAX;
}

/** The keys made last: a record asks for its own several times, and a new one must be hashed. */
const latest = [
  { operator: "", source: "", name: "", key: "\0\0" },
  { operator: "", source: "", name: "", key: "\0\0" },
] as const;
let oldest: 0 | 1 = 0;

/** Key of a bet or a round: validated names hold no NUL. */
export function sourceKey(operator: string, source: string, name: string): string {
  for (const one of latest) {
    if (one.name === name && one.source === source && one.operator === operator) return one.key;
  }
  const slot: { -readonly [K in keyof (typeof latest)[0]]: string } = latest[oldest];
  oldest = oldest === 0 ? 1 : 0;
  slot.operator = operator;
  slot.source = source;
  slot.name = name;
  return (slot.key = `${operator}\0${source}\0${name}`);
}

/** The name in such a key. */
export function nameIn(key: string): string {
  return key.slice(key.lastIndexOf("\0") + 1);
}

/** The source in such a key. */
export function sourceIn(key: string): string {
  return key.slice(key.indexOf("\0") + 1, key.lastIndexOf("\0"));
}
