/**
 * Events as callers send them: a bet, its settlement, a deposit. Encoded before a measurement
 * begins, because making them is the callers' work.
 */
import { uuidv7 } from "../../src/runtime/index.ts";
import { encodeEvent } from "../../src/wire/index.ts";

/** One event and the key under which it comes. */
export interface MadeEvent {
  readonly key: string;
  readonly event: Uint8Array;
  readonly ref: string;
}

const CURRENCY = "FUN";
const STAKE_MINOR = 1_000_000n;
const WIN_MINOR = 2_000_000n;
/** Enough for every bet that a benchmark can place. */
const DEPOSIT_MINOR = 1_000_000_000_000_000n;

type Payload = NonNullable<Parameters<typeof encodeEvent>[0]["payload"]>;

/** Makes events for some players, in a fixed order of pseudo-random players. */
export class Workload {
  readonly #refs: readonly string[];
  /** Ids of 13 characters, as long as those that game providers count up. */
  readonly #run = uuidv7().slice(-4);
  #count = 0;
  #random = 0x9e37_79b9;

  constructor(refs: readonly string[]) {
    this.#refs = refs;
  }

  /** Bets, never settled. */
  bets(count: number): MadeEvent[] {
    return Array.from({ length: count }, () => this.#bet(this.#nextRef(), this.#nextId()));
  }

  /** Pairs of a bet and the settlement that closes its round; every second bet wins. */
  rounds(count: number): MadeEvent[] {
    const made: MadeEvent[] = [];
    while (made.length < count) {
      const id = this.#nextId();
      const ref = this.#nextRef();
      made.push(this.#bet(ref, id));
      if (made.length < count) made.push(this.#settlement(ref, id));
    }
    return made;
  }

  /** One deposit for each player. */
  deposits(): MadeEvent[] {
    const value = { amount: { minor: DEPOSIT_MINOR, currency: CURRENCY }, rail: "play" };
    return this.#refs.map((ref) => {
      const id = this.#nextId();
      return this.#event(`d-${id}`, ref, { case: "depositCaptured", value });
    });
  }

  #bet(ref: string, id: string): MadeEvent {
    const value = { amount: { minor: STAKE_MINOR, currency: CURRENCY } };
    return this.#event(`b-${id}`, ref, { case: "betPlaced", value }, { txnId: id, roundId: id });
  }

  #settlement(ref: string, id: string): MadeEvent {
    const win = { minor: this.#count % 2 === 0 ? WIN_MINOR : 0n, currency: CURRENCY };
    const value = { betTxnId: id, win, closesRound: true };
    return this.#event(`s-${id}`, ref, { case: "roundSettled", value });
  }

  #event(key: string, ref: string, payload: Payload, ids: object = {}): MadeEvent {
    const event = encodeEvent({
      eventId: uuidv7(),
      occurredAt: 1_790_000_000_000_000n,
      traceId: "0af7651916cd43dd8448eb211c80319c",
      idempotencyKey: key,
      playerRef: ref,
      gameId: "bench",
      origin: { edgeId: "eu", region: "eu", edgeSeq: BigInt(this.#count) },
      payload,
      ...ids,
    });
    return { key, event, ref };
  }

  #nextId(): string {
    this.#count += 1;
    return `${this.#run}${String(this.#count).padStart(9, "0")}`;
  }

  #nextRef(): string {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    const at = Math.floor((this.#random / 2 ** 32) * this.#refs.length);
    return this.#refs[at] as string;
  }
}

/** Registrations of new players; the receipts tell their references. */
export function registrations(count: number, from = 0): Uint8Array[] {
  const run = uuidv7().slice(-12);
  return Array.from({ length: count }, (_, index) =>
    encodeEvent({
      eventId: uuidv7(),
      occurredAt: 1_790_000_000_000_000n,
      idempotencyKey: `r-${run}-${from + index}`,
      payload: { case: "playerRegistered", value: {} },
    }),
  );
}
