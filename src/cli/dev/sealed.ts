import { existsSync } from "node:fs";
import { OperatorError } from "../../ops/index.ts";
import { primaryPaths } from "../../primary/index.ts";
import { openLedgerView } from "../../store/ledger-db.ts";

/**
 * Says what to do about a folder that a restore has left sealed. Nothing of it runs at this moment.
 *
 * @throws OperatorError LEDGER_SEALED
 */
export function refuseSealed(dataDir: string): void {
  const { ledger } = primaryPaths(dataDir);
  if (!existsSync(ledger) || !isSealed(ledger)) return;
  throw new OperatorError("LEDGER_SEALED", `the book in ${dataDir} is sealed`, {
    hint: "if no other primary of it goes on, open its next epoch with: " +
      `bun run countroom promote --data ${dataDir} --confirm`,
  });
}

function isSealed(path: string): boolean {
  try {
    using view = openLedgerView(path);
    return view.reader.openEpoch() === undefined && view.reader.epochs().length > 0;
  } catch {
    // A file that can't be read is the primary's to judge, and it says so at its start.
    return false;
  }
}
