/**
 * Runs an audit of a replica in a process of its own.
 *
 * @module
 */
import { join } from "node:path";
import type * as v from "valibot";
import type { Logger } from "../ops/index.ts";
import { scriptCommand, spawn } from "../runtime/index.ts";
import { AuditResult, heard, type AuditOrder } from "./child-messages.ts";
import { AUDIT_MS_MAX } from "./limits.ts";
import type { ReplicaPlace } from "./replica-folder.ts";

const SCRIPT = join(import.meta.dirname, "auditor-child.ts");

/** How an audit ended; "unknown" when it could not be done. */
export type Verdict = "good" | "bad" | "unknown";

/** Options of {@link audit}. */
export interface AuditOptions {
  readonly place: ReplicaPlace;
  /** Slept between slices of rows: 0 when somebody waits for the verdict. */
  readonly pauseMs: number;
  readonly log: Logger;
  /** Ends the audit early, as unknown. */
  readonly signal: AbortSignal;
}

/** Audits a replica: its rows against its head, its head against the feed it was taken from. */
export async function audit(options: AuditOptions): Promise<Verdict> {
  const { place, log, signal } = options;
  if (signal.aborted) return "unknown";
  let settle: (verdict: Verdict) => void = () => {};
  const verdict = new Promise<Verdict>((resolve) => (settle = resolve));
  const child = await spawn({
    command: scriptCommand(SCRIPT, []),
    stdin: true,
    onStdout: (line) => {
      const result = heard(AuditResult, line)?.audit;
      if (result !== undefined) settle(judge(result, place, log));
    },
    onStderr: (line) => log.warn("auditor", { line }),
  });
  const order: AuditOrder = { path: place.path, pauseMs: options.pauseMs };
  child.write(`${JSON.stringify(order)}\n`);
  const cut = (): void => child.kill("SIGKILL");
  const limit = setTimeout(cut, AUDIT_MS_MAX);
  signal.addEventListener("abort", cut);
  void child.exited.then(() => settle("unknown"));
  const result = await verdict;
  child.end();
  signal.removeEventListener("abort", cut);
  clearTimeout(limit);
  return result;
}

function judge(
  result: v.InferOutput<typeof AuditResult>["audit"],
  place: ReplicaPlace,
  log: Logger,
): Verdict {
  const facts = { seq: result.seq, rows: result.rows, bad_buckets: result.badBuckets };
  const same = result.epoch === place.epoch && result.feed === place.feed;
  if (same && result.badBuckets.length === 0) {
    log.debug("the replica was audited", facts);
    return "good";
  }
  log.error("the replica differs from the book", facts);
  return "bad";
}
