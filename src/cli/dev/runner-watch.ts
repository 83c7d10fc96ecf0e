/**
 * Notices that the package runner which started `dev` is gone.
 *
 * A killed `bun run dev` leaves its script behind with nobody to tell it. Under
 * `npx bun@… run dev` a plain kill of npx does the same to both. Started by hand, `dev` may outlive
 * its shell, so only runners are watched.
 *
 * @module
 */
import { readFileSync, readlinkSync } from "node:fs";
import { RUNNER_POLL_MS } from "./limits.ts";

/** The package scripts that run this command; another script may start it and end before it. */
const SCRIPTS: ReadonlySet<string | undefined> = new Set(["dev", "countroom"]);

/** Calls `onGone` once when the runner has ended. Does nothing when there is none. */
export function watchRunner(onGone: () => void): void {
  const { npm_lifecycle_event: event, npm_config_user_agent: agent } = process.env;
  if (!SCRIPTS.has(event)) return;
  const runner = process.ppid;
  // Bun names itself as the agent; npm's name means that npx runs Bun's runner.
  const nested = agent?.startsWith("npm/") === true && isBun(runner);
  const above = nested ? parentOf(runner) : undefined;
  const timer = setInterval(() => {
    if (process.ppid === runner && (above === undefined || parentOf(runner) === above)) return;
    clearInterval(timer);
    onGone();
  }, RUNNER_POLL_MS);
  timer.unref();
}

function isBun(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`) === readlinkSync("/proc/self/exe");
  } catch {
    return false;
  }
}

/** The parent of a process; undefined where the system doesn't say. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command's name stands in brackets and may hold anything; then state and parent.
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
}
