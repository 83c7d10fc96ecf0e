/**
 * A stored book as the verifier is given it, and what an audit answers.
 *
 * @module
 */
import type { KeyObject } from "node:crypto";
import type { DigestIdentity, DigestWallet } from "./digest.ts";
import type { StoredRecord } from "./entry.ts";
import type { Finding, Gap } from "./findings.ts";
import type { EpochStart } from "./replay.ts";

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

/** A book as it is stored. Everything comes in rising order of seq, bounds included. */
export interface StoredBook {
  /** Records from one seq to another; fewer when some are missing. */
  records(from: number, to: number): Iterable<StoredRecord>;
  roots(from: number, to: number): Iterable<CommittedRoot>;
  identities(from: number, to: number): Iterable<StoredIdentity>;
  /** All claims, in any order. */
  claims(): Iterable<StoredClaim>;
  epochs(): readonly StoredEpoch[];
}

/** An open bet as a projection keeps it. */
export interface ProjectedBet {
  /** `operator NUL source NUL txn`. */
  readonly key: string;
  readonly ref: string;
  /** Key of its round. */
  readonly round: string;
  readonly minor: bigint;
  readonly currency: string;
}

/** A player as a projection keeps it, its rows of money aside. */
export interface ProjectedPlayer {
  readonly ref: string;
  readonly operator: string;
  readonly status: number;
  readonly clientSeed: string;
  readonly seedPair: number;
  readonly nonce: number;
}

/** An open round as a projection keeps it. */
export interface ProjectedRound {
  /** `operator NUL source NUL round`. */
  readonly key: string;
  readonly ref: string;
  readonly closing: boolean;
  readonly openBets: number;
}

/** Something that was derived from the records up to one seq. */
export interface Projection {
  /** For people: which file it is. */
  readonly name: string;
  readonly epoch: number;
  readonly seq: number;
  /** Root of the records' tree at that seq, when the projection keeps it. */
  readonly root?: Uint8Array;
  wallets(): Iterable<DigestWallet>;
  identities(): Iterable<DigestIdentity>;
  players?(): Iterable<ProjectedPlayer>;
  bets?(): Iterable<ProjectedBet>;
  rounds?(): Iterable<ProjectedRound>;
  /** `kind|qualifier|currency|operator` and the sum of its postings. */
  house?(): Iterable<readonly [key: string, minor: bigint]>;
}

/** Options of an audit. */
export interface AuditOptions {
  /** Ed25519 key that signs checkpoints. Without it the audit is incomplete. */
  readonly publicKey?: KeyObject | undefined;
  readonly projections?: readonly Projection[];
  /** Called now and then with the number of records read. */
  readonly onProgress?: ((records: number) => void) | undefined;
}

/** What an audit came to. */
export interface AuditReport {
  /** "ok" only when everything was checked and nothing is wrong. */
  readonly status: "ok" | "incomplete" | "failed";
  readonly records: number;
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
  /** Facts worth knowing that are no faults. */
  readonly notes: readonly string[];
  /** Sums of the operators' accounts: `operator NUL kind NUL qualifier NUL currency`. */
  readonly house: ReadonlyMap<string, bigint>;
}
