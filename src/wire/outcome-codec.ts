/**
 * Outcomes between the ledger's values and their bytes.
 *
 * @module
 */
import { fromBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Balance, HouseRoundResult, Outcome, Posting } from "../ledger/index.ts";
import { writeBalance, writeCount, writeFlag, writeHouseRound, writeText } from "./field-writer.ts";
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
  writeCount(writer, 1, outcome.seq);
  writeCount(writer, 2, outcome.epoch);
  writeCount(writer, 3, outcome.recordedAt);
  writeCount(writer, 4, outcome.code);
  writeText(writer, 5, outcome.operatorId);
  writeText(writer, 6, outcome.source);
  if (outcome.playerRef !== event.playerRef) writeText(writer, 7, outcome.playerRef);
  writeCount(writer, 8, outcome.logicVersion);
  for (const posting of outcome.postings) {
    writer.tag(9, WireType.LengthDelimited).fork();
    writeCount(writer, 1, posting.account);
    writeText(writer, 2, posting.qualifier);
    if (posting.minor !== 0n) writer.tag(3, WireType.Varint).sint64(posting.minor);
    writeText(writer, 4, posting.currency);
    writer.join();
  }
  for (const balance of outcome.balances) writeBalance(writer, 10, balance);
  writeFlag(writer, 11, outcome.roundClosed);
  if (outcome.houseRound !== undefined) writeHouseRound(writer, 20, outcome.houseRound);
  return writer.finish();
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
