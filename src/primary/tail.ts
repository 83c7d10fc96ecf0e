/**
 * Tail: sealed records from any seq on. First from the log, then from memory as they come.
 *
 * @module
 */
import { create } from "@bufbuild/protobuf";
import { Code as ConnectCode, ConnectError } from "@connectrpc/connect";
import type { Clock } from "../runtime/index.ts";
import {
  TailResponseSchema,
  type TailResponse,
} from "../wire/gen/countroom/v1/ledger_service_pb.ts";
import type { SealedRecord } from "../wire/gen/countroom/v1/record_pb.ts";
import { HEARTBEAT_MS, TAIL_MESSAGE_BYTES, TAIL_MESSAGE_RECORDS, TAILS_MAX } from "./limits.ts";
import type { LedgerLog } from "./log.ts";
import { sealedRecord, type Ring } from "./ring.ts";

/** Options of {@link Tails}. */
export interface TailsOptions {
  readonly log: LedgerLog;
  readonly ring: Ring;
  readonly epoch: number;
  readonly clock: Clock;
  /** The newest signed checkpoint, "" before the first. */
  readonly checkpoint: () => string;
}

/** All tails of a primary. */
export class Tails {
  readonly #options: TailsOptions;
  readonly #waiting = new Set<() => void>();
  #open = 0;

  constructor(options: TailsOptions) {
    this.#options = options;
  }

  /** Tails being read. */
  get open(): number {
    return this.#open;
  }

  /** There is something new: records or a checkpoint. */
  wake(): void {
    for (const wake of this.#waiting) wake();
  }

  /**
   * Messages from `from` on, until `signal` is aborted. Nothing is buffered for a reader: when it
   * falls behind what is in memory, it is served from the log again.
   */
  async *read(from: number, signal: AbortSignal): AsyncGenerator<TailResponse> {
    const head = this.#options.ring.head;
    if (from < 1) throw new ConnectError("from_seq starts at 1", ConnectCode.InvalidArgument);
    if (from > head + 1) {
      const message = `from_seq ${from} lies beyond the head ${head}`;
      throw new ConnectError(message, ConnectCode.OutOfRange);
    }
    if (this.#open >= TAILS_MAX) {
      throw new ConnectError("too many tails are open", ConnectCode.ResourceExhausted);
    }
    this.#open += 1;
    try {
      yield* this.#follow(from, signal);
    } finally {
      this.#open -= 1;
    }
  }

  async *#follow(from: number, signal: AbortSignal): AsyncGenerator<TailResponse> {
    const { ring, checkpoint } = this.#options;
    let next = from;
    let shown = "";
    // The first message comes at once: it tells the head, also when there is nothing to send.
    for (let first = true; !signal.aborted; first = false) {
      const behind = next <= ring.head;
      const note = checkpoint();
      if (!behind && !first && note === shown) await this.#news(signal);
      if (signal.aborted) return;
      const records = next <= ring.head ? this.#records(next) : [];
      next += records.length;
      const newest = checkpoint();
      yield this.#message(records, newest === shown ? "" : newest);
      shown = newest;
      // The log is read synchronously: others get their turn between two chunks.
      if (records.length > 0) await turn();
    }
  }

  #records(from: number): SealedRecord[] {
    const { ring } = this.#options;
    if (ring.has(from)) return ring.run(from, TAIL_MESSAGE_RECORDS, TAIL_MESSAGE_BYTES).records;
    return this.#backfill(from);
  }

  #backfill(from: number): SealedRecord[] {
    const { log, ring } = this.#options;
    const limit = Math.min(TAIL_MESSAGE_RECORDS, ring.head - from + 1);
    const stored = log.read(from, limit, TAIL_MESSAGE_BYTES);
    const last = stored.at(-1);
    if (last === undefined || stored[0]!.seq !== from || last.seq !== from + stored.length - 1) {
      throw new ConnectError(`records from ${from} are not in the log`, ConnectCode.DataLoss);
    }
    const bound = new Map(log.identities(from, last.seq).map((row) => [row.seq, row]));
    return stored.map(({ seq, event, outcome }) => sealedRecord(event, outcome, bound.get(seq)));
  }

  #message(records: SealedRecord[], note: string): TailResponse {
    const { ring, epoch, clock } = this.#options;
    return create(TailResponseSchema, {
      records,
      headSeq: BigInt(ring.head),
      epoch: BigInt(epoch),
      sentAt: BigInt(clock.nowUs()),
      checkpoint: note,
    });
  }

  /** Waits for records, a checkpoint, the next heartbeat or the end of the call. */
  #news(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, HEARTBEAT_MS);
      this.#waiting.add(done);
      signal.addEventListener("abort", done);
    });
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
