/**
 * Faults of bonuses, and of bets and wins that have to do with them.
 *
 * @module
 */
import { I64_MAX } from "../money/index.ts";
import { Code } from "./codes.ts";
import { idFault, invalid } from "./faults.ts";
import { Funding } from "./state-view.ts";
import type { BetPlaced, Fault, RoundSettled } from "./types.ts";

/** The fault of what a bet is to be taken from. */
export function fundingFault({ funding = 0 }: BetPlaced): Fault | undefined {
  const isKnown = Number.isInteger(funding) && funding >= 0 && funding <= Funding.FREE;
  return isKnown ? undefined : invalid("bet_placed.funding");
}

/**
 * The fault of a win's jackpot part: from 0 to the win, and above 0 from a pool that is named.
 */
export function jackpotPartFault(settlement: RoundSettled): Fault | undefined {
  const { jackpotMinor = 0n, jackpotPool = "", win } = settlement;
  if (jackpotMinor < 0n || jackpotMinor > win.minor) {
    return { code: Code.AMOUNT_INVALID, field: "round_settled.jackpot_minor" };
  }
  // Without a part the pool is not asked.
  if (jackpotMinor === 0n && jackpotPool === "") return undefined;
  return idFault(jackpotPool, "round_settled.jackpot_pool");
}

/** The fault of an amount beside the event's money; zero is one. */
export function minorFault(minor: bigint, field: string): Fault | undefined {
  if (minor >= 0n && minor <= I64_MAX) return undefined;
  return { code: Code.AMOUNT_INVALID, field };
}

/** The fault of a time in microseconds since 1970; 0 is none. */
export function timeFault(time: number, field: string): Fault | undefined {
  return Number.isSafeInteger(time) && time >= 0 ? undefined : invalid(field);
}
