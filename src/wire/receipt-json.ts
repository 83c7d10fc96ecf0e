/**
 * Receipts in JSON: snake_case, 64-bit integers as decimal strings.
 *
 * @module
 */
import type { Balance } from "../ledger/index.ts";
import { type Currencies, DEFAULT_CURRENCIES, exponentOf } from "../money/index.ts";
import { codeName, statusName } from "./codes.ts";
import type { Balance as BalanceMessage } from "./gen/countroom/v1/money_pb.ts";
import type {
  HouseRoundResult as HouseRoundMessage,
  Receipt,
} from "./gen/countroom/v1/record_pb.ts";
import { inclusionProofToJson, type InclusionProofJson } from "./proof-json.ts";

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
  /** On demand. */
  readonly proof?: InclusionProofJson;
}

/** A balance as the public reads it. */
export function balanceToJson(
  balance: Balance | BalanceMessage,
  currencies: Currencies,
): BalanceJson {
  return {
    currency: balance.currency,
    exponent: exponentOf(currencies, balance.currency),
    available: String(balance.available),
    bonus: String(balance.bonus),
    held: String(balance.held),
    version: String(balance.version),
  };
}

/** The public JSON form of a receipt. */
export function receiptToJson(
  receipt: Receipt,
  currencies: Currencies = DEFAULT_CURRENCIES,
): ReceiptJson {
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
          balances: receipt.balances.map((balance) => balanceToJson(balance, currencies)),
        }
      : {}),
    ...(detail.case === "houseRound" ? { house_round: houseRoundToJson(detail.value) } : {}),
    ...(receipt.proof === undefined ? {} : { proof: inclusionProofToJson(receipt.proof) }),
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
