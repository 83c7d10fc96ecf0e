import { RUNNER_POLL_MS } from "./limits.ts";

/**
 * Under a package runner (`bun run dev`) a killed runner leaves this process behind with nobody to
 * tell it. Calls `onGone` once when that happens. Started by hand, `dev` may outlive its shell.
 */
export function watchRunner(onGone: () => void): void {
  if (process.env["npm_lifecycle_event"] === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, RUNNER_POLL_MS);
  timer.unref();
}
