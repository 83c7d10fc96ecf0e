/** Why a credential is not accepted. */
export type AccessCode = "ACCESS_UNAUTHENTICATED" | "ACCESS_EXPIRED";

/** A credential that can't be accepted. The message never repeats the token. */
export class AccessError extends Error {
  override readonly name = "AccessError";
  readonly code: AccessCode;

  constructor(code: AccessCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
