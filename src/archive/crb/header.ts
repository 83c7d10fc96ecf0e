/**
 * The clear header of an object: what it is, where it belongs and how to open it. Its stored
 * bytes are bound into the key; they are never encoded again.
 *
 * @module
 */
import * as v from "valibot";
import { damaged } from "../errors.ts";
import { HEADER_BYTES_MAX, OBJECT_RAW_BYTES_MAX, RECIPIENTS_MAX } from "../limits.ts";

/** Decimal text of a 64-bit number. */
const count = v.pipe(v.string(), v.regex(/^(0|[1-9]\d{0,15})$/));
const hex = (bytes: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`)));
const version = v.pipe(v.number(), v.integer(), v.minValue(0));

export const COMPRESSION = "zstd";
export const ENCRYPTION = "A256GCM-HKDF-SHA256-1M";

export const headerSchema = v.strictObject({
  v: v.literal(1),
  kind: v.picklist(["snapshot-chunk", "snapshot-manifest"]),
  /** The book: first half of the leaf hash of its first record. */
  repo: hex(16),
  tenant: v.pipe(v.string(), v.minLength(1)),
  db: v.literal("ledger"),
  /** The object's own key from the tenant on, without hash suffix and extension. */
  key: v.pipe(v.string(), v.minLength(1)),
  epoch: count,
  /** First and last seq of the records inside; the snapshot's seq twice where there are none. */
  seq: v.tuple([count, count]),
  records: count,
  tree: v.strictObject({ size: count, root: v.pipe(v.string(), v.base64()) }),
  checkpoint: v.string(),
  /** SHA-256 of the object stored before this one in the same set; empty for the first. */
  prev: v.union([v.literal(""), hex(32)]),
  schema: version,
  logic: version,
  /** When the set was begun, microseconds since 1970. */
  at: count,
  /** Bytes of plaintext. */
  raw: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(OBJECT_RAW_BYTES_MAX)),
  comp: v.literal(COMPRESSION),
  enc: v.literal(ENCRYPTION),
  recipients: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(RECIPIENTS_MAX)),
  /** The key wrapped to each recipient, an age file each, base64. */
  wraps: v.pipe(v.array(v.pipe(v.string(), v.base64())), v.minLength(1)),
});

export type CrbHeader = Readonly<v.InferOutput<typeof headerSchema>>;
/** What the caller knows of a header; sealing adds the rest. */
export type HeaderFields = Omit<CrbHeader, "v" | "comp" | "enc" | "recipients" | "wraps" | "raw">;

/** Parses stored header bytes. */
export function parseHeader(object: string, bytes: Uint8Array): CrbHeader {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw damaged(object, "the header isn't readable: changed or cut", cause);
  }
  const parsed = v.safeParse(headerSchema, json);
  if (parsed.success && parsed.output.wraps.length === parsed.output.recipients.length) {
    return parsed.output;
  }
  const path = parsed.success ? "wraps" : (v.getDotPath(parsed.issues[0]) ?? "its shape");
  throw damaged(object, `the header is wrong in ${path}: changed, or of a newer format`);
}

/** The bytes to store for a header. */
export function headerBytes(header: CrbHeader): Uint8Array {
  const bytes = new TextEncoder().encode(JSON.stringify(header));
  if (bytes.length > HEADER_BYTES_MAX) throw new RangeError(`header of ${bytes.length} bytes`);
  return bytes;
}
