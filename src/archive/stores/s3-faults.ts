/**
 * What an S3 reply means for the request: try again, stop, or page somebody.
 *
 * @module
 */
import { ArchiveError } from "../errors.ts";
import { RETRY_BASE_MS, RETRY_PAUSE_MS_MAX } from "../limits.ts";
import { xmlText } from "./s3-xml.ts";

/** A failed request as the server told it; status 0 when no reply came. */
export interface S3Fault {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** From Retry-After. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

export type FaultClass = "retry" | "missing" | "config" | "denied" | "failed";

const RETRY_STATUS = new Set([0, 408, 429, 500, 502, 503, 504]);
const RETRY_CODES = new Set([
  "IncompleteBody",
  "InternalError",
  "OperationAborted",
  "RequestTimeout",
  "ServiceUnavailable",
  "SlowDown",
]);
/** B2 says so when a connection lost part of the body; WAL-G gave up on it and lost uploads. */
const RETRY_MESSAGE = /request body was too small/i;
const CONFIG_STATUS = new Set([301, 307, 308, 400, 405, 411, 412, 501]);

/** Reads a reply's fault. An empty body (HEAD) leaves the status to speak. */
export function faultOf(status: number, headers: Headers, body: string): S3Fault {
  return {
    status,
    code: xmlText(body, "Code") ?? `HTTP${status}`,
    message: xmlText(body, "Message") ?? "",
    retryAfterMs: retryAfterMs(headers),
  };
}

function retryAfterMs(headers: Headers): number | undefined {
  const seconds = headers.get("retry-after");
  return seconds !== null && /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}

/** Sorts a fault. 501 is never retried: the server will not learn the header by and by. */
export function classify(fault: S3Fault): FaultClass {
  if (RETRY_STATUS.has(fault.status) || RETRY_CODES.has(fault.code)) return "retry";
  if (RETRY_MESSAGE.test(fault.message)) return "retry";
  if (fault.status === 404 && fault.code !== "NoSuchBucket") return "missing";
  if (fault.status === 401 || fault.status === 403) return "denied";
  if (CONFIG_STATUS.has(fault.status) || fault.code === "NoSuchBucket") return "config";
  return "failed";
}

/** Pause before the next attempt: what the server asks for, or at random below a doubling cap. */
export function pauseMs(attempt: number, fault: S3Fault, jitter: number): number {
  const cap = Math.min(RETRY_PAUSE_MS_MAX, RETRY_BASE_MS * 2 ** attempt);
  const own = cap * jitter;
  return Math.min(RETRY_PAUSE_MS_MAX, Math.max(fault.retryAfterMs ?? 0, own));
}

/** The fault as an error for operators. */
export function faultError(what: string, object: string, fault: S3Fault): ArchiveError {
  const told = `${fault.code}${fault.message === "" ? "" : `: ${fault.message}`}`;
  const text = `${what} was refused: ${told}`;
  const { cause } = fault;
  const kind = classify(fault);
  switch (kind) {
    case "retry":
      return new ArchiveError("ARCHIVE_STORE_FAILED", `${what} failed at every attempt: ${told}`, {
        object,
        cause,
        hint: "Run it again when the store answers; nothing that is stored is lost.",
      });
    case "denied":
      return new ArchiveError("ARCHIVE_STORE_DENIED", text, {
        object,
        hint: "The key is wrong, revoked or lacks a capability, or a cap is reached.",
      });
    case "missing":
      return new ArchiveError("ARCHIVE_GAP", `${what} found nothing: ${told}`, { object });
    case "config":
      return new ArchiveError("ARCHIVE_STORE_CONFIG", text, {
        object,
        hint: "Check bucket, --region and --endpoint; locks need a bucket with Object Lock.",
      });
    case "failed":
      return new ArchiveError("ARCHIVE_STORE_FAILED", text, { object });
    default:
      return kind satisfies never;
  }
}
