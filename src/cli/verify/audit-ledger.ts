/**
 * Audits a bare copy of `ledger.db`, without the folder around it.
 *
 * @module
 */
import { EXIT, OperatorError } from "../../ops/index.ts";
import { type LedgerView, openLedgerView } from "../../store/ledger-db.ts";
import { Audit } from "../../verify/index.ts";
import { type AuditRequest, progressOf, type SourceAudit } from "./source.ts";
import { ledgerEnd, storedBook } from "./stored-book.ts";

/** Reads the file and touches nothing. @throws OperatorError when it can't be read at all */
export function auditLedger(path: string, request: AuditRequest): SourceAudit {
  using ledger = open(path, request.heldNotes.length > 0);
  const { size, tree } = ledgerEnd(ledger);
  const { publicKeys, heldNotes } = request;
  const onProgress = progressOf(request, size);
  const audit = new Audit(storedBook(ledger, tree), { publicKeys, onProgress });
  audit.addHeldNotes(heldNotes);
  audit.advance(size);
  const checked = ["claims", "commits", "epochs", "the file itself", "no projections"];
  return { report: audit.finish(), checked };
}

/** Who holds a checkpoint knows that there was a book. */
function open(path: string, signed: boolean): LedgerView {
  try {
    return openLedgerView(path);
  } catch (cause) {
    if (!signed || !(cause instanceof OperatorError) || cause.code !== "DATABASE_FOREIGN") {
      throw cause;
    }
    throw new OperatorError("LEDGER_DAMAGED", `${path} can't be read as a ledger`, {
      exitCode: EXIT.integrity,
      hint: "Compare it with another copy; the checkpoint you hold names a book that was there.",
      cause,
    });
  }
}
