/** One received request, whole. */
export interface S3Request {
  readonly method: string;
  /** Path as it came over the wire, still encoded. */
  readonly rawPath: string;
  readonly rawQuery: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly bucket: string;
  /** Decoded; empty when the request concerns the bucket. */
  readonly key: string;
}

/** What is answered. */
export interface S3Response {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}
