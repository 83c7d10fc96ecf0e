/**
 * The checkpointer's thread: it owns the only write connections to `state.db` and `tree.db`, and
 * makes the proofs, so that the writer's own thread does neither.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../runtime/index.ts";
import type { CheckpointerOptions, FromWorker, ToWorker } from "./checkpointer.ts";
import { openDerivedFiles } from "./derived-files.ts";
import { CATCH_UP_RECORDS_MAX, CHECKPOINT_MS, CHECKPOINT_ON_DEMAND_MS } from "./limits.ts";
import { sizeNeeded, type ProofQuestion } from "./proof-messages.ts";

const port = parentPort;
if (port === null) throw new Error("the checkpointer runs in a worker thread");

const tell = (message: FromWorker): void => port.postMessage(message);

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
let steppedMs = -Infinity;
let stopped = false;
/** Until it has once caught up. */
let behind = true;
const opened = guarded(() =>
  openDerivedFiles(workerData as CheckpointerOptions, (level, message, fields) => {
    tell({ type: "log", level, message, fields });
  }),
);

/** One step. Answers whether there is more. */
function step(): boolean {
  steppedMs = systemClock.monotonicMs();
  const made = opened?.projection.step(behind ? CATCH_UP_RECORDS_MAX : undefined);
  if (made === undefined) {
    behind = false;
    return false;
  }
  tell({ type: "checkpoint", size: made.seq, note: made.note });
  return made.more;
}

/** What is due now. Answers after how many milliseconds something may be due again. */
function turn(): number {
  const waitMs = steppedMs + CHECKPOINT_MS - systemClock.monotonicMs();
  if ((behind || waitMs <= 0) && step()) return 0;
  if (opened?.keeper.catchUp(opened.projection.tree.size) === true) return 0;
  return behind ? 0 : Math.max(0, steppedMs + CHECKPOINT_MS - systemClock.monotonicMs());
}

function later(ms: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => guarded(() => later(turn())), ms);
}

/** Answers a question; one about records behind the last checkpoint makes a new one. */
function ask(id: number, question: ProofQuestion): void {
  if (opened === undefined || stopped) return;
  if (sizeNeeded(question) > opened.projection.tree.size) {
    const waitMs = steppedMs + CHECKPOINT_ON_DEMAND_MS - systemClock.monotonicMs();
    if (waitMs > 0) {
      setTimeout(() => guarded(() => ask(id, question)), waitMs);
      return;
    }
    while (step());
  }
  tell({ type: "answer", id, answer: opened.prover.answer(question) });
}

port.on("message", (message: ToWorker) => {
  guarded(() => {
    if (message.type === "ask") return ask(message.id, message.question);
    while (step());
    if (message.type === "stop") {
      clearTimeout(timer);
      stopped = true;
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
  later(0);
});
