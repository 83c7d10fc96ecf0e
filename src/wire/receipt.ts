/**
 * Receipts: the answer to one event, as a message and in JSON.
 *
 * @module
 */
import { create } from "@bufbuild/protobuf";
import {
  type Balance,
  type Code,
  CODES,
  type HouseRoundResult,
  type Outcome,
} from "../ledger/index.ts";
import { currency as currencyOf } from "../money/index.ts";
import { formatBookmark } from "./bookmark.ts";
import { codeName, statusName, statusNumber } from "./codes.ts";
import type { Balance as BalanceMessage } from "./gen/countroom/v1/money_pb.ts";
import {
  ReceiptSchema,
  type HouseRoundResult as HouseRoundMessage,
  type Receipt,
} from "./gen/countroom/v1/record_pb.ts";

/** The ids of an event that its receipt repeats. */
export interface ReceiptIds {
  readonly eventId: string;
  readonly idempotencyKey: string;
  readonly playerRef: string;
  readonly txnId: string;
  readonly roundId: string;
}

/** The receipt of a record. `event` is the one being answered, also when it is a repetition. */
export function receiptFrom(
  outcome: Outcome,
  event: ReceiptIds,
  options: { readonly replayed: boolean },
): Receipt {
  const entry = CODES[outcome.code];
  const receipt = create(ReceiptSchema);
  receipt.status = statusNumber(entry.status);
  receipt.code = outcome.code as Receipt["code"];
  receipt.message = entry.text;
  receipt.eventId = event.eventId;
  receipt.idempotencyKey = event.idempotencyKey;
  receipt.playerRef = outcome.playerRef;
  receipt.seq = BigInt(outcome.seq);
  receipt.epoch = BigInt(outcome.epoch);
  receipt.recordedAt = BigInt(outcome.recordedAt);
  receipt.bookmark = formatBookmark(outcome.epoch, outcome.seq);
  receipt.replayed = options.replayed;
  receipt.balances = outcome.balances.map(balanceMessage);
  receipt.txnId = event.txnId;
  receipt.roundId = event.roundId;
  if (outcome.houseRound !== undefined) {
    receipt.detail = { case: "houseRound", value: houseRoundMessage(outcome.houseRound) };
  }
  return receipt;
}

/** Why an event got no record. */
export interface Unrecorded {
  readonly code: Code;
  readonly field?: string;
  /** Default: the code's own sentence. */
  readonly message?: string;
}

/** The receipt of an event that is not in the book. `event` is what could be read of it. */
export function receiptWithoutRecord(why: Unrecorded, event?: Partial<ReceiptIds>): Receipt {
  const entry = CODES[why.code];
  const receipt = create(ReceiptSchema);
  receipt.status = statusNumber(entry.status);
  receipt.code = why.code as Receipt["code"];
  receipt.message = why.message ?? entry.text;
  receipt.field = why.field ?? "";
  receipt.eventId = event?.eventId ?? "";
  receipt.idempotencyKey = event?.idempotencyKey ?? "";
  receipt.playerRef = event?.playerRef ?? "";
  receipt.txnId = event?.txnId ?? "";
  receipt.roundId = event?.roundId ?? "";
  return receipt;
}

function balanceMessage(balance: Balance): BalanceMessage {
  return {
    $typeName: "countroom.v1.Balance",
    currency: balance.currency,
    available: balance.available,
    bonus: balance.bonus,
    held: balance.held,
    version: BigInt(balance.version),
  };
}

function houseRoundMessage(result: HouseRoundResult): HouseRoundMessage {
  return {
    $typeName: "countroom.v1.HouseRoundResult",
    serverSeedHash: result.serverSeedHash,
    clientSeed: result.clientSeed,
    seedPair: BigInt(result.seedPair),
    nonce: BigInt(result.nonce),
    fairVersion: result.fairVersion,
    rollX100: result.rollX100,
    multiplierX100: BigInt(result.multiplierX100),
    win: result.win,
  };
}

/** A balance in JSON: minor units as decimal strings, with the currency's exponent. */
export interface BalanceJson {
  readonly currency: string;
  readonly exponent: number;
  readonly available: string;
  readonly bonus: string;
  readonly held: string;
  readonly version: string;
}

/** A house round in JSON. */
export interface HouseRoundJson {
  readonly server_seed_hash: string;
  readonly client_seed: string;
  readonly seed_pair: string;
  readonly nonce: string;
  readonly fair_version: number;
  readonly roll_x100: number;
  readonly multiplier_x100: string;
  readonly win: string;
}

/** A receipt in JSON. What doesn't apply is left out. */
export interface ReceiptJson {
  readonly status: string;
  readonly code: string;
  readonly message: string;
  readonly field?: string;
  readonly event_id?: string;
  readonly idempotency_key?: string;
  readonly player_ref?: string;
  readonly txn_id?: string;
  readonly round_id?: string;
  readonly seq?: string;
  readonly epoch?: string;
  readonly recorded_at?: string;
  readonly bookmark?: string;
  readonly replayed?: boolean;
  readonly balances?: readonly BalanceJson[];
  readonly house_round?: HouseRoundJson;
}

/** A balance as the public reads it. */
export function balanceToJson(balance: Balance | BalanceMessage): BalanceJson {
  return {
    currency: balance.currency,
    exponent: currencyOf(balance.currency)?.exponent ?? 0,
    available: String(balance.available),
    bonus: String(balance.bonus),
    held: String(balance.held),
    version: String(balance.version),
  };
}

/** The public JSON form of a receipt. */
export function receiptToJson(receipt: Receipt): ReceiptJson {
  const recorded = receipt.seq !== 0n;
  const { detail } = receipt;
  return {
    status: statusName(receipt.status),
    code: codeName(receipt.code),
    message: receipt.message,
    ...(receipt.field === "" ? {} : { field: receipt.field }),
    ...(receipt.eventId === "" ? {} : { event_id: receipt.eventId }),
    ...(receipt.idempotencyKey === "" ? {} : { idempotency_key: receipt.idempotencyKey }),
    ...(receipt.playerRef === "" ? {} : { player_ref: receipt.playerRef }),
    ...(receipt.txnId === "" ? {} : { txn_id: receipt.txnId }),
    ...(receipt.roundId === "" ? {} : { round_id: receipt.roundId }),
    ...(recorded
      ? {
          seq: String(receipt.seq),
          epoch: String(receipt.epoch),
          recorded_at: String(receipt.recordedAt),
          bookmark: receipt.bookmark,
          replayed: receipt.replayed,
          balances: receipt.balances.map(balanceToJson),
        }
      : {}),
    ...(detail.case === "houseRound" ? { house_round: houseRoundToJson(detail.value) } : {}),
  };
}

function houseRoundToJson(result: HouseRoundMessage): HouseRoundJson {
  return {
    server_seed_hash: hex(result.serverSeedHash),
    client_seed: result.clientSeed,
    seed_pair: String(result.seedPair),
    nonce: String(result.nonce),
    fair_version: result.fairVersion,
    roll_x100: result.rollX100,
    multiplier_x100: String(result.multiplierX100),
    win: String(result.win),
  };
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
