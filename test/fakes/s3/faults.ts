/** Makes requests fail on demand: before they act, after they acted, or in what they answer. */
import type { S3Request } from "./request.ts";

/** What goes wrong. */
export type FaultKind =
  /** Answer this status and code, without acting. */
  | "status"
  /** Cut the connection, without acting. */
  | "reset"
  /** Act, then cut the connection. */
  | "reset-after"
  /** Act, then answer 200 with an <Error> body. */
  | "error-in-200"
  /** Answer a GET, but cut the connection halfway. */
  | "cut"
  /** Answer a GET with one bit changed. */
  | "wrong-bytes"
  /** Answer a ranged GET with another range. */
  | "wrong-range"
  /** Answer a PUT with another ETag. */
  | "wrong-etag"
  /** Store a PUT without its lock, as clients do that lose headers. */
  | "drop-lock"
  /** Store a PUT with a lock that ends a day early. */
  | "short-lock";

export interface Fault {
  readonly kind: FaultKind;
  readonly method?: string;
  /** Only keys that contain this text. */
  readonly key?: string;
  /** Only requests with this query parameter. */
  readonly query?: string;
  /** How many requests fail. */
  readonly times: number;
  /** How many matching requests pass before. */
  readonly skip?: number;
  readonly status?: number;
  readonly code?: string;
  readonly message?: string;
  readonly retryAfter?: string;
}

const ARMED_MAX = 100;

export class Faults {
  readonly #armed: { readonly fault: Fault; left: number; skip: number }[] = [];

  arm(fault: Fault): void {
    if (this.#armed.length >= ARMED_MAX) this.#armed.shift();
    this.#armed.push({ fault, left: fault.times, skip: fault.skip ?? 0 });
  }

  clear(): void {
    this.#armed.length = 0;
  }

  /** The fault armed for such a request, which it uses up. */
  take(request: S3Request): Fault | undefined {
    for (const armed of this.#armed) {
      const { fault } = armed;
      if (armed.left === 0) continue;
      if (fault.method !== undefined && fault.method !== request.method) continue;
      if (fault.key !== undefined && !request.key.includes(fault.key)) continue;
      if (fault.query !== undefined && !request.query.has(fault.query)) continue;
      if (armed.skip > 0) {
        armed.skip -= 1;
        continue;
      }
      armed.left -= 1;
      return fault;
    }
    return undefined;
  }
}
