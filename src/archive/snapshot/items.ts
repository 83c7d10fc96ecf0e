/**
 * What stands in a chunk's plaintext: items, one after the other.
 *
 * ```
 * item    = u8 kind | u32 length, big endian | payload
 * kind 1  = a record: the contract's SealedRecord message, as Tail sends it
 * kind 2  = a row: one JSON object with its type in "t"
 * ```
 *
 * @module
 */
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { ITEM_BYTES_MAX } from "../limits.ts";

export const RECORD_ITEM = 1;
export const ROW_ITEM = 2;
const HEAD_BYTES = 5;
const MAX_VARINT32_BYTES = 5;

/** An identity as it travels beside the record that bound it. */
export interface SealedIdentity {
  readonly keyId: string;
  readonly hash: Uint8Array;
}

/** A record as it is archived. */
export interface SealedItem {
  readonly event: Uint8Array;
  readonly outcome: Uint8Array;
  readonly identity?: SealedIdentity;
}

/** An item as read. */
export interface Item {
  readonly kind: number;
  readonly payload: Uint8Array;
}

/** Encodes items into memory that the next item overwrites: use each at once. */
export class ItemEncoder {
  #scratch = Buffer.alloc(64 * 1024);

  record(item: SealedItem): Uint8Array {
    const { event, outcome, identity } = item;
    const tail = identity === undefined ? NOTHING : identityField(identity);
    const most = event.length + outcome.length + tail.length + 2 * (1 + MAX_VARINT32_BYTES);
    this.#reserve(HEAD_BYTES + most);
    let at = this.#bytesField(HEAD_BYTES, 1, event);
    at = this.#bytesField(at, 2, outcome);
    this.#scratch.set(tail, at);
    return this.#finish(RECORD_ITEM, at + tail.length);
  }

  row(json: string): Uint8Array {
    this.#reserve(HEAD_BYTES + json.length * 3);
    const length = this.#scratch.write(json, HEAD_BYTES, "utf8");
    return this.#finish(ROW_ITEM, HEAD_BYTES + length);
  }

  #reserve(bytes: number): void {
    if (bytes > this.#scratch.length) this.#scratch = Buffer.alloc(bytes * 2);
  }

  #bytesField(start: number, field: number, value: Uint8Array): number {
    let at = start;
    this.#scratch[at++] = (field << 3) | WireType.LengthDelimited;
    let rest = value.length;
    for (; rest > 0x7f; rest >>>= 7) this.#scratch[at++] = (rest & 0x7f) | 0x80;
    this.#scratch[at++] = rest;
    this.#scratch.set(value, at);
    return at + value.length;
  }

  #finish(kind: number, end: number): Uint8Array {
    if (end - HEAD_BYTES > ITEM_BYTES_MAX) throw new RangeError(`an item of ${end} bytes`);
    this.#scratch[0] = kind;
    this.#scratch.writeUInt32BE(end - HEAD_BYTES, 1);
    return this.#scratch.subarray(0, end);
  }
}

const NOTHING = new Uint8Array(0);

function identityField(identity: SealedIdentity): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(3, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).string(identity.keyId);
  writer.tag(2, WireType.LengthDelimited).bytes(identity.hash);
  return writer.join().finish();
}

/** Reads a record's payload. Throws on bytes that are no such message. */
export function decodeSealedItem(payload: Uint8Array): SealedItem {
  const reader = new BinaryReader(payload);
  let event: Uint8Array = NOTHING;
  let outcome: Uint8Array = NOTHING;
  let identity: SealedIdentity | undefined;
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (wire !== WireType.LengthDelimited) throw new RangeError(`field ${field} is no message`);
    const bytes = reader.bytes();
    if (field === 1) event = bytes;
    else if (field === 2) outcome = bytes;
    else if (field === 3) identity = decodeIdentity(bytes);
    else throw new RangeError(`field ${field} is unknown`);
  }
  return { event, outcome, ...(identity === undefined ? {} : { identity }) };
}

function decodeIdentity(bytes: Uint8Array): SealedIdentity {
  const reader = new BinaryReader(bytes);
  let keyId = "";
  let hash: Uint8Array = NOTHING;
  while (reader.pos < reader.len) {
    const [field] = reader.tag();
    if (field === 1) keyId = reader.string();
    else if (field === 2) hash = reader.bytes();
    else throw new RangeError(`field ${field} of an identity is unknown`);
  }
  return { keyId, hash };
}

/** Cuts plaintext pieces into items; an item may lie across pieces. */
export class ItemDecoder {
  #rest: Uint8Array = NOTHING;

  /** Items that end in this piece. */
  *push(piece: Uint8Array): Generator<Item> {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = 0;
    while (bytes.length - at >= HEAD_BYTES) {
      const length = view.getUint32(at + 1);
      if (length > ITEM_BYTES_MAX) throw new RangeError(`an item of ${length} bytes`);
      const end = at + HEAD_BYTES + length;
      if (end > bytes.length) break;
      yield { kind: bytes[at]!, payload: bytes.subarray(at + HEAD_BYTES, end) };
      at = end;
    }
    this.#rest = bytes.subarray(at);
  }

  /** Whether the plaintext ended with an item. */
  get complete(): boolean {
    return this.#rest.length === 0;
  }
}
