/**
 * Signed checkpoints, held against the replay when it reaches their size.
 *
 * @module
 */
import { continues } from "./consistency.ts";
import { type DigestIdentity, RowDigest } from "./digest.ts";
import type { Findings, Gap } from "./findings.ts";
import { type Checkpoint, openNote, type SigningKey } from "./note.ts";
import type { Replay } from "./replay.ts";
import type { DerivedState } from "./state.ts";
import { sameBytes } from "./tree.ts";

/** A checkpoint that isn't reached yet. */
interface Ahead {
  readonly checkpoint: Checkpoint;
  /** The auditor brought it: it has to be a prefix of this book, whatever the book says. */
  readonly held: boolean;
}

/** What a trail is compared with beside roots. */
export interface TrailOptions {
  readonly publicKeys: readonly SigningKey[];
  /** The source ends where it says: what lies beyond contradicts nothing. */
  readonly part: boolean;
  /** Identities so far; undefined when the source has none, and no state digest can be derived. */
  readonly identities: readonly DigestIdentity[] | undefined;
}

/** The checkpoints of one audit. */
export class CheckpointTrail {
  readonly #options: TrailOptions;
  readonly #findings: Findings;
  readonly #seen = new Set<string>();
  /** Those not reached yet, smallest first. */
  #ahead: Ahead[] = [];
  /** Reigns as the first checkpoint of an epoch tells them, where its first record is unknown. */
  readonly #reigns = new Map<number, string>();
  /** Facts about checkpoints of histories that the book has left. */
  readonly leftBehind: string[] = [];
  /** Checkpoints that the source doesn't reach. */
  readonly #unreachedGaps: Gap[] = [];
  /** Sizes of checkpoints by whom nothing is known, or nothing believed any more. */
  readonly #unproven = { unknown: [] as number[], replaced: [] as number[] };
  /** Records under a checkpoint that was verified. */
  signed = 0;

  constructor(options: TrailOptions, findings: Findings) {
    this.#options = options;
    this.#findings = findings;
  }

  /** Adds notes. One about records that were passed already is only read. */
  add(notes: Iterable<string>, held = false): void {
    for (const note of notes) {
      if (this.#seen.has(note)) continue;
      this.#seen.add(note);
      const checkpoint = this.#open(note);
      if (checkpoint !== undefined) this.#ahead.push({ checkpoint, held });
    }
    this.#ahead.sort(
      ({ checkpoint: a }, { checkpoint: b }) => a.size - b.size || a.epoch - b.epoch,
    );
  }

  /** Size of the largest checkpoint that isn't reached yet, 0 when there is none. */
  get ahead(): number {
    return this.#ahead.at(-1)?.checkpoint.size ?? 0;
  }

  /** The last checkpoint up to a size: the one whose state digest is worth its price. */
  newestUpTo(size: number): Checkpoint | undefined {
    return this.#ahead.findLast(({ checkpoint }) => checkpoint.size <= size)?.checkpoint;
  }

  /** Checks the checkpoints at the replay's present size. */
  pass(replay: Replay, digested: Checkpoint | undefined): void {
    for (;;) {
      const next = this.#ahead[0];
      if (next === undefined || next.checkpoint.size > replay.seq) return;
      this.#ahead.shift();
      const { checkpoint } = next;
      if (checkpoint.size < replay.seq) {
        if (next.held) this.#unreached(checkpoint, `lies before record ${replay.start + 1}`);
        continue;
      }
      if (checkpoint.epoch < replay.epoch) {
        this.#leave(next);
        continue;
      }
      if (this.#isThisBook(replay, checkpoint) && checkpoint === digested) {
        this.#compareState(replay.state, checkpoint);
      }
    }
  }

