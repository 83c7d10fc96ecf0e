/**
 * The manifest: written last, it makes a snapshot of a number of objects. No manifest, no snapshot.
 *
 * @module
 */
import * as v from "valibot";
import { damaged } from "../errors.ts";
import { CHUNKS_MAX } from "../limits.ts";

/** Version of what stands inside chunks and manifest. */
export const SNAPSHOT_SCHEMA = 1;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const hex = (bytes: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`)));

const chunkSchema = v.strictObject({
  /** Relative to the store's prefix, with extension. */
  key: v.string(),
  section: v.picklist(["book", "state", "records"]),
  /** First and last record inside; empty for other sections. */
  seq: v.nullable(v.tuple([count, count])),
  raw: count,
  bytes: count,
  sha256: hex(32),
  md5: hex(16),
  /** The stored version that the store acknowledged. */
  version: v.optional(v.string()),
});

const manifestSchema = v.strictObject({
  v: v.literal(1),
  snapshot: v.string(),
  repo: hex(16),
  tenant: v.string(),
  epoch: count,
  reign: hex(16),
  seq: count,
  /** Recorded time of the last record, microseconds since 1970. */
  recorded_at: count,
  tree: v.strictObject({ size: count, root: hex(32), edge: v.array(hex(32)) }),
  state: hex(32),
  checkpoint: v.string(),
  schema: v.literal(SNAPSHOT_SCHEMA),
  logic: count,
  /** When the snapshot was begun, microseconds since 1970. */
  at: count,
  rows: v.strictObject({
    players: count,
    wallets: count,
    identities: count,
    bets: count,
    rounds: count,
    objects: count,
    house_accounts: count,
    epochs: count,
    keys: count,
  }),
  chunks: v.pipe(v.array(chunkSchema), v.minLength(1), v.maxLength(CHUNKS_MAX)),
});

/** One object of a snapshot. */
export type ManifestChunk = Readonly<v.InferOutput<typeof chunkSchema>>;
/** A snapshot's contents. */
export type Manifest = Readonly<v.InferOutput<typeof manifestSchema>>;

/** Parses a manifest's plaintext. */
export function parseManifest(object: string, plaintext: Uint8Array): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(plaintext));
  } catch (cause) {
    throw damaged(object, "the manifest isn't readable", cause);
  }
  const parsed = v.safeParse(manifestSchema, json);
  if (parsed.success) return parsed.output;
  const path = v.getDotPath(parsed.issues[0]) ?? "its shape";
  throw damaged(object, `the manifest is wrong in ${path}, or of a newer format`);
}
