import { EXIT, type ExitCode } from "./exit-codes.ts";

/** Options of {@link OperatorError}. */
export interface OperatorErrorOptions {
  /** One sentence with the command to run or the setting to change. */
  readonly hint?: string;
  readonly exitCode?: ExitCode;
  readonly cause?: unknown;
}

/** A failure that an operator can act on: a stable code, what happened, and what to do. */
export class OperatorError extends Error {
  override readonly name: string = "OperatorError";
  readonly code: string;
  readonly hint: string;
  readonly exitCode: ExitCode;

  constructor(code: string, message: string, options: OperatorErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? "";
    this.exitCode = options.exitCode ?? EXIT.failed;
  }
}