  /** A checkpoint beyond the last record, with the proof that it continues the records' tree. */
  cover(replay: Replay, note: string, path: readonly Uint8Array[]): void {
    const checkpoint = this.#open(note);
    if (checkpoint === undefined) return;
    const { seq, tree } = replay;
    if (continues({ size: seq, root: tree.root() }, checkpoint, path)) {
      if (this.#options.publicKeys.length > 0) this.signed = seq;
      return;
    }
    const first = Math.max(this.signed, replay.start) + 1;
    const detail = `the tree signed at ${checkpoint.size} doesn't continue records up to ${seq}`;
    this.#findings.add("checkpoint_root_wrong", first, detail, seq);
  }

  /** Reports checkpoints of records that the book doesn't have. */
  finish({ seq, epoch }: Replay): void {
    for (const next of this.#ahead) {
      const { checkpoint } = next;
      const { size } = checkpoint;
      if (this.#options.part) {
        this.#unreached(checkpoint, `lies beyond record ${seq}`);
      } else if (checkpoint.epoch < epoch) {
        this.#leave(next);
      } else {
        const detail = `a signed checkpoint names ${size} records, the book ends at ${seq}`;
        this.#findings.add("checkpoint_beyond_book", seq + 1, detail);
      }
    }
  }

  #open(note: string): Checkpoint | undefined {
    const { publicKeys } = this.#options;
    const opened = openNote(note, publicKeys);
    if (opened === undefined) {
      this.#findings.add("checkpoint_unreadable", 0, "a checkpoint can't be read");
      return undefined;
    }
    const { by, checkpoint } = opened;
    if (by === "known" || publicKeys.length === 0) return checkpoint;
    const { size } = checkpoint;
    if (by === "forged") {
      const detail = `the checkpoint of ${size} records names a known key, which didn't sign it`;
      this.#findings.add("checkpoint_signature_wrong", size, detail);
    } else {
      this.#unproven[by].push(size);
    }
    return undefined;
  }

  /** Checkpoints that say nothing for or against the book: not reached, or who signed them. */
  get gaps(): Gap[] {
    const { unknown, replaced } = this.#unproven;
    return [
      ...gapOf("checkpoint_key_unknown", unknown, "by a key that isn't known"),
      ...gapOf("checkpoint_key_replaced", replaced, "by a key that was replaced before"),
      ...this.#unreachedGaps,
    ];
  }

  #isThisBook(replay: Replay, checkpoint: Checkpoint): boolean {
    const { epoch, epochs, time, tree, start } = replay;
    const { size } = checkpoint;
    // Of the record that a part follows only the tree is known.
    const known = size > start;
    const told = epochs.findLast((each) => each.epoch === epoch)?.reign;
    const reign = told ?? this.#reigns.get(checkpoint.epoch) ?? checkpoint.reign;
    this.#reigns.set(checkpoint.epoch, reign);
    const ofBook = start > 0 || told !== undefined;
    if (
      checkpoint.reign !== reign ||
      (known && (checkpoint.epoch !== epoch || checkpoint.time !== time || !ofBook))
    ) {
      const detail = `the checkpoint of ${size} records names another epoch, reign or time`;
      this.#findings.add("checkpoint_root_wrong", size, detail);
      return false;
    }
    if (!sameBytes(checkpoint.root, tree.root())) {
      const first = Math.max(this.signed, start) + 1;
      const detail = `records ${first} to ${size} are not those that were signed`;
      this.#findings.add("checkpoint_root_wrong", Math.min(first, size), detail, size);
      return false;
    }
    if (this.#options.publicKeys.length > 0) this.signed = size;
    return true;
  }

  #compareState(state: DerivedState, { size, stateDigest }: Checkpoint): void {
    const { identities } = this.#options;
    if (identities === undefined) return;
    const digest = new RowDigest();
    for (const { ref, operator, status, rows } of state.players.values()) {
      for (const row of rows) digest.addWallet({ ...row, ref, operator, status });
    }
    for (const identity of identities) digest.addIdentity(identity);
    if (sameBytes(digest.digest(), stateDigest)) return;
    const detail = `the signed state digest at ${size} isn't that of the derived rows`;
    this.#findings.add("checkpoint_state_wrong", size, detail);
  }

  #leave({ checkpoint: { epoch, size }, held }: Ahead): void {
    if (held) {
      const detail = `the checkpoint you hold, of ${size} records in epoch ${epoch}, was left`;
      this.#findings.add("checkpoint_left_behind", size, `${detail} behind by this book`);
      return;
    }
    this.leftBehind.push(`epoch ${epoch} went on to ${size} elsewhere; this book left it before`);
  }

  #unreached({ size }: Checkpoint, where: string): void {
    const detail = `the checkpoint of ${size} records ${where}: it was not compared`;
    this.#unreachedGaps.push({ kind: "checkpoint_unreached", detail });
  }
}

function gapOf(kind: Gap["kind"], sizes: readonly number[], by: string): Gap[] {
  if (sizes.length === 0) return [];
  const least = sizes.reduce((a, b) => Math.min(a, b));
  const most = sizes.reduce((a, b) => Math.max(a, b));
  const of = least === most ? `of ${least}` : `of ${least} to ${most}`;
  const which = sizes.length === 1 ? "a checkpoint" : `${sizes.length} checkpoints`;
  const detail = `${which} ${of} records, signed ${by}: not compared`;
  return [{ kind, detail }];
}
