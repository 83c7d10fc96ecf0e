/**
 * Audits the book in a deployment's folder, stopped or running.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Audit } from "../../verify/index.ts";
import { openLedger } from "./open-ledger.ts";
import { openProjections } from "./projections.ts";
import { extendByFolder, folderPublicKeys } from "./public-keys.ts";
import { type AuditRequest, progressOf, SIGNING_MS_MAX, type SourceAudit } from "./source.ts";
import { folderNotes, ledgerEnd, openFolderLedger, storedBook } from "./stored-book.ts";

const SIGNING_POLL_MS = 200;

/** Options of {@link auditFolder}. */
export interface FolderAuditOptions extends Partial<AuditRequest> {
  readonly dataDir: string;
  /** Folder with signing.pub, unless the keys are given; without them the audit is incomplete. */
  readonly keysDir: string;
}

/**
 * Reads the folder and touches nothing.
 *
 * @throws OperatorError when there is no ledger, with the exit code of damage when there was one
 */
export async function auditFolder(options: FolderAuditOptions): Promise<SourceAudit> {
  const { dataDir, keysDir, heldNotes = [] } = options;
  const publicKeys = options.publicKeys ?? extendByFolder(folderPublicKeys(keysDir), keysDir);
  // Projections first: the ledger is then at least as far as they are.
  using projections = openProjections(dataDir);
  const notes = folderNotes(dataDir);
  const signed = notes.length + heldNotes.length > 0;
  const opened = openLedger(() => openFolderLedger(dataDir), dataDir, signed);
  using ledger = opened.ledger;
  const { size, tree } = opened.end;
  const onProgress = progressOf({ publicKeys, heldNotes, ...options }, size);
  const book = storedBook(ledger, tree);
  const audit = new Audit(book, { publicKeys, projections: projections.list, onProgress });
  audit.addNotes(notes);
  audit.addHeldNotes(heldNotes);
  audit.advance(size);
  await awaitSignature(audit, options, size);
  const checked = ["claims", "commits", "epochs", "the file itself"];
  for (const { name, seq } of projections.list) checked.push(`${name} at ${seq}`);
  for (const name of projections.absent) checked.push(`no ${name}`);
  for (const name of projections.headless) {
    audit.projectionMissing(
      `${name} has rows, but doesn't say of which record: it wasn't compared`,
    );
  }
  for (const detail of projections.flaws()) audit.projectionWrong(detail);
  // People's questions are answered from it, and it is large: it has a command of its own.
  const uncompared = existsSync(join(dataDir, "search", "search.db")) ? ["search.db"] : [];
  return { report: audit.finish(), checked, uncompared };
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
    if (signed >= size) audit.advance(Math.min(signed, ledgerEnd(ledger).size));
  }
}
