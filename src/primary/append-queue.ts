/**
 * The way of every event into the book: a bounded queue, and one commit after the other.
 *
 * A group is what arrived while the last commit ran. There is no timer, so an idle primary adds
 * no latency, and a busy one commits larger groups.
 *
 * @module
 */
import { Code } from "../ledger/index.ts";
import type { Group } from "../store/ledger-db.ts";
import { receiptWithoutRecord } from "../wire/index.ts";
import type { Receipt } from "../wire/gen/countroom/v1/record_pb.ts";
import type { AppendEvent, GroupDecider } from "./group-decider.ts";
import { GROUP_BYTES_MAX, GROUP_EVENTS_MAX, QUEUE_BYTES_MAX, QUEUE_EVENTS_MAX } from "./limits.ts";
import { isEventFault } from "./group-faults.ts";
import type { LedgerLog } from "./log.ts";

/** Options of {@link AppendQueue}. */
export interface AppendQueueOptions {
  readonly decider: GroupDecider;
  readonly log: LedgerLog;
  readonly monotonicMs: () => number;
  /** A group is durable and applied. */
  readonly onCommit: (group: Group, seconds: number) => void;
  readonly onReceipts: (receipts: readonly Receipt[]) => void;
  /** One event broke a rule of the writer's own; it is answered INTERNAL. */
  readonly onEventFault: (error: unknown) => void;
  /** A commit failed, or nobody knows whether it did. The process has to end. */
  readonly onFatal: (error: unknown) => void;
}

/** One call's events. */
interface Batch {
  readonly events: readonly AppendEvent[];
  readonly receipts: (Receipt | undefined)[];
  /** On the monotonic clock. */
  readonly deadlineMs: number;
  readonly done: (receipts: readonly Receipt[]) => void;
  /** Events taken out of the queue. */
  taken: number;
  missing: number;
}

/** A part of a batch that goes into one group. */
interface Slice {
  readonly batch: Batch;
  readonly from: number;
  readonly to: number;
}

/** Queues events, decides them in order, and answers when they are durable. */
export class AppendQueue {
  readonly #options: AppendQueueOptions;
  readonly #batches: Batch[] = [];
  #events = 0;
  #bytes = 0;
  #running: Promise<void> | undefined;
  /** The last group came from one caller. */
  #alone = true;
  #closed = false;

  constructor(options: AppendQueueOptions) {
    this.#options = options;
  }

  /** Events waiting. */
  get length(): number {
    return this.#events;
  }

  /**
   * Receipts in the order of the events. `deadlineMs` is a time on the monotonic clock: what is
   * not handed to the log before it is answered TIMEOUT, and not recorded.
   */
  append(events: readonly AppendEvent[], deadlineMs = Infinity): Promise<readonly Receipt[]> {
    if (events.length === 0) return Promise.resolve([]);
    if (this.#closed) return Promise.resolve(allOf(events, Code.UNAVAILABLE));
    const bytes = bytesOf(events, 0, events.length);
    if (this.#events + events.length > QUEUE_EVENTS_MAX || this.#bytes + bytes > QUEUE_BYTES_MAX) {
      const receipts = allOf(events, Code.OVERLOADED);
      this.#options.onReceipts(receipts);
      return Promise.resolve(receipts);
    }
    return new Promise((done) => {
      const receipts: undefined[] = Array.from({ length: events.length });
      this.#batches.push({ events, receipts, deadlineMs, done, taken: 0, missing: events.length });
      this.#events += events.length;
      this.#bytes += bytes;
      this.#running ??= this.#run();
    });
  }

  /** Takes no more events; resolves when those that wait are answered. */
  async drain(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  /** Takes no more events and answers none: the process is about to end. */
  halt(): void {
    this.#closed = true;
    this.#batches.length = 0;
  }

  async #run(): Promise<void> {
    try {
      // Where callers come together, those that are readable already are read before the first
      // group is formed; a caller that is alone doesn't wait for others.
      if (!this.#alone) await macrotask();
      while (this.#batches.length > 0) {
        const slices = this.#take();
        this.#alone = slices.length === 1;
        await this.#commitGroup(slices);
        await macrotask();
      }
    } catch (error) {
      this.halt();
      this.#options.onFatal(error);
    } finally {
      this.#running = undefined;
    }
  }

  async #commitGroup(slices: readonly Slice[]): Promise<void> {
    const { decider, log, monotonicMs } = this.#options;
    const group = this.#decide(slices);
    if (group !== undefined) {
      const from = monotonicMs();
      await log.append(group);
      decider.commit();
      this.#options.onCommit(group, (monotonicMs() - from) / 1000);
    }
    for (const { batch, from, to } of slices) this.#answer(batch, to - from);
  }

  /**
   * Decides until a group stands that may be committed: an event that breaks the writer's own
   * rules, or whose caller has stopped waiting, is answered and the others are decided again.
   */
  #decide(slices: readonly Slice[]): Group | undefined {
    const { decider, monotonicMs } = this.#options;
    let live = slices;
    // Each turn answers at least one event that the next turn skips.
    for (;;) {
      const now = monotonicMs();
      live = live.filter((slice) => !expired(slice, now));
      decider.begin();
      const group = this.#decideAll(live) ? decider.group() : "again";
      if (group === undefined) return undefined;
      if (group !== "again") {
        const before = monotonicMs();
        if (live.every(({ batch }) => batch.deadlineMs > before)) return group;
      }
      decider.discard();
      for (const slice of live) clear(slice);
    }
  }

