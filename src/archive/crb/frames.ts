/**
 * Plaintext as a zstd stream that can be read in bounded memory.
 *
 * Every MiB is a standard frame of its own, announced by a skippable frame (RFC 8878 §3.1.2) that
 * tells both lengths; padding and trailer are skippable frames too. So any zstd tool reads the
 * whole stream, and ours never trusts a length that zstd doesn't check.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { zstdCompress } from "../../runtime/index.ts";
import { BLOCK_BYTES, FRAME_RAW_BYTES } from "../limits.ts";

export const SKIP_LENGTHS = 0x184d2a50;
export const SKIP_TRAILER = 0x184d2a51;
export const SKIP_PADDING = 0x184d2a52;
/** Magic and size of a skippable frame. */
export const SKIP_BYTES = 8;
const LENGTHS_BYTES = SKIP_BYTES + 8;

/** Compressed plaintext, ready to be sealed. */
export interface Packed {
  readonly parts: Uint8Array[];
  /** Bytes of plaintext. */
  readonly raw: number;
  /** Bytes of `parts`. */
  readonly stored: number;
  /** Digest of the plaintext. */
  readonly sha256: Uint8Array;
}

/** Compresses what is added, piece by piece. */
export class FramePacker {
  #buffer = new Uint8Array(FRAME_RAW_BYTES);
  #filled = 0;
  #raw = 0;
  #stored = 0;
  #parts: Uint8Array[] = [];
  readonly #hash = createHash("sha256");

  /** Bytes of plaintext added so far. */
  get raw(): number {
    return this.#raw;
  }

  add(bytes: Uint8Array): void {
    this.#raw += bytes.length;
    let rest = bytes;
    while (rest.length > 0) {
      const room = Math.min(rest.length, FRAME_RAW_BYTES - this.#filled);
      this.#buffer.set(rest.subarray(0, room), this.#filled);
      this.#filled += room;
      rest = rest.subarray(room);
      if (this.#filled === FRAME_RAW_BYTES) this.#flush();
    }
  }

  finish(): Packed {
    if (this.#filled > 0) this.#flush();
    const sha256 = new Uint8Array(this.#hash.digest());
    return { parts: this.#parts, raw: this.#raw, stored: this.#stored, sha256 };
  }

  #flush(): void {
    const piece = this.#buffer.subarray(0, this.#filled);
    this.#hash.update(piece);
    const frame = zstdCompress(piece);
    const lengths = skippable(SKIP_LENGTHS, new Uint8Array(8));
    const view = new DataView(lengths.buffer);
    view.setUint32(SKIP_BYTES, this.#filled, true);
    view.setUint32(SKIP_BYTES + 4, frame.length, true);
    this.#parts.push(lengths, frame);
    this.#stored += LENGTHS_BYTES + frame.length;
    this.#filled = 0;
  }
}

/** A skippable frame around a payload. */
export function skippable(magic: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(SKIP_BYTES + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, payload.length, true);
  frame.set(payload, SKIP_BYTES);
  return frame;
}

/**
 * The end of a stream of `stored` bytes: padding when needed, then the trailer, so that the
 * trailer lies whole inside the last block.
 */
export function trailerFrames(stored: number, trailer: Uint8Array): Uint8Array[] {
  const end = skippable(SKIP_TRAILER, trailer);
  const room = BLOCK_BYTES - (stored % BLOCK_BYTES);
  if (end.length <= room) return [end];
  return [skippable(SKIP_PADDING, new Uint8Array(Math.max(room - SKIP_BYTES, 0))), end];
}
