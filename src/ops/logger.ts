/**
 * JSON lines on standard error, one object each: time, level, role, message and fields.
 *
 * @module
 */
import { systemClock, type Clock } from "../runtime/index.ts";

/** Levels, least important first. */
export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Values a log line may carry. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes what people read when something goes wrong. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to every line. */
  with(fields: LogFields): Logger;
}

/** Options of {@link logger}. */
export interface LoggerOptions {
  readonly level?: LogLevel;
  readonly clock?: Clock;
  readonly write?: (line: string) => void;
}

/** A value longer than this is cut: a log is no place for bodies. */
const VALUE_CHARS_MAX = 2_000;
/** Nested errors beyond this depth are left out. */
const CAUSE_DEPTH_MAX = 4;
/** Names of fields that may hold a credential. */
const SECRET_NAME = /token|secret|password|authorization|cookie|private|credential|api_?key/i;
/** Values that are secrets wherever they turn up: tokens, bot tokens, age and PEM keys. */
const SECRET_VALUES: readonly RegExp[] = [
  /eyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g,
  /(?<!\d)\d{6,}:[\w-]{30,}/g,
  /AGE-SECRET-KEY-1\w+/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*/g,
];

/** A logger for one process. `level` "silent" writes nothing. */
export function logger(role: string, options: LoggerOptions = {}): Logger {
  const clock = options.clock ?? systemClock;
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  const least = LOG_LEVELS.indexOf(options.level ?? "info");
  const at = (base: LogFields): Logger => {
    const line = (level: LogLevel) => (message: string, fields?: LogFields) => {
      if (LOG_LEVELS.indexOf(level) < least) return;
      const time = new Date(Math.floor(clock.nowUs() / 1000)).toISOString();
      const rest = { ...base, ...fields };
      write(`${toLine({ time, level, role, message: redact(message), ...clean(rest) })}\n`);
    };
    return {
      debug: line("debug"),
      info: line("info"),
      warn: line("warn"),
      error: line("error"),
      with: (fields) => at({ ...base, ...fields }),
    };
  };
  return at({});
}

function clean(fields: LogFields): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    out[name] = SECRET_NAME.test(name) && value !== undefined ? "[hidden]" : plain(value, 0);
  }
  return out;
}

function plain(value: unknown, depth: number): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string") return redact(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Error) return plainError(value, depth);
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (depth >= CAUSE_DEPTH_MAX) return "[deep]";
  if (Array.isArray(value)) return value.map((one) => plain(one, depth + 1));
  const out: Record<string, unknown> = {};
  for (const [name, one] of Object.entries(value)) {
    out[name] = SECRET_NAME.test(name) ? "[hidden]" : plain(one, depth + 1);
  }
  return out;
}

function plainError(error: Error, depth: number): unknown {
  const { code, hint } = error as { code?: unknown; hint?: unknown };
  return {
    name: error.name,
    message: redact(error.message),
    ...(code === undefined ? {} : { code }),
    ...(hint === undefined || hint === "" ? {} : { hint }),
    ...(error.stack === undefined || depth > 0 ? {} : { stack: redact(error.stack) }),
    ...(error.cause === undefined || depth >= CAUSE_DEPTH_MAX
      ? {}
      : { cause: plain(error.cause, depth + 1) }),
  };
}

function redact(text: string): string {
  const hidden = SECRET_VALUES.reduce((rest, secret) => rest.replace(secret, "[hidden]"), text);
  return hidden.length > VALUE_CHARS_MAX ? `${hidden.slice(0, VALUE_CHARS_MAX)}…` : hidden;
}

function toLine(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    // A cycle in a field must not take the process down with it.
    return JSON.stringify({ level: "error", message: "a log line could not be written" });
  }
}
