/**
 * Outcomes between the ledger's values and their bytes.
 *
 * @module
 */
import { fromBinary } from "@bufbuild/protobuf";
import type { Balance, HouseRoundResult, Outcome, Posting } from "../ledger/index.ts";
import { changeFrom, encodeChange } from "./change-codec.ts";
import { FieldWriter } from "./field-writer.ts";
import type { Balance as BalanceMessage } from "./gen/countroom/v1/money_pb.ts";
import {
  OutcomeSchema,
  type HouseRoundResult as HouseRoundMessage,
} from "./gen/countroom/v1/record_pb.ts";
import { readOrdinaryOutcome } from "./outcome-reader.ts";
import { writeBalance, writeHouseRound } from "./record-fields.ts";
import { safeNumber } from "./safe-number.ts";

/** Who the event names: the outcome repeats the player only when the event doesn't. */
export interface NamesPlayer {
  readonly playerRef: string;
}

const writer = new FieldWriter();

/**
 * The bytes of an outcome, as they are stored and hashed.
 *
 * Written field by field, because the writer does this for every record; the tests hold it against
 * the generated encoder.
 */
export function encodeOutcome(outcome: Outcome, event: NamesPlayer): Uint8Array {
  writer.reset();
  writer.count(1, outcome.seq);
  writer.count(2, outcome.epoch);
  writer.count(3, outcome.recordedAt);
  writer.count(4, outcome.code);
  writer.text(5, outcome.operatorId);
  writer.text(6, outcome.source);
  if (outcome.playerRef !== event.playerRef) writer.text(7, outcome.playerRef);
  writer.count(8, outcome.logicVersion);
  for (const posting of outcome.postings) {
    const start = writer.begin(9);
    writer.count(1, posting.account);
    writer.text(2, posting.qualifier);
    writer.signed(3, posting.minor);
    writer.text(4, posting.currency);
    writer.end(start);
  }
  for (const balance of outcome.balances) writeBalance(writer, 10, balance);
  writer.flag(11, outcome.roundClosed);
  for (const change of outcome.changes ?? []) writer.blob(12, encodeChange(change));
  if (outcome.correction !== undefined) {
    writer.count(13, outcome.correction.of);
    writer.count(14, outcome.correction.mirrored);
  }
  if (outcome.houseRound !== undefined) writeHouseRound(writer, 20, outcome.houseRound);
  return writer.finish();
}

/**
 * Reads an outcome back. `event` is the event it answers.
 * Throws when the bytes are not an outcome: stored bytes are never wrong without damage.
 */
export function decodeOutcome(bytes: Uint8Array, event: NamesPlayer): Outcome {
  return readOrdinaryOutcome(bytes, event.playerRef) ?? decodeAnyOutcome(bytes, event);
}

/** The slow way, which takes everything that is right. */
export function decodeAnyOutcome(bytes: Uint8Array, event: NamesPlayer): Outcome {
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
    ...(message.changes.length > 0 ? { changes: message.changes.map(changeFrom) } : {}),
    ...(message.correctionOf === 0n
      ? {}
      : {
          correction: {
            of: safeNumber(message.correctionOf),
            mirrored: message.mirroredPostings,
          },
        }),
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
