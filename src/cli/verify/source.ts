/**
 * What every audit is asked for and answers, wherever the book lies.
 *
 * @module
 */
import type { AuditReport, SigningKey } from "../../verify/index.ts";

/** What the auditor brings along. */
export interface AuditRequest {
  /** Keys that sign checkpoints. Without any the audit is incomplete. */
  readonly publicKeys: readonly SigningKey[];
  /** Checkpoints that the auditor holds. */
  readonly heldNotes: readonly string[];
  /** How long the last records may take to come under a checkpoint. */
  readonly waitMs?: number | undefined;
  /** Called now and then with the records read and those to read. */
  readonly onProgress?: ((records: number, size: number) => void) | undefined;
}

/** What an audit came to, and what the records were compared with, for people. */
export interface SourceAudit {
  readonly report: AuditReport;
  readonly checked: readonly string[];
  /** Files beside the book that weren't looked at. */
  readonly uncompared?: readonly string[];
}

/** A running primary signs at least once a second. */
export const SIGNING_MS_MAX = 5_000;

/** {@link AuditRequest.onProgress} as an audit calls it. */
export function progressOf({ onProgress }: AuditRequest, size: number) {
  return onProgress === undefined ? undefined : (records: number) => onProgress(records, size);
}
