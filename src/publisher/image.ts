import { PAGE_BYTES } from "./limits.ts";

/** A database file in memory, written page by page. */
export class Image {
  #buffer: Uint8Array;
  #length: number;

  /** Takes the bytes over. */
  constructor(bytes: Uint8Array) {
    this.#buffer = bytes;
    this.#length = bytes.length;
  }

  /** The file. Valid until the next write. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  copy(): Image {
    return new Image(this.bytes.slice());
  }

  /** Writes page `number`, counted from 1; the file grows as needed. */
  write(number: number, page: Uint8Array): void {
    const at = (number - 1) * PAGE_BYTES;
    this.#reserve(at + PAGE_BYTES);
    this.#buffer.set(page, at);
    this.#length = Math.max(this.#length, at + PAGE_BYTES);
  }

  /** Cuts the file to, or fills it with zeros up to, this many pages. */
  resize(pages: number): void {
    const length = pages * PAGE_BYTES;
    this.#reserve(length);
    if (length < this.#length) this.#buffer.fill(0, length, this.#length);
    this.#length = length;
  }

  #reserve(length: number): void {
    if (length <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(length, Math.ceil(this.#buffer.length * 1.25)));
    grown.set(this.bytes);
    this.#buffer = grown;
  }
}
