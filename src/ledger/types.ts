/**
 * What goes into the rules and what comes out of them.
 *
 * Amounts are `bigint` minor units; seq, epoch, versions and times (microseconds since 1970) are
 * safe integers.
 *
 * @module
 */
import type { AccountKind } from "./accounts.ts";
import type { ClaimKind } from "./claims.ts";
import type { Code } from "./codes.ts";

/** An amount in minor units of its currency. */
export interface Money {
  readonly minor: bigint;
  readonly currency: string;
}

/** A player joins; the primary mints the reference. */
export interface PlayerRegistered {
  readonly type: "player_registered";
}

/** Money arrived from a payment rail. Play money (FUN) comes by the rail "play", or "". */
export interface DepositCaptured {
  readonly type: "deposit_captured";
  readonly amount: Money;
  readonly rail: string;
  readonly externalId: string;
}

/** A stake moves into the escrow of the command's round. */
export interface BetPlaced {
  readonly type: "bet_placed";
  readonly amount: Money;
  readonly closesRound: boolean;
}

/** One open bet is resolved; a win of zero is a loss. */
export interface RoundSettled {
  readonly type: "round_settled";
  readonly betTxnId: string;
  readonly win: Money;
  readonly closesRound: boolean;
}

/** One bet is undone, also before it arrives. */
export interface BetRolledBack {
  readonly type: "bet_rolled_back";
  readonly betTxnId: string;
}

/** Dice from 0.00 to 100.00; wins strictly over (or under) the target. */
export interface DiceBet {
  readonly type: "dice";
  readonly targetX100: number;
  readonly over: boolean;
}

/** Stake, outcome and settlement of a house game in one record. */
export interface HouseRound {
  readonly type: "house_round";
  readonly stake: Money;
  readonly game: DiceBet;
}

/** First record of an epoch, written by the primary itself. */
export interface EpochStarted {
  readonly type: "epoch_started";
  readonly reign: string;
  readonly previousEpoch: number;
  readonly previousSize: number;
  readonly previousRoot: Uint8Array;
  readonly reason: string;
}

/** What an event asks for. The types are the names of the contract's oneof fields. */
export type Payload =
  | PlayerRegistered
  | DepositCaptured
  | BetPlaced
  | RoundSettled
  | BetRolledBack
  | HouseRound
  | EpochStarted;

/** Name of an event type. */
export type PayloadType = Payload["type"];

/**
 * One event as the rules see it. Operator and source come from the caller's credential; a field
 * that the event doesn't carry is "".
 */
export interface Command {
  readonly operatorId: string;
  readonly source: string;
  readonly idempotencyKey: string;
  readonly playerRef: string;
  readonly roundId: string;
  readonly txnId: string;
  readonly gameId: string;
  readonly payload: Payload;
}

/** `operator NUL key id NUL lower-case hex of the keyed hash`; see {@link identityKey}. */
export type IdentityKey = string & { readonly __identityKey?: never };

/** One line of a double entry: positive credits, negative debits. */
export interface Posting {
  readonly account: AccountKind;
  /** Rail, pool, provider or network; "" where the kind has none. */
  readonly qualifier: string;
  readonly minor: bigint;
  readonly currency: string;
}

/** A player's balances in one currency. */
export interface Balance {
  readonly currency: string;
  readonly available: bigint;
  readonly bonus: bigint;
  readonly held: bigint;
  /** Number of records that changed the row, from 1. */
  readonly version: number;
}

/** What happened in a house round, enough to check it once the server seed is revealed. */
export interface HouseRoundResult {
  readonly serverSeedHash: Uint8Array;
  readonly clientSeed: string;
  readonly seedPair: number;
  readonly nonce: number;
  readonly fairVersion: number;
  readonly rollX100: number;
  readonly multiplierX100: number;
  readonly win: bigint;
}

/** What was decided about one command. */
export interface Outcome {
  /** Global, gap-free, from 1. */
  readonly seq: number;
  readonly epoch: number;
  readonly recordedAt: number;
  readonly code: Code;
  readonly operatorId: string;
  readonly source: string;
  /** The resolved player; the command's own text when it is unknown; "" when there is none. */
  readonly playerRef: string;
  readonly logicVersion: number;
  readonly postings: readonly Posting[];
  /** The player's balances after this record in the currencies it concerns; rows that exist. */
  readonly balances: readonly Balance[];
  /** The record's round is closed from here on. */
  readonly roundClosed: boolean;
  readonly houseRound?: HouseRoundResult;
}

/** A fact that may happen once, for ever. */
export interface Claim {
  readonly kind: ClaimKind;
  /** 16 bytes. */
  readonly hash: Uint8Array;
}

/** Claims made so far, those of earlier commands of the same group included. */
export interface Facts {
  /** Seq of the record that made the claim. */
  claimed(hash: Uint8Array): number | undefined;
}

/** What {@link decide} takes from outside. */
export interface Context {
  readonly epoch: number;
  readonly recordedAt: number;
  readonly seq: number;
  /** Names the player instead of the command's playerRef; bound to it by a registration. */
  readonly identity?: IdentityKey | undefined;
  /** Largest win that the caller's credential may pay, in minor units. */
  winCeiling(currency: string): bigint;
  /** Registered payment rails. */
  readonly rails: ReadonlySet<string>;
  /** A new UUIDv7 in canonical text. */
  mintPlayerRef(): string;
  /** 64 lower-case hex digits; used as text. */
  serverSeed(operatorId: string, playerRef: string, epoch: number, seedPair: number): string;
  readonly facts: Facts;
  /** Hash of the command's key claim, when the caller has already computed it. */
  readonly keyHash?: Uint8Array | undefined;
}

/** What {@link decide} returns: one record in the making. */
export interface Decision {
  readonly outcome: Outcome;
  /** The key claim first. */
  readonly claims: readonly Claim[];
  /** The record binds the context's identity to its player. */
  readonly bindsIdentity: boolean;
}

/** Why a command can't become a record. */
export interface Fault {
  readonly code: Code;
  /** Path of the field as in the contract, such as "bet_placed.amount.minor". */
  readonly field: string;
}
