/**
 * Events as a caller would encode them.
 */
import { systemClock, uuidv7 } from "../../src/runtime/index.ts";
import { encodeEvent } from "../../src/wire/index.ts";

type Fields = Parameters<typeof encodeEvent>[0];

/** One FUN in minor units. */
export const FUN = 1_000_000n;

export function event(payload: NonNullable<Fields["payload"]>, fields: Fields = {}): Uint8Array {
  return encodeEvent({
    eventId: uuidv7(),
    occurredAt: BigInt(systemClock.nowUs()),
    idempotencyKey: uuidv7(),
    payload,
    ...fields,
  });
}

export function registration(fields: Fields = {}): Uint8Array {
  return event({ case: "playerRegistered", value: {} }, fields);
}

export function deposit(playerRef: string, minor: bigint, fields: Fields = {}): Uint8Array {
  const value = { amount: { minor, currency: "FUN" } };
  return event({ case: "depositCaptured", value }, { playerRef, ...fields });
}

export function bet(
  playerRef: string,
  minor: bigint,
  txnId: string,
  fields: Fields = {},
): Uint8Array {
  const value = { amount: { minor, currency: "FUN" } };
  return event(
    { case: "betPlaced", value },
    { playerRef, txnId, roundId: `r-${txnId}`, ...fields },
  );
}

export function settlement(betTxnId: string, minor: bigint, fields: Fields = {}): Uint8Array {
  const value = { betTxnId, win: { minor, currency: "FUN" }, closesRound: true };
  return event({ case: "roundSettled", value }, fields);
}

export function dice(playerRef: string, minor: bigint, fields: Fields = {}): Uint8Array {
  const value = {
    stake: { minor, currency: "FUN" },
    game: { case: "dice" as const, value: { targetX100: 5_000, over: true } },
  };
  return event({ case: "houseRound", value }, { playerRef, ...fields });
}
