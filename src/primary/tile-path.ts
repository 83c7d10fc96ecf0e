/**
 * Paths of tiles, as https://c2sp.org/tlog-tiles spells them: `tile/<L>/<N>[.p/<W>]` and
 * `tile/entries/<N>[.p/<W>]`.
 *
 * @module
 */
import { TILE_HASHES, TILE_LEVELS_MAX } from "../ledger/index.ts";

/** What a path names. */
export interface TilePath {
  readonly level: number | "entries";
  readonly index: number;
  /** Hashes or entries; 256 for a whole tile. */
  readonly width: number;
}

const PATH =
  /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** Reads a path below the prefix; undefined when it is not spelt in the one right way. */
export function parseTilePath(path: string): TilePath | undefined {
  const match = PATH.exec(path);
  if (match === null) return undefined;
  const [, level = "", digits = "", part] = match;
  // Only the first element of a longer index may not be zero.
  if (digits.startsWith("x000")) return undefined;
  const index = Number(digits.replaceAll(/[x/]/g, ""));
  const width = part === undefined ? TILE_HASHES : Number(part);
  if (!Number.isSafeInteger(index * TILE_HASHES) || (part !== undefined && width >= TILE_HASHES)) {
    return undefined;
  }
  if (level === "entries") return { level, index, width };
  const number = Number(level);
  const isSpeltRight = String(number) === level && number < TILE_LEVELS_MAX;
  return isSpeltRight ? { level: number, index, width } : undefined;
}
