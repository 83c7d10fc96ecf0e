/**
 * Audits the book in a deployment's folder, stopped or running.
 *
 * @module
 */
import { loadKeys } from "../../access/index.ts";
import { EXIT, OperatorError } from "../../ops/index.ts";
import type { LedgerView } from "../../store/ledger-db.ts";
import { Audit, type AuditReport } from "../../verify/index.ts";
import { openProjections } from "./projections.ts";
import { durableSize, folderNotes, openFolderLedger, storedBook } from "./stored-book.ts";

/** A running primary signs at least once a second. */
const SIGNING_MS_MAX = 5_000;
const SIGNING_POLL_MS = 200;

/** Options of {@link auditFolder}. */
export interface FolderAuditOptions {
  readonly dataDir: string;
  /** Folder with signing.pub; without that file the audit is incomplete. */
  readonly keysDir: string;
  /** How long the last records may take to come under a checkpoint. Default 5 s. */
  readonly waitMs?: number;
  /** Called now and then with the records read and those to read. */
  readonly onProgress?: ((records: number, size: number) => void) | undefined;
}

/** What an audit came to, and what the records were compared with, for people. */
export interface FolderAudit {
  readonly report: AuditReport;
  readonly checked: readonly string[];
}

/**
 * Reads the folder and touches nothing.
 *
 * @throws OperatorError when there is no ledger, with the exit code of damage when there was one
 */
export async function auditFolder(options: FolderAuditOptions): Promise<FolderAudit> {
  const { dataDir, keysDir, onProgress } = options;
  // Projections first: the ledger is then at least as far as they are.
  using projections = openProjections(dataDir);
  const notes = folderNotes(dataDir);
  using ledger = openSignedLedger(dataDir, notes.length > 0);
  const size = durableSize(ledger);
  const audit = new Audit(storedBook(ledger), {
    publicKey: publicKey(keysDir),
    projections: projections.list,
    onProgress: onProgress === undefined ? undefined : (records) => onProgress(records, size),
  });
  audit.addNotes(notes);
  audit.advance(size);
  await awaitSignature(audit, options, size);
  const checked = ["claims", "commits", "epochs"];
  for (const { name, seq } of projections.list) checked.push(`${name} at ${seq}`);
  for (const name of projections.absent) checked.push(`no ${name}`);
  return { report: audit.finish(), checked };
}

/**
 * Follows a running book until a checkpoint covers what was durable when the audit began, and
 * reads just up to it: the records behind it are waiting for the next one.
 */
async function awaitSignature(
  audit: Audit,
  { dataDir, waitMs = SIGNING_MS_MAX }: FolderAuditOptions,
  size: number,
): Promise<void> {
  let waited = 0;
  while (audit.canGoOn && audit.signed < size && waited < waitMs) {
    await new Promise((resolve) => setTimeout(resolve, SIGNING_POLL_MS));
    waited += SIGNING_POLL_MS;
    const notes = folderNotes(dataDir);
    using ledger = openFolderLedger(dataDir);
    audit.addNotes(notes);
    const signed = audit.signedAhead;
    if (signed >= size) audit.advance(Math.min(signed, durableSize(ledger)));
  }
}

const LOST = new Set(["DATABASE_MISSING", "DATABASE_FOREIGN"]);

/** Where checkpoints lie there was a book: without its ledger the folder isn't the wrong one. */
function openSignedLedger(dataDir: string, signed: boolean): LedgerView {
  try {
    return openFolderLedger(dataDir);
  } catch (cause) {
    if (!signed || !(cause instanceof OperatorError) || !LOST.has(cause.code)) throw cause;
    const message = `${dataDir} holds checkpoints of a book, but not its ledger: ${cause.message}`;
    throw new OperatorError("LEDGER_MISSING", message, {
      exitCode: EXIT.integrity,
      hint: "Leave the folder as it is and restore the book from its backup into another.",
      cause,
    });
  }
}

function publicKey(keysDir: string) {
  try {
    return loadKeys(keysDir).signingPublic;
  } catch (error) {
    // The audit goes on without it and says so.
    if (error instanceof OperatorError && error.code === "KEY_MISSING") return undefined;
    throw error;
  }
}
