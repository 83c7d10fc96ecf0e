/** A Bot API call that failed, as Telegram words it. */
export class BotApiError extends Error {
  override readonly name = "BotApiError";
  readonly errorCode: number;
  readonly retryAfter: number | undefined;

  constructor(errorCode: number, description: string, retryAfter?: number) {
    super(description);
    this.errorCode = errorCode;
    this.retryAfter = retryAfter;
  }

  /** Telegram's error envelope. */
  envelope(): Record<string, unknown> {
    return {
      ok: false,
      error_code: this.errorCode,
      description: this.message,
      ...(this.retryAfter === undefined ? {} : { parameters: { retry_after: this.retryAfter } }),
    };
  }
}

/** A 400 with Telegram's prefix. */
export function badRequest(text: string): BotApiError {
  return new BotApiError(400, `Bad Request: ${text}`);
}
