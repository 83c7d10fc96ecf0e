/**
 * Reads one stored object, checking its bytes against what was promised on the way.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { CrbHeader } from "../crb/header.ts";
import { openObject } from "../crb/open.ts";
import type { CrbTrailer } from "../crb/unpack.ts";
import { damaged } from "../errors.ts";
import { EXTENSION } from "../snapshot/object-keys.ts";
import type { ObjectStore, StoredObject } from "../stores/object-store.ts";

/** An object to be read. */
export interface Promised {
  readonly store: ObjectStore;
  readonly object: StoredObject;
  /** The key sealed in its header. */
  readonly sealedKey: string;
  readonly identities: readonly string[];
  /** Judges the object's whole digest, lower-case hex; answers a finding. */
  readonly judge: (sha256: string, bytes: number) => string | undefined;
  /** Judges the header once it is proven; answers a finding. */
  readonly judgeHeader?: (header: CrbHeader) => string | undefined;
}

/** Yields plaintext; the end of it proves the whole. */
export async function* readObject(promised: Promised): AsyncGenerator<Uint8Array, CrbTrailer> {
  const { store, object, sealedKey, identities } = promised;
  const name = object.key;
  const sum = createHash("sha256");
  let bytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of store.read(object)) {
      sum.update(piece);
      bytes += piece.length;
      yield piece;
    }
  }
  const opened = await openObject(name, sealedKey, counted(), identities);
  try {
    const wrong = promised.judgeHeader?.(opened.header);
    if (wrong !== undefined) throw damaged(name, wrong);
    const trailer = yield* opened.plaintext();
    const finding = promised.judge(sum.digest("hex"), bytes);
    if (finding !== undefined) throw damaged(name, finding);
    return trailer;
  } finally {
    await opened.close();
  }
}

/** The key in a header for the key of a stored object without hash suffix. */
export function withoutExtension(key: string): string {
  return key.endsWith(EXTENSION) ? key.slice(0, -EXTENSION.length) : key;
}
