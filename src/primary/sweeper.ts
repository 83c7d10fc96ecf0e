/**
 * Brings the ends of bonuses and withdrawals whose time is over into the book.
 *
 * Nothing waits for it: the rules go by the times themselves. A sweep that is lost with its process
 * is done again after the next start, under the same keys.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { Code, objectKey, type Bonus, type Hold, type LedgerState } from "../ledger/index.ts";
import { uuidv7, type Clock } from "../runtime/index.ts";
import { Surface } from "../wire/gen/countroom/v1/event_pb.ts";
import type { Receipt } from "../wire/gen/countroom/v1/record_pb.ts";
import { encodeEvent } from "../wire/index.ts";
import { canEnd, type Due, type DueIndex } from "./due-index.ts";
import { OWN, type AppendEvent } from "./group-decider.ts";
import { SWEEP_AGAIN_US, SWEEP_EVENTS_MAX, SWEEP_KEY_CHARS_MAX, SWEEP_MS } from "./limits.ts";

/** Source of these events. No credential may have it. */
export const PRIMARY_SOURCE = "primary";

/** What the sweeper works with. */
export interface SweeperOptions {
  /** The durable state. */
  readonly state: LedgerState;
  readonly due: DueIndex;
  readonly clock: Clock;
  /** Whether the wall clock may be trusted with an end. */
  readonly clockTrusted: () => boolean;
  readonly append: (events: readonly AppendEvent[]) => Promise<readonly Receipt[]>;
}

/** Looks for what is due again and again, until the timer is cleared. */
export function startSweeper(options: SweeperOptions): ReturnType<typeof setInterval> {
  const sweeper = new Sweeper(options);
  return setInterval(() => void sweeper.sweep(), SWEEP_MS);
}

/** Looks for what is due, when it is told to. */
export class Sweeper {
  readonly #options: SweeperOptions;
  #sweeping = false;

  constructor(options: SweeperOptions) {
    this.#options = options;
  }

  /** Ends what is due, at most so much at once. It costs nothing when nothing is. */
  async sweep(): Promise<void> {
    const { due, clock, clockTrusted, append } = this.#options;
    const now = clock.nowUs();
    if (this.#sweeping || due.next > now || !clockTrusted()) return;
    this.#sweeping = true;
    try {
      const taken = this.#take(now);
      const events = taken.map(({ due: one, version }) => this.#event(one, version));
      const receipts = events.length === 0 ? [] : await append(events);
      for (const [at, { due: one }] of taken.entries()) {
        // What wasn't taken now is looked at again; what changes meanwhile comes by itself.
        if (receipts[at]?.code !== Code.OK) due.put({ ...one, at: now + SWEEP_AGAIN_US });
      }
    } finally {
      this.#sweeping = false;
    }
  }

  /** Objects that the durable state says are due. */
  #take(now: number): { due: Due; version: number }[] {
    const { due } = this.#options;
    const taken: { due: Due; version: number }[] = [];
    while (due.next <= now && taken.length < SWEEP_EVENTS_MAX) {
      const one = due.take();
      if (one === undefined) break;
      const object = this.#find(one);
      // Ended meanwhile, or in play: then the record that ends the play puts it in again.
      if (object === undefined || object.expiresAt === 0 || !canEnd(object)) continue;
      if (object.expiresAt > now) due.put({ ...one, at: object.expiresAt });
      else taken.push({ due: one, version: object.version });
    }
    return taken;
  }

  #find({ object, operatorId, ref, key }: Due): Bonus | Hold | undefined {
    const { state } = this.#options;
    if (object === "bonus") {
      return state.player(ref)?.extras?.bonuses.find((bonus) => bonus.key === key);
    }
    const hold = state.object(objectKey("hold", operatorId, key));
    return hold?.object === "hold" ? hold : undefined;
  }

  #event(due: Due, version: number): AppendEvent {
    const { clock } = this.#options;
    const event = encodeEvent({
      eventId: uuidv7(clock),
      occurredAt: BigInt(clock.nowUs()),
      operatorId: due.operatorId,
      source: PRIMARY_SOURCE,
      idempotencyKey: expiryKey(due, version),
      playerRef: due.ref,
      surface: Surface.JOB,
      payload:
        due.object === "bonus"
          ? { case: "bonusExpired", value: { bonusId: due.key } }
          : { case: "withdrawalExpired", value: { withdrawalId: due.key } },
    });
    return { event, access: OWN };
  }
}

/**
 * Key of an expiry: `expire:<object>:<id>:<version>`; for an id that is too long for a key or
 * begins with `#`, `#` and the hexadecimal SHA-256 of it stand in its place. The version is that
 * of the object before.
 */
export function expiryKey({ object, key }: Pick<Due, "object" | "key">, version: number): string {
  // An id that looks like the replacement of another is replaced as well.
  const isLong = Buffer.byteLength(key) > SWEEP_KEY_CHARS_MAX || key.startsWith("#");
  const name = isLong ? `#${createHash("sha256").update(key).digest("hex")}` : key;
  return `expire:${object}:${name}:${version}`;
}
