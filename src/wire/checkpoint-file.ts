import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { CheckpointKeys } from "./checkpoint-key.ts";
import { CheckpointError, openCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { TailFault } from "./tail-fault.ts";

/**
 * The newest signed checkpoint that a follower of the book has seen. It is shown to the primary
 * with every call, so that one that lost the race for an epoch, or lost records, finds out.
 */
export class CheckpointFile {
  readonly #path: string;
  readonly #publicKeys: CheckpointKeys;
  readonly #deployment: string;
  #note = "";
  #newest: Checkpoint | undefined;

  /** Reads the file when there is one; what can't be verified is as good as none. */
  constructor(path: string, publicKeys: CheckpointKeys, deployment: string) {
    this.#path = path;
    this.#publicKeys = publicKeys;
    this.#deployment = deployment;
    try {
      this.see(readFileSync(path, "utf8"));
    } catch {
      // Missing or damaged: the primary will send another.
    }
  }

  /** The signed note, empty before the first. */
  get note(): string {
    return this.#note;
  }

  get newest(): Checkpoint | undefined {
    return this.#newest;
  }

  /** Verifies a note and keeps it when it is newer. */
  see(note: string): Checkpoint {
    const checkpoint = this.#open(note);
    const known = this.#stillBelieved();
    if (known?.epoch === checkpoint.epoch && known.reign !== checkpoint.reign) {
      throw new TailFault(
        "REIGN_CONFLICT",
        `epoch ${known.epoch} has been signed by the reigns ${known.reign} and ${checkpoint.reign}`,
      );
    }
    if (known !== undefined) {
      const older = checkpoint.epoch < known.epoch;
      if (older || (checkpoint.epoch === known.epoch && checkpoint.size <= known.size)) {
        return checkpoint;
      }
    }
    this.#newest = checkpoint;
    this.#note = note;
    this.#save();
    return checkpoint;
  }

  /** Writes the newest again, after its folder was deleted. */
  save(): void {
    if (this.#note !== "") this.#save();
  }

  /** Throws when an epoch is closed, because a higher one has signed. */
  admitEpoch(epoch: number): void {
    if (this.#newest === undefined || epoch >= this.#newest.epoch) return;
    const newest = this.#stillBelieved();
    if (newest === undefined) return;
    throw new TailFault(
      "PRIMARY_EPOCH_OLD",
      `the primary is of epoch ${epoch}, but epoch ${newest.epoch} has begun`,
    );
  }

  /** Throws unless a primary with this head may be followed, given what has been signed. */
  admit(epoch: number, seq: number): void {
    this.admitEpoch(epoch);
    if (this.#newest?.epoch !== epoch || seq >= this.#newest.size) return;
    const newest = this.#stillBelieved();
    if (newest !== undefined) {
      throw new TailFault(
        "PRIMARY_BEHIND",
        `the primary has ${seq} records, but ${newest.size} of this epoch were signed`,
      );
    }
  }

  /** Asked before it turns a primary away: its key may have been stolen, and replaced since. */
  #stillBelieved(): Checkpoint | undefined {
    if (this.#newest === undefined) return undefined;
    try {
      openCheckpoint(this.#note, this.#publicKeys);
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      this.#newest = undefined;
      this.#note = "";
    }
    return this.#newest;
  }

  #open(note: string): Checkpoint {
    try {
      const checkpoint = openCheckpoint(note, this.#publicKeys);
      if (checkpoint.deployment === this.#deployment) return checkpoint;
      throw new CheckpointError("CHECKPOINT_OTHER_KEY", `it is of ${checkpoint.deployment}`);
    } catch (error) {
      throw new TailFault(
        "CHECKPOINT_WRONG",
        "the primary sent a checkpoint that isn't one",
        error,
      );
    }
  }

  #save(): void {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    writeFileSync(`${this.#path}.new`, this.#note, { mode: 0o600 });
    renameSync(`${this.#path}.new`, this.#path);
  }
}
