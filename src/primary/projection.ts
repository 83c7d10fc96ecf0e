/**
 * Keeps `state.db`: applies records a step at a time, and signs a checkpoint for each step.
 *
 * It reads the log through a connection of its own and derives everything anew: leaves, tree,
 * balances. Where it finds another root than the commit's, the book or the writer is wrong.
 *
 * @module
 */
import type { KeyObject } from "node:crypto";
import {
  apply,
  Draft,
  identityRowOf,
  leafHash,
  StateDigest,
  TREE_HASH_BYTES,
  TreeEdge,
  walletRowsOf,
  type IdentityKey,
  type Player,
} from "../ledger/index.ts";
import { EXIT, OperatorError } from "../ops/index.ts";
import type { CommitRow, LedgerView } from "../store/ledger-db.ts";
import type { StateDb } from "../store/state-db.ts";
import { signCheckpoint } from "../wire/index.ts";
import { CHECKPOINT_CHUNK_RECORDS, CHECKPOINT_RECORDS_MAX } from "./limits.ts";
import { decodeRecord, keyOfIdentity } from "./record-codec.ts";

/** Who signs. */
export interface CheckpointSigner {
  readonly deployment: string;
  readonly privateKey: KeyObject;
}

/** Who else wants every leaf, in step with `state.db`. */
export interface LeafFollower {
  /** Leaves come after those of a tree of this size. */
  begin(size: number): void;
  /** The next leaf; `edge` is the tree's before it. */
  append(leaf: Uint8Array, edge: TreeEdge): void;
  /** `state.db` has the leaves, and so has the log. */
  commit(): void;
  /** `state.db` didn't take them. */
  abort(): void;
}

/** A step that was made. */
export interface Step {
  readonly seq: number;
  /** The signed checkpoint of exactly this seq. */
  readonly note: string;
  /** The log goes on behind it. */
  readonly more: boolean;
}

/** The projection of the book into `state.db`. */
export class Projection {
  readonly #ledger: LedgerView;
  readonly #state: StateDb;
  readonly #signer: CheckpointSigner;
  readonly #follower: LeafFollower | undefined;
  readonly #draft: Draft;
  readonly #digest: StateDigest;
  #tree: TreeEdge;
  #sums: readonly Uint8Array[];

  constructor(
    ledger: LedgerView,
    state: StateDb,
    signer: CheckpointSigner,
    follower?: LeafFollower,
  ) {
    this.#ledger = ledger;
    this.#follower = follower;
    this.#state = state;
    this.#signer = signer;
    this.#draft = new Draft(state.store);
    this.#sums = state.sums();
    this.#digest = StateDigest.restore(this.#sums);
    const head = state.reader.head();
    this.#tree = head === undefined ? new TreeEdge() : loadEdge(head.seq, head.edge);
  }

  /** The checkpoint that the file stands at, if any. */
  standing(): Step | undefined {
    const head = this.#state.reader.head();
    if (head === undefined) return undefined;
    return { seq: head.seq, note: head.checkpoint, more: true };
  }

  /** Where it stands: the tree that the newest checkpoint names. */
  get tree(): TreeEdge {
    return this.#tree;
  }

