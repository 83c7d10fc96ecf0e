/**
 * What is written into `ledger.db`.
 *
 * @module
 */

/** One record on its way into the log. */
export interface NewRecord {
  readonly event: Uint8Array;
  readonly outcome: Uint8Array;
  /** 16-byte hashes of the claims it makes. */
  readonly claims: readonly Uint8Array[];
  /** The identity that it binds to its player. */
  readonly identity?: NewIdentity | undefined;
}

/** An identity bound by a record. */
export interface NewIdentity {
  readonly operatorId: string;
  readonly keyId: string;
  readonly hash: Uint8Array;
  readonly playerRef: string;
}

/** What one commit adds. */
export interface Group {
  readonly epoch: number;
  /** Seq of the first record; the others follow without gaps. */
  readonly firstSeq: number;
  readonly records: readonly NewRecord[];
  /** Root and right edge of the tree after the last record. */
  readonly root: Uint8Array;
  readonly edge: Uint8Array;
}

/** An epoch about to be opened. */
export interface NewEpoch {
  readonly epoch: number;
  readonly reign: string;
  readonly openedAt: number;
  readonly reason: string;
  readonly previousRoot: Uint8Array;
}

/** A commit that contradicts what the file holds: somebody else has written, or we are wrong. */
export class LedgerFault extends Error {
  override readonly name = "LedgerFault";
  readonly code = "LEDGER_FAULT";
}
