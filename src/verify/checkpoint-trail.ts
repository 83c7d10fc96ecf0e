/**
 * Signed checkpoints, held against the replay when it reaches their size.
 *
 * @module
 */
import type { AuditOptions } from "./book.ts";
import { ACTIVE } from "./compare.ts";
import { type DigestIdentity, RowDigest } from "./digest.ts";
import type { Findings } from "./findings.ts";
import { type Checkpoint, openNote } from "./note.ts";
import type { Replay } from "./replay.ts";
import type { DerivedState } from "./state.ts";
import { sameBytes } from "./tree.ts";

/** The checkpoints of one audit. */
export class CheckpointTrail {
  readonly #publicKey: AuditOptions["publicKey"];
  readonly #findings: Findings;
  readonly #seen = new Set<string>();
  /** Those not reached yet, smallest first. */
  #ahead: Checkpoint[] = [];
  /** Facts about checkpoints of histories that the book has left. */
  readonly leftBehind: string[] = [];
  /** Records under a checkpoint that was verified. */
  signed = 0;

  constructor(publicKey: AuditOptions["publicKey"], findings: Findings) {
    this.#publicKey = publicKey;
    this.#findings = findings;
  }

  /** Adds notes. One about records that were passed already is only read. */
  add(notes: Iterable<string>): void {
    for (const note of notes) {
      if (this.#seen.has(note)) continue;
      this.#seen.add(note);
      const opened = openNote(note, this.#publicKey);
      if (opened === undefined) {
        this.#findings.add("checkpoint_unreadable", 0, "a stored checkpoint can't be read");
      } else if (!opened.signed && this.#publicKey !== undefined) {
        const { size } = opened.checkpoint;
        const detail = `the checkpoint of ${size} records isn't signed by the known key`;
        this.#findings.add("checkpoint_signature_wrong", size, detail);
      } else {
        this.#ahead.push(opened.checkpoint);
      }
    }
    this.#ahead.sort((a, b) => a.size - b.size || a.epoch - b.epoch);
  }

  /** Size of the largest checkpoint that isn't reached yet, 0 when there is none. */
  get ahead(): number {
    return this.#ahead.at(-1)?.size ?? 0;
  }

  /** The last checkpoint up to a size: the one whose state digest is worth its price. */
  newestUpTo(size: number): Checkpoint | undefined {
    return this.#ahead.findLast((checkpoint) => checkpoint.size <= size);
  }

  /** Checks the checkpoints at the replay's present size. */
  pass(
    replay: Replay,
    digested: Checkpoint | undefined,
    identities: readonly DigestIdentity[],
  ): void {
    for (;;) {
      const checkpoint = this.#ahead[0];
      if (checkpoint === undefined || checkpoint.size > replay.seq) return;
      this.#ahead.shift();
      if (checkpoint.size < replay.seq) continue;
      if (checkpoint.epoch < replay.epoch) {
        this.#leave(checkpoint);
        continue;
      }
      if (this.#isThisBook(replay, checkpoint) && checkpoint === digested) {
        this.#compareState(replay.state, checkpoint, identities);
      }
    }
  }

  /** Reports checkpoints of records that the book doesn't have. */
  finish({ seq, epoch }: Replay): void {
    for (const checkpoint of this.#ahead) {
      if (checkpoint.epoch < epoch) {
        this.#leave(checkpoint);
        continue;
      }
      const { size } = checkpoint;
      const detail = `a signed checkpoint names ${size} records, the book ends at ${seq}`;
      this.#findings.add("checkpoint_beyond_book", seq + 1, detail);
    }
  }

  #isThisBook({ epoch, epochs, time, tree }: Replay, checkpoint: Checkpoint): boolean {
    const { size } = checkpoint;
    const reign = epochs.findLast((start) => start.epoch === epoch)?.reign;
    if (checkpoint.epoch !== epoch || checkpoint.reign !== reign || checkpoint.time !== time) {
      const detail = `the checkpoint of ${size} records names another epoch, reign or time`;
      this.#findings.add("checkpoint_root_wrong", size, detail);
      return false;
    }
    if (!sameBytes(checkpoint.root, tree.root())) {
      const first = this.signed + 1;
      const detail = `records ${first} to ${size} are not those that were signed`;
      this.#findings.add("checkpoint_root_wrong", first, detail, size);
      return false;
    }
    if (this.#publicKey !== undefined) this.signed = size;
    return true;
  }

  #compareState(
    state: DerivedState,
    { size, stateDigest }: Checkpoint,
    identities: readonly DigestIdentity[],
  ): void {
    const digest = new RowDigest();
    for (const { ref, operator, rows } of state.players.values()) {
      for (const row of rows) digest.addWallet({ ...row, ref, operator, status: ACTIVE });
    }
    for (const identity of identities) digest.addIdentity(identity);
    if (sameBytes(digest.digest(), stateDigest)) return;
    const detail = `the signed state digest at ${size} isn't that of the derived rows`;
    this.#findings.add("checkpoint_state_wrong", size, detail);
  }

  #leave({ epoch, size }: Checkpoint): void {
    this.leftBehind.push(`epoch ${epoch} went on to ${size} elsewhere; this book left it before`);
  }
}
