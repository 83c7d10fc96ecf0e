/**
 * The book to be copied: opened read-only, beside its writer or without one.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { loadKeys } from "../../access/index.ts";
import { EXIT, OperatorError } from "../../ops/index.ts";
import { openLedgerView, type LedgerView } from "../../store/ledger-db.ts";
import { openStateView, type StateView } from "../../store/state-db.ts";
import type { StateHeadRow } from "../../store/state-schema.ts";
import { CheckpointError, openCheckpoint, type Checkpoint } from "../../wire/index.ts";
import { ArchiveError } from "../errors.ts";

/** A book held still at one seq. */
export interface Book extends Disposable {
  readonly ledger: LedgerView;
  readonly state: StateView;
  /** Where `state.db` stands, which is the snapshot's place. */
  readonly head: StateHeadRow;
  /** The signed checkpoint of exactly that place, verified. */
  readonly checkpoint: Checkpoint;
  /** Lets `state.db` go on; its rows must have been read. */
  release(): void;
}

/** Refuses a folder without a book, before keys and places are asked for. */
export function assertBook(dataDir: string): void {
  const folder = join(dataDir, "primary");
  if (existsSync(join(folder, "ledger.db"))) return;
  const lost = existsSync(join(folder, "state.db"));
  const what = lost ? "has lost its ledger.db" : "holds no book";
  throw new ArchiveError("ARCHIVE_BOOK_UNREADABLE", what, {
    object: folder,
    hint: lost
      ? "Leave the folder as it is and restore the book from an earlier snapshot into another."
      : "Check --data: it names the folder that holds primary/ and keys/.",
  });
}

/** Opens the book in a folder and fixes `state.db` to one commit. */
export function openBook(dataDir: string, keysDir: string): Book {
  const folder = join(dataDir, "primary");
  const state = openStateView(join(folder, "state.db"));
  let ledger: LedgerView | undefined;
  try {
    ledger = openLedgerView(join(folder, "ledger.db"));
    state.reader.hold();
    const head = state.reader.head();
    if (head === undefined) {
      throw new ArchiveError("ARCHIVE_BOOK_UNREADABLE", "the book's state has no head yet", {
        object: folder,
        hint: "Start the primary and let it write a first checkpoint, then run it again.",
      });
    }
    const checkpoint = verify(head, keysDir);
    const { size } = ledger.reader.tree();
    if (size < head.seq) {
      throw contradiction(folder, `state.db stands at ${head.seq}, ledger.db only at ${size}`);
    }
    return assemble(ledger, state, head, checkpoint);
  } catch (error) {
    state.close();
    ledger?.close();
    throw error;
  }
}

/** The book contradicts itself: copying it would make a snapshot that proves nothing. */
export function contradiction(object: string, finding: string, cause?: unknown): OperatorError {
  return new OperatorError("BOOK_CONTRADICTS_ITSELF", `${object}: ${finding}`, {
    exitCode: EXIT.integrity,
    hint: "Keep the folder as it is and run `countroom verify book --data DIR`.",
    cause,
  });
}

function assemble(
  ledger: LedgerView,
  state: StateView,
  head: StateHeadRow,
  checkpoint: Checkpoint,
): Book {
  const release = (): void => state.reader.release();
  const close = (): void => {
    release();
    state.close();
    ledger.close();
  };
  return { ledger, state, head, checkpoint, release, [Symbol.dispose]: close };
}

function verify(head: StateHeadRow, keysDir: string): Checkpoint {
  const what = `the checkpoint of seq ${head.seq} in state.db`;
  let checkpoint: Checkpoint;
  try {
    checkpoint = openCheckpoint(head.checkpoint, loadKeys(keysDir).signers());
  } catch (cause) {
    if (!(cause instanceof CheckpointError)) throw cause;
    throw contradiction(what, `isn't signed by signing.pub in ${keysDir}`, cause);
  }
  const { size, epoch, reign, time } = checkpoint;
  const fits = size === head.seq && epoch === head.epoch && reign === head.reign;
  if (!fits || time !== head.recordedAt) {
    throw contradiction(what, `names ${epoch}-${size} of reign ${reign}, not its place`);
  }
  return checkpoint;
}
