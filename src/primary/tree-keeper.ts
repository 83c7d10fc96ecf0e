/**
 * Keeps `tree.db` in step with the book: fed by the projection, which has every leaf in its hands,
 * and rebuilt from the records whenever it is missing, behind or in doubt.
 *
 * Nothing but proofs hangs on the file. What goes wrong with it is told, and mended; only records
 * that are not those of their commits end the primary.
 *
 * @module
 */
import { leafHash, type TreeEdge, type TileReader } from "../ledger/index.ts";
import type { Clock } from "../runtime/index.ts";
import type { LedgerView } from "../store/ledger-db.ts";
import { deleteTreeDb, TreeDb, TreeFault } from "../store/tree-db.ts";
import { TREE_CHUNK_RECORDS, TREE_PROGRESS_RECORDS, TREE_RETRY_MS } from "./limits.ts";
import { damaged, sameBytes, type LeafFollower } from "./projection.ts";

/** A line for the primary's log. */
export type TellTree = (
  level: "info" | "warn",
  message: string,
  fields: Readonly<Record<string, unknown>>,
) => void;

/** Options of {@link TreeKeeper}. */
export interface TreeKeeperOptions {
  readonly path: string;
  readonly ledger: LedgerView;
  readonly clock: Clock;
  readonly tell: TellTree;
}

/** The tiles of the book's tree. */
export class TreeKeeper implements LeafFollower, Disposable {
  readonly #options: TreeKeeperOptions;
  #db: TreeDb | undefined;
  /** Adding leaves that the projection hands over. */
  #fed = false;
  /** The right edge, while the records are read here. */
  #edge: TreeEdge | undefined;
  #rebuiltFrom = 0;
  #toldAt = 0;
  #failedMs = -Infinity;
  #retryMs = -Infinity;

  constructor(options: TreeKeeperOptions) {
    this.#options = options;
    this.#open();
  }

  /** Records that the tiles are made of. */
  get size(): number {
    return this.#db?.size ?? 0;
  }

  /** The tiles, when they are made of at least so many records. */
  tiles(size: number): TileReader | undefined {
    return this.#db !== undefined && this.#db.size >= size ? this.#db : undefined;
  }

  begin(size: number): void {
    if (this.#db === undefined || this.#db.size !== size) return;
    this.#guard((db) => {
      db.begin();
      this.#fed = true;
    });
  }

  append(leaf: Uint8Array, edge: TreeEdge): void {
    if (this.#fed) this.#guard((db) => db.append(leaf, edge));
  }

  commit(): void {
    if (!this.#fed) return;
    this.#fed = false;
    this.#edge = undefined;
    this.#guard((db) => db.commit());
  }

  abort(): void {
    if (!this.#fed) return;
    this.#fed = false;
    this.#guard((db) => db.rollback());
  }

  /**
   * Reads on towards `size`, which a commit ends at, a chunk at a time. Answers whether there is
   * more to read.
   *
   * @throws OperatorError LEDGER_DAMAGED when the records are not those of their commits
   */
  catchUp(size: number): boolean {
    if (this.#db === undefined && !this.#reopen()) return false;
    if (this.size >= size) return false;
    if (this.#edge === undefined) this.#say(size);
    this.#guard((db) => this.#read(db, size));
    if (this.size < size) return this.#db !== undefined;
    this.#finish(size);
    return this.size < size;
  }

  /** The tiles contradict what was signed: they are made anew. */
  distrust(why: string): void {
    this.#startOver(`tree.db can't be relied on (${why}): it is rebuilt from the book`);
  }

  [Symbol.dispose](): void {
    this.#db?.close();
    this.#db = undefined;
  }

  #read(db: TreeDb, size: number): void {
    const { reader } = this.#options.ledger;
    const edge = (this.#edge ??= db.edge());
    const limit = Math.min(TREE_CHUNK_RECORDS, size - db.size);
    const records = reader.read(db.size + 1, limit);
    if (records.length !== limit) throw damaged(`records are missing from ${db.size + 1} on`);
    db.begin();
    for (const { event, outcome } of records) {
      const leaf = leafHash(event, outcome);
      db.append(leaf, edge);
      edge.append(leaf);
    }
    db.commit();
    if (db.size - this.#toldAt < TREE_PROGRESS_RECORDS) return;
    this.#toldAt = db.size;
    this.#options.tell("info", "rebuilding tree.db", { records: db.size, of: size });
  }

  #say(size: number): void {
    this.#rebuiltFrom = this.size;
    this.#toldAt = this.size;
    const facts = { records: this.size, of: size };
    this.#options.tell("info", "tree.db is missing or behind: rebuilding it", facts);
  }

  /** What was read is what was committed, or the file or the book is wrong. */
  #finish(size: number): void {
    const root = this.#edge!.root();
    this.#edge = undefined;
    const commit = this.#options.ledger.reader.commitUpTo(size);
    if (commit?.lastSeq === size && sameBytes(commit.root, root)) {
      const from = this.#rebuiltFrom + 1;
      this.#options.tell("info", "tree.db is complete", { from, to: size });
      return;
    }
    if (this.#rebuiltFrom === 0) throw damaged(`records up to ${size} are not those committed`);
    this.distrust(`its root at ${size} is not the commit's`);
  }

  /** Runs `work`; a file that fails is given up and made anew. */
  #guard(work: (db: TreeDb) => void): void {
    const db = this.#db;
    if (db === undefined) return;
    try {
      work(db);
    } catch (error) {
      if (isOfTheBook(error)) throw error;
      const { message } = error as Error;
      this.#startOver("tree.db failed: it is rebuilt from the book", { error: message });
    }
  }

  #startOver(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#options.tell("warn", message, { records: this.size, ...fields });
    this.#fed = false;
    this.#edge = undefined;
    try {
      this.#db?.close();
    } catch {
      // What can't be closed can still be deleted.
    }
    this.#db = undefined;
    const nowMs = this.#options.clock.monotonicMs();
    // The first failure in a while is mended at once; a disk that stays full is asked now and then.
    this.#retryMs = nowMs - this.#failedMs < TREE_RETRY_MS ? nowMs + TREE_RETRY_MS : nowMs;
    this.#failedMs = nowMs;
    deleteTreeDb(this.#options.path);
  }

  #reopen(): boolean {
    if (this.#options.clock.monotonicMs() < this.#retryMs) return false;
    this.#open();
    return this.#db !== undefined;
  }

  #open(): void {
    try {
      this.#db = TreeDb.open(this.#options.path);
      this.#check(this.#db);
    } catch (error) {
      if (isOfTheBook(error)) throw error;
      const { message } = error as Error;
      this.#startOver("tree.db can't be relied on: it is rebuilt from the book", {
        error: message,
      });
    }
  }

  /** The tiles are of this book: what a restored or foreign folder left behind isn't. */
  #check(db: TreeDb): void {
    if (db.size === 0) return;
    const { reader } = this.#options.ledger;
    if (db.size > reader.tree().size) throw new TreeFault("it is ahead of the book");
    const root = db.edge().root();
    const commit = reader.commitUpTo(db.size);
    // A rebuild that was cut short may have ended between two commits; its end is compared.
    if (commit?.lastSeq === db.size && !sameBytes(commit.root, root)) {
      throw new TreeFault("the book has another root at its size");
    }
  }
}

function isOfTheBook(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === "LEDGER_DAMAGED";
}
