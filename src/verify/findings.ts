/**
 * What a verification found, in the order of the book.
 *
 * @module
 */

/** A wrong thing, by what it means for whoever relies on the book. */
export type FindingKind =
  // Bytes and order
  | "record_missing"
  | "record_misplaced"
  | "record_unreadable"
  | "record_unknown_field"
  | "time_not_rising"
  | "epoch_wrong"
  | "root_wrong"
  | "identity_in_bytes"
  // Money
  | "postings_unbalanced"
  | "postings_wrong"
  | "balance_wrong"
  | "balance_missing"
  | "balance_negative"
  | "refusal_has_effect"
  | "refusal_unjustified"
  | "acceptance_unjustified"
  | "credential_mismatch"
  | "object_wrong"
  | "correction_wrong"
  // Facts that may happen once
  | "key_reused"
  | "player_registered_twice"
  | "bet_resolved_twice"
  | "bet_tombstone_ignored"
  | "txn_reused"
  | "win_taken_twice"
  | "corrected_twice"
  | "round_close_wrong"
  | "round_holds_escrow"
  // House games
  | "game_arithmetic_wrong"
  | "nonce_reused"
  | "client_seed_wrong"
  | "server_seed_changed"
  // What is kept beside the records
  | "checkpoint_unreadable"
  | "checkpoint_signature_wrong"
  | "checkpoint_root_wrong"
  | "checkpoint_state_wrong"
  | "checkpoint_beyond_book"
  | "checkpoint_left_behind"
  | "claim_wrong"
  | "claim_missing"
  | "claim_stray"
  | "epoch_row_wrong"
  | "edge_wrong"
  | "store_damaged"
  | "store_unguarded"
  | "export_damaged"
  | "identity_stray"
  | "projection_wrong"
  | "projection_row_wrong"
  | "projection_row_missing"
  | "projection_row_stray"
  | "projection_beyond_book";

/** One wrong thing. */
export interface Finding {
  readonly kind: FindingKind;
  /** The record at fault, or the first of those it may be; 0 when none can be named. */
  readonly seq: number;
  /** Last of the records it may be, when that is not `seq`. */
  readonly through?: number;
  /** One sentence for people. */
  readonly detail: string;
}

/** Something that couldn't be checked. It is never shown as clean. */
export interface Gap {
  readonly kind:
    | "book_empty"
    | "rules_unknown"
    | "tail_unsigned"
    | "public_key_missing"
    | "checkpoints_missing"
    | "checkpoint_key_unknown"
    | "checkpoint_key_replaced"
    | "checkpoint_unreached"
    | "partial_range"
    | "projection_missing";
  readonly detail: string;
}

/** Findings beyond this are counted, not kept: a damaged book may yield one per record. */
export const FINDINGS_MAX = 100;

function rank({ kind, seq }: Finding): number {
  if (seq === 0) return 2;
  return kind.startsWith("projection_") ? 1 : 0;
}

function place({ seq, through = seq }: Finding): number {
  return through;
}

/** Collects findings. */
export class Findings {
  readonly #kept: Finding[] = [];
  #count = 0;

  /** How many there are, those not kept included. */
  get count(): number {
    return this.#count;
  }

  /**
   * The findings that were kept: first record first, and before a range what lies in it. What was
   * derived from the records follows them: it is wrong because of them, or by itself. Last comes
   * what names no record.
   */
  sorted(): Finding[] {
    return this.#kept.toSorted((a, b) => rank(a) - rank(b) || place(a) - place(b) || b.seq - a.seq);
  }

  add(kind: FindingKind, seq: number, detail: string, through = seq): void {
    this.#count += 1;
    if (this.#kept.length >= FINDINGS_MAX) return;
    this.#kept.push({ kind, seq, ...(through > seq ? { through } : {}), detail });
  }
}
