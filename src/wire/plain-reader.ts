/**
 * Reads the plain parts of Protobuf bytes: short printable ASCII, numbers below 2^53.
 *
 * @module
 */
import { Buffer } from "node:buffer";

// Reads bytes as Latin-1 at half the price of a TextDecoder (measured).
const latin1Slice = (
  Buffer.prototype as unknown as { latin1Slice(start: number, end: number): string }
).latin1Slice;

const UUID_CHARS = 36;
const HEX_32_CHARS = 32;
/** Lower-case hex digits, by byte. */
const IS_HEX = new Uint8Array(256);
for (const digit of "0123456789abcdef") IS_HEX[digit.charCodeAt(0)] = 1;
/** Positions of the dashes in a UUID. */
const IS_DASH = new Uint8Array(UUID_CHARS);
for (const position of [8, 13, 18, 23]) IS_DASH[position] = 1;

/** Names that event after event repeats. */
export type NameKind = "currency" | "operator" | "source";

/**
 * A position in some bytes. Whatever isn't plain clears `plain`, and what is read from then on
 * means nothing. Every read moves on, also beyond the end, where nothing is plain.
 */
export class PlainReader {
  at = 0;
  plain = true;
  // Not #private: these are read for every byte, and hash names cost 70 % more (measured).
  private bytes: Uint8Array = new Uint8Array(0);
  /** All bytes as Latin-1; texts are cut out of it, which is cheaper than decoding each. */
  private source = "";
  private readonly names = { currency: "", operator: "", source: "" };

  /** Begins with other bytes. */
  begin(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.source = latin1Slice.call(bytes, 0, bytes.length);
    this.at = 0;
    this.plain = true;
  }

  giveUp(): undefined {
    this.plain = false;
    return undefined;
  }

  /** A varint below 2^53. */
  number(): number {
    const bytes = this.bytes;
    let byte = bytes[this.at++]!;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let scale = 0x80;
    for (let count = 1; count < 7; count += 1) {
      byte = bytes[this.at++]!;
      if (byte < 0x80) return value + byte * scale;
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
    }
    // The eighth byte holds bits 49 to 52.
    byte = bytes[this.at++]!;
    if (byte < 0x10) return value + byte * scale;
    this.giveUp();
    return 0;
  }

  /**
   * A tag above the one before it, as encoders write them within a message: so no field comes
   * twice. Other orders are right as well, and not plain.
   */
  after(tag: number): number {
    const next = this.number();
    if (next <= tag) this.giveUp();
    return next;
  }

  /** An int64 from 0 to 2^53 - 1. */
  amount(): bigint {
    return BigInt(this.number());
  }

  /** A sint64 between -2^52 and 2^52. */
  signed(): bigint {
    const coded = this.number();
    return BigInt(coded % 2 === 0 ? coded / 2 : -(coded + 1) / 2);
  }

  /** A number of at most `max`. */
  upTo(max: number): number {
    const value = this.number();
    if (value > max) this.giveUp();
    return value;
  }

  bool(): boolean {
    return this.upTo(1) === 1;
  }

  /** Where the length-delimited field that begins here ends. */
  end(): number {
    const length = this.number();
    return this.at + length;
  }

  /** At most `max` bytes of printable ASCII, and never more than 127. */
  text(max: number): string {
    const bytes = this.bytes;
    const start = this.at + 1;
    const length = bytes[this.at]!;
    const end = start + length;
    this.at = end;
    if (!(length < 0x80 && length <= max)) {
      this.giveUp();
      return "";
    }
    for (let index = start; index < end; index += 1) {
      const byte = bytes[index]!;
      if (!(byte >= 0x20 && byte < 0x7f)) {
        this.giveUp();
        return "";
      }
    }
    return this.source.substring(start, end);
  }

  /**
   * A name that event after event repeats, of the same kind as texts: the very text that was read
   * as this kind the last time, when it is the same. What outlives its event must not be cut out
   * of the event's text, which it would keep in memory as a whole.
   */
  name(kind: NameKind, max: number): string {
    const last = this.names[kind];
    const start = this.at + 1;
    const length = this.bytes[this.at]!;
    if (length > 0 && length === last.length && this.source.startsWith(last, start)) {
      this.at = start + length;
      return last;
    }
    const text = this.text(max);
    if (!this.plain || text === "") return text;
    return (this.names[kind] = latin1Slice.call(this.bytes, start, start + length));
  }

  /** Bytes, copied. */
  blob(): Uint8Array {
    const start = this.at;
    const end = this.end();
    const first = this.at;
    if (!(end <= this.bytes.length)) this.giveUp();
    this.at = end > start ? end : start + 1;
    return this.plain ? this.bytes.slice(first, end) : new Uint8Array(0);
  }

  /** 32 lower-case hex digits, or nothing at all. */
  hex32(): string {
    const bytes = this.bytes;
    const start = this.at + 1;
    const length = bytes[this.at]!;
    const end = start + length;
    this.at = end;
    let good = length === HEX_32_CHARS;
    for (let index = start; good && index < end; index += 1) good = IS_HEX[bytes[index]!] === 1;
    if (!good && length !== 0) this.giveUp();
    return this.source.substring(start, end);
  }

  /** A canonical UUIDv7, or nothing at all. */
  uuidV7(): string {
    const bytes = this.bytes;
    const start = this.at + 1;
    const length = bytes[this.at]!;
    const end = start + length;
    this.at = end;
    if (length === 0) return "";
    let good = length === UUID_CHARS;
    for (let index = 0; good && index < UUID_CHARS; index += 1) {
      const byte = bytes[start + index]!;
      good = IS_DASH[index] === 1 ? byte === 0x2d : IS_HEX[byte] === 1;
    }
    const variant = bytes[start + 19];
    good &&= bytes[start + 14] === 0x37;
    good &&= variant === 0x38 || variant === 0x39 || variant === 0x61 || variant === 0x62;
    if (!good) this.giveUp();
    return this.source.substring(start, end);
  }
}
