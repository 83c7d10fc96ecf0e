/**
 * Adjustments by hand, exchanges, and what rails and others are paid by the operator.
 *
 * @module
 */
import type { PspFeeCharged, PspRemitted } from "../wire/gen/countroom/v1/event_cashier_pb.ts";
import {
  type AdjustmentPosted,
  type CurrencyExchanged,
  type FeeAccrued,
  FeeKind,
} from "../wire/gen/countroom/v1/event_wallet_pb.ts";
import { AccountKind, type Amount } from "../wire/gen/countroom/v1/money_pb.ts";
import { Code } from "../wire/gen/countroom/v1/record_pb.ts";
import type { Entry } from "./entry.ts";
import { type Line, line } from "./lines.ts";
import { railOf } from "./payments.ts";
import { mayExchange } from "./standing.ts";
import { cashOf, type DerivedState, fits } from "./state.ts";
import { absurd, amountFault, no, playerOf, unknownPlayer, type Verdict, yes } from "./verdict.ts";

const PLAY_MONEY = "FUN";
/** One spelling for one person: two eyes must not look like four. */
const PERSON = /^[a-z0-9][a-z0-9._@:-]{0,63}$/;

export function judgeAdjustment(
  state: DerivedState,
  entry: Entry,
  { amount, debit, approvers, correctionOf }: AdjustmentPosted,
): Verdict {
  const wrong = amountFault(amount, 1n);
  if (wrong !== undefined || amount === undefined) return absurd(String(wrong));
  if (!approvers.every((name) => PERSON.test(name)) || new Set(approvers).size < 2) {
    return absurd("not two different people approved it");
  }
  const { minor, currency } = amount;
  const player = playerOf(state, entry);
  if (player === undefined) return unknownPlayer(entry);
  const of = Number(correctionOf);
  if (of !== 0 && (of >= entry.seq || state.owners.of(of) !== entry.operator)) {
    return no(Code.RECORD_UNKNOWN, `${of} is no earlier record of the operator`);
  }
  const has = cashOf(player, currency);
  if (debit && has < minor) {
    return no(Code.FUNDS_INSUFFICIENT, `${has} ${currency} aren't enough for ${minor}`);
  }
  if (!debit && !fits(player, currency, minor)) {
    return no(Code.BALANCE_OVERFLOW, "the balance would overflow");
  }
  const cash = line(AccountKind.PLAYER_CASH, currency, debit ? -minor : minor);
  const expense = line(AccountKind.EXP_ADJUSTMENTS, currency, debit ? minor : -minor);
  return yes({
    ref: entry.ref,
    lines: debit ? [cash, expense] : [expense, cash],
    corrects: of === 0 ? undefined : { of, mirrored: 0 },
  });
}

export function judgeExchange(
  state: DerivedState,
  entry: Entry,
  { sell, buy }: CurrencyExchanged,
): Verdict {
  const wrong = amountFault(sell, 1n) ?? amountFault(buy, 1n);
  if (wrong !== undefined || sell === undefined || buy === undefined) return absurd(String(wrong));
  const [x, y] = [sell.currency, buy.currency];
  if (x === y || x === PLAY_MONEY || y === PLAY_MONEY) return absurd(`${x} isn't changed to ${y}`);
  const player = playerOf(state, entry);
  if (player === undefined) return unknownPlayer(entry);
  const standing = mayExchange(player, x, sell.minor);
  if (standing !== undefined) return standing;
  const has = cashOf(player, x);
  if (has < sell.minor) {
    return no(Code.FUNDS_INSUFFICIENT, `${has} ${x} aren't enough for ${sell.minor}`);
  }
  if (!fits(player, y, buy.minor)) return no(Code.BALANCE_OVERFLOW, "the balance would overflow");
  const position = (currency: string, minor: bigint): Line => {
    return { account: AccountKind.FX_POSITION, qualifier: currency, currency, minor };
  };
  const lines = [
    line(AccountKind.PLAYER_CASH, x, -sell.minor),
    position(x, sell.minor),
    position(y, -buy.minor),
    line(AccountKind.PLAYER_CASH, y, buy.minor),
  ];
  return yes({ ref: entry.ref, lines });
}

/** A house account pays into another; the event names nobody. */
function inHouse(
  { ref }: Entry,
  amount: Amount | undefined,
  debit: (currency: string) => Omit<Line, "minor"> | undefined,
  credit: (currency: string) => Omit<Line, "minor"> | undefined,
): Verdict {
  const wrong = amountFault(amount, 1n);
  if (wrong !== undefined || amount === undefined) return absurd(String(wrong));
  const { minor, currency } = amount;
  const from = debit(currency);
  const to = credit(currency);
  if (ref !== "" || from === undefined || to === undefined) {
    return absurd("it names a player, or no rail or payee that there can be");
  }
  const lines = [
    { ...from, minor: -minor },
    { ...to, minor },
  ];
  return yes({ ref: "", lines });
}

function account(kind: AccountKind, qualifier = "") {
  return (currency: string) => ({ account: kind, qualifier, currency });
}

/** The rail's clearing account; play money is worth nothing, and no rail keeps or pays any. */
function clearing(rail: string) {
  return (currency: string) => {
    const qualifier = currency === PLAY_MONEY ? "" : railOf(rail, currency);
    if (qualifier === "") return undefined;
    return { account: AccountKind.ASSET_PSP_CLEARING, qualifier, currency };
  };
}

export function judgePspFee(
  _state: DerivedState,
  entry: Entry,
  { rail, amount }: PspFeeCharged,
): Verdict {
  return inHouse(entry, amount, account(AccountKind.EXP_PSP_FEES), clearing(rail));
}

export function judgeRemittance(
  _state: DerivedState,
  entry: Entry,
  { rail, amount }: PspRemitted,
): Verdict {
  return inHouse(entry, amount, account(AccountKind.ASSET_BANK_SEGREGATED), clearing(rail));
}

const FEES: Readonly<Record<number, readonly [name: string, payable: AccountKind]>> = {
  [FeeKind.PROVIDER]: ["provider", AccountKind.PAYABLE_PROVIDER],
  [FeeKind.AFFILIATE]: ["affiliate", AccountKind.PAYABLE_AFFILIATE],
  [FeeKind.TAX]: ["tax", AccountKind.PAYABLE_TAX],
};

export function judgeFee(
  _state: DerivedState,
  entry: Entry,
  { kind, payee, amount }: FeeAccrued,
): Verdict {
  const fee = FEES[kind];
  if (fee === undefined || payee === "") return absurd("it is no fee, or owed to nobody");
  const expense = account(AccountKind.EXP_PROVIDER_FEES, fee[0]);
  return inHouse(entry, amount, expense, account(fee[1], payee));
}
