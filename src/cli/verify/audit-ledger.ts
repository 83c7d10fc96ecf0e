/**
 * Audits a bare copy of `ledger.db`, without the folder around it.
 *
 * @module
 */
import { openLedgerView } from "../../store/ledger-db.ts";
import { Audit } from "../../verify/index.ts";
import { openLedger } from "./open-ledger.ts";
import { type AuditRequest, progressOf, type SourceAudit } from "./source.ts";
import { storedBook } from "./stored-book.ts";

/** Reads the file and touches nothing. @throws OperatorError when it can't be read at all */
export function auditLedger(path: string, request: AuditRequest): SourceAudit {
  const signed = request.heldNotes.length > 0;
  const opened = openLedger(() => openLedgerView(path), path, signed);
  using ledger = opened.ledger;
  const { size, tree } = opened.end;
  const { publicKeys, heldNotes } = request;
  const onProgress = progressOf(request, size);
  const audit = new Audit(storedBook(ledger, tree), { publicKeys, onProgress });
  audit.addHeldNotes(heldNotes);
  audit.advance(size);
  const checked = ["claims", "commits", "epochs", "the file itself", "no projections"];
  return { report: audit.finish(), checked };
}