  /** False when an event had to be given up; the draft may hold half of it. */
  #decideAll(slices: readonly Slice[]): boolean {
    for (const { batch, from, to } of slices) {
      for (let index = from; index < to; index += 1) {
        if (batch.receipts[index] !== undefined) continue;
        try {
          batch.receipts[index] = this.#options.decider.add(batch.events[index]!);
        } catch (error) {
          if (!isEventFault(error)) throw error;
          this.#options.onEventFault(error);
          batch.receipts[index] = GIVEN_UP;
          return false;
        }
      }
    }
    return true;
  }

  #answer(batch: Batch, count: number): void {
    batch.missing -= count;
    if (batch.missing > 0) return;
    const receipts = batch.receipts as readonly Receipt[];
    this.#options.onReceipts(receipts);
    batch.done(receipts);
  }

  /** The oldest events, up to the limits of a group. */
  #take(): Slice[] {
    const slices: Slice[] = [];
    let room = GROUP_EVENTS_MAX;
    let bytes = 0;
    while (this.#batches.length > 0 && room > 0 && bytes < GROUP_BYTES_MAX) {
      const batch = this.#batches[0]!;
      const from = batch.taken;
      const to = Math.min(batch.events.length, from + room);
      bytes += bytesOf(batch.events, from, to);
      room -= to - from;
      batch.taken = to;
      slices.push({ batch, from, to });
      if (to === batch.events.length) this.#batches.shift();
    }
    this.#events -= GROUP_EVENTS_MAX - room;
    this.#bytes -= bytes;
    return slices;
  }
}

const TIMED_OUT = receiptWithoutRecord({ code: Code.TIMEOUT });
const GIVEN_UP = receiptWithoutRecord({ code: Code.INTERNAL });

function allOf(events: readonly AppendEvent[], code: Code): readonly Receipt[] {
  return events.map(() => receiptWithoutRecord({ code }));
}

function bytesOf(events: readonly AppendEvent[], from: number, to: number): number {
  let bytes = 0;
  for (let index = from; index < to; index += 1) bytes += events[index]!.event.length;
  return bytes;
}

/** Whether a slice's caller has stopped waiting; its events are answered then. */
function expired({ batch, from, to }: Slice, now: number): boolean {
  if (batch.deadlineMs > now) return false;
  batch.receipts.fill(TIMED_OUT, from, to);
  return true;
}

/** Takes back the answers of a slice, but for the events given up. */
function clear({ batch, from, to }: Slice): void {
  for (let index = from; index < to; index += 1) {
    if (batch.receipts[index] !== GIVEN_UP) batch.receipts[index] = undefined;
  }
}

/** Lets the event loop read what has arrived. */
function macrotask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
