/**
 * The state that commands are decided against, as an interface.
 *
 * {@link StateView} is what `decide` reads; {@link MutableState} is what `apply` changes. A
 * `LedgerState` is both, and a `Draft` is an overlay over one.
 *
 * @module
 */
import type { LedgerObject, PlayerExtras, VelocityRule } from "./objects.ts";
import type { IdentityKey } from "./types.ts";

/** Standing of a player; numbers are those of the contract's `PlayerStatus`. */
export const PlayerStatus = { ACTIVE: 1, BLOCKED: 2, CLOSED: 3 } as const;
export type PlayerStatus = (typeof PlayerStatus)[keyof typeof PlayerStatus];

/**
 * What a stake was taken from, so that it returns there: cash alone, bonus money and perhaps some
 * cash, or the allowance of free bets. Numbers are those of the contract's `Funding`.
 */
export const Funding = { CASH: 1, BONUS: 2, FREE: 3 } as const;
export type Funding = (typeof Funding)[keyof typeof Funding];

/** One wallet row: a player's balances in one currency. */
export interface Account {
  readonly currency: string;
  readonly available: bigint;
  readonly bonus: bigint;
  /** Stakes of open rounds and pending withdrawals. */
  readonly held: bigint;
  /** Number of records that changed the row, from 1. */
  readonly version: number;
  /** The record that last changed the row. */
  readonly seq: number;
}

/** A registered player with its accounts, one per currency in the order they were opened. */
export interface Player {
  readonly ref: string;
  readonly operatorId: string;
  readonly status: PlayerStatus;
  readonly clientSeed: string;
  readonly seedPair: number;
  /** House rounds played on this seed pair; the next round's nonce. */
  readonly nonce: number;
  readonly accounts: readonly Account[];
  /** What few players have. */
  readonly extras?: PlayerExtras | undefined;
}

/** What a stake took from one bonus: its money, or its allowance of free bets. */
export interface BonusPart {
  readonly bonus: string;
  readonly minor: bigint;
}

/** A bet that is neither settled nor rolled back. */
export interface OpenBet {
  /** See `betKey`. */
  readonly key: string;
  readonly ref: string;
  readonly roundKey: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly funding: Funding;
  /** What came from bonuses; the rest is cash. Absent when everything is. */
  readonly parts?: readonly BonusPart[] | undefined;
}

/** A round that isn't closed. */
export interface OpenRound {
  /** See `roundKey`. */
  readonly key: string;
  readonly ref: string;
  /** It takes no more bets and closes with its last open one. */
  readonly closing: boolean;
  /** Keys of its open bets. */
  readonly openBets: readonly string[];
}

/** The record that the state stands at; all zero before the first. */
export interface Head {
  readonly seq: number;
  readonly epoch: number;
  readonly recordedAt: number;
}

/** What decisions read. */
export interface StateView {
  head(): Head;
  player(ref: string): Player | undefined;
  account(ref: string, currency: string): Account | undefined;
  identity(key: IdentityKey): string | undefined;
  bet(key: string): OpenBet | undefined;
  round(key: string): OpenRound | undefined;
  /** See `objectKey`. */
  object(key: string): LedgerObject | undefined;
  /** The velocity rules of an operator. */
  velocityRules(operatorId: string): readonly VelocityRule[];
  /** Sum of the postings to an operator's account; see `houseKey`. Not bounded to int64. */
  house(key: string): bigint;
}

/** An account that may be changed. */
export type MutableAccount = { -readonly [K in keyof Account]: Account[K] };

/** A player that may be changed. */
export interface MutablePlayer {
  readonly ref: string;
  readonly operatorId: string;
  status: PlayerStatus;
  clientSeed: string;
  seedPair: number;
  nonce: number;
  readonly accounts: MutableAccount[];
  /** Replaced as a whole. */
  extras?: PlayerExtras | undefined;
}

/** What records are applied to. */
export interface MutableState extends StateView {
  setHead(seq: number, epoch: number, recordedAt: number): void;
  /** The player, to be changed in place. */
  edit(ref: string): MutablePlayer | undefined;
  /** Adds a player, or replaces everything about a known one. */
  putPlayer(player: MutablePlayer): void;
  bindIdentity(key: IdentityKey, ref: string): void;
  putBet(bet: OpenBet): void;
  dropBet(key: string): void;
  putRound(round: OpenRound): void;
  dropRound(key: string): void;
  putObject(key: string, object: LedgerObject): void;
  dropObject(key: string): void;
  addToHouse(key: string, minor: bigint): void;
}
