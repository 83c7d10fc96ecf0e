/**
 * Server seeds of house games.
 *
 * @module
 */
import { createHmac } from "node:crypto";
import { SERVER_SEEDS_MAX } from "./limits.ts";

/** Text of a server seed: 64 lower-case hex digits. */
export type ServerSeed = (
  operatorId: string,
  playerRef: string,
  epoch: number,
  seedPair: number,
) => string;

/**
 * HMAC-SHA256(games key, operator ‖ player ref ‖ epoch ‖ reign ‖ seed pair), each part after its
 * length in two bytes, numbers as decimal text. The epoch makes a seed unusable again after a
 * restore, the reign also when one set is restored and promoted twice.
 */
export function serverSeeds(gamesKey: Uint8Array, reign: string): ServerSeed {
  const known = new Map<string, string>();
  return (operatorId, playerRef, epoch, seedPair) => {
    const name = `${operatorId}\0${playerRef}\0${epoch}\0${seedPair}`;
    const before = known.get(name);
    if (before !== undefined) return before;
    const parts = [operatorId, playerRef, String(epoch), reign, String(seedPair)];
    const seed = derive(gamesKey, parts);
    if (known.size >= SERVER_SEEDS_MAX) known.clear();
    known.set(name, seed);
    return seed;
  };
}

function derive(key: Uint8Array, parts: readonly string[]): string {
  const hmac = createHmac("sha256", key);
  for (const part of parts) {
    const text = Buffer.from(part);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(text.length);
    hmac.update(length).update(text);
  }
  return hmac.digest("hex");
}
