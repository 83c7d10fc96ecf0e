/**
 * Opens a ledger to be audited: one that can't be opened is itself a verdict, where it is known
 * that there was one.
 *
 * @module
 */
import { EXIT, OperatorError } from "../../ops/index.ts";
import type { LedgerView } from "../../store/ledger-db.ts";
import { ledgerEnd, type LedgerEnd } from "./stored-book.ts";

const LOST = new Set(["DATABASE_MISSING", "DATABASE_FOREIGN"]);

/**
 * `signed`: checkpoints of the book are at hand, so without its ledger the place isn't the wrong
 * one.
 *
 * @throws OperatorError LEDGER_MISSING, LEDGER_DAMAGED, or what opening it says
 */
export function openLedger(
  open: () => LedgerView,
  place: string,
  signed: boolean,
): { readonly ledger: LedgerView; readonly end: LedgerEnd } {
  let ledger: LedgerView | undefined;
  try {
    ledger = open();
    // A file that can't say where it ends can't be audited.
    return { ledger, end: ledgerEnd(ledger) };
  } catch (cause) {
    ledger?.close();
    if (!(cause instanceof OperatorError)) throw damaged(place, cause);
    if (!signed || !LOST.has(cause.code)) throw cause;
    const message = `${place} should hold the book of its checkpoints: ${cause.message}`;
    throw new OperatorError("LEDGER_MISSING", message, {
      exitCode: EXIT.integrity,
      hint: "Leave everything as it is and restore the book from its backup elsewhere.",
      cause,
    });
  }
}

/** It is a database and a ledger, but its tables are not those of one. */
function damaged(place: string, cause: unknown): OperatorError {
  return new OperatorError("LEDGER_DAMAGED", `the ledger of ${place} can't be read`, {
    exitCode: EXIT.integrity,
    hint: "Leave everything as it is and restore the book from its backup elsewhere.",
    cause,
  });
}
