/**
 * Views of one buffer's beginning, one for each length that was asked for: making a view costs more
 * than hashing what it shows.
 *
 * @module
 */

const KEPT_MAX = 4096;

/** A buffer that is written and hashed over and over. */
export class Scratch {
  bytes: Buffer;
  #views: (Buffer | undefined)[] = [];

  constructor(size: number) {
    this.bytes = Buffer.alloc(size);
  }

  /** Makes room; what was in the buffer is gone when it has to grow. */
  reserve(size: number): Buffer {
    if (this.bytes.length < size) {
      this.bytes = Buffer.alloc(size * 2);
      this.#views = [];
    }
    return this.bytes;
  }

  /** The first bytes. */
  view(size: number): Buffer {
    if (size > KEPT_MAX) return this.bytes.subarray(0, size);
    return (this.#views[size] ??= this.bytes.subarray(0, size));
  }
}
