/**
 * The uplink's waiting room: first come, first served, except that a key in flight holds back
 * later events of the same key, and a request cut in two holds back its rest: a settlement must
 * not overtake its bet in another call.
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
  /** Keys and requests in flight, each with what waits for it. */
  readonly #inFlight = new Map<string | object, Waiting[]>();
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
    const own = new Set<string | object>();
    const behind = new Map<object, Waiting[]>();
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
      const held = this.#heldBy(next, own, behind);
      if (held !== undefined) {
        held.push(next);
        if (next.request !== undefined) behind.set(next.request, held);
        continue;
      }
      for (const token of tokensOf(next)) {
        if (own.has(token)) continue;
        own.add(token);
        this.#inFlight.set(token, []);
      }
      this.bytes -= next.event.length;
      batch.push(next);
      bytes += size;
    }
    this.#compact();
    return batch;
  }

  /** What an event has to wait for: its key or its request in another call, or one before it. */
  #heldBy(
    next: Waiting,
    own: ReadonlySet<string | object>,
    behind: ReadonlyMap<object, Waiting[]>,
  ): Waiting[] | undefined {
    const before = next.request === undefined ? undefined : behind.get(next.request);
    if (before !== undefined) return before;
    for (const token of tokensOf(next)) {
      const held = own.has(token) ? undefined : this.#inFlight.get(token);
      if (held !== undefined) return held;
    }
    return undefined;
  }

  /** The batch is settled: what waited for its keys goes next. */
  release(batch: readonly Waiting[]): void {
    const held: Waiting[] = [];
    for (const token of batch.flatMap(tokensOf)) {
      const waiting = this.#inFlight.get(token);
      if (waiting === undefined) continue;
      held.push(...waiting);
      this.#inFlight.delete(token);
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

function tokensOf({ key, request }: Waiting): readonly (string | object)[] {
  return request === undefined ? [key] : [key, request];
}

/** A credential travels once per call; whoever brings another one than the last pays for it. */
function credentialBytes(next: Waiting, last: Waiting | undefined): number {
  return last?.credential === next.credential ? 0 : next.credential.length;
}
