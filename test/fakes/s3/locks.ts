/** Object Lock: who may set, shorten, lift and bypass what. */
import { accessDenied, invalidArgument, S3Error } from "./errors.ts";

const DAY_MS = 86_400_000;
const DAYS_MAX = 3_000;

export type Mode = "COMPLIANCE" | "GOVERNANCE";

export interface Retention {
  readonly mode: Mode;
  readonly untilMs: number;
}

/** Retention that a bucket gives to what comes without one. */
export interface DefaultRetention {
  readonly mode: Mode;
  readonly days: number;
}

export interface BucketLock {
  readonly enabled: boolean;
  readonly defaultRetention?: DefaultRetention;
}

/** Retention of a new version: from its headers, else the bucket's default. */
export function retentionOfPut(
  headers: Readonly<Record<string, string>>,
  lock: BucketLock,
  nowMs: number,
): Retention | undefined {
  const mode = headers["x-amz-object-lock-mode"];
  const until = headers["x-amz-object-lock-retain-until-date"];
  if (mode === undefined && until === undefined) {
    const fallback = lock.defaultRetention;
    if (fallback === undefined) return undefined;
    return { mode: fallback.mode, untilMs: seconds(nowMs + fallback.days * DAY_MS) };
  }
  if (!lock.enabled) {
    throw new S3Error(400, "InvalidRequest", "Bucket is missing ObjectLockConfiguration");
  }
  if (mode === undefined || until === undefined) {
    throw invalidArgument("x-amz-object-lock-mode and -retain-until-date belong together");
  }
  return parseRetention(mode, until, nowMs);
}

/** A retention as headers or XML give it. */
export function parseRetention(mode: string, until: string, nowMs: number): Retention {
  if (mode !== "COMPLIANCE" && mode !== "GOVERNANCE") throw invalidArgument("Unknown wormMode");
  const untilMs = Date.parse(until);
  if (!/^\d{4}-\d\d-\d\dT/.test(until) || Number.isNaN(untilMs)) {
    throw invalidArgument("The retain until date must be provided in ISO 8601 format");
  }
  if (untilMs <= nowMs) throw invalidArgument("The retain until date must be in the future!");
  if (untilMs > nowMs + DAYS_MAX * DAY_MS) {
    throw invalidArgument(`The retain until date must be within ${DAYS_MAX} days`);
  }
  return { mode, untilMs: seconds(untilMs) };
}

/** Refuses a change of a retention that its mode doesn't allow. */
export function checkChange(
  old: Retention | undefined,
  wanted: Retention,
  bypass: boolean,
  nowMs: number,
): void {
  if (old === undefined || old.untilMs <= nowMs) return;
  const shorter = wanted.untilMs < old.untilMs;
  const weaker = old.mode === "COMPLIANCE" && wanted.mode === "GOVERNANCE";
  if (!shorter && !weaker) return;
  if (old.mode === "COMPLIANCE" || !bypass) {
    throw accessDenied("The object is locked: its retention can only be extended");
  }
}

/** Refuses to remove a version that is locked or held. */
export function checkRemoval(
  retention: Retention | undefined,
  hold: boolean,
  bypass: boolean,
  nowMs: number,
): void {
  if (hold) throw accessDenied("The object is under legal hold");
  if (retention === undefined || retention.untilMs <= nowMs) return;
  if (retention.mode === "COMPLIANCE" || !bypass) throw accessDenied("The object is locked");
}

const seconds = (ms: number): number => Math.floor(ms / 1000) * 1000;