  /**
   * Moves on by one step of at most `recordsMax` records (rounded down to a commit), or answers
   * undefined when there is nothing new.
   */
  step(recordsMax = CHECKPOINT_RECORDS_MAX): Step | undefined {
    const { reader } = this.#ledger;
    const last = reader.lastCommit();
    if (last === undefined || last.lastSeq <= this.#tree.size) return undefined;
    // One snapshot and one transaction: taking the locks anew for every row cost more than the row.
    reader.hold();
    this.#follower?.begin(this.#tree.size);
    try {
      let made: Step | undefined;
      this.#state.transact(() => {
        made = this.#move(last.lastSeq, recordsMax);
      });
      this.#follower?.commit();
      return made;
    } catch (error) {
      this.#follower?.abort();
      throw error;
    } finally {
      reader.release();
    }
  }

  #move(last: number, recordsMax: number): Step {
    const from = this.#tree.size + 1;
    const commits = this.#ledger.reader.commitsBetween(from, from + recordsMax - 1);
    const to = commits.at(-1);
    if (to === undefined) throw damaged(`a commit spans more than ${recordsMax} records`);
    const tree = this.#tree.clone();
    this.#apply(from, to.lastSeq, commits, tree);
    this.#redigest();
    const note = this.#store(tree, to.root);
    this.#tree = tree;
    return { seq: to.lastSeq, note, more: to.lastSeq < last };
  }

  #apply(from: number, to: number, commits: readonly CommitRow[], tree: TreeEdge): void {
    const { reader } = this.#ledger;
    const identities = new Map<number, IdentityKey>();
    for (const row of reader.identitiesBetween(from, to)) {
      identities.set(row.seq, keyOfIdentity(row));
    }
    let commit = 0;
    for (let next = from; next <= to;) {
      const limit = Math.min(CHECKPOINT_CHUNK_RECORDS, to - next + 1);
      const records = reader.read(next, limit);
      if (records.length !== limit) throw damaged(`records are missing from ${next} on`);
      for (const stored of records) {
        const { command, outcome } = decodeRecord(stored);
        apply(this.#draft, command, outcome, identities.get(stored.seq));
        const leaf = leafHash(stored.event, stored.outcome);
        this.#follower?.append(leaf, tree);
        tree.append(leaf);
        if (stored.seq !== commits[commit]!.lastSeq) continue;
        if (!sameBytes(tree.root(), commits[commit]!.root)) {
          throw damaged(`the tree's root at record ${stored.seq} is not the commit's`);
        }
        commit += 1;
      }
      next += limit;
    }
  }

  /** Replaces the digest's terms of every row that the draft changes. */
  #redigest(): void {
    for (const { before, after } of this.#draft.changedPlayers()) this.#replace(before, after);
    for (const [key, ref] of this.#draft.boundIdentities()) {
      this.#digest.add(identityRowOf(key, ref));
    }
  }

  #replace(before: Player | undefined, after: Player): void {
    const old = before === undefined ? [] : walletRowsOf(before);
    for (const row of walletRowsOf(after)) {
      const was = old.find(({ currency }) => currency === row.currency);
      if (was?.version === row.version && was.status === row.status) continue;
      if (was !== undefined) this.#digest.remove(was);
      this.#digest.add(row);
    }
  }

  #store(tree: TreeEdge, root: Uint8Array): string {
    const { seq, epoch, recordedAt } = this.#draft.head();
    const reign = this.#ledger.reader.epoch(epoch)?.reign;
    if (reign === undefined) throw damaged(`epoch ${epoch} of record ${seq} is not known`);
    const { deployment, privateKey } = this.#signer;
    const state = this.#digest.digest();
    const note = signCheckpoint(
      { deployment, epoch, reign, size: seq, root, state, time: recordedAt },
      privateKey,
    );
    const sums = this.#digest.snapshot();
    const isNew = this.#tree.size === 0;
    this.#draft.commit();
    for (const [bucket, sum] of sums.entries()) {
      if (isNew || !sameBytes(sum, this.#sums[bucket]!)) this.#state.store.putSum(bucket, sum);
    }
    const edge = Buffer.concat(tree.save());
    this.#state.putHead({ seq, epoch, reign, recordedAt, edge, checkpoint: note });
    this.#sums = sums;
    return note;
  }
}

/** The tree's right edge from its joined hashes. */
export function loadEdge(size: number, edge: Uint8Array): TreeEdge {
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < edge.length; at += TREE_HASH_BYTES) {
    hashes.push(edge.subarray(at, at + TREE_HASH_BYTES));
  }
  return TreeEdge.load(size, hashes);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** The book contradicts itself. */
export function damaged(message: string, cause?: unknown): OperatorError {
  return new OperatorError("LEDGER_DAMAGED", message, {
    hint: "Keep the folder, run `countroom verify book --data DIR`, restore from a snapshot.",
    exitCode: EXIT.integrity,
    cause,
  });
}
