/**
 * A stored book as the verifier is given it, and what an audit answers.
 *
 * @module
 */
import type { DigestIdentity, DigestWallet } from "./digest.ts";
import type { StoredRecord } from "./entry.ts";
import type { Finding, Gap } from "./findings.ts";
import type { Bonus, Debt, Rules, Thing } from "./objects.ts";
import type { SigningKey } from "./note.ts";
import type { EpochStart } from "./replay.ts";
import type { Bet } from "./state.ts";
import type { CountedBet } from "./usage.ts";

/** The root that a commit noted. */
export interface CommittedRoot {
  readonly size: number;
  readonly root: Uint8Array;
}

/** A claim as a ledger keeps it. */
export interface StoredClaim {
  readonly hash: Uint8Array;
  readonly seq: number;
}

/** An identity as a ledger keeps it, with the record that bound it. */
export interface StoredIdentity extends DigestIdentity {
  readonly seq: number;
}

/** An epoch as a ledger keeps it. */
export interface StoredEpoch extends EpochStart {
  /** Null while the epoch is open. */
  readonly lastSeq: number | null;
}

/** Size and right edge of a tree as a source notes them. */
export interface StoredTree {
  readonly size: number;
  /** Roots of the perfect subtrees, largest first. */
  readonly edge: readonly Uint8Array[];
}

/** What is wrong with a store itself, whatever its records say. */
export interface StoreFault {
  readonly kind: "store_damaged" | "store_unguarded";
  readonly detail: string;
}

/**
 * A book as it is stored. Everything comes in rising order of seq, bounds included. What is missing
 * here isn't part of the source: the report says so.
 */
export interface StoredBook {
  /** Records from one seq to another; fewer when some are missing. */
  records(from: number, to: number): Iterable<StoredRecord>;
  roots?(from: number, to: number): Iterable<CommittedRoot>;
  identities?(from: number, to: number): Iterable<StoredIdentity>;
  /** All claims, in any order. */
  claims?(): Iterable<StoredClaim>;
  epochs?(): readonly StoredEpoch[];
  /** Edges that the source notes, in rising order of size. */
  edges?(): readonly StoredTree[];
  faults?(): Iterable<StoreFault>;
}

/** A part of a book: what it continues. */
export interface BookPart extends StoredTree {
  /** For people: which part it is. */
  readonly name: string;
}

/** An open bet as a projection keeps it; see `Bet` of `state.ts`. */
export type ProjectedBet = Bet;

/** What few players have, as a projection keeps it. */
export interface ProjectedExtras {
  readonly bonuses: readonly Bonus[];
  readonly debts: readonly Debt[];
  readonly rules: Rules | undefined;
  readonly usage: ProjectedUsage | undefined;
}

/** What a player has used up, as a projection counts it. */
export interface ProjectedUsage {
  /** By what is counted: amounts with their times. */
  readonly counters: readonly {
    readonly name: string;
    readonly entries: readonly { readonly at: number; readonly minor: bigint }[];
  }[];
  readonly bets: readonly CountedBet[];
  readonly sessionFrom: number;
  readonly sessionLast: number;
}

/** A player as a projection keeps it, its rows of money aside. */
export interface ProjectedPlayer {
  readonly ref: string;
  readonly operator: string;
  readonly status: number;
  readonly clientSeed: string;
  readonly seedPair: number;
  readonly nonce: number;
  readonly extras: ProjectedExtras | undefined;
}

/** An open round as a projection keeps it. */
export interface ProjectedRound {
  /** `operator NUL source NUL round`. */
  readonly key: string;
  readonly ref: string;
  readonly closing: boolean;
  /** Keys of its open bets. */
  readonly openBets: readonly string[];
}

/** Something that was derived from the records up to one seq. */
export interface Projection {
  /** For people: which file it is. */
  readonly name: string;
  readonly epoch: number;
  readonly seq: number;
  /** Root of the records' tree at that seq, when the projection keeps it. */
  readonly root?: Uint8Array;
  /** When the projection says that it was current, microseconds. */
  readonly notBefore?: number;
  /** In the order in which a player's rows were opened, where the projection keeps it. */
  wallets(): Iterable<DigestWallet & { readonly place?: number }>;
  identities(): Iterable<DigestIdentity>;
  players?(): Iterable<ProjectedPlayer>;
  bets?(): Iterable<ProjectedBet>;
  rounds?(): Iterable<ProjectedRound>;
  /** Withdrawals and deposits that aren't over, and velocity rules, each with its operator. */
  objects?(): Iterable<readonly [operator: string, object: Thing]>;
  /** `kind|qualifier|currency|operator` and the sum of its postings. */
  house?(): Iterable<readonly [key: string, minor: bigint]>;
}

/** Options of an audit. */
export interface AuditOptions {
  /** Ed25519 keys that sign checkpoints. Without any the audit is incomplete. */
  readonly publicKeys?: readonly SigningKey[] | undefined;
  /**
   * The source says where it begins and where it ends, so checkpoints elsewhere don't contradict
   * it. Unless it begins with the book, balances and facts before it are unknown.
   */
  readonly part?: BookPart | undefined;
  readonly projections?: readonly Projection[];
  /** Called now and then with the number of records read. */
  readonly onProgress?: ((records: number) => void) | undefined;
}

/** What an audit came to. */
export interface AuditReport {
  /** "ok" only when everything was checked and nothing is wrong. */
  readonly status: "ok" | "incomplete" | "failed";
  /** Seq of the last record. */
  readonly records: number;
  /** Seq of the first record that was read. */
  readonly from: number;
  readonly epoch: number;
  readonly players: number;
  readonly openBets: number;
  /** Records under a signed checkpoint that was verified. */
  readonly signed: number;
  readonly root: Uint8Array;
  /** First record first. */
  readonly findings: readonly Finding[];
  /** All findings, those not listed included. */
  readonly findingsCount: number;
  readonly gaps: readonly Gap[];
  /** What the source doesn't hold, so that nothing was said about it. */
  readonly notHeld: readonly string[];
  /** Facts worth knowing that are no faults. */
  readonly notes: readonly string[];
  /** Sums of the operators' accounts: `operator NUL kind NUL qualifier NUL currency`. */
  readonly house: ReadonlyMap<string, bigint>;
}
