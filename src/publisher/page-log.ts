/**
 * The virtual page log: what replicas are served instead of the real write-ahead log.
 *
 * Each tick appends one transaction that holds the newest image of every page it changed, each
 * page once, ordered by number, the database size on the last frame only. Frames are numbered
 * from 1 within a generation. A generation ends only behind a transaction, so no replica ever
 * meets a generation's end inside one.
 *
 * @module
 */
import type { ChangedPages } from "./wal-capture.ts";
import { FRAME_BYTES, FRAME_HEADER_BYTES } from "./limits.ts";
import { Generation } from "./generation.ts";
import { Image } from "./image.ts";

/** Sizes of a log; tests make them small. */
export interface PageLogOptions {
  readonly rotateBytes: number;
  readonly retainBytes: number;
  readonly retainGenerations: number;
  readonly answerFrames: number;
}

/** The answer to a pull. */
export type Pull =
  | {
      readonly type: "frames";
      readonly bytes: Uint8Array;
      /** They begin a transaction: the replica is inside none. */
      readonly atStart: boolean;
    }
  /** The replica has everything: hold the poll. */
  | { readonly type: "caught_up" }
  /** The replica has all of an ended generation. */
  | { readonly type: "next" }
  /** Not held, or a position that can't be: the replica must start over. */
  | { readonly type: "gone"; readonly impossible: boolean };

/** One life of a page log. */
export class PageLog {
  readonly #options: PageLogOptions;
  /** Oldest first, the last one is current. */
  readonly #generations: Generation[] = [new Generation(1)];
  /** The database at the start of the oldest generation. */
  readonly #base: Image;
  #image: { readonly number: number; readonly bytes: WeakRef<Uint8Array> } | undefined;
  readonly #waiting = new Set<() => void>();
  #closed = false;

  /** `base` is the database at the start; the log may keep and change these bytes. */
  constructor(base: Uint8Array, options: PageLogOptions) {
    this.#base = new Image(base);
    this.#options = options;
  }

  get generation(): number {
    return this.#current.number;
  }

  /** Frames in the current generation. */
  get frames(): number {
    return this.#current.frames;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Bytes of all frames that are kept. */
  get keptBytes(): number {
    return this.#generations.reduce((sum, one) => sum + one.frames * FRAME_BYTES, 0);
  }

  get oldestGeneration(): number {
    return this.#generations[0]!.number;
  }

  /** Resolves at the next transaction, rotation or close, after `ms` at the latest. */
  changed(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#waiting.add(done);
    });
  }

  /** Appends one transaction, after which the rows are those of `seq`. */
  append(changes: ChangedPages, seq: number): void {
    if (changes.pages.size === 0) return;
    this.#current.append(transactionOf(changes), seq);
    if (this.#current.frames * FRAME_BYTES > this.#options.rotateBytes) this.#rotate();
    this.#wake();
  }

  /** What a replica that wants frame `from` of generation `number` is told. */
  pull(number: number, from: number): Pull {
    const generation = this.#find(number);
    const ahead = number > this.generation;
    if (this.#closed || generation === undefined) return { type: "gone", impossible: ahead };
    if (from < 1 || from > generation.frames + 1) return { type: "gone", impossible: true };
    if (from <= generation.frames) {
      const bytes = generation.read(from, this.#options.answerFrames);
      return { type: "frames", bytes, atStart: generation.beginsAt(from) };
    }
    return { type: generation === this.#current ? "caught_up" : "next" };
  }

  /**
   * The database at the start of a generation, as a file; not to be changed. Undefined when no
   * longer held.
   */
  image(number: number): Uint8Array | undefined {
    if (this.#closed || this.#find(number) === undefined) return undefined;
    // A new feed makes all edges ask at once: they share one copy while any of them reads it.
    const shared = this.#image?.number === number ? this.#image.bytes.deref() : undefined;
    if (shared !== undefined) return shared;
    const image = this.#base.copy();
    for (const generation of this.#generations) {
      if (generation.number < number) generation.applyTo(image);
    }
    const { bytes } = image;
    this.#image = { number, bytes: new WeakRef(bytes) };
    return bytes;
  }

  /** Seq of the newest transaction that a replica asking for `from` holds; undefined: of none. */
  acknowledged(number: number, from: number): number | undefined {
    for (let at = number; at >= this.oldestGeneration; at -= 1) {
      const seq = this.#find(at)?.seqAt(at === number ? from - 1 : Number.MAX_SAFE_INTEGER);
      if (seq !== undefined) return seq;
    }
    return undefined;
  }

  /** Every later request is told that the log is gone. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  get #current(): Generation {
    return this.#generations.at(-1)!;
  }

  #find(number: number): Generation | undefined {
    return this.#generations[number - this.oldestGeneration];
  }

  #rotate(): void {
    this.#generations.push(new Generation(this.generation + 1));
    const { retainBytes, retainGenerations } = this.#options;
    while (this.#generations.length > retainGenerations && this.keptBytes > retainBytes) {
      this.#generations.shift()!.applyTo(this.#base);
    }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}

/** Frames of one transaction. The fields that the client ignores stay zero. */
function transactionOf(changes: ChangedPages): Uint8Array {
  const numbers = [...changes.pages.keys()].sort((a, b) => a - b);
  const bytes = new Uint8Array(numbers.length * FRAME_BYTES);
  const view = new DataView(bytes.buffer);
  numbers.forEach((number, index) => {
    const at = index * FRAME_BYTES;
    view.setUint32(at, number);
    bytes.set(changes.pages.get(number)!, at + FRAME_HEADER_BYTES);
  });
  view.setUint32((numbers.length - 1) * FRAME_BYTES + 4, changes.size);
  return bytes;
}
