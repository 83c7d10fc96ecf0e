/**
 * What the model knows: plain lists and maps in which nothing is ever forgotten, and entries that
 * are never changed in place, so that a model can be forked cheaply.
 */
import {
  AccountKind,
  type Bonus,
  BonusStage,
  Code,
  type Command,
  type Deposit,
  type Funding,
  type Hold,
  type IdentityKey,
  type PlayerRules,
  type PlayerStatus,
  type VelocityRule,
} from "../../src/ledger/index.ts";
import { EPOCH_US } from "./book.ts";
import type { Deed } from "./model-deed.ts";

export const MAX = 2n ** 63n - 1n;

/** Texts as one: no separator can be mistaken. */
export function id(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}

export interface Row {
  readonly currency: string;
  readonly available: bigint;
  readonly bonus: bigint;
  readonly held: bigint;
  readonly version: number;
}

export interface Person {
  readonly operator: string;
  readonly status: PlayerStatus;
  readonly clientSeed: string;
  readonly seedPair: number;
  readonly nonce: number;
}

/** What a stake was made of; the rest of the amount is cash. */
export interface Stake {
  readonly amount: bigint;
  readonly funding: Funding;
  readonly parts: readonly { readonly bonus: string; readonly minor: bigint }[];
}

export interface Win {
  readonly minor: bigint;
  readonly jackpot: bigint;
  readonly pool: string;
}

/** A bet, a house round, or a jackpot that was won. */
export interface Play {
  readonly kind: "bet" | "house_round" | "jackpot";
  /** Void: while it was open. What is settled stays so, whatever corrects it. */
  readonly state: "open" | "settled" | "rolled back" | "tombstoned" | "void";
  readonly ref: string;
  /** Key of a bet's round. */
  readonly round: string;
  readonly currency: string;
  readonly stake: Stake;
  readonly win: Win;
  /** Of the record that settled it: its seq, the round it named, the bonuses it changed. */
  readonly seq: number;
  readonly roundId: string;
  readonly bonuses: readonly string[];
}

/** An accepted record, as far as later ones ask. */
export interface Entry {
  readonly seq: number;
  readonly at: number;
  readonly ref: string;
  readonly command: Command;
  /** By currency: cash taken; and cash gained less what is owed more. */
  readonly taken: ReadonlyMap<string, bigint>;
  readonly gained: ReadonlyMap<string, bigint>;
  /** Bets that got their stakes back by it. */
  readonly returned: readonly string[];
  /** What it corrects, and what that is from here on. */
  readonly corrects: { readonly play: string; readonly to: "void" | "taken" | Win } | undefined;
  /** Names of what the operator's velocity rules counted then. */
  readonly velocity: readonly string[];
}

/** A movement that isn't a bet; `play` is what it paid the win of. */
export interface Movement {
  readonly play: string | undefined;
}

export class World {
  readonly players: Map<string, Person>;
  /** By player and currency, in the order in which they were opened. */
  readonly rows: Map<string, Row>;
  readonly identities: Map<string, string>;
  readonly plays: Map<string, Play>;
  /** Rounds with open bets. */
  readonly rounds: Map<string, { readonly ref: string; readonly closing: boolean }>;
  readonly closed: Set<string>;
  readonly txns: Map<string, Movement>;
  readonly takenWins: Set<string>;
  readonly holds: Map<string, Hold>;
  readonly deposits: Map<string, Deposit>;
  readonly bonuses: Map<string, Bonus>;
  readonly debts: Map<string, bigint>;
  readonly rules: Map<string, PlayerRules>;
  readonly velocity: Map<string, VelocityRule>;
  /** The record after which something of a player is counted. */
  readonly countedSince: Map<string, number>;
  readonly house: Map<string, bigint>;
  readonly log: Entry[];
  /** Operators of all records. */
  readonly records: string[];
  minted = 0;
  ceiling = MAX;
  laterUs = 0;

  constructor(from?: World) {
    this.players = new Map(from?.players);
    this.rows = new Map(from?.rows);
    this.identities = new Map(from?.identities);
    this.plays = new Map(from?.plays);
    this.rounds = new Map(from?.rounds);
    this.closed = new Set(from?.closed);
    this.txns = new Map(from?.txns);
    this.takenWins = new Set(from?.takenWins);
    this.holds = new Map(from?.holds);
    this.deposits = new Map(from?.deposits);
    this.bonuses = new Map(from?.bonuses);
    this.debts = new Map(from?.debts);
    this.rules = new Map(from?.rules);
    this.velocity = new Map(from?.velocity);
    this.countedSince = new Map(from?.countedSince);
    this.house = new Map(from?.house);
    this.log = [...(from?.log ?? [])];
    this.records = [...(from?.records ?? [])];
    if (from === undefined) return;
    ({ minted: this.minted, ceiling: this.ceiling, laterUs: this.laterUs } = from);
  }

