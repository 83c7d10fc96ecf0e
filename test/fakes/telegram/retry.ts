/** Telegram's retry schedule, pure so that it can be read and tested. */
import { RETRY_AFTER_SECONDS_MAX, RETRY_BASE_MS, RETRY_CAP_MS } from "./limits.ts";

/**
 * How long to wait after the n-th failed attempt (from 1): the first retry comes at once, then
 * 2, 4, 8… s, at most a random 60 to 120 s. A Retry-After of the webhook wins.
 *
 * @param random in [0, 1)
 */
export function retryDelayMs(failed: number, random: number, retryAfter?: string | null): number {
  if (retryAfter !== undefined && retryAfter !== null && /^[0-9]{1,6}$/.test(retryAfter)) {
    return 1000 * Math.min(Number(retryAfter), RETRY_AFTER_SECONDS_MAX);
  }
  if (failed <= 1) return 0;
  const [low, high] = RETRY_CAP_MS;
  const cap = low + Math.floor(random * (high - low));
  return Math.min(RETRY_BASE_MS * 2 ** Math.min(failed - 2, 20), cap);
}
