/**
 * A place in Protobuf bytes, read forward. Whatever is out of the ordinary (a number beyond 2^53,
 * text beyond ASCII, a cut) is left to the generated reader: then {@link UNUSUAL} is thrown.
 *
 * @module
 */

/** Thrown where the generated reader has to decide; made once, because its stack says nothing. */
export const UNUSUAL = new Error("unusual Protobuf bytes");

const MORE = 0x80;
const BITS = 0x7f;
/** Seven bytes after the first hold 56 bits, more than a safe integer. */
const FURTHER_BYTES_MAX = 7;

/** Reads one message after another out of a buffer. */
export class Cursor {
  /** Bytes of the message; what lies behind `end` is not its own. */
  readonly bytes: Buffer;
  at: number;
  end: number;

  constructor(bytes: Buffer, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** An unsigned number, also a tag or a length. */
  varint(): number {
    const { bytes } = this;
    let { at } = this;
    let byte = bytes[at] as number;
    at += 1;
    if (byte < MORE) {
      this.at = at;
      return byte;
    }
    let value = byte & BITS;
    let scale = MORE;
    for (let further = 0; further < FURTHER_BYTES_MAX; further += 1) {
      byte = bytes[at] as number;
      at += 1;
      value += (byte & BITS) * scale;
      if (byte < MORE) {
        if (value > Number.MAX_SAFE_INTEGER) throw UNUSUAL;
        this.at = at;
        return value;
      }
      scale *= MORE;
    }
    throw UNUSUAL;
  }

  /** A signed number in zigzag. */
  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** Length of what follows, which must lie within the message. */
  length(): number {
    const length = this.varint();
    if (this.at + length > this.end) throw UNUSUAL;
    return length;
  }

  /** Text. */
  text(): string {
    const length = this.length();
    const from = this.at;
    this.at = from + length;
    const text = this.bytes.toString("utf8", from, this.at);
    if (text.length !== length || text.includes("\u{FFFD}")) throw UNUSUAL;
    return text;
  }

  /** Text that is likely to be `same`, which is then answered instead of a copy. */
  textLike(same: string): string {
    const start = this.at;
    const length = this.length();
    const from = this.at;
    if (length !== same.length) {
      this.at = start;
      return this.text();
    }
    for (let index = 0; index < length; index += 1) {
      if (this.bytes[from + index] === same.charCodeAt(index)) continue;
      this.at = start;
      return this.text();
    }
    this.at = from + length;
    return same;
  }

  /** Passes text that nobody asked for. */
  skipText(): void {
    const length = this.length();
    const to = this.at + length;
    let all = 0;
    for (let at = this.at; at < to; at += 1) all |= this.bytes[at] as number;
    if (all >= MORE) throw UNUSUAL;
    this.at = to;
  }

  /** Bytes, copied. */
  blob(): Uint8Array {
    const length = this.length();
    const from = this.at;
    this.at = from + length;
    return new Uint8Array(this.bytes.subarray(from, this.at));
  }

  /** Begins a message inside this one; answers where the outer one ends. */
  enter(): number {
    const length = this.length();
    const outer = this.end;
    this.end = this.at + length;
    return outer;
  }

  /** Ends a message inside this one. */
  leave(outer: number): void {
    if (this.at !== this.end) throw UNUSUAL;
    this.end = outer;
  }
}
