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
import type { Change } from "./objects.ts";
import type { Payload } from "./payloads.ts";

export type { Money } from "./money.ts";
export type * from "./payloads.ts";
export type * from "./payloads-cashier.ts";
export type * from "./payloads-player.ts";
export type * from "./payloads-wallet.ts";

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
  /** What the record leaves other objects as. */
  readonly changes?: readonly Change[] | undefined;
  readonly correction?: Correction | undefined;
  readonly houseRound?: HouseRoundResult | undefined;
}

/** What a correction mirrors. */
export interface Correction {
  /** The record that is corrected. */
  readonly of: number;
  /** How many of the postings, from the first, are the mirror. */
  readonly mirrored: number;
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
  /** A record by its seq, those of the same group included. Slow: it is read from the log. */
  record(seq: number): RecordedCommand | undefined;
}

/** A record as the rules see it. */
export interface RecordedCommand {
  readonly command: Command;
  readonly outcome: Outcome;
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
