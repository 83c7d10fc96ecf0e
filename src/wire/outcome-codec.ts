/**
 * Outcomes between the ledger's values and their bytes.
 *
 * @module
 */
import { fromBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Balance, HouseRoundResult, Outcome, Posting } from "../ledger/index.ts";
import type { Balance as BalanceMessage } from "./gen/countroom/v1/money_pb.ts";
import {
  OutcomeSchema,
  type HouseRoundResult as HouseRoundMessage,
} from "./gen/countroom/v1/record_pb.ts";
import { safeNumber } from "./safe-number.ts";

/** Who the event names: the outcome repeats the player only when the event doesn't. */
export interface NamesPlayer {
  readonly playerRef: string;
}

const writer = new BinaryWriter();

/**
 * The bytes of an outcome, as they are stored and hashed.
 *
 * Written field by field, because the writer does this for every record; the tests hold it against
 * the generated encoder.
 */
export function encodeOutcome(outcome: Outcome, event: NamesPlayer): Uint8Array {
  number(1, outcome.seq);
  number(2, outcome.epoch);
  number(3, outcome.recordedAt);
  number(4, outcome.code);
  text(5, outcome.operatorId);
  text(6, outcome.source);
  if (outcome.playerRef !== event.playerRef) text(7, outcome.playerRef);
  number(8, outcome.logicVersion);
  for (const posting of outcome.postings) {
    writer.tag(9, WireType.LengthDelimited).fork();
    number(1, posting.account);
    text(2, posting.qualifier);
    if (posting.minor !== 0n) writer.tag(3, WireType.Varint).sint64(posting.minor);
    text(4, posting.currency);
    writer.join();
  }
  for (const balance of outcome.balances) {
    writer.tag(10, WireType.LengthDelimited).fork();
    text(1, balance.currency);
    amount(2, balance.available);
    amount(3, balance.bonus);
    amount(4, balance.held);
    number(5, balance.version);
    writer.join();
  }
  if (outcome.roundClosed) writer.tag(11, WireType.Varint).bool(true);
  if (outcome.houseRound !== undefined) houseRound(outcome.houseRound);
  return writer.finish();
}

function houseRound(result: HouseRoundResult): void {
  writer.tag(20, WireType.LengthDelimited).fork();
  if (result.serverSeedHash.length > 0) {
    writer.tag(1, WireType.LengthDelimited).bytes(result.serverSeedHash);
  }
  text(2, result.clientSeed);
  number(3, result.seedPair);
  number(4, result.nonce);
  number(5, result.fairVersion);
  number(6, result.rollX100);
  number(7, result.multiplierX100);
  amount(8, result.win);
  writer.join();
}

/** A count as a varint; zero is left out, as proto3 does. */
function number(field: number, value: number): void {
  if (value === 0) return;
  writer.tag(field, WireType.Varint);
  if (value <= 0xffff_ffff) writer.uint32(value);
  else writer.uint64(BigInt(value));
}

function amount(field: number, value: bigint): void {
  if (value !== 0n) writer.tag(field, WireType.Varint).int64(value);
}

function text(field: number, value: string): void {
  if (value !== "") writer.tag(field, WireType.LengthDelimited).string(value);
}

/**
 * Reads an outcome back. `event` is the event it answers.
 * Throws when the bytes are not an outcome: stored bytes are never wrong without damage.
 */
export function decodeOutcome(bytes: Uint8Array, event: NamesPlayer): Outcome {
  const message = fromBinary(OutcomeSchema, bytes);
  const { detail } = message;
  return {
    seq: safeNumber(message.seq),
    epoch: safeNumber(message.epoch),
    recordedAt: safeNumber(message.recordedAt),
    code: message.code as Outcome["code"],
    operatorId: message.operatorId,
    source: message.source,
    playerRef: message.playerRef === "" ? event.playerRef : message.playerRef,
    logicVersion: message.logicVersion,
    postings: message.postings.map((posting): Posting => ({
      account: posting.account as Posting["account"],
      qualifier: posting.qualifier,
      minor: posting.minor,
      currency: posting.currency,
    })),
    balances: message.balances.map(balanceFrom),
    roundClosed: message.roundClosed,
    ...(detail.case === "houseRound" ? { houseRound: houseRoundFrom(detail.value) } : {}),
  };
}

/** A balance as the ledger holds it. */
export function balanceFrom(message: BalanceMessage): Balance {
  return {
    currency: message.currency,
    available: message.available,
    bonus: message.bonus,
    held: message.held,
    version: safeNumber(message.version),
  };
}

function houseRoundFrom(message: HouseRoundMessage): HouseRoundResult {
  return {
    serverSeedHash: message.serverSeedHash,
    clientSeed: message.clientSeed,
    seedPair: safeNumber(message.seedPair),
    nonce: safeNumber(message.nonce),
    fairVersion: message.fairVersion,
    rollX100: message.rollX100,
    multiplierX100: safeNumber(message.multiplierX100),
    win: message.win,
  };
}
