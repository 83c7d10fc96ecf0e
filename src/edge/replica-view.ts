/**
 * One worker's view of the replica: it follows the head tick by tick, keeps hot rows ready to send
 * and drops exactly those that a tick touched.
 *
 * @module
 */
import { type Currencies, DEFAULT_CURRENCIES } from "../money/index.ts";
import type { Logger } from "../ops/index.ts";
import type { Clock } from "../runtime/index.ts";
import {
  openReplicaReader,
  type ReplicaHead,
  type ReplicaReader,
  type ReplicaRow,
} from "../store/replica.ts";
import { formatBookmark, type Bookmark } from "../wire/index.ts";
import { ReplicaAge } from "./age.ts";
import { flat, hotRow, HotRows, type HotRow } from "./hot-rows.ts";
import { BOOKMARK_WAITS_MAX, HOT_ROWS_MAX, SNAPSHOT_ATTEMPTS_MAX } from "./limits.ts";
import type { PrimaryClock } from "./primary-clock.ts";
import { TickWatch } from "./tick-watch.ts";

/** What a view needs of its worker. */
export interface ReplicaViewContext {
  readonly clock: Clock;
  readonly log: Logger;
  readonly primaryClock: PrimaryClock;
  readonly publisherTripMs: () => number;
  readonly hotRowsMax?: number;
  /** Those of an unconfigured deployment when left out. */
  readonly currencies?: Currencies | undefined;
}

/** A player's rows, ordered by currency, and the head that they belong to. */
export interface PlayerSnapshot {
  readonly head: ReplicaHead;
  readonly rows: readonly ReplicaRow[];
  /** The largest among the rows; 0 without any. */
  readonly seq: number;
}

interface Waiter {
  readonly bookmark: Bookmark;
  readonly settle: (reached: boolean) => void;
}

/** A replica in service. */
export class ReplicaView {
  readonly path: string;
  readonly #reader: ReplicaReader;
  readonly #context: ReplicaViewContext;
  readonly #age: ReplicaAge;
  readonly #rows: HotRows;
  readonly #waiters = new Set<Waiter>();
  #head: ReplicaHead;
  #ticks: TickWatch | undefined;
  #faults = 0;
  #closed = false;
  /** Counts for metrics. */
  hits = 0;
  misses = 0;
  gaps = 0;

  /** The answer's freshness up to the age. */
  freshJson = "";

  private constructor(
    path: string,
    reader: ReplicaReader,
    head: ReplicaHead,
    context: ReplicaViewContext,
  ) {
    this.path = path;
    this.#reader = reader;
    this.#context = context;
    this.#rows = new HotRows(context.hotRowsMax ?? HOT_ROWS_MAX);
    this.#age = new ReplicaAge(context.clock, context.primaryClock, context.publisherTripMs);
    this.#head = head;
    this.#take(head, false);
  }

  /** Opens a complete replica and follows it. Throws when the file isn't one. */
  static async open(path: string, context: ReplicaViewContext): Promise<ReplicaView> {
    const reader = await openReplicaReader(path);
    const head = reader.head();
    if (head === undefined) {
      reader.close();
      throw new TypeError(`${path} has no head`);
    }
    const view = new ReplicaView(path, reader, head, context);
    const { clock, log } = context;
    view.#ticks = new TickWatch({ path, clock, log, look: () => view.#look() });
    return view;
  }

  get head(): ReplicaHead {
    return this.#head;
  }

  get hotRows(): number {
    return this.#rows.size;
  }

  /** The head is this old now: `monotonicMs - anchorMs`. */
  get anchorMs(): number {
    return this.#age.anchorMs;
  }

  ageMs(): number {
    return this.#age.ageMs();
  }

  /** A row kept ready to send, if there is one. */
  hot(playerRef: string): HotRow | undefined {
    const row = this.#rows.get(playerRef);
    if (row !== undefined) this.hits += 1;
    return row;
  }

