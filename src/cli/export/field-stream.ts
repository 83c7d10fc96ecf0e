/**
 * Writes a `countroom.v1.LedgerExport` field by field, and hashes what it writes.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  ExportCoverSchema,
  ExportEndSchema,
  ExportHeadSchema,
} from "../../wire/gen/countroom/v1/export_pb.ts";
import type { Output } from "./output.ts";

/** Tags: field number × 8 + 2. */
const TAG = { ABOUT: 0x0a, HEAD: 0x12, RECORD: 0x1a, CHECKPOINT: 0x22, COVER: 0x2a, END: 0x32 };
const RECORD_TAG = { EVENT: 0x0a, OUTCOME: 0x12 };

const FORMAT_VERSION = 1;
const CHUNK_BYTES = 1 << 20;
/** A tag and a length of at most 2^35. */
const HEADER_BYTES = 6;

/** What the file says of itself, first thing. */
const ABOUT = `countroom ledger export 1
One Protobuf message countroom.v1.LedgerExport (proto/countroom/v1/export.proto): fields in order,
each a tag byte (number * 8 + 2), a varint length, and its bytes.
  1 this text   2 head: deployment, range, tree edge before it   3 record: 1 event, 2 outcome
  4 signed checkpoint, after the record it covers   5 a later checkpoint with a consistency proof
  6 end: counts, SHA-256 of all bytes before this field
Leaf of a record: SHA-256(00 | u32be length | event | u32be length | outcome). Tree: RFC 6962.
Events and outcomes: countroom.v1.Event, countroom.v1.Outcome. Checkpoints: C2SP signed notes.
Verify: countroom verify book --export FILE --public-key signing.pub
`;

/** What the head says. */
export interface RangeHead {
  readonly deployment: string;
  readonly from: number;
  readonly to: number;
  readonly treeEdge: Uint8Array[];
}

/** One export being written. */
export class FieldStream {
  readonly #output: Output;
  readonly #hash = createHash("sha256");
  readonly #chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  #used = 0;
  #bytes = 0;
  #records = 0;
  #checkpoints = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes + this.#used;
  }

  get checkpoints(): number {
    return this.#checkpoints;
  }

  head({ deployment, from, to, treeEdge }: RangeHead): void {
    this.#field(TAG.ABOUT, Buffer.from(ABOUT));
    const [fromSeq, toSeq] = [BigInt(from), BigInt(to)];
    const head = { version: FORMAT_VERSION, deployment, fromSeq, toSeq, treeEdge };
    this.#field(TAG.HEAD, toBinary(ExportHeadSchema, create(ExportHeadSchema, head)));
  }

  record(event: Uint8Array, outcome: Uint8Array): void {
    const size = sizedLength(event.length) + sizedLength(outcome.length);
    this.#open(TAG.RECORD, size);
    this.#sized(RECORD_TAG.EVENT, event);
    this.#sized(RECORD_TAG.OUTCOME, outcome);
    this.#records += 1;
  }

  checkpoint(note: string): void {
    this.#field(TAG.CHECKPOINT, Buffer.from(note));
    this.#checkpoints += 1;
  }

  cover(checkpoint: string, path: Uint8Array[]): void {
    const cover = create(ExportCoverSchema, { checkpoint, path });
    this.#field(TAG.COVER, toBinary(ExportCoverSchema, cover));
    this.#checkpoints += 1;
  }

  /** Writes the end; the output is whole then. */
  end(): void {
    this.#flush();
    const [records, checkpoints] = [BigInt(this.#records), BigInt(this.#checkpoints)];
    const sha256 = this.#hash.copy().digest();
    const end = create(ExportEndSchema, { records, checkpoints, sha256 });
    this.#field(TAG.END, toBinary(ExportEndSchema, end));
    this.#flush();
  }

  #field(tag: number, value: Uint8Array): void {
    this.#open(tag, value.length);
    this.#put(value);
  }

  /** Tag and length. */
  #open(tag: number, length: number): void {
    if (this.#used + HEADER_BYTES > CHUNK_BYTES) this.#flush();
    const chunk = this.#chunk;
    chunk[this.#used++] = tag;
    let rest = length;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
      chunk[this.#used++] = (rest % 0x80) | 0x80;
    }
    chunk[this.#used++] = rest;
  }

  #sized(tag: number, value: Uint8Array): void {
    this.#open(tag, value.length);
    this.#put(value);
  }

  #put(value: Uint8Array): void {
    if (this.#used + value.length > CHUNK_BYTES) this.#flush();
    if (value.length > CHUNK_BYTES) {
      this.#write(value);
      return;
    }
    this.#chunk.set(value, this.#used);
    this.#used += value.length;
  }

  #flush(): void {
    this.#write(this.#chunk.subarray(0, this.#used));
    this.#used = 0;
  }

  #write(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#output.write(bytes);
    this.#bytes += bytes.length;
  }
}

/** Bytes of a tag, a length and so many bytes. */
function sizedLength(length: number): number {
  let size = 2 + length;
  for (let rest = length; rest >= 0x80; rest = Math.floor(rest / 0x80)) size += 1;
  return size;
}
