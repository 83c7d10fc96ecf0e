import { openLedgerView } from "../store/ledger-db.ts";
import { openStateView } from "../store/state-db.ts";
import { OperatorError } from "../ops/index.ts";
import { parseCheckpoint } from "../wire/index.ts";
import { primaryPaths } from "./paths.ts";

/**
 * Refuses a folder without a book, and one whose checkpoints carry another deployment's name.
 *
 * @throws OperatorError DATABASE_MISSING, DATABASE_FOREIGN, DEPLOYMENT_OTHER
 */
export function assertBookOf(dataDir: string, deployment: string): void {
  const paths = primaryPaths(dataDir);
  openLedgerView(paths.ledger).close();
  using state = openStateView(paths.state);
  const note = state.reader.head()?.checkpoint;
  if (note === undefined) return;
  const named = parseCheckpoint(note.slice(0, note.lastIndexOf("\n\n") + 1)).deployment;
  if (named === deployment) return;
  throw new OperatorError("DEPLOYMENT_OTHER", `this book is signed as ${named}`, {
    hint: `Give --deployment ${named}, or set COUNTROOM_DEPLOYMENT.`,
  });
}
