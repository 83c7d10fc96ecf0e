/**
 * Faults of fields: such events are answered, not recorded.
 *
 * @module
 */
import { diceOfferX100 } from "../games/index.ts";
import { I64_MAX, PLAY_MONEY, isCurrencyCode } from "../money/index.ts";
import { Code } from "./codes.ts";
import type { FaultContext } from "./event-rule.ts";
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
  return win.currency === "" ? minorFault(win, field, 0n) : ownMoneyFault(win, field, 0n);
}

/** The first fault of a deposit. */
export function depositFault(
  deposit: DepositCaptured,
  context: FaultContext | undefined,
): Fault | undefined {
  const { amount, rail, externalId } = deposit;
  return (
    moneyFault(amount, "deposit_captured.amount", 1n, context) ??
    railFault(rail, amount.currency, "deposit_captured.rail", context?.rails) ??
    (isId(externalId) ? undefined : invalid("deposit_captured.external_id"))
  );
}

/** The fault of a rail by which money of a currency is to come or go. */
export function railFault(
  rail: string,
  currency: string,
  field: string,
  rails: ReadonlySet<string> | undefined,
): Fault | undefined {
  if (!isId(rail)) return invalid(field);
  const isPlayMoney = currency === PLAY_MONEY;
  if (rail === "" && !isPlayMoney) return missing(field);
  // Play money must not pay for money, nor money arrive by the rail that anyone may use.
  if (isPlayMoney !== isPlayRail(rail)) return { code: Code.RAIL_UNKNOWN, field };
  if (isPlayMoney || rails === undefined || rails.has(rail)) return undefined;
  return { code: Code.RAIL_UNKNOWN, field };
}

function isPlayRail(rail: string): boolean {
  return rail === "" || rail === PLAY_RAIL;
}

/** The first fault of a house round. */
export function houseRoundFault(
  round: HouseRound,
  context: FaultContext | undefined,
): Fault | undefined {
  const fault = moneyFault(round.stake, "house_round.stake", 1n, context);
  if (fault !== undefined) return fault;
  const { targetX100, over } = round.game;
  const inRange = Number.isInteger(targetX100) && targetX100 >= 0 && targetX100 <= 10_000;
  const offered = inRange && diceOfferX100(targetX100, over) !== undefined;
  return offered ? undefined : invalid("house_round.dice.target_x100");
}

/** The first fault of an amount of at least so much, in a currency of the configuration. */
export function moneyFault(
  money: Money,
  field: string,
  least: bigint,
  context?: FaultContext | undefined,
): Fault | undefined {
  const currencies = context?.currencies;
  if (currencies === undefined) return ownMoneyFault(money, field, least);
  const fault = minorFault(money, field, least);
  if (fault !== undefined) return fault;
  if (money.currency === "") return missing(`${field}.currency`);
  if (currencies.has(money.currency)) return undefined;
  return { code: Code.CURRENCY_UNKNOWN, field: `${field}.currency` };
}

/**
 * The same for money that is there already: its currency may have been taken out of the
 * configuration since.
 */
export function ownMoneyFault(money: Money, field: string, least: bigint): Fault | undefined {
  const fault = minorFault(money, field, least);
  if (fault !== undefined) return fault;
  if (money.currency === "") return missing(`${field}.currency`);
  if (isCurrencyCode(money.currency)) return undefined;
  return { code: Code.CURRENCY_UNKNOWN, field: `${field}.currency` };
}

function minorFault(money: Money, field: string, least: bigint): Fault | undefined {
  const { minor } = money;
  if (minor >= least && minor <= I64_MAX) return undefined;
  return { code: Code.AMOUNT_INVALID, field: `${field}.minor` };
}
