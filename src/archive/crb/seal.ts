/**
 * Writes an object of format CRB1.
 *
 * ```
 * "CRB1" | u16 header length | header | 32 B salt | 7 B nonce prefix | 32 B commitment | blocks…
 * ```
 *
 * @module
 */
import { createHash } from "node:crypto";
import { randomBytes as systemRandom } from "../../runtime/index.ts";
import { BLOCK_BYTES } from "../limits.ts";
import { trailerFrames, type Packed } from "./frames.ts";
import { COMPRESSION, ENCRYPTION, headerBytes, type HeaderFields } from "./header.ts";
import * as keys from "./keys.ts";
import { wrapKey } from "./wrap.ts";

/** A sealed object in memory: a retry sends the same bytes. */
export interface Sealed {
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** Lower-case hex. */
  readonly md5: string;
}

/** Options of {@link sealObject}. */
export interface SealOptions {
  /** X25519 recipients, already checked. */
  readonly recipients: readonly string[];
  /** Goes into the encrypted trailer. */
  readonly stateDigest?: string;
  readonly randomBytes?: (length: number) => Uint8Array;
}

/** Encrypts packed plaintext under a fresh key. Empties `packed.parts` as it goes. */
export async function sealObject(
  fields: HeaderFields,
  packed: Packed,
  options: SealOptions,
): Promise<Sealed> {
  const random = options.randomBytes ?? systemRandom;
  const { recipients } = options;
  const dek = random(keys.DEK_BYTES);
  const salt = random(keys.SALT_BYTES);
  const prefix = random(keys.PREFIX_BYTES);
  const wraps = await wrapKey(dek, recipients);
  const header = headerBytes({
    ...fields,
    v: 1,
    raw: packed.raw,
    comp: COMPRESSION,
    enc: ENCRYPTION,
    recipients: [...recipients],
    wraps,
  });
  const out = new Output();
  out.push(lead(header.length), header, salt, prefix, keys.keyCommitment(dek, salt));
  const key = keys.blockKey(dek, salt, header);
  dek.fill(0);
  let index = 0;
  for (const { plain, last } of blocks(packed, trailer(packed, options.stateDigest))) {
    out.push(keys.sealBlock(key, keys.blockNonce(prefix, index, last), plain));
    index += 1;
  }
  key.fill(0);
  return out.finish();
}

function lead(headerLength: number): Uint8Array {
  const bytes = new Uint8Array(keys.LEAD_BYTES);
  bytes.set(keys.MAGIC);
  new DataView(bytes.buffer).setUint16(keys.MAGIC.length, headerLength);
  return bytes;
}

/** The plaintext's digest is encrypted: in clear it would confirm guesses of small contents. */
function trailer(packed: Packed, stateDigest: string | undefined): Uint8Array {
  const sha256 = Buffer.from(packed.sha256).toString("hex");
  const state = stateDigest === undefined ? {} : { state: stateDigest };
  return new TextEncoder().encode(JSON.stringify({ raw: packed.raw, sha256, ...state }));
}

/** Cuts the stream into full blocks and a last one. */
function* blocks(
  packed: Packed,
  end: Uint8Array,
): Generator<{ readonly plain: Uint8Array; readonly last: boolean }> {
  packed.parts.push(...trailerFrames(packed.stored, end));
  packed.parts.reverse();
  const block = new Uint8Array(BLOCK_BYTES);
  let filled = 0;
  for (let part = packed.parts.pop(); part !== undefined; part = packed.parts.pop()) {
    let rest = part;
    while (rest.length > 0) {
      // A full block waits for the next byte: the last block must say that it is the last.
      if (filled === BLOCK_BYTES) {
        yield { plain: block, last: false };
        filled = 0;
      }
      const room = Math.min(rest.length, BLOCK_BYTES - filled);
      block.set(rest.subarray(0, room), filled);
      filled += room;
      rest = rest.subarray(room);
    }
  }
  yield { plain: block.subarray(0, filled), last: true };
}

/** Collects an object's bytes and their digests. */
class Output {
  readonly #parts: Uint8Array[] = [];
  readonly #sha256 = createHash("sha256");
  readonly #md5 = createHash("md5");
  #bytes = 0;

  push(...parts: Uint8Array[]): void {
    for (const part of parts) {
      this.#parts.push(part);
      this.#sha256.update(part);
      this.#md5.update(part);
      this.#bytes += part.length;
    }
  }

  finish(): Sealed {
    return {
      parts: this.#parts,
      bytes: this.#bytes,
      sha256: this.#sha256.digest("hex"),
      md5: this.#md5.digest("hex"),
    };
  }
}
