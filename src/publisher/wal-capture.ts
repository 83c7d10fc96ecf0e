/**
 * Reads what each commit of `wallet.db` wrote, from the write-ahead log, directly after the
 * commit returned and in its thread.
 *
 * Nothing is missed: a checkpoint inside COMMIT runs after the frames are in the file, and only
 * the next write may restart the log. Frames of an earlier life of the log have other salts;
 * frames of a failed commit have a broken running checksum or no commit mark behind them.
 *
 * Format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
 *
 * @module
 */
import { closeSync, openSync, readSync } from "node:fs";
import { FRAME_BYTES, FRAME_HEADER_BYTES, PAGE_BYTES, WAL_READ_FRAMES } from "./limits.ts";

const WAL_HEADER_BYTES = 32;
const MAGIC_LITTLE_ENDIAN = 0x377f0682;
const MAGIC_BIG_ENDIAN = 0x377f0683;

/** Pages that changed, and the size of the database behind them. */
export interface ChangedPages {
  /** Newest image of each changed page. */
  readonly pages: Map<number, Uint8Array>;
  /** Pages in the database after the last commit. */
  size: number;
}

/** A position in the write-ahead log. */
export class WalCapture implements Disposable {
  readonly #fd: number;
  readonly #block = new Uint8Array(WAL_READ_FRAMES * FRAME_BYTES);
  readonly #view = new DataView(this.#block.buffer);
  readonly #words = new Uint32Array(this.#block.buffer);
  readonly #header = new Uint8Array(WAL_HEADER_BYTES);
  #salts: readonly [number, number] = [0, 0];
  #littleEndian = true;
  /** Frame to read next, from 0. */
  #next = 0;
  #sums: Sums = [0, 0];

  /** The file must exist: SQLite makes it with the first commit. */
  constructor(walPath: string) {
    this.#fd = openSync(walPath, "r");
  }

  /** Adds the pages of every transaction committed since the last call. */
  capture(into: ChangedPages): void {
    if (!this.#readHeader()) return;
    let transaction: [number, Uint8Array][] = [];
    let sums = this.#sums;
    let at = this.#next;
    for (;;) {
      const count = this.#readFrames(at);
      for (let i = 0; i < count; i += 1, at += 1) {
        const checked = this.#checkFrame(i, sums);
        if (checked === undefined) return;
        sums = checked;
        const start = i * FRAME_BYTES;
        const page = this.#block.slice(start + FRAME_HEADER_BYTES, start + FRAME_BYTES);
        transaction.push([this.#view.getUint32(start), page]);
        const size = this.#view.getUint32(start + 4);
        if (size === 0) continue;
        commit(into, transaction, size);
        transaction = [];
        this.#next = at + 1;
        this.#sums = sums;
      }
      if (count < WAL_READ_FRAMES) return;
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  /** False when the log is empty. A log with other salts has been restarted. */
  #readHeader(): boolean {
    const header = this.#header;
    const length = readSync(this.#fd, header, 0, WAL_HEADER_BYTES, 0);
    if (length < WAL_HEADER_BYTES) return false;
    const view = new DataView(header.buffer);
    const salts = [view.getUint32(16), view.getUint32(20)] as const;
    if (salts[0] === this.#salts[0] && salts[1] === this.#salts[1]) return true;
    const magic = view.getUint32(0);
    if (magic !== MAGIC_LITTLE_ENDIAN && magic !== MAGIC_BIG_ENDIAN) return false;
    this.#littleEndian = magic === MAGIC_LITTLE_ENDIAN;
    this.#salts = salts;
    this.#next = 0;
    this.#sums = [view.getUint32(24) | 0, view.getUint32(28) | 0];
    return true;
  }

  #readFrames(first: number): number {
    const position = WAL_HEADER_BYTES + first * FRAME_BYTES;
    const length = readSync(this.#fd, this.#block, 0, this.#block.length, position);
    return Math.floor(length / FRAME_BYTES);
  }

  /** The running checksums behind frame `i` of the block, unless it doesn't belong. */
  #checkFrame(i: number, before: Sums): Sums | undefined {
    const start = i * FRAME_BYTES;
    const [first, second] = this.#salts;
    const ours =
      this.#view.getUint32(start + 8) === first && this.#view.getUint32(start + 12) === second;
    if (!ours) return undefined;
    const page = start + FRAME_HEADER_BYTES;
    let sums = this.#sum(start, start + 8, before);
    sums = this.#sum(page, page + PAGE_BYTES, sums);
    const stored = [this.#view.getInt32(start + 16), this.#view.getInt32(start + 20)];
    return sums[0] === stored[0] && sums[1] === stored[1] ? sums : undefined;
  }

  #sum(from: number, to: number, before: Sums): Sums {
    let [first, second] = before;
    // The checksum takes words in the order of the machine that writes, which is nearly always
    // this machine's: typed words are several times faster than the DataView.
    if (this.#littleEndian === NATIVE_LITTLE_ENDIAN) {
      for (let word = from >> 2; word < to >> 2; word += 2) {
        first = (first + this.#words[word]! + second) | 0;
        second = (second + this.#words[word + 1]! + first) | 0;
      }
      return [first, second];
    }
    for (let byte = from; byte < to; byte += 8) {
      first = (first + this.#view.getUint32(byte, this.#littleEndian) + second) | 0;
      second = (second + this.#view.getUint32(byte + 4, this.#littleEndian) + first) | 0;
    }
    return [first, second];
  }
}

type Sums = readonly [number, number];
const NATIVE_LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

function commit(into: ChangedPages, transaction: [number, Uint8Array][], size: number): void {
  for (const [number, page] of transaction) into.pages.set(number, page);
  for (const number of into.pages.keys()) if (number > size) into.pages.delete(number);
  into.size = size;
}
