/**
 * UUIDv7 (RFC 9562 §5.7) from an injected clock, ordered within one process.
 *
 * @module
 */
import { systemClock, type Clock } from "./clock.ts";
import { randomBytes } from "./random.ts";

/** Random bytes drawn at once: a draw per id costs more than the id. */
const POOL_BYTES = 4096;
/** Per id: two bytes seed the counter, eight are the tail. */
const DRAW_BYTES = 10;
/** rand_a counts within a millisecond; a seed below half leaves room to count. */
const COUNTER_MAX = 0xfff;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Makes ids, each greater than the one before, also when the clock is set back. */
export function uuidV7Source(clock: Clock, random = randomBytes): () => string {
  let pool = new Uint8Array(0);
  let at = 0;
  let lastMs = -1;
  let counter = 0;
  return () => {
    if (at + DRAW_BYTES > pool.length) {
      pool = random(POOL_BYTES);
      at = 0;
    }
    const ms = Math.floor(clock.nowUs() / 1000);
    if (ms > lastMs) {
      lastMs = ms;
      counter = ((pool[at]! << 8) | pool[at + 1]!) & (COUNTER_MAX >> 1);
    } else if (counter === COUNTER_MAX) {
      lastMs += 1;
      counter = 0;
    } else {
      counter += 1;
    }
    const tail = at + 2;
    at += DRAW_BYTES;
    return format(lastMs, counter, pool, tail);
  };
}

function format(ms: number, counter: number, bytes: Uint8Array, at: number): string {
  const time = ms.toString(16).padStart(12, "0");
  const tail =
    HEX[(bytes[at]! & 0x3f) | 0x80]! +
    HEX[bytes[at + 1]!]! +
    "-" +
    HEX[bytes[at + 2]!]! +
    HEX[bytes[at + 3]!]! +
    HEX[bytes[at + 4]!]! +
    HEX[bytes[at + 5]!]! +
    HEX[bytes[at + 6]!]! +
    HEX[bytes[at + 7]!]!;
  const group = (0x7000 | counter).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-${group}-${tail}`;
}

const sources = new WeakMap<Clock, () => string>();

/** The next id of this process on the given clock. */
export function uuidv7(clock: Clock = systemClock): string {
  let source = sources.get(clock);
  if (source === undefined) sources.set(clock, (source = uuidV7Source(clock)));
  return source();
}
