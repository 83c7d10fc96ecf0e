/** A refusal as S3 words it. */
export class S3Error extends Error {
  override readonly name = "S3Error";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const accessDenied = (why = "Access Denied"): S3Error => {
  return new S3Error(403, "AccessDenied", why);
};

export const invalidArgument = (message: string): S3Error => {
  return new S3Error(400, "InvalidArgument", message);
};
