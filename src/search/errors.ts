import { EXIT, OperatorError } from "../ops/index.ts";
import { TailFault, type TailFaultCode } from "../wire/index.ts";

/** What search does about a failure. */
export type Reaction =
  /** Try again, soon at first; what is proven is served meanwhile. */
  | "retry"
  /** Judge the same records again after a while. */
  | "withhold"
  /** `search.db` is of another book: build it anew from the first record. */
  | "rebuild"
  /** The evidence contradicts itself: alarm and end the process. */
  | "stop";

/** Codes of {@link SearchError}. */
export type SearchErrorCode =
  TailFaultCode | "TREE_MISMATCH" | "SEARCH_DB_FAILED" | "SEARCH_DB_DAMAGED";

const REBUILDING = "No action: search.db is rebuilt from the book's first record.";
const VERIFY = "Run `countroom verify book` at the primary before anything else.";

const KINDS: Readonly<Record<SearchErrorCode, readonly [Reaction, string]>> = {
  TAIL_LOST: ["retry", "Check that the primary runs and that this token is accepted."],
  PRIMARY_EPOCH_OLD: [
    "retry",
    "A primary of a closed epoch is running: stop it, and point COUNTROOM_PRIMARY_URL at the new.",
  ],
  PRIMARY_BEHIND: ["retry", VERIFY],
  CHECKPOINT_WRONG: [
    "retry",
    "Check COUNTROOM_DEPLOYMENT and that KEYS/signing.pub is the primary's.",
  ],
  RECORD_WRONG: ["withhold", VERIFY],
  BOOK_FORKED: ["rebuild", REBUILDING],
  TREE_MISMATCH: ["rebuild", REBUILDING],
  SEARCH_DB_FAILED: ["rebuild", "Check the disk that holds DIR/search."],
  SEARCH_DB_DAMAGED: [
    "rebuild",
    "No action: search.db is rebuilt; the damaged one lies beside it. Check the disk.",
  ],
  REIGN_CONFLICT: ["stop", "Two primaries claim one epoch: stop both and compare their books."],
};

/** A failure that search knows how to react to. */
export class SearchError extends OperatorError {
  override readonly name = "SearchError";
  readonly reaction: Reaction;

  constructor(
    code: SearchErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly reaction?: Reaction } = {},
  ) {
    const [usual, hint] = KINDS[code];
    const reaction = options.reaction ?? usual;
    const exitCode = reaction === "stop" ? EXIT.integrity : EXIT.failed;
    super(code, message, { hint: reaction === usual ? hint : VERIFY, ...options, exitCode });
    this.reaction = reaction;
  }
}

/** What was thrown, as a failure. */
export function toSearchError(error: unknown): SearchError {
  if (error instanceof SearchError) return error;
  if (error instanceof TailFault) {
    return new SearchError(error.code, error.message, { cause: error.cause });
  }
  if (error instanceof OperatorError && error.code === "DATABASE_DAMAGED") {
    return new SearchError("SEARCH_DB_DAMAGED", error.message, { cause: error.cause });
  }
  // Nobody foresaw it, so what is in memory and on disk can't be relied on.
  return new SearchError("SEARCH_DB_FAILED", "an unforeseen failure", { cause: error });
}
