/**
 * What goes wrong when the book or this code is wrong. A refusal is never an error.
 *
 * @module
 */

/** Codes of {@link LedgerError}. */
export type LedgerErrorCode =
  /** A record doesn't follow the state it is applied to: seq, epoch or time. */
  | "RECORD_OUT_OF_ORDER"
  /** A record says something that its event or the state doesn't allow. */
  | "RECORD_INCONSISTENT"
  /** Postings of a record don't sum to zero, or don't explain its change of state. */
  | "POSTINGS_WRONG"
  /** Balances in a record differ from the state's. */
  | "BALANCES_WRONG"
  /** An invariant of the state would break. */
  | "INVARIANT_BROKEN"
  /** Stored state or proof data can't be loaded. */
  | "STATE_MALFORMED"
  /** A command reached the rules without validation. */
  | "COMMAND_UNVALIDATED";

const HINTS: Readonly<Record<LedgerErrorCode, string>> = {
  RECORD_OUT_OF_ORDER: "Run `countroom verify book` to find the first record that is out of place.",
  RECORD_INCONSISTENT: "Run `countroom verify book` to find the first wrong record.",
  POSTINGS_WRONG: "Run `countroom verify book` to find the first wrong record.",
  BALANCES_WRONG: "Run `countroom verify book` to find the first wrong record.",
  INVARIANT_BROKEN: "Run `countroom verify book`, then delete state.db: records rebuild the state.",
  STATE_MALFORMED: "Delete state.db to rebuild the state from records.",
  COMMAND_UNVALIDATED: "Call validate() before decide().",
};

/** A book or a caller that contradicts itself. The writer must stop. */
export class LedgerError extends Error {
  override readonly name = "LedgerError";
  readonly code: LedgerErrorCode;
  /** One sentence for operators. */
  readonly hint: string;
  /** The record being applied, 0 when there is none. */
  readonly seq: number;

  constructor(code: LedgerErrorCode, message: string, seq = 0, cause?: unknown) {
    super(seq === 0 ? message : `record ${seq}: ${message}`, cause === undefined ? {} : { cause });
    this.code = code;
    this.hint = HINTS[code];
    this.seq = seq;
  }
}
