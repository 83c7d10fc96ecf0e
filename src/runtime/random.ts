/** The most that one call of `getRandomValues` fills. */
const DRAW_BYTES_MAX = 65_536;

/** Bytes from the system's generator. */
export function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += DRAW_BYTES_MAX) {
    crypto.getRandomValues(bytes.subarray(at, Math.min(length, at + DRAW_BYTES_MAX)));
  }
  return bytes;
}

/** Random lower-case hex of `bytes` bytes. */
export function randomHex(bytes: number): string {
  return Array.from(randomBytes(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A random number from 0 inclusive to 1 exclusive: for jitter, never for games or keys. */
export function jitter(): number {
  const word = new Uint32Array(randomBytes(4).buffer)[0]!;
  return word / 2 ** 32;
}
