/** Codes of {@link TailFault}. */
export type TailFaultCode =
  /** The primary can't be reached, or has gone silent. Try again. */
  | "TAIL_LOST"
  /** What it sends doesn't continue what was followed: the book has been restored or replaced. */
  | "BOOK_FORKED"
  /** A record that no sound primary would send. */
  | "RECORD_WRONG"
  /** A checkpoint that isn't one, or not of this deployment. */
  | "CHECKPOINT_WRONG"
  /** Two reigns have signed one epoch. */
  | "REIGN_CONFLICT"
  /** The primary is of an epoch that is closed. */
  | "PRIMARY_EPOCH_OLD"
  /** The primary has fewer records than it once signed. */
  | "PRIMARY_BEHIND";

/** Why the Tail can't be followed as it is. */
export class TailFault extends Error {
  override readonly name = "TailFault";
  readonly code: TailFaultCode;

  constructor(code: TailFaultCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
