/**
 * The uplink's waiting room: first come, first served, except that a key in flight holds back
 * later events of the same key.
 *
 * @module
 */
import type { ReceiptBytes } from "./receipt-bytes.ts";
import type { Submission } from "./uplink.ts";

/** An event on its way. */
export interface Waiting extends Submission {
  /** Monotonic. */
  readonly dueMs: number;
  settled: boolean;
  readonly resolve: (receipt: ReceiptBytes) => void;
}

/** Bytes that an event's frame, identity and share of the credentials take. */
const OVERHEAD_BYTES = 160;

/** Waiting events, and the keys in flight. */
export class UplinkQueue {
  readonly #eventsMax: number;
  readonly #bytesMax: number;
  /** Taken from `#from` on: shifting an array of thousands costs more than a send. */
  #waiting: Waiting[] = [];
  #from = 0;
  readonly #inFlight = new Map<string, Waiting[]>();
  bytes = 0;

  constructor(eventsMax: number, bytesMax: number) {
    this.#eventsMax = eventsMax;
    this.#bytesMax = bytesMax;
  }

  push(waiting: Waiting): void {
    this.bytes += waiting.event.length;
    this.#waiting.push(waiting);
  }

  /** The next batch, whose keys are in flight from now on. Empty: nothing can go. */
  take(): Waiting[] {
    const batch: Waiting[] = [];
    const own = new Set<string>();
    let bytes = 0;
    while (this.#from < this.#waiting.length && batch.length < this.#eventsMax) {
      const next = this.#waiting[this.#from]!;
      const size = next.event.length + OVERHEAD_BYTES + credentialBytes(next, batch.at(-1));
      if (batch.length > 0 && bytes + size > this.#bytesMax) break;
      this.#from += 1;
      if (next.settled) {
        this.bytes -= next.event.length;
        continue;
      }
      const held = own.has(next.key) ? undefined : this.#inFlight.get(next.key);
      if (held !== undefined) {
        held.push(next);
        continue;
      }
      own.add(next.key);
      this.#inFlight.set(next.key, []);
      this.bytes -= next.event.length;
      batch.push(next);
      bytes += size;
    }
    this.#compact();
    return batch;
  }

  /** The batch is settled: what waited for its keys goes next. */
  release(batch: readonly Waiting[]): void {
    const held: Waiting[] = [];
    for (const { key } of batch) {
      const waiting = this.#inFlight.get(key);
      if (waiting === undefined) continue;
      held.push(...waiting);
      this.#inFlight.delete(key);
    }
    if (held.length === 0) return;
    this.#waiting = [...held, ...this.#waiting.slice(this.#from)];
    this.#from = 0;
  }

  #compact(): void {
    if (this.#from === this.#waiting.length) this.#waiting = [];
    else if (this.#from < this.#waiting.length / 2) return;
    else this.#waiting = this.#waiting.slice(this.#from);
    this.#from = 0;
  }
}

/** A credential travels once per call; whoever brings another one than the last pays for it. */
function credentialBytes(next: Waiting, last: Waiting | undefined): number {
  return last?.credential === next.credential ? 0 : next.credential.length;
}
