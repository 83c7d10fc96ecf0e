/**
 * What every process needs to be operated: errors with hints, exit codes, logs, metrics, a tidy
 * beginning and end.
 *
 * @module
 */
export { OperatorError } from "./errors.ts";
export type { OperatorErrorOptions } from "./errors.ts";
export { EXIT } from "./exit-codes.ts";
export type { ExitCode } from "./exit-codes.ts";
export { LOG_LEVELS, logger } from "./logger.ts";
export type { Logger, LogFields, LoggerOptions, LogLevel } from "./logger.ts";
export { createMetrics, LATENCY_SECONDS } from "./metrics.ts";
export type { HistogramOptions, MetricOptions, Metrics } from "./metrics.ts";
export { describeFailure, onShutdown, printReady, runCommand, SHUTDOWN_MS_MAX } from "./process.ts";
export type { ReadyLine, Shutdown, ShutdownOptions } from "./process.ts";