  /**
   * Reads a row and keeps it ready. Undefined: there is none, or, when {@link isFaulty} says so,
   * the file can't be read now.
   */
  warm(playerRef: string): HotRow | undefined {
    this.misses += 1;
    try {
      const { head, rows, seq } = this.snapshot(playerRef);
      const { currencies = DEFAULT_CURRENCIES } = this.#context;
      const row = hotRow(playerRef, formatBookmark(head.epoch, seq), rows, currencies);
      if (row !== undefined) this.#rows.put(playerRef, row);
      this.#faults = 0;
      return row;
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  /** The file couldn't be read the last time; the supervisor sees that too and replaces it. */
  get isFaulty(): boolean {
    return this.#faults > 0;
  }

  /** A player's rows as of the head. */
  snapshot(playerRef: string): PlayerSnapshot {
    for (let attempt = 0; attempt < SNAPSHOT_ATTEMPTS_MAX; attempt += 1) {
      const rows = this.#reader.player(playerRef);
      const seq = newestSeq(rows);
      // Rows may be newer than the head that was seen last, never the other way about.
      if (seq > this.#head.seq) this.advance();
      if (seq <= this.#head.seq) return { head: this.#head, rows, seq };
    }
    throw new TypeError("the replica shows no settled snapshot");
  }

  /** The player bound to a messenger identity, as far as the replica knows. */
  playerOf(operatorId: string, keyId: string, hash: Uint8Array): string | undefined {
    return this.#reader.playerOf(operatorId, keyId, hash);
  }

  /** The replica is known to show this bookmark's record. Only the primary judges other epochs. */
  reached({ epoch, seq }: Bookmark): boolean {
    return epoch === this.#head.epoch && seq <= this.#head.seq;
  }

  /** Waits for a bookmark. An older epoch's never comes. */
  whenReached(bookmark: Bookmark, limitMs: number): Promise<boolean> {
    if (this.reached(bookmark)) return Promise.resolve(true);
    if (bookmark.epoch < this.#head.epoch || this.#closed) return Promise.resolve(false);
    if (this.#waiters.size >= BOOKMARK_WAITS_MAX) return Promise.resolve(false);
    return new Promise((resolve) => {
      const waiter: Waiter = {
        bookmark,
        settle: (reached) => {
          clearTimeout(timer);
          this.#waiters.delete(waiter);
          resolve(reached);
        },
      };
      const timer = setTimeout(() => waiter.settle(false), limitMs);
      this.#waiters.add(waiter);
    });
  }

  /** Looks for a new tick; true when there was one. */
  advance(): boolean {
    const found = this.#reader.changesSince(this.#head.tick);
    if (found === undefined || this.#isCurrent(found.head)) return false;
    if (found.playerRefs === undefined || found.head.feed !== this.#head.feed) {
      this.gaps += 1;
      this.#rows.clear();
    } else {
      this.#rows.drop(found.playerRefs);
    }
    this.#take(found.head, true);
    for (const waiter of this.#waiters) {
      if (this.reached(waiter.bookmark)) waiter.settle(true);
    }
    return true;
  }

  /** Takes newer probes of the peers into account. */
  refreshAge(): void {
    this.#age.refresh();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#ticks?.close();
    for (const waiter of this.#waiters) waiter.settle(false);
    this.#reader.close();
  }

  #isCurrent(head: ReplicaHead): boolean {
    return head.tick === this.#head.tick && head.feed === this.#head.feed;
  }

  #take(head: ReplicaHead, witnessed: boolean): void {
    this.#head = head;
    this.#age.sawHead(head.timeUs, witnessed);
    this.freshJson = flat(`"freshness":{"epoch":${head.epoch},"seq":${head.seq},"age_ms":`);
  }

  #look(): boolean {
    if (this.#closed) return false;
    try {
      const moved = this.advance();
      this.#faults = 0;
      return moved;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  #failed(error: unknown): void {
    this.#faults += 1;
    if (this.#faults === 1) this.#context.log.error("the replica can't be read", { error });
  }
}

function newestSeq(rows: readonly ReplicaRow[]): number {
  let newest = 0;
  for (const { seq } of rows) if (seq > newest) newest = seq;
  return newest;
}
