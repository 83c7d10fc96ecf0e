/**
 * Time: the whole command's budget, and the shares that measurements get of it.
 */

/** Milliseconds on a clock that is never set back. */
export function nowMs(): number {
  return Bun.nanoseconds() / 1e6;
}

/** A measurement that ran out of time. Its row says so. */
export class OutOfTime extends Error {
  override readonly name = "OutOfTime";
}

/** A stretch of time that ends at a fixed moment. */
export class Budget {
  readonly #endMs: number;

  constructor(seconds: number) {
    this.#endMs = nowMs() + seconds * 1_000;
  }

  get leftMs(): number {
    return Math.max(0, this.#endMs - nowMs());
  }

  get leftSeconds(): number {
    return this.leftMs / 1_000;
  }

  /** A part of what is left. */
  share(part: number): Budget {
    return new Budget(this.leftSeconds * part);
  }

  /** Throws unless there is still this much time. */
  need(seconds: number, forWhat: string): void {
    if (this.leftSeconds >= seconds) return;
    const left = Math.floor(this.leftSeconds);
    throw new OutOfTime(`${forWhat} needs ${Math.ceil(seconds)} s, ${left} s are left`);
  }

  /** The promise, or OutOfTime when the stretch ends first. */
  async within<T>(promise: Promise<T>, what: string): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new OutOfTime(`${what} took too long`)), this.leftMs);
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
