/**
 * Checksums of rows of `search.db`. They catch damage and careless hands, not intent: whoever can
 * write the file can also write a checksum.
 *
 * @module
 */
import { EXIT, OperatorError } from "../ops/index.ts";

/** What a column holds; a count is the same number whether it is read as bigint or not. */
export type CheckedValue = string | number | bigint | Uint8Array | null;

/** Told with every kind of damage to the file. */
export const SEARCH_DAMAGED_HINT =
  "Nothing is lost: search.db is rebuilt from the book by itself, or by " +
  "`countroom rebuild --only search --replace --confirm`.";

/** What is there isn't what was written. */
export function searchDamaged(detail: string, cause?: unknown): OperatorError {
  return new OperatorError("DATABASE_DAMAGED", `search.db is damaged: ${detail}`, {
    hint: SEARCH_DAMAGED_HINT,
    exitCode: EXIT.integrity,
    cause,
  });
}

const [NULL, INTEGER, TEXT, BYTES] = [1, 2, 3, 4];
const wide = new BigInt64Array(1);
const halves = new Int32Array(wide.buffer);
const TWO_32 = 2 ** 32;

/**
 * 32 bits over the first `count` values, each with its type and length, by the steps of
 * MurmurHash3: every one of them can be undone, so that a change of one word is always seen.
 */
export function checksumOf(values: readonly CheckedValue[], count = values.length): number {
  let sum = count;
  for (let at = 0; at < count; at += 1) {
    const value = values[at] ?? null;
    if (typeof value === "number") {
      sum = mixed(mixed(mixed(sum, INTEGER), value | 0), Math.floor(value / TWO_32) | 0);
    } else if (typeof value === "bigint") {
      wide[0] = value;
      sum = mixed(mixed(mixed(sum, INTEGER), halves[0]!), halves[1]!);
    } else if (typeof value === "string") {
      sum = mixed(mixed(sum, TEXT), value.length);
      for (let each = 0; each < value.length; each += 1) sum = mixed(sum, value.charCodeAt(each));
    } else if (value === null) sum = mixed(sum, NULL);
    else sum = withBytes(mixed(mixed(sum, BYTES), value.length), value);
  }
  sum = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b);
  sum = Math.imul(sum ^ (sum >>> 13), 0xc2b2ae35);
  return (sum ^ (sum >>> 16)) | 0;
}

function withBytes(start: number, bytes: Uint8Array): number {
  let sum = start;
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) {
    const low = bytes[at]! | (bytes[at + 1]! << 8);
    sum = mixed(sum, low | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
  }
  for (; at < bytes.length; at += 1) sum = mixed(sum, bytes[at]!);
  return sum;
}

function mixed(sum: number, word: number): number {
  const spread = Math.imul(word, 0xcc9e2d51);
  const turned = sum ^ Math.imul((spread << 15) | (spread >>> 17), 0x1b873593);
  return (Math.imul((turned << 13) | (turned >>> 19), 5) + 0xe6546b64) | 0;
}

/** A row whose last column is the checksum of the others, as it was read; undefined for none. */
export function sound<Row extends object>(table: string, row: Row | undefined): Row | undefined {
  if (row === undefined) return undefined;
  const values = Object.values(row) as CheckedValue[];
  const last = values.length - 1;
  if (checksumOf(values, last) === Number(values[last])) return row;
  throw searchDamaged(`a row of ${table} isn't what was written: ${keyOf(values)}`);
}

/** Enough to find it by; never an id that somebody chose. */
function keyOf(values: readonly CheckedValue[]): string {
  const numbers = values.slice(0, 3).filter((value) => typeof value !== "object");
  return numbers.map((value) => (typeof value === "string" ? "…" : String(value))).join(" ");
}
