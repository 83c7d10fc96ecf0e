/**
 * Reads an export, one field after another: a `countroom.v1.LedgerExport` message.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type ExportCover,
  ExportCoverSchema,
  ExportEndSchema,
  type ExportHead,
  ExportHeadSchema,
} from "../wire/gen/countroom/v1/export_pb.ts";
import { SealedRecordSchema } from "../wire/gen/countroom/v1/record_pb.ts";
import type { StoredRecord } from "./entry.ts";

/** Tags of the file's fields: number × 8 + 2. */
const TAG = { ABOUT: 0x0a, HEAD: 0x12, RECORD: 0x1a, CHECKPOINT: 0x22, COVER: 0x2a, END: 0x32 };

/** Tags within a record. */
const RECORD_TAG = { EVENT: 0x0a, OUTCOME: 0x12 };

/** Version of the format that this reader knows. */
const VERSION = 1;

const CHUNK_BYTES = 1 << 20;
/** Far more than an event may have; a larger length is damage, and must not ask for memory. */
const FIELD_BYTES_MAX = 1 << 24;
const LENGTH_BYTES_MAX = 4;

/** The file isn't what an export is, at a record or somewhere. */
export class ExportFault extends Error {
  override readonly name = "ExportFault";
  readonly code = "EXPORT_DAMAGED";
}

/** Fills the front of `into`, answers how many bytes; 0 at the end of the file. */
export type ReadBytes = (into: Uint8Array) => number;

interface Field {
  readonly tag: number;
  readonly value: Buffer;
}

/** One export under way. */
export class ExportFile {
  readonly head: ExportHead;
  /** Set once the records have been read. */
  cover: ExportCover | undefined;
  readonly #read: ReadBytes;
  readonly #hash = createHash("sha256");
  #chunk: Buffer = Buffer.alloc(CHUNK_BYTES);
  #at = 0;
  #end = 0;
  /** Begin of what isn't hashed yet. */
  #unhashed = 0;
  #records = 0;
  #checkpoints = 0;
  /** The hash has been taken: what follows isn't covered. */
  #hashed: Uint8Array | undefined;

  /** Begins to read. @throws ExportFault when the file doesn't begin as an export does. */
  constructor(read: ReadBytes) {
    this.#read = read;
    const about = this.#field();
    const head = about?.tag === TAG.ABOUT ? this.#field() : undefined;
    if (head?.tag !== TAG.HEAD) throw new ExportFault("it doesn't begin as an export does");
    this.head = this.#message(() => fromBinary(ExportHeadSchema, head.value));
    if (this.head.version !== VERSION) {
      throw new ExportFault(`its format is version ${this.head.version}, this reader knows 1`);
    }
    const { from, to } = this;
    if (from >= 1 && to >= from && Number.isSafeInteger(to)) return;
    throw new ExportFault(`its range from ${from} to ${to} can't be`);
  }

  get from(): number {
    return Number(this.head.fromSeq);
  }

  get to(): number {
    return Number(this.head.toSeq);
  }

  /**
   * The records; `onNote` is told a checkpoint just before the record it covers is answered. Once
   * they are through, the rest of the file has been read too. @throws ExportFault
   */
  *records(onNote: (note: string) => void): Generator<StoredRecord> {
    let held: StoredRecord | undefined;
    for (;;) {
      const field = this.#field();
      if (field?.tag === TAG.CHECKPOINT) {
        this.#checkpoints += 1;
        onNote(field.value.toString("utf8"));
        continue;
      }
      if (held !== undefined) yield held;
      if (field?.tag !== TAG.RECORD) {
        this.#finish(field);
        return;
      }
      held = this.#record(field.value);
    }
  }

