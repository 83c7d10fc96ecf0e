/**
 * Writes the fields of proto3 messages by hand: zeros and empty texts are left out.
 *
 * @module
 */
import { WireType, type BinaryWriter } from "@bufbuild/protobuf/wire";
import type { Balance, HouseRoundResult } from "../ledger/index.ts";

/** A count of at most 2^53 - 1 as an unsigned varint. */
export function writeCount(writer: BinaryWriter, field: number, value: number): void {
  if (value === 0) return;
  writer.tag(field, WireType.Varint);
  if (value <= 0xffff_ffff) writer.uint32(value);
  else writer.uint64(BigInt(value));
}

/** A signed amount as an int64. */
export function writeAmount(writer: BinaryWriter, field: number, value: bigint): void {
  if (value !== 0n) writer.tag(field, WireType.Varint).int64(value);
}

/** A text as UTF-8. */
export function writeText(writer: BinaryWriter, field: number, value: string): void {
  if (value !== "") writer.tag(field, WireType.LengthDelimited).string(value);
}

/** A flag. */
export function writeFlag(writer: BinaryWriter, field: number, value: boolean): void {
  if (value) writer.tag(field, WireType.Varint).bool(true);
}

/** Counts are numbers in the ledger and bigints in messages; both are written. */
type Count = number | bigint;

/** A row of balances, the ledger's or a message's. */
export function writeBalance(
  writer: BinaryWriter,
  field: number,
  balance: Omit<Balance, "version"> & { readonly version: Count },
): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  writeText(writer, 1, balance.currency);
  writeAmount(writer, 2, balance.available);
  writeAmount(writer, 3, balance.bonus);
  writeAmount(writer, 4, balance.held);
  writeCount(writer, 5, Number(balance.version));
  writer.join();
}

/** What {@link writeHouseRound} takes. */
type HouseRoundFields = Omit<HouseRoundResult, "seedPair" | "nonce" | "multiplierX100"> & {
  readonly seedPair: Count;
  readonly nonce: Count;
  readonly multiplierX100: Count;
};

/** The result of a house round, the ledger's or a message's. */
export function writeHouseRound(
  writer: BinaryWriter,
  field: number,
  result: HouseRoundFields,
): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  if (result.serverSeedHash.length > 0) {
    writer.tag(1, WireType.LengthDelimited).bytes(result.serverSeedHash);
  }
  writeText(writer, 2, result.clientSeed);
  writeCount(writer, 3, Number(result.seedPair));
  writeCount(writer, 4, Number(result.nonce));
  writeCount(writer, 5, result.fairVersion);
  writeCount(writer, 6, result.rollX100);
  writeCount(writer, 7, Number(result.multiplierX100));
  writeAmount(writer, 8, result.win);
  writer.join();
}
