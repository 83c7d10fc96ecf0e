/**
 * Promotion: a sealed folder, or one whose primary is gone, takes up writing in a new epoch.
 *
 * @module
 */
import { loadKeys } from "../access/index.ts";
import { EXIT, OperatorError } from "../ops/index.ts";
import { randomHex, type Clock } from "../runtime/index.ts";
import { openLedgerDb, openLedgerView, type EpochRow, type LedgerDb } from "../store/ledger-db.ts";
import { openLock } from "../store/lock.ts";
import { CheckpointError, openCheckpoint, type Checkpoint } from "../wire/index.ts";
import { FenceFile } from "./fence-file.ts";
import { primaryPaths } from "./paths.ts";
import { loadEdge, sameBytes } from "./projection.ts";
import { REIGN_BYTES } from "./start-epoch.ts";

/** What a promotion did, as `--json` prints it. */
export interface Promotion {
  /** "already_open": the epoch was opened before and holds no record yet. */
  readonly status: "promoted" | "already_open";
  readonly epoch: number;
  readonly reign: string;
  readonly reason: string;
  /** False when the folder was never sealed: its own last epoch was closed first. */
  readonly was_sealed: boolean;
  readonly previous_epoch: number;
  /** Records that the new epoch continues, and the root of their tree in hex. */
  readonly previous_size: number;
  readonly previous_root: string;
}

/** Options of {@link promote}. */
export interface PromoteOptions {
  readonly dataDir: string;
  /** Folder with signing.pub, which is read when something has fenced the folder off. */
  readonly keysDir: string;
  /** Somebody has made sure that no other primary of this deployment goes on. */
  readonly confirmed: boolean;
  readonly clock: Clock;
}

/**
 * Opens the next epoch of a stopped folder. The primary writes its first record when it starts.
 *
 * @throws OperatorError PROMOTE_UNCONFIRMED, PROMOTE_FENCED, DATA_LOCKED, LEDGER_EMPTY,
 * LEDGER_DAMAGED.
 */
export function promote(options: PromoteOptions): Promotion {
  const paths = primaryPaths(options.dataDir);
  if (!options.confirmed) {
    throw new OperatorError(
      "PROMOTE_UNCONFIRMED",
      "a promotion ends the present epoch for good: every other primary has to stay stopped",
      {
        hint: `countroom promote --data ${options.dataDir} --confirm`,
        exitCode: EXIT.approvalMissing,
      },
    );
  }
  // Looked at first: a wrong --data must not leave a new folder with a lock in it.
  openLedgerView(paths.ledger).close();
  using _lock = openLock(paths.lock, "primary");
  using ledger = openLedgerDb(paths.ledger);
  refuseFenced(new FenceFile(paths.fence).read(), ledger, options.keysDir);
  return openNext(ledger, options.clock);
}

/** A folder that another epoch has fenced off would open an epoch that is taken. */
function refuseFenced(note: string, { reader }: LedgerDb, keysDir: string): void {
  if (note === "") return;
  const by = believed(note, keysDir);
  const last = reader.epochs().at(-1);
  if (by === undefined || last === undefined || by.epoch < last.epoch) return;
  // Its own reign went further than this book: a restored copy may well continue it.
  if (by.epoch === last.epoch && by.reign === last.reign) return;
  const message = `epoch ${by.epoch} (reign ${by.reign}) has taken over from this folder`;
  throw new OperatorError("PROMOTE_FENCED", message, {
    hint: "Keep this folder stopped, and go on with the one that was promoted.",
    exitCode: EXIT.integrity,
  });
}

/** Undefined of what a replaced key signed, or somebody who has stolen it since. */
function believed(note: string, keysDir: string): Checkpoint | undefined {
  try {
    return openCheckpoint(note, loadKeys(keysDir).signers());
  } catch (error) {
    const isOutdated = error instanceof CheckpointError && error.code === "CHECKPOINT_OUTDATED_KEY";
    if (isOutdated) return undefined;
    throw error;
  }
}

function openNext(ledger: LedgerDb, clock: Clock): Promotion {
  const { reader, writer } = ledger;
  const { size, edge } = reader.tree();
  const root = reader.lastCommit()?.root;
  if (size === 0 || root === undefined) {
    throw new OperatorError("LEDGER_EMPTY", "the ledger holds no record to continue", {
      hint: "A new book needs no promotion: countroom primary --data DIR",
    });
  }
  if (!sameBytes(loadEdge(size, edge).root(), root)) {
    throw new OperatorError("LEDGER_DAMAGED", "the tree's edge is not that of the last commit", {
      hint: "Run `countroom verify book --data DIR`, and restore another snapshot.",
      exitCode: EXIT.integrity,
    });
  }
  const open = reader.openEpoch();
  if (open !== undefined && open.firstSeq === size + 1) {
    return promotion("already_open", open, open.reason === "restore");
  }
  const last = reader.epochs().at(-1);
  const next = {
    epoch: (last?.epoch ?? 0) + 1,
    reign: randomHex(REIGN_BYTES),
    openedAt: clock.nowUs(),
    reason: open === undefined ? "restore" : "promotion",
    previousRoot: root,
  };
  const opened = writer.openEpoch(next, open !== undefined);
  return promotion("promoted", opened, open === undefined);
}

function promotion(status: Promotion["status"], row: EpochRow, sealed: boolean): Promotion {
  return {
    status,
    epoch: row.epoch,
    reign: row.reign,
    reason: row.reason,
    was_sealed: sealed,
    previous_epoch: row.previousEpoch,
    previous_size: row.previousSize,
    previous_root: Buffer.from(row.previousRoot).toString("hex"),
  };
}