  #record(bytes: Buffer): StoredRecord {
    const seq = this.from + this.#records;
    this.#records += 1;
    const event = sized(bytes, 0, RECORD_TAG.EVENT);
    const outcome = event && sized(bytes, event.end, RECORD_TAG.OUTCOME);
    if (outcome?.end === bytes.length) return { seq, event: event!.value, outcome: outcome.value };
    const sealed = this.#message(() => fromBinary(SealedRecordSchema, bytes));
    if (sealed.identity === undefined && sealed.$unknown === undefined) {
      return { seq, event: sealed.event, outcome: sealed.outcome };
    }
    throw new ExportFault(`record ${seq} carries more than event and outcome`);
  }

  #finish(after: Field | undefined): void {
    let field = after;
    if (field?.tag === TAG.COVER) {
      const { value } = field;
      this.cover = this.#message(() => fromBinary(ExportCoverSchema, value));
      this.#checkpoints += 1;
      field = this.#field();
    }
    if (field === undefined) throw new ExportFault("it was cut: its end is missing");
    if (field.tag !== TAG.END) throw new ExportFault("it has a field where its end should be");
    const { value } = field;
    const end = this.#message(() => fromBinary(ExportEndSchema, value));
    const hashed = (this.#hashed = this.#hash.digest());
    const counts = `${end.records} records and ${end.checkpoints} checkpoints`;
    const found = `${this.#records} and ${this.#checkpoints}`;
    if (Number(end.records) !== this.#records || Number(end.checkpoints) !== this.#checkpoints) {
      throw new ExportFault(`it should hold ${counts}, and holds ${found}`);
    }
    if (this.#records !== this.to - this.from + 1) {
      const wanted = this.to - this.from + 1;
      throw new ExportFault(`its head promises ${wanted} records, it holds ${this.#records}`);
    }
    if (Buffer.compare(hashed, end.sha256) !== 0) {
      throw new ExportFault("its bytes are not those that were written");
    }
    // No hash covers the end itself: its bytes have to be the only ones that say so.
    if (Buffer.compare(toBinary(ExportEndSchema, end), value) !== 0) {
      throw new ExportFault("its end is not written as it should be");
    }
    if (this.#fill(1)) throw new ExportFault("something follows its end");
  }

  /** The next field; undefined at the end of the file. Its bytes stay valid until the next one. */
  #field(): Field | undefined {
    if (!this.#fill(1)) return undefined;
    const tag = this.#chunk[this.#at] as number;
    // The end field doesn't cover itself.
    if (tag === TAG.END) this.#take();
    this.#at += 1;
    let length = 0;
    for (let index = 0; ; index += 1) {
      if (!this.#fill(1) || index === LENGTH_BYTES_MAX) throw new ExportFault("it was cut");
      const byte = this.#chunk[this.#at] as number;
      this.#at += 1;
      length += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) break;
    }
    if (length > FIELD_BYTES_MAX) throw new ExportFault(`it has a field of ${length} bytes`);
    if (!this.#fill(length)) throw new ExportFault("it was cut within a field");
    const value = this.#chunk.subarray(this.#at, this.#at + length);
    this.#at += length;
    return { tag, value };
  }

  /** Hashes what was passed. */
  #take(): void {
    if (this.#hashed !== undefined) return;
    this.#hash.update(this.#chunk.subarray(this.#unhashed, this.#at));
    this.#unhashed = this.#at;
  }

  /** Makes sure that so many bytes lie ahead; false when the file ends before. */
  #fill(size: number): boolean {
    if (this.#end - this.#at >= size) return true;
    this.#take();
    const rest = this.#chunk.subarray(this.#at, this.#end);
    // A new chunk: what was answered before may still be in use.
    const next = Buffer.alloc(Math.max(CHUNK_BYTES, size));
    rest.copy(next);
    this.#chunk = next;
    this.#at = this.#unhashed = 0;
    this.#end = rest.length;
    while (this.#end < size) {
      const count = this.#read(next.subarray(this.#end));
      if (count === 0) return false;
      this.#end += count;
    }
    return true;
  }

  #message<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw new ExportFault(`it has a field that can't be read: ${String(error)}`);
    }
  }
}

/** Bytes after a tag and a length of at most three bytes, and where they end. */
function sized(
  bytes: Buffer,
  at: number,
  tag: number,
): { readonly value: Buffer; readonly end: number } | undefined {
  if (bytes[at] !== tag) return undefined;
  let length = 0;
  for (let index = 0; index < 3; index += 1) {
    const byte = bytes[at + 1 + index];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte >= 0x80) continue;
    const from = at + 2 + index;
    const end = from + length;
    return end > bytes.length ? undefined : { value: bytes.subarray(from, end), end };
  }
  return undefined;
}
