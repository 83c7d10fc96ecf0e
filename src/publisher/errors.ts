import { EXIT, OperatorError } from "../ops/index.ts";
import type { TailFaultCode } from "../wire/index.ts";

/** What the publisher does about a failure. */
export type Reaction =
  /** Try again, soon at first, later at longer intervals. */
  | "retry"
  /** Keep serving, publish nothing new, judge the same records again after a while. */
  | "withhold"
  /** `wallet.db` can't be trusted: build it anew from the primary's state, under a new feed. */
  | "rebuild"
  /** The evidence contradicts itself: alarm and end the process. */
  | "stop";

/** Codes of {@link PublisherError}. */
export type PublisherErrorCode = keyof typeof KINDS;

const KINDS = {
  TAIL_LOST: ["retry", "Check that the primary runs and that this token is accepted."],
  PRIMARY_EPOCH_OLD: [
    "retry",
    "A primary of a closed epoch is running: stop it, and point COUNTROOM_PRIMARY_URL at the new.",
  ],
  PRIMARY_BEHIND: [
    "retry",
    "The primary has fewer records than it once signed: run `countroom verify book` there.",
  ],
  STATE_WRONG: ["retry", "Run `countroom verify book` at the primary; delete its state.db."],
  TICK_WITHHELD: ["withhold", "Run `countroom verify book` at the primary before anything else."],
  BOOK_FORKED: ["rebuild", "No action: wallet.db is rebuilt from the primary's state."],
  WALLET_FILES_GONE: ["rebuild", "Leave DIR/publisher to the publisher: it is rebuilt."],
  WALLET_COMMIT_FAILED: ["rebuild", "Check the disk that holds DIR/publisher."],
  WALLET_DOUBTFUL: ["rebuild", "No action: wallet.db is rebuilt from the primary's state."],
  TREE_MISMATCH: [
    "stop",
    "Run `countroom verify book` at the primary: its records don't fit its signed checkpoint.",
  ],
  REIGN_CONFLICT: ["stop", "Two primaries claim one epoch: stop both and compare their books."],
} as const satisfies Record<string, readonly [Reaction, string]>;

/** What a fault of the Tail is to the publisher. */
export const TAIL_FAULTS: Readonly<Record<TailFaultCode, PublisherErrorCode>> = Object.freeze({
  TAIL_LOST: "TAIL_LOST",
  BOOK_FORKED: "BOOK_FORKED",
  RECORD_WRONG: "TICK_WITHHELD",
  CHECKPOINT_WRONG: "STATE_WRONG",
  REIGN_CONFLICT: "REIGN_CONFLICT",
  PRIMARY_EPOCH_OLD: "PRIMARY_EPOCH_OLD",
  PRIMARY_BEHIND: "PRIMARY_BEHIND",
});

/** A failure that the publisher knows how to react to. */
export class PublisherError extends OperatorError {
  override readonly name = "PublisherError";
  readonly reaction: Reaction;

  constructor(code: PublisherErrorCode, message: string, cause?: unknown) {
    const [reaction, hint] = KINDS[code];
    const exitCode = reaction === "stop" ? EXIT.integrity : EXIT.failed;
    super(code, message, { hint, exitCode, cause });
    this.reaction = reaction;
  }
}
