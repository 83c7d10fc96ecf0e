/**
 * The book of a folder, opened for writing: lock, log, state, epoch.
 *
 * @module
 */
import { existsSync, statSync } from "node:fs";
import type { Keys } from "../access/index.ts";
import type { LedgerState, TreeEdge } from "../ledger/index.ts";
import { currencyTable, type Currency } from "../money/index.ts";
import { EXIT, OperatorError, type Logger } from "../ops/index.ts";
import { uuidv7, type Clock } from "../runtime/index.ts";
import { DAMAGED_HINT, openLedgerDb, type EpochRow } from "../store/ledger-db.ts";
import { openLock, type FolderLock } from "../store/lock.ts";
import { explain } from "../store/sqlite.ts";
import { RecordClock } from "./clock-guard.ts";
import { DueIndex } from "./due-index.ts";
import { GroupDecider } from "./group-decider.ts";
import { loadState } from "./load-state.ts";
import type { LedgerLog } from "./log.ts";
import { primaryPaths, type PrimaryPaths } from "./paths.ts";
import { serverSeeds } from "./server-seed.ts";
import { SqliteLog } from "./sqlite-log.ts";
import { epochStartedEvent, openEpochOf } from "./start-epoch.ts";

/** What it takes to open a book. */
export interface BookOptions {
  readonly dataDir: string;
  readonly keys: Keys;
  readonly deployment: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether the wall clock may be trusted with a bet. */
  readonly clockTrusted: () => boolean;
  /** How far it has jumped, in microseconds, while it may not. */
  readonly clockAheadUs?: () => number;
  /** In which bets and deposits are taken; those of an unconfigured deployment when left out. */
  readonly currencies?: readonly Currency[] | undefined;
}

/** An open book. It is the only one of its folder. */
export interface Book {
  readonly paths: PrimaryPaths;
  readonly log: LedgerLog;
  readonly state: LedgerState;
  readonly epoch: EpochRow;
  readonly decider: GroupDecider;
  /** What ends by itself. */
  readonly due: DueIndex;
  close(): Promise<void>;
}

/**
 * Opens the book of a folder and brings it to its end; a new epoch gets its first record.
 *
 * @throws OperatorError DATA_LOCKED, LEDGER_SEALED, LEDGER_MISSING, LEDGER_DAMAGED, DATABASE_…
 */
export async function openBook(options: BookOptions): Promise<Book> {
  const paths = primaryPaths(options.dataDir);
  const lock = openLock(paths.lock, "primary");
  try {
    return await openLocked(options, paths, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openLocked(
  options: BookOptions,
  paths: PrimaryPaths,
  lock: FolderLock,
): Promise<Book> {
  refuseOrphanedState(paths);
  const ledger = openLedgerDb(paths.ledger, { create: true });
  try {
    const epoch = openEpochOf(ledger, options.clock);
    const loaded = await loadState({
      path: paths.state,
      reader: ledger.reader,
      deployment: options.deployment,
      publicKeys: () => options.keys.ownSigners(),
      log: options.log,
    });
    const log = new SqliteLog(ledger);
    const due = new DueIndex();
    due.load(loaded.state);
    const decider = decide(options, epoch, log, loaded, due);
    if (epoch.firstSeq === loaded.tree.size + 1) {
      await beginEpoch(epoch, loaded.state, decider, log, options.clock);
    }
    const close = async (): Promise<void> => {
      await log.close();
      lock.release();
    };
    return { paths, log, state: loaded.state, epoch, decider, due, close };
  } catch (error) {
    ledger.close();
    throw explain(error, paths.ledger, DAMAGED_HINT);
  }
}

/** A state without its ledger means a lost ledger: a new book must not silently take its place. */
function refuseOrphanedState(paths: PrimaryPaths): void {
  // An empty file is what a failed copy or a full disk leaves.
  const held = existsSync(paths.ledger) && statSync(paths.ledger).size > 0;
  if (held || !existsSync(paths.state)) return;
  throw new OperatorError("LEDGER_MISSING", `${paths.ledger} is gone, its state.db is there`, {
    hint: "Put ledger.db back or restore a snapshot; delete state.db only to begin a new book.",
    exitCode: EXIT.integrity,
  });
}

function decide(
  options: BookOptions,
  epoch: EpochRow,
  log: LedgerLog,
  { state, tree }: { readonly state: LedgerState; readonly tree: TreeEdge },
  due: DueIndex,
): GroupDecider {
  const { clock, keys, clockTrusted, currencies } = options;
  const deps = {
    state,
    log,
    epoch: epoch.epoch,
    clock: new RecordClock(clock, state.head().recordedAt, options.clockAheadUs),
    serverSeed: serverSeeds(keys.games, epoch.reign),
    mintPlayerRef: () => uuidv7(clock),
    clockTrusted,
    currencies: currencies === undefined ? undefined : currencyTable(currencies),
    due,
  };
  return new GroupDecider(deps, tree);
}

async function beginEpoch(
  epoch: EpochRow,
  state: LedgerState,
  decider: GroupDecider,
  log: LedgerLog,
  clock: Clock,
): Promise<void> {
  decider.begin();
  decider.addOwn(epochStartedEvent(epoch, state.head().epoch, clock));
  const group = decider.group();
  if (group === undefined) throw new Error("an epoch begins with a record");
  await log.append(group);
  decider.commit();
}
