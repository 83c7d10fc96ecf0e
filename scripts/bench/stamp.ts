/**
 * Events by the million: one is encoded as callers encode it, and the others are copies of its
 * bytes with another player, another id and another number in the same places.
 */
import { uuidv7 } from "../../src/runtime/index.ts";
import { encodeEvent } from "../../src/wire/index.ts";

type Payload = NonNullable<Parameters<typeof encodeEvent>[0]["payload"]>;

const CURRENCY = "FUN";
const STAKE_MINOR = 1_000_000n;
const WIN_MINOR = 2_000_000n;
/** Enough for every bet that a benchmark can place. */
const DEPOSIT_MINOR = 1_000_000_000_000_000n;

const REF = "01990000-aaaa-7aaa-aaaa-aaaaaaaaaaaa";
const EVENT = "01990000-bbbb-7bbb-abbb-bbbbbbbbbbbb";
/** 13 characters, as long as the ids that game providers count up. */
const ID = "zzzzzzzzzzzzz";
const COUNT_CHARS = 12;

/** One kind of event. */
class Stamp {
  readonly #template: Buffer;
  readonly #refs: readonly number[];
  readonly #ids: readonly number[];
  readonly #counts: readonly number[];

  constructor(key: string, payload: Payload, ids: object) {
    this.#template = Buffer.from(
      encodeEvent({
        eventId: EVENT,
        occurredAt: 1_790_000_000_000_000n,
        traceId: "0af7651916cd43dd8448eb211c80319c",
        idempotencyKey: key,
        gameId: "bench",
        origin: { edgeId: "eu", region: "eu", edgeSeq: 1n },
        payload,
        ...ids,
      }),
    );
    this.#refs = placesOf(this.#template, REF);
    this.#ids = placesOf(this.#template, ID);
    this.#counts = placesOf(this.#template, EVENT).map((at) => at + EVENT.length - COUNT_CHARS);
  }

  make(ref: string, id: string, count: number): Uint8Array {
    const bytes = Buffer.from(this.#template);
    for (const at of this.#refs) bytes.write(ref, at, "latin1");
    for (const at of this.#ids) bytes.write(id, at, "latin1");
    const hex = count.toString(16).padStart(COUNT_CHARS, "0");
    for (const at of this.#counts) bytes.write(hex, at, "latin1");
    return bytes;
  }
}

function placesOf(bytes: Buffer, text: string): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) places.push(at);
  return places;
}

/** Makes events of any number. Ids are numbered from 1, and never repeat. */
export class Stamps {
  readonly #registration = new Stamp(`r-${ID}`, { case: "playerRegistered", value: {} }, {});
  readonly #deposit: Stamp;
  readonly #bet: Stamp;
  readonly #win: Stamp;
  readonly #loss: Stamp;
  readonly #run = uuidv7().slice(-4);
  #count = 0;

  constructor() {
    const amount = (minor: bigint) => ({ minor, currency: CURRENCY });
    const settled = (minor: bigint): Payload => ({
      case: "roundSettled",
      value: { betTxnId: ID, win: amount(minor), closesRound: true },
    });
    const player = { playerRef: REF };
    const deposit = { amount: amount(DEPOSIT_MINOR), rail: "play" };
    this.#deposit = new Stamp(`d-${ID}`, { case: "depositCaptured", value: deposit }, player);
    const ids = { ...player, txnId: ID, roundId: ID };
    this.#bet = new Stamp(
      `b-${ID}`,
      { case: "betPlaced", value: { amount: amount(STAKE_MINOR) } },
      ids,
    );
    this.#win = new Stamp(`s-${ID}`, settled(WIN_MINOR), player);
    this.#loss = new Stamp(`s-${ID}`, settled(0n), player);
  }

  registrations(count: number): Uint8Array[] {
    return Array.from({ length: count }, () => this.#make(this.#registration, ""));
  }

  deposits(refs: readonly string[]): Uint8Array[] {
    return refs.map((ref) => this.#make(this.#deposit, ref));
  }

  /** A bet of each player, and the settlement that closes its round; every second one wins. */
  rounds(refs: readonly string[]): Uint8Array[] {
    return refs.flatMap((ref) => {
      const id = this.#nextId();
      const settlement = this.#count % 2 === 0 ? this.#win : this.#loss;
      return [this.#bet.make(ref, id, this.#count), settlement.make(ref, id, -this.#count >>> 0)];
    });
  }

  #make(stamp: Stamp, ref: string): Uint8Array {
    return stamp.make(ref, this.#nextId(), this.#count);
  }

  #nextId(): string {
    this.#count += 1;
    return this.#run + String(this.#count).padStart(ID.length - this.#run.length, "0");
  }
}
