/**
 * Faults of fields: such events are answered, not recorded.
 *
 * @module
 */
import { diceOfferX100 } from "../games/index.ts";
import { I64_MAX, PLAY_MONEY, currency } from "../money/index.ts";
import { Code } from "./codes.ts";
import { ID_LENGTH_MAX } from "./limits.ts";
import type { DepositCaptured, Fault, HouseRound, Money } from "./types.ts";

/** Rail of play money. Nothing else comes by it, and play money by no other. */
export const PLAY_RAIL = "play";

/** A field that must be there and isn't. */
export function missing(field: string): Fault {
  return { code: Code.EVENT_FIELD_MISSING, field };
}

/** A field that makes no sense. */
export function invalid(field: string): Fault {
  return { code: Code.EVENT_FIELD_INVALID, field };
}

/** Texts are checked where events are read; this is what the keys of this room rest on. */
export function isId(text: string): boolean {
  return text.length <= ID_LENGTH_MAX && !text.includes("\0");
}

/** The fault of an id that must be there. */
export function idFault(text: string, field: string): Fault | undefined {
  if (text === "") return missing(field);
  return isId(text) ? undefined : invalid(field);
}

/** The fault of a win: zero is one, and without a currency it is the bet's. */
export function winFault(win: Money, field: string): Fault | undefined {
  return win.currency === "" ? minorFault(win, field, 0n) : moneyFault(win, field, 0n);
}

/** The first fault of a deposit. */
export function depositFault(
  deposit: DepositCaptured,
  rails: ReadonlySet<string> | undefined,
): Fault | undefined {
  const fault = moneyFault(deposit.amount, "deposit_captured.amount", 1n);
  if (fault !== undefined) return fault;
  const isPlayMoney = deposit.amount.currency === PLAY_MONEY;
  if (deposit.rail === "" && !isPlayMoney) return missing("deposit_captured.rail");
  const field = "deposit_captured.rail";
  // Play money must not pay for money, nor money arrive by the rail that anyone may use.
  if (isPlayMoney !== isPlayRail(deposit.rail)) return { code: Code.RAIL_UNKNOWN, field };
  if (isPlayMoney || rails === undefined || rails.has(deposit.rail)) return undefined;
  return { code: Code.RAIL_UNKNOWN, field };
}

function isPlayRail(rail: string): boolean {
  return rail === "" || rail === PLAY_RAIL;
}

/** The first fault of a house round. */
export function houseRoundFault(round: HouseRound): Fault | undefined {
  const fault = moneyFault(round.stake, "house_round.stake", 1n);
  if (fault !== undefined) return fault;
  const { targetX100, over } = round.game;
  const inRange = Number.isInteger(targetX100) && targetX100 >= 0 && targetX100 <= 10_000;
  const offered = inRange && diceOfferX100(targetX100, over) !== undefined;
  return offered ? undefined : invalid("house_round.dice.target_x100");
}

/** The first fault of an amount of at least so much. */
export function moneyFault(money: Money, field: string, least: bigint): Fault | undefined {
  const fault = minorFault(money, field, least);
  if (fault !== undefined) return fault;
  if (money.currency === "") return missing(`${field}.currency`);
  if (currency(money.currency) !== undefined) return undefined;
  return { code: Code.CURRENCY_UNKNOWN, field: `${field}.currency` };
}

function minorFault(money: Money, field: string, least: bigint): Fault | undefined {
  const { minor } = money;
  if (minor >= least && minor <= I64_MAX) return undefined;
  return { code: Code.AMOUNT_INVALID, field: `${field}.minor` };
}