  /** Seq and time of the record in the making. */
  get seq(): number {
    return this.records.length + 1;
  }

  get now(): number {
    return EPOCH_US + this.laterUs + this.seq;
  }

  row(ref: string, currency: string): Row {
    const none = { currency, available: 0n, bonus: 0n, held: 0n, version: 0 };
    return this.rows.get(id(ref, currency)) ?? none;
  }

  /** Whether so much more fits the player's account. */
  fits(ref: string, currency: string, more: bigint): boolean {
    const { available, bonus, held } = this.row(ref, currency);
    return available + bonus + held + more <= MAX;
  }

  rowsOf(ref: string): Row[] {
    return [...this.rows]
      .filter(([key]) => (JSON.parse(key) as string[])[0] === ref)
      .map(([, row]) => row);
  }

  owed(ref: string, currency: string): bigint {
    return this.debts.get(id(ref, currency)) ?? 0n;
  }

  sum(operator: string, kind: keyof typeof AccountKind, qualifier: string, currency: string) {
    return this.house.get(id(operator, kind, qualifier, currency)) ?? 0n;
  }

  openBets(round: string): [string, Play][] {
    return [...this.plays].filter(([, play]) => play.round === round && play.state === "open");
  }

  /** A player's bonuses that haven't ended, by who gives first. */
  standing(ref: string, currency?: string): Bonus[] {
    const last = (bonus: Bonus): number => (bonus.expiresAt === 0 ? Infinity : bonus.expiresAt);
    return [...this.bonuses.values()]
      .filter((bonus) => bonus.ref === ref && bonus.stage === BonusStage.ACTIVE)
      .filter((bonus) => currency === undefined || bonus.currency === currency)
      .sort((one, other) => last(one) - last(other) || one.grantedSeq - other.grantedSeq);
  }

  /** The player that a command names, undefined when it names none. */
  named({ playerRef, operatorId }: Command, identity: IdentityKey | undefined): string | undefined {
    if (playerRef === "" && identity === undefined) return undefined;
    const bound = identity === undefined ? undefined : this.identities.get(identity);
    const ref = playerRef === "" ? bound : playerRef;
    const isOther = bound !== undefined && bound !== ref;
    if (ref === undefined || isOther || this.players.get(ref)?.operator !== operatorId) {
      throw new No(Code.PLAYER_UNKNOWN, playerRef, "-");
    }
    return ref;
  }

  /** Takes what a record does: rows, accounts, objects. */
  take(command: Command, deed: Deed): void {
    const { operatorId } = command;
    for (const currency of deed.touched) {
      const row = this.row(deed.ref, currency);
      this.rows.set(id(deed.ref, currency), {
        currency,
        available: row.available + deed.net("PLAYER_CASH", currency),
        bonus: row.bonus + deed.net("PLAYER_BONUS", currency),
        held:
          row.held +
          deed.net("ROUND_ESCROW", currency) +
          deed.net("PLAYER_WITHDRAWAL_PENDING", currency),
        version: row.version + 1,
      });
    }
    for (const { kind, qualifier, currency, minor } of deed.lines.values()) {
      if (AccountKind[kind] <= AccountKind.ROUND_ESCROW) continue;
      const key = id(operatorId, kind, qualifier, currency);
      this.house.set(key, (this.house.get(key) ?? 0n) + minor);
    }
    for (const change of deed.changes()) {
      if (change.object === "rules") this.rules.set(change.ref, change);
      else if (change.object === "debt") {
        this.debts.set(id(change.ref, change.currency), change.owed);
      } else if (change.object === "hold") this.holds.set(id(operatorId, change.key), change);
      else if (change.object === "deposit") {
        this.deposits.set(id(operatorId, change.key), change);
      } else if (change.object === "bonus") this.bonuses.set(id(operatorId, change.key), change);
      else this.velocity.set(id(operatorId, change.key), change);
    }
  }
}

/** A refusal, or an acceptance without effect; `currency` "" tells all of the player's rows. */
export class No {
  readonly code: Code;
  readonly ref: string;
  readonly currency: string;

  constructor(code: Code, ref: string, currency: string) {
    this.code = code;
    this.ref = ref;
    this.currency = currency;
  }
}

/** Keys of what callers name. */
export function betKey({ operatorId, source }: Command, txnId: string, of = source): string {
  return id("bet", operatorId, of, txnId);
}

export function ownKey({ operatorId, source }: Command, txnId: string, of = source): string {
  return id("own", operatorId, of, txnId);
}

export function roundKey({ operatorId, source }: Command, roundId: string, of = source): string {
  return id(operatorId, of, roundId);
}

export function txnKey({ operatorId, source, txnId }: Command): string {
  return id(operatorId, source, txnId);
}
