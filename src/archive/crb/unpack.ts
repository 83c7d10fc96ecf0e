/**
 * Reads the zstd stream inside an object back into plaintext, checking every length that zstd
 * leaves unchecked.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { zstdDecompressSync } from "node:zlib";
import * as v from "valibot";
import { damaged } from "../errors.ts";
import { FRAME_RAW_BYTES, FRAME_STORED_BYTES_MAX, TRAILER_BYTES_MAX } from "../limits.ts";
import type { ByteReader } from "./byte-reader.ts";
import { SKIP_BYTES, SKIP_LENGTHS, SKIP_PADDING, SKIP_TRAILER } from "./frames.ts";

const trailerSchema = v.strictObject({
  raw: v.pipe(v.number(), v.integer(), v.minValue(0)),
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  state: v.optional(v.string()),
});

/** What the encrypted end of an object says about its plaintext. */
export type CrbTrailer = Readonly<v.InferOutput<typeof trailerSchema>>;

/** Yields plaintext; returns the trailer once everything agrees with it. */
export async function* unpack(
  object: string,
  reader: ByteReader,
  raw: number,
): AsyncGenerator<Uint8Array, CrbTrailer> {
  const hash = createHash("sha256");
  let told = 0;
  for (;;) {
    const { magic, payload } = await skippableFrame(object, reader);
    if (magic === SKIP_TRAILER) {
      const trailer = parseTrailer(object, payload);
      const sha256 = hash.digest("hex");
      if (told === raw && trailer.raw === raw && trailer.sha256 === sha256) {
        if (await reader.ended()) return trailer;
        throw damaged(object, "plaintext follows its trailer");
      }
      throw damaged(object, `unpacks to ${told} bytes ${sha256}, not the ${raw} it was made of`);
    }
    if (magic === SKIP_PADDING) continue;
    const piece = await dataFrame(object, reader, payload);
    hash.update(piece);
    told += piece.length;
    yield piece;
  }
}

async function skippableFrame(
  object: string,
  reader: ByteReader,
): Promise<{ readonly magic: number; readonly payload: Uint8Array }> {
  const head = await reader.take(SKIP_BYTES);
  if (head.length < SKIP_BYTES) throw damaged(object, "its contents end without a trailer");
  const view = new DataView(head.buffer, head.byteOffset, SKIP_BYTES);
  const magic = view.getUint32(0, true);
  const size = view.getUint32(4, true);
  const known = magic === SKIP_LENGTHS || magic === SKIP_TRAILER || magic === SKIP_PADDING;
  const limit = magic === SKIP_TRAILER ? TRAILER_BYTES_MAX : FRAME_RAW_BYTES;
  if (!known || size > limit) throw damaged(object, "its contents aren't a stream of frames");
  const payload = await reader.take(size);
  if (payload.length < size) throw damaged(object, "its contents end inside a frame");
  return { magic, payload };
}

async function dataFrame(
  object: string,
  reader: ByteReader,
  lengths: Uint8Array,
): Promise<Uint8Array> {
  if (lengths.length !== 8) throw damaged(object, "a frame tells no lengths");
  const view = new DataView(lengths.buffer, lengths.byteOffset, 8);
  const raw = view.getUint32(0, true);
  const stored = view.getUint32(4, true);
  if (raw > FRAME_RAW_BYTES || stored > FRAME_STORED_BYTES_MAX) {
    throw damaged(object, "a frame is longer than frames may be");
  }
  const frame = await reader.take(stored);
  if (frame.length < stored) throw damaged(object, "its contents end inside a frame");
  let piece: Uint8Array;
  try {
    // Bounded: a small frame can claim gigabytes. What it leaves out shows in length and digest.
    piece = zstdDecompressSync(frame, { maxOutputLength: FRAME_RAW_BYTES });
  } catch (cause) {
    throw damaged(object, "a frame doesn't decompress", cause);
  }
  if (piece.length !== raw) throw damaged(object, "a frame decompresses to a wrong length");
  return piece;
}

function parseTrailer(object: string, payload: Uint8Array): CrbTrailer {
  try {
    return v.parse(trailerSchema, JSON.parse(new TextDecoder().decode(payload)));
  } catch (cause) {
    throw damaged(object, "its trailer isn't readable", cause);
  }
}
