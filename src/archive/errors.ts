/**
 * What can go wrong with an archive, as operators see it.
 *
 * @module
 */
import { EXIT, OperatorError, type ExitCode } from "../ops/index.ts";

/** Stable codes of archive failures. */
export type ArchiveCode =
  | "ARCHIVE_USAGE"
  | "ARCHIVE_TARGET_EXISTS"
  | "ARCHIVE_IDENTITY_WRONG"
  | "ARCHIVE_BOOK_UNREADABLE"
  | "ARCHIVE_NOTHING_FOUND"
  | "ARCHIVE_GAP"
  | "ARCHIVE_DAMAGED"
  | "ARCHIVE_UNTRUSTED"
  | "ARCHIVE_SIGNER_UNKNOWN"
  | "ARCHIVE_STORE_CONFIG"
  | "ARCHIVE_STORE_DENIED"
  | "ARCHIVE_STORE_FAILED"
  | "ARCHIVE_LOCK_UNVERIFIED"
  | "ARCHIVE_CLOCK_SKEW"
  | "ARCHIVE_CRYPTO_BROKEN";

const EXIT_CODES: Readonly<Record<ArchiveCode, ExitCode>> = {
  ARCHIVE_USAGE: EXIT.usage,
  ARCHIVE_TARGET_EXISTS: EXIT.usage,
  ARCHIVE_IDENTITY_WRONG: EXIT.usage,
  ARCHIVE_BOOK_UNREADABLE: EXIT.failed,
  ARCHIVE_NOTHING_FOUND: EXIT.notProvable,
  ARCHIVE_GAP: EXIT.notProvable,
  ARCHIVE_DAMAGED: EXIT.integrity,
  ARCHIVE_UNTRUSTED: EXIT.integrity,
  ARCHIVE_SIGNER_UNKNOWN: EXIT.notProvable,
  ARCHIVE_STORE_CONFIG: EXIT.usage,
  ARCHIVE_STORE_DENIED: EXIT.failed,
  ARCHIVE_STORE_FAILED: EXIT.failed,
  ARCHIVE_LOCK_UNVERIFIED: EXIT.failed,
  ARCHIVE_CLOCK_SKEW: EXIT.failed,
  ARCHIVE_CRYPTO_BROKEN: EXIT.failed,
};

/** Options of {@link ArchiveError}. */
export interface ArchiveErrorOptions {
  /** Key of the object concerned. */
  readonly object?: string;
  readonly hint?: string;
  readonly cause?: unknown;
}

/** A failed snapshot or restore. The message names the object; the exit code follows the code. */
export class ArchiveError extends OperatorError {
  override readonly name = "ArchiveError";
  readonly object: string | undefined;

  constructor(code: ArchiveCode, message: string, options: ArchiveErrorOptions = {}) {
    const { object, ...rest } = options;
    super(code, object === undefined ? message : `${object}: ${message}`, {
      ...rest,
      exitCode: EXIT_CODES[code],
    });
    this.object = object;
  }

  /** The same failure with another hint. */
  withHint(hint: string): ArchiveError {
    const copy = new ArchiveError(this.code as ArchiveCode, this.message, {
      hint,
      cause: this.cause,
    });
    return copy;
  }
}

/** The object's bytes aren't what was stored; `finding` says in which part. */
export function damaged(object: string, finding: string, cause?: unknown): ArchiveError {
  return new ArchiveError("ARCHIVE_DAMAGED", finding, { object, cause });
}
