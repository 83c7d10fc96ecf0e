/**
 * Spans of time, microseconds.
 *
 * @module
 */
import { LimitPeriod } from "./objects.ts";

export const HOUR_US = 60 * 60 * 1_000_000;
export const DAY_US = 24 * HOUR_US;
export const WEEK_US = 7 * DAY_US;
export const MONTH_US = 30 * DAY_US;

/** Window of a limit; 0 for sessions, which have none. */
export function windowOf(period: LimitPeriod | 0): number {
  if (period === LimitPeriod.DAY) return DAY_US;
  if (period === LimitPeriod.WEEK) return WEEK_US;
  return period === LimitPeriod.MONTH ? MONTH_US : 0;
}
