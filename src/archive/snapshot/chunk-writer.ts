/**
 * Cuts a snapshot into objects, seals each and stores it while the next is being read.
 *
 * @module
 */
import { FramePacker } from "../crb/frames.ts";
import type { HeaderFields } from "../crb/header.ts";
import { sealObject, type Sealed } from "../crb/seal.ts";
import { CHUNK_RAW_BYTES, CHUNKS_MAX, WAITING_BYTES_MAX } from "../limits.ts";
import type { Lock, ObjectStore, PutReceipt } from "../stores/object-store.ts";
import type { Manifest, ManifestChunk } from "./manifest.ts";
import {
  chunkKey,
  EXTENSION,
  manifestKey,
  manifestObjectKey,
  type SnapshotName,
} from "./object-keys.ts";

/** What all headers of a set have in common. */
export type CommonFields = Omit<HeaderFields, "kind" | "key" | "seq" | "records" | "prev">;

/** Options of {@link ChunkWriter}. */
export interface ChunkWriterOptions {
  readonly store: ObjectStore;
  readonly name: SnapshotName;
  readonly fields: CommonFields;
  readonly recipients: readonly string[];
  readonly stateDigest: string;
  readonly lock?: Lock;
  /** Plaintext per object. */
  readonly chunkBytes?: number;
}

/** A stored object, as reported. */
export interface StoredPart {
  readonly key: string;
  readonly bytes: number;
  readonly receipt: PutReceipt;
}

type Section = ManifestChunk["section"];

/** Writes the objects of one snapshot, one section after the other. */
export class ChunkWriter {
  readonly #options: ChunkWriterOptions;
  readonly #chunks: ManifestChunk[] = [];
  readonly #stored: StoredPart[] = [];
  #section: Section = "book";
  #packer = new FramePacker();
  #seqs: [number, number] | undefined;
  #prev = "";
  #sealed = 0;
  #waitingBytes = 0;
  #storing: Promise<unknown> = Promise.resolve();

  constructor(options: ChunkWriterOptions) {
    this.#options = options;
  }

  /** Objects stored so far. */
  get stored(): readonly StoredPart[] {
    return this.#stored;
  }

  /** Bytes of ciphertext stored or waiting to be. */
  get bytes(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
  }

  /** Ends the section before and begins another. */
  async begin(section: Section): Promise<void> {
    await this.#seal();
    this.#section = section;
  }

  /** Adds an item. `seq` is given for records. */
  add(item: Uint8Array, seq?: number): void {
    this.#packer.add(item);
    if (seq === undefined) return;
    this.#seqs ??= [seq, seq];
    this.#seqs[1] = seq;
  }

  /** Whether the object has what an object should have. */
  get full(): boolean {
    return this.#packer.raw >= (this.#options.chunkBytes ?? CHUNK_RAW_BYTES);
  }

  /** Seals the object once it is full; call it between items. */
  async roll(): Promise<void> {
    if (this.full) await this.#seal();
  }

  /** Waits until everything added is stored. Answers what the manifest lists. */
  async finish(): Promise<readonly ManifestChunk[]> {
    await this.#seal();
    await this.#storing;
    return this.#chunks.map((chunk, index) => {
      const { version } = this.#stored[index]!.receipt;
      return version === undefined ? chunk : { ...chunk, version };
    });
  }

  /** Stores the manifest, which completes the snapshot. */
  async finishWith(manifest: Manifest): Promise<StoredPart> {
    const { name, store, lock } = this.#options;
    this.#packer.add(new TextEncoder().encode(JSON.stringify(manifest)));
    const sealed = await this.#sealAs("snapshot-manifest", manifestKey(name));
    const key = manifestObjectKey(name, sealed.sha256);
    const receipt = await store.put(key, sealed, lock);
    return { key, bytes: sealed.bytes, receipt };
  }

  async #seal(): Promise<void> {
    if (this.#packer.raw === 0) return;
    const index = this.#sealed;
    if (index >= CHUNKS_MAX) throw new RangeError(`a snapshot of more than ${CHUNKS_MAX} objects`);
    const raw = this.#packer.raw;
    const seq = this.#seqs ?? null;
    const key = chunkKey(this.#options.name, index);
    const sealed = await this.#sealAs("snapshot-chunk", key);
    const { bytes, sha256, md5 } = sealed;
    const section = this.#section;
    this.#chunks.push({ key: key + EXTENSION, section, seq, raw, bytes, sha256, md5 });
    this.#prev = sha256;
    this.#sealed += 1;
    await this.#store(key + EXTENSION, sealed);
  }

  async #sealAs(kind: HeaderFields["kind"], key: string): Promise<Sealed> {
    const { fields, name, recipients, stateDigest } = this.#options;
    const packed = this.#packer.finish();
    this.#packer = new FramePacker();
    const [first, last] = this.#seqs ?? [name.seq, name.seq];
    const records = this.#seqs === undefined ? 0 : last - first + 1;
    this.#seqs = undefined;
    const header: HeaderFields = {
      ...fields,
      kind,
      key,
      seq: [String(first), String(last)],
      records: String(records),
      prev: this.#prev,
    };
    return sealObject(header, packed, { recipients, stateDigest });
  }

  /** One upload at a time, so that receipts come in order; reading goes on meanwhile. */
  async #store(key: string, sealed: Sealed): Promise<void> {
    const { store, lock } = this.#options;
    const { bytes } = sealed;
    this.#waitingBytes += bytes;
    this.#storing = this.#storing.then(async () => {
      const receipt = await store.put(key, sealed, lock);
      this.#stored.push({ key, bytes, receipt });
      this.#waitingBytes -= bytes;
    });
    // A failure is told by whoever waits; until then it must not end the process.
    this.#storing.catch(() => {});
    if (this.#waitingBytes > WAITING_BYTES_MAX) await this.#storing;
  }
}
