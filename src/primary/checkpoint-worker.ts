/**
 * The checkpointer's thread: it owns the only write connection to `state.db`.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { loadKeys } from "../access/index.ts";
import { openLedgerView } from "../store/ledger-db.ts";
import { StateDb } from "../store/state-db.ts";
import type { CheckpointerOptions, FromWorker, ToWorker } from "./checkpointer.ts";
import { CATCH_UP_RECORDS_MAX, CHECKPOINT_MS } from "./limits.ts";
import { Projection } from "./projection.ts";

const port = parentPort;
if (port === null) throw new Error("the checkpointer runs in a worker thread");

const { ledgerPath, statePath, keysDir, deployment } = workerData as CheckpointerOptions;
const tell = (message: FromWorker): void => port.postMessage(message);

function open() {
  const ledger = openLedgerView(ledgerPath);
  const state = StateDb.open(statePath);
  const { privateKey } = loadKeys(keysDir).signing;
  const projection = new Projection(ledger, state, { deployment, privateKey });
  const close = (): void => {
    state.close();
    ledger.close();
  };
  return { projection, close };
}

/** Runs `body`; what it throws ends the primary. */
function guarded<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch (error) {
    clearTimeout(timer);
    const { name, message, code, hint, exitCode } = error as Error & Record<string, unknown>;
    tell({ type: "fault", fault: { name, message, code, hint, exitCode } });
    return undefined;
  }
}

let timer: ReturnType<typeof setTimeout> | undefined;
/** Until it has once caught up. */
let behind = true;
const opened = guarded(open);

/** One step. Answers whether there is more. */
function step(): boolean {
  const made = opened?.projection.step(behind ? CATCH_UP_RECORDS_MAX : undefined);
  if (made === undefined) {
    behind = false;
    return false;
  }
  tell({ type: "checkpoint", size: made.seq, note: made.note });
  return made.more;
}

function later(more: boolean): void {
  clearTimeout(timer);
  timer = setTimeout(() => guarded(() => later(step())), more ? 0 : CHECKPOINT_MS);
}

port.on("message", (message: ToWorker) => {
  guarded(() => {
    while (step());
    if (message.type === "stop") {
      clearTimeout(timer);
      opened?.close();
    }
    tell({ type: "done", id: message.id });
  });
});

guarded(() => {
  const standing = opened?.projection.standing();
  if (standing !== undefined) {
    tell({ type: "checkpoint", size: standing.seq, note: standing.note });
  }
  later(true);
});
