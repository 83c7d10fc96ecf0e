/**
 * Reads a planned set, section by section, in the order a restore needs.
 *
 * @module
 */
import type { CrbHeader } from "../crb/header.ts";
import { damaged } from "../errors.ts";
import {
  decodeSealedItem,
  ItemDecoder,
  RECORD_ITEM,
  ROW_ITEM,
  type Item,
  type SealedItem,
} from "../snapshot/items.ts";
import type { KeyText } from "../snapshot/key-files.ts";
import type { ManifestChunk } from "../snapshot/manifest.ts";
import type { ObjectStore } from "../stores/object-store.ts";
import type { Plan, PlannedChunk } from "./plan.ts";
import { readObject, withoutExtension } from "./read-object.ts";
import { parseBookLine, type EpochLine } from "./rows.ts";

/** How far a restore is. */
export interface RestoreProgress {
  readonly object: number;
  readonly ofObjects: number;
  readonly seq: number;
  readonly ofSeq: number;
}

/** Options of {@link SetReader}. */
export interface SetReaderOptions {
  readonly store: ObjectStore;
  readonly identities: readonly string[];
  readonly onProgress?: (progress: RestoreProgress) => void;
  readonly signal?: AbortSignal;
}

/** The objects of one snapshot. */
export class SetReader {
  readonly #plan: Plan;
  readonly #options: SetReaderOptions;
  #objects = 0;
  #seq = 0;

  constructor(plan: Plan, options: SetReaderOptions) {
    this.#plan = plan;
    this.#options = options;
  }

  /** Epochs and keys, with the name of the object they stand in. */
  async book(): Promise<{
    readonly object: string;
    readonly epochs: readonly EpochLine[];
    readonly keys: readonly KeyText[];
  }> {
    const epochs: EpochLine[] = [];
    const keys: KeyText[] = [];
    let object = this.#plan.manifestKey;
    await this.#rows("book", (name, text) => {
      object = name;
      const line = parseBookLine(name, text);
      if (line.t === "epoch") epochs.push(line);
      else keys.push({ name: line.name, text: line.text });
    });
    checkEpochs(object, epochs, this.#plan.manifest.seq);
    return { object, epochs, keys };
  }

  /** Every record, in order. */
  async records(take: (object: string, item: SealedItem) => void): Promise<void> {
    await this.#items("records", RECORD_ITEM, (object, payload) => {
      let item: SealedItem;
      try {
        item = decodeSealedItem(payload);
      } catch (cause) {
        throw damaged(object, `record ${this.#seq + 1} isn't a sealed record`, cause);
      }
      take(object, item);
      this.#seq += 1;
    });
  }

  /** Every row of state, as text. */
  async state(take: (object: string, text: string) => void): Promise<void> {
    await this.#rows("state", take);
  }

  #rows(section: "book" | "state", take: (object: string, text: string) => void): Promise<void> {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    return this.#items(section, ROW_ITEM, (object, payload) => {
      let text: string;
      try {
        text = decoder.decode(payload);
      } catch (cause) {
        throw damaged(object, "a row isn't text", cause);
      }
      take(object, text);
    });
  }

  async #items(
    section: ManifestChunk["section"],
    kind: number,
    take: (object: string, payload: Uint8Array) => void,
  ): Promise<void> {
    for (const planned of this.#plan.chunks) {
      if (planned.chunk.section !== section) continue;
      const name = planned.object.key;
      const before = this.#seq;
      const items = new ItemDecoder();
      for await (const piece of this.#read(planned)) {
        for (const item of cut(name, items, piece)) {
          if (item.kind !== kind) throw damaged(name, `an item of kind ${item.kind} in ${section}`);
          take(name, item.payload);
        }
        this.#told();
      }
      if (!items.complete) throw damaged(name, "ends inside an item");
      const { seq } = planned.chunk;
      if (seq !== null && (seq[0] !== before + 1 || seq[1] !== this.#seq)) {
        throw damaged(name, `holds records ${before + 1} to ${this.#seq}, not ${seq.join(" to ")}`);
      }
      this.#objects += 1;
      this.#told();
    }
  }

  #read({ chunk, index, object }: PlannedChunk): AsyncGenerator<Uint8Array> {
    const { store, identities } = this.#options;
    return readObject({
      store,
      object,
      sealedKey: withoutExtension(chunk.key),
      identities,
      judgeHeader: (header) => this.#judge(header, chunk, index),
      judge: (sha256, bytes) =>
        sha256 === chunk.sha256 && bytes === chunk.bytes
          ? undefined
          : `isn't the object of ${chunk.bytes} bytes that the manifest lists`,
    });
  }

  /** A chunk belongs to this manifest, in this place. */
  #judge(header: CrbHeader, chunk: ManifestChunk, index: number): string | undefined {
    const { manifest } = this.#plan;
    const before = manifest.chunks[index - 1];
    const [first, last] = chunk.seq ?? [manifest.seq, manifest.seq];
    const same =
      header.kind === "snapshot-chunk" &&
      header.repo === manifest.repo &&
      header.tenant === manifest.tenant &&
      header.epoch === String(manifest.epoch) &&
      header.checkpoint === manifest.checkpoint &&
      header.at === String(manifest.at) &&
      header.raw === chunk.raw &&
      header.seq[0] === String(first) &&
      header.seq[1] === String(last) &&
      header.prev === (before?.sha256 ?? "");
    return same ? undefined : "belongs to another set than the manifest";
  }

  #told(): void {
    this.#options.signal?.throwIfAborted();
    const { manifest, chunks } = this.#plan;
    this.#options.onProgress?.({
      object: this.#objects,
      ofObjects: chunks.length,
      seq: this.#seq,
      ofSeq: manifest.seq,
    });
  }
}

function* cut(object: string, items: ItemDecoder, piece: Uint8Array): Generator<Item> {
  const cutter = items.push(piece);
  for (;;) {
    let next: IteratorResult<Item, void>;
    try {
      next = cutter.next();
    } catch (cause) {
      throw damaged(object, "holds an item longer than items may be", cause);
    }
    if (next.done === true) return;
    yield next.value;
  }
}

/** Epochs follow one another without gaps and end with the snapshot's last record. */
function checkEpochs(object: string, epochs: readonly EpochLine[], seq: number): void {
  let next = 1;
  let before = 0;
  for (const { epoch, first_seq, last_seq, previous_epoch, previous_size } of epochs) {
    const follows =
      first_seq === next &&
      last_seq >= first_seq &&
      epoch > before &&
      // An epoch that ended before its first record isn't in the set.
      previous_epoch >= before &&
      previous_epoch < epoch &&
      previous_size === first_seq - 1;
    if (!follows) throw damaged(object, `epoch ${epoch} doesn't follow epoch ${before}`);
    next = last_seq + 1;
    before = epoch;
  }
  if (next !== seq + 1) throw damaged(object, `the epochs end at ${next - 1}, not at ${seq}`);
}
