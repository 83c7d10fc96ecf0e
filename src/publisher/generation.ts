import { FRAME_BYTES, FRAME_HEADER_BYTES } from "./limits.ts";
import type { Image } from "./image.ts";

interface Transaction {
  /** Frames of the generation in front of it. */
  readonly before: number;
  readonly bytes: Uint8Array;
  readonly seq: number;
}

/** A run of transactions whose frames are numbered from 1. */
export class Generation {
  readonly number: number;
  readonly #transactions: Transaction[] = [];
  #frames = 0;

  constructor(number: number) {
    this.number = number;
  }

  get frames(): number {
    return this.#frames;
  }

  append(bytes: Uint8Array, seq: number): void {
    this.#transactions.push({ before: this.#frames, bytes, seq });
    this.#frames += bytes.length / FRAME_BYTES;
  }

  /** At most `limit` frames from frame `from` on, which must exist. */
  read(from: number, limit: number): Uint8Array {
    const count = Math.min(limit, this.#frames - from + 1);
    let index = this.#indexOf(from);
    const first = this.#transactions[index]!;
    const start = (from - 1 - first.before) * FRAME_BYTES;
    const end = start + count * FRAME_BYTES;
    if (end <= first.bytes.length) return first.bytes.subarray(start, end);
    const answer = new Uint8Array(count * FRAME_BYTES);
    answer.set(first.bytes.subarray(start));
    for (let at = first.bytes.length - start; at < answer.length;) {
      const next = this.#transactions[(index += 1)]!.bytes;
      answer.set(next.subarray(0, answer.length - at), at);
      at += next.length;
    }
    return answer;
  }

  /** Whether a transaction, or the generation, begins at this frame. */
  beginsAt(frame: number): boolean {
    if (frame === this.#frames + 1) return true;
    return this.#transactions[this.#indexOf(frame)]?.before === frame - 1;
  }

  /** Seq of the last transaction that ends at or before `frame`. */
  seqAt(frame: number): number | undefined {
    if (frame >= this.#frames) return this.#transactions.at(-1)?.seq;
    return this.#transactions[this.#indexOf(frame + 1) - 1]?.seq;
  }

  /** Brings an image from the start of this generation to its end. */
  applyTo(image: Image): void {
    for (const { bytes } of this.#transactions) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      for (let at = 0; at < bytes.length; at += FRAME_BYTES) {
        image.write(view.getUint32(at), bytes.subarray(at + FRAME_HEADER_BYTES, at + FRAME_BYTES));
      }
      image.resize(view.getUint32(bytes.length - FRAME_BYTES + 4));
    }
  }

  /** Index of the transaction that holds `frame`, by bisection. */
  #indexOf(frame: number): number {
    let low = 0;
    let high = this.#transactions.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#transactions[middle]!.before < frame) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
