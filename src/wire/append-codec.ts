/**
 * Append's request and response by hand: the primary reads and writes them for every event. The
 * tests hold both against the generated code.
 *
 * @module
 */
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { Code, ConnectError } from "@connectrpc/connect";
import { FieldWriter } from "./field-writer.ts";
import type { Receipt } from "./gen/countroom/v1/record_pb.ts";
import { writeBalance, writeHouseRound } from "./record-fields.ts";

/** An identity as it travels beside an event. */
export interface ItemIdentity {
  readonly keyId: string;
  readonly hash: Uint8Array;
}

/** One event of a call, with the rights it is brought under. */
export interface CalledEvent {
  /** Shares the call's bytes. */
  readonly event: Uint8Array;
  /** Index into the call's credentials. */
  readonly credential: number;
  readonly identity: ItemIdentity | undefined;
}

/** What an `AppendRequest` says. */
export interface AppendCall {
  readonly credentials: readonly string[];
  readonly items: readonly CalledEvent[];
  readonly checkpoint: string;
}

const NO_BYTES: Uint8Array = new Uint8Array(0);
const writer = new FieldWriter();

/**
 * Reads an `AppendRequest`; unknown fields are passed over. Throws a ConnectError when the bytes
 * are none.
 */
export function decodeAppendRequest(bytes: Uint8Array): AppendCall {
  try {
    return readRequest(bytes);
  } catch (cause) {
    const message = "the body is not an AppendRequest";
    throw new ConnectError(message, Code.InvalidArgument, undefined, undefined, cause);
  }
}

function readRequest(bytes: Uint8Array): AppendCall {
  const reader = new BinaryReader(bytes);
  const credentials: string[] = [];
  const items: CalledEvent[] = [];
  let checkpoint = "";
  while (reader.pos < bytes.length) {
    const [field, wireType] = reader.tag();
    if (wireType !== WireType.LengthDelimited) reader.skip(wireType, field);
    else if (field === 2) items.push(readItem(reader, endOf(reader, bytes.length)));
    else if (field === 1) credentials.push(reader.string());
    else if (field === 3) checkpoint = reader.string();
    else reader.skip(wireType, field);
  }
  if (reader.pos !== bytes.length) throw new RangeError("the request is cut off");
  return { credentials, items, checkpoint };
}

function readItem(reader: BinaryReader, end: number): CalledEvent {
  let event = NO_BYTES;
  let credential = 0;
  let identity: ItemIdentity | undefined;
  while (reader.pos < end) {
    const [field, wireType] = reader.tag();
    if (field === 1 && wireType === WireType.LengthDelimited) event = reader.bytes();
    else if (field === 2 && wireType === WireType.Varint) credential = reader.uint32();
    else if (field === 3 && wireType === WireType.LengthDelimited) {
      identity = readIdentity(reader, endOf(reader, end), identity);
    } else reader.skip(wireType, field);
  }
  if (reader.pos !== end) throw new RangeError("an item is cut off");
  return { event, credential, identity };
}

/** A message that comes in parts is merged, as Protobuf wants it. */
function readIdentity(
  reader: BinaryReader,
  end: number,
  before: ItemIdentity | undefined,
): ItemIdentity {
  let keyId = before?.keyId ?? "";
  let hash = before?.hash ?? NO_BYTES;
  while (reader.pos < end) {
    const [field, wireType] = reader.tag();
    if (wireType !== WireType.LengthDelimited) reader.skip(wireType, field);
    else if (field === 1) keyId = reader.string();
    else if (field === 2) hash = reader.bytes();
    else reader.skip(wireType, field);
  }
  if (reader.pos !== end) throw new RangeError("an identity is cut off");
  return { keyId, hash };
}

/** Where the message that begins here ends. */
function endOf(reader: BinaryReader, outer: number): number {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > outer) throw new RangeError("a message is longer than what holds it");
  return end;
}

/** The bytes of an `AppendResponse`. */
export function encodeAppendResponse(receipts: readonly Receipt[], checkpoint: string): Uint8Array {
  writer.reset();
  for (const receipt of receipts) {
    const start = writer.begin(1);
    writeReceipt(receipt);
    writer.end(start);
  }
  writer.text(2, checkpoint);
  return writer.finish();
}

function writeReceipt(receipt: Receipt): void {
  writer.count(1, receipt.status);
  writer.count(2, receipt.code);
  writer.text(3, receipt.message);
  writer.text(4, receipt.field);
  writer.text(5, receipt.eventId);
  writer.text(6, receipt.idempotencyKey);
  writer.text(7, receipt.playerRef);
  writer.count(8, Number(receipt.seq));
  writer.count(9, Number(receipt.epoch));
  writer.count(10, Number(receipt.recordedAt));
  writer.text(11, receipt.bookmark);
  writer.flag(12, receipt.replayed);
  for (const balance of receipt.balances) writeBalance(writer, 13, balance);
  writer.text(14, receipt.txnId);
  writer.text(15, receipt.roundId);
  const { detail } = receipt;
  if (detail.case === "houseRound") writeHouseRound(writer, 20, detail.value);
}
