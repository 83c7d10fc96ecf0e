/** Nobody could be asked just now: Telegram shall bring the update again. */
export class BotUnavailableError extends Error {
  override readonly name = "BotUnavailableError";
  readonly code: string;
  /** Seconds that Telegram shall wait, when that is known. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: string,
    message: string,
    options: { readonly retryAfter?: number; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfterSeconds = options.retryAfter;
  }
}
