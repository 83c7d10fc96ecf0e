import { OperatorError } from "../ops/index.ts";
import { DAMAGED_HINT } from "../store/ledger-db.ts";
import { explain } from "../store/sqlite.ts";

/** What an operator is told when a commit failed, or may have. */
export function commitFailure(error: unknown, path: string): OperatorError {
  const cause = explain(error, path, DAMAGED_HINT);
  if (cause instanceof OperatorError) return cause;
  return new OperatorError("COMMIT_UNKNOWN", "a group may or may not be in the book", {
    hint: "Nothing acknowledged is lost. Look at the cause (disk, I/O), then start again.",
    cause,
  });
}
