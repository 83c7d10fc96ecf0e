/**
 * A receipt as it came over the wire, decoded only when somebody looks into it: an edge mostly
 * passes receipts on.
 *
 * @module
 */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { ReceiptSchema, type Receipt } from "../wire/gen/countroom/v1/record_pb.ts";

/** Tag of field 1, `status`, which encoders write first. */
const STATUS_TAG = 0x08;

/** One receipt. */
export class ReceiptBytes {
  #bytes: Uint8Array | undefined;
  #receipt: Receipt | undefined;

  private constructor(bytes: Uint8Array | undefined, receipt: Receipt | undefined) {
    this.#bytes = bytes;
    this.#receipt = receipt;
  }

  /** Takes an encoded receipt. */
  static ofBytes(bytes: Uint8Array): ReceiptBytes {
    return new ReceiptBytes(bytes, undefined);
  }

  /** Takes a receipt made here. */
  static of(receipt: Receipt): ReceiptBytes {
    return new ReceiptBytes(undefined, receipt);
  }

  get bytes(): Uint8Array {
    return (this.#bytes ??= toBinary(ReceiptSchema, this.receipt));
  }

  /** Throws when the bytes are no receipt. */
  get receipt(): Receipt {
    return (this.#receipt ??= fromBinary(ReceiptSchema, this.#bytes!));
  }

  get status(): number {
    const bytes = this.#bytes;
    return bytes !== undefined && bytes[0] === STATUS_TAG && bytes[1]! < 0x80
      ? bytes[1]!
      : this.receipt.status;
  }
}
