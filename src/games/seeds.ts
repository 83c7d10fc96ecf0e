/**
 * Seeds of the house games.
 *
 * @module
 */
import { hash } from "node:crypto";

/**
 * The commitment to a server seed: SHA-256 of its text. A server seed is 64 lower-case hex digits
 * and is used as that text, never decoded.
 */
export function serverSeedHash(serverSeed: string): Uint8Array {
  return hash("sha256", serverSeed, "buffer");
}
