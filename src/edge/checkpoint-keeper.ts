/**
 * The newest signed checkpoint that this edge has seen, kept on disk.
 *
 * It is shown to the primary with every call, so that a primary that was restored to an older
 * book, or fenced off by a newer epoch, learns of it.
 *
 * @module
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Logger } from "../ops/index.ts";
import { randomHex, type Clock } from "../runtime/index.ts";
import {
  newerCheckpoint,
  openCheckpoint,
  type Checkpoint,
  type CheckpointKeys,
} from "../wire/index.ts";
import { CHECKPOINT_SAVE_MS } from "./limits.ts";

/** Options of {@link CheckpointKeeper}. */
export interface CheckpointKeeperOptions {
  readonly file: string;
  /** Verifies checkpoints. */
  readonly publicKey: CheckpointKeys;
  readonly deployment: string;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Held {
  readonly note: string;
  readonly checkpoint: Checkpoint;
}

/** Remembers the newest checkpoint. */
export class CheckpointKeeper {
  readonly #options: CheckpointKeeperOptions;
  #held: Held | undefined;
  #refused = "";
  #savedMs = -Infinity;

  /** Begins with what the file holds; a file that doesn't verify is passed over. */
  constructor(options: CheckpointKeeperOptions) {
    this.#options = options;
    this.#held = this.#stored();
  }

  /** The signed note, or the empty text before the first. */
  get note(): string {
    return this.#held?.note ?? "";
  }

  /** Takes a note if it is good and newer than the one held. */
  offer(note: string): void {
    if (note === "" || note === this.#held?.note || note === this.#refused) return;
    const offered = this.#open(note);
    if (offered === undefined) {
      // Verifying costs as much as many reads: the same bad note isn't verified twice.
      this.#refused = note;
      return;
    }
    const before = this.#held;
    if (before !== undefined && !isNewer(offered.checkpoint, before.checkpoint)) {
      // Its key may have been replaced since, because it was stolen: it must not stand for good.
      if (this.#open(before.note) !== undefined) return;
    }
    this.#held = offered;
    this.#save(before === undefined || before.checkpoint.epoch !== offered.checkpoint.epoch);
  }

  #save(atOnce: boolean): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (!atOnce && nowMs - this.#savedMs < CHECKPOINT_SAVE_MS) return;
    this.#savedMs = nowMs;
    this.flush();
  }

  /** Writes the newest one now. Another worker's newer one stays. */
  flush(): void {
    const { file, log } = this.#options;
    const held = this.#held;
    if (held === undefined) return;
    const stored = this.#stored();
    if (stored !== undefined && !isNewer(held.checkpoint, stored.checkpoint)) return;
    const temporary = `${file}.${randomHex(4)}.tmp`;
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(temporary, held.note, { mode: 0o600, flush: true });
      renameSync(temporary, file);
    } catch (error) {
      log.warn("the newest checkpoint can't be kept on disk", { file, error });
    }
  }

  #stored(): Held | undefined {
    try {
      return this.#open(readFileSync(this.#options.file, "utf8"));
    } catch {
      return undefined;
    }
  }

  #open(note: string): Held | undefined {
    const { publicKey, deployment, log } = this.#options;
    try {
      const checkpoint = openCheckpoint(note, publicKey);
      if (checkpoint.deployment === deployment) return { note, checkpoint };
      log.warn("a checkpoint of another deployment was offered");
    } catch (error) {
      log.warn("a checkpoint that doesn't verify was offered", { error });
    }
    return undefined;
  }
}

function isNewer(a: Checkpoint, b: Checkpoint): boolean {
  return (a.epoch !== b.epoch || a.size !== b.size) && newerCheckpoint(b, a) === a;
}
