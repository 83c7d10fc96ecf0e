/**
 * The fence: a primary that is shown a checkpoint which it can't have made itself stops.
 *
 * @module
 */
import type { Logger } from "../ops/index.ts";
import { EXIT, OperatorError } from "../ops/index.ts";
import { currentSigners, openCheckpoint } from "../wire/index.ts";
import type { Checkpoint, CheckpointKeys } from "../wire/index.ts";
import type { FenceFile } from "./fence-file.ts";
import { FENCE_MEMORY } from "./limits.ts";

/** What a checkpoint that was shown means. */
export type Verdict = "harmless" | "invalid" | "fenced";

/** Options of {@link Fence}. */
export interface FenceOptions {
  readonly deployment: string;
  readonly epoch: number;
  readonly reign: string;
  readonly publicKeys: CheckpointKeys;
  /** Seq of the newest durable record. */
  readonly headSeq: () => number;
  readonly log: Logger;
  /** Outlives the process. */
  readonly file: FenceFile;
  /** The process has to end with this error's exit code. */
  readonly onFenced: (error: OperatorError) => void;
}

/** Judges checkpoints, and remembers what it found: callers show the same one many times. */
export class Fence {
  readonly #options: FenceOptions;
  readonly #judged = new Map<string, Verdict>();
  #closed = false;
  #invalid = 0;

  constructor(options: FenceOptions) {
    this.#options = options;
  }

  /** Whether this primary has been fenced off. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Notes that were shown and are not checkpoints of this deployment. */
  get invalid(): number {
    return this.#invalid;
  }

  /** Judges what an earlier process was shown last. */
  recall(): Verdict {
    return this.judge(this.#options.file.read());
  }

  /** Judges what a caller shows; an empty text shows nothing. */
  judge(note: string): Verdict {
    if (this.#closed) return "fenced";
    if (note === "") return "harmless";
    const before = this.#judged.get(note);
    if (before !== undefined) return before;
    const verdict = this.#judge(note);
    if (this.#judged.size >= FENCE_MEMORY) this.#judged.clear();
    this.#judged.set(note, verdict);
    return verdict;
  }

  #judge(note: string): Verdict {
    const { publicKeys, file, onFenced } = this.#options;
    let error: OperatorError | undefined;
    try {
      const shown = openCheckpoint(note, publicKeys);
      if (shown.deployment !== this.#options.deployment) throw new Error("another deployment's");
      error = this.#objection(shown);
      // Of a key that was replaced anybody may have the private half: it stops nobody.
      if (error !== undefined) openCheckpoint(note, currentSigners(publicKeys));
    } catch (cause) {
      this.#countInvalid(cause);
      return "invalid";
    }
    if (error === undefined) return "harmless";
    this.#closed = true;
    file.write(note);
    onFenced(error);
    return "fenced";
  }

  /** Tells the first, the tenth, the hundredth and so on: anybody may show anything. */
  #countInvalid(error: unknown): void {
    this.#invalid += 1;
    if (!Number.isInteger(Math.log10(this.#invalid))) return;
    this.#options.log.warn("checkpoints were shown that do not verify", {
      count: this.#invalid,
      error,
    });
  }

  /** Why this primary must stop, given that the checkpoint is genuine. */
  #objection(shown: Checkpoint): OperatorError | undefined {
    const { epoch, reign, headSeq } = this.#options;
    if (shown.epoch > epoch) {
      return fenced(
        `epoch ${epoch} has ended: a caller has seen epoch ${shown.epoch}`,
        "Another primary was promoted. Keep this one stopped and point callers to the new one.",
      );
    }
    if (shown.epoch < epoch) return undefined;
    if (shown.reign !== reign) {
      return fenced(
        `epoch ${epoch} has two reigns: this one is ${reign}, a caller has seen ${shown.reign}`,
        "Two copies of one folder were promoted. Keep one, and restore what only the other holds.",
      );
    }
    if (shown.size > headSeq()) {
      return fenced(
        `a caller has seen record ${shown.size}, this book ends at ${headSeq()}`,
        "The folder is older than what was acknowledged: restore it and promote, or find the disk.",
      );
    }
    return undefined;
  }
}

function fenced(message: string, hint: string): OperatorError {
  return new OperatorError("EPOCH_FENCED", message, { hint, exitCode: EXIT.integrity });
}
