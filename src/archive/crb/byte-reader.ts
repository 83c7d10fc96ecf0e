/** Cuts a stream of byte pieces into pieces of wanted lengths, holding only what is needed. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array(0);
  #taken = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Bytes handed out so far. */
  get position(): number {
    return this.#taken;
  }

  /** The next `length` bytes, or fewer when the stream ends before. A view: use it at once. */
  async take(length: number): Promise<Uint8Array> {
    if (this.#piece.length >= length) return this.#cut(length);
    const out = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      if (this.#piece.length === 0 && !(await this.#more())) break;
      const part = this.#piece.subarray(0, length - filled);
      out.set(part, filled);
      filled += part.length;
      this.#piece = this.#piece.subarray(part.length);
    }
    this.#taken += filled;
    return out.subarray(0, filled);
  }

  /** Whether nothing follows. */
  async ended(): Promise<boolean> {
    return this.#piece.length === 0 && !(await this.#more());
  }

  /** Ends the source early, so that it closes its file or connection. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  #cut(length: number): Uint8Array {
    const out = this.#piece.subarray(0, length);
    this.#piece = this.#piece.subarray(length);
    this.#taken += length;
    return out;
  }

  async #more(): Promise<boolean> {
    for (;;) {
      const next = await this.#source.next();
      if (next.done === true) return false;
      if (next.value.length === 0) continue;
      this.#piece = next.value;
      return true;
    }
  }
}
