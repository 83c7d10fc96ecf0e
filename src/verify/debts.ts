/**
 * What players owe, and money that comes to them or is taken from them.
 *
 * @module
 */
import { AccountKind } from "../wire/gen/countroom/v1/money_pb.ts";
import type { DebtRecovered, DebtWrittenOff } from "../wire/gen/countroom/v1/event_cashier_pb.ts";
import { Code } from "../wire/gen/countroom/v1/record_pb.ts";
import type { Entry } from "./entry.ts";
import { type Line, line } from "./lines.ts";
import type { Thing } from "./objects.ts";
import { cashOf, type DerivedState, type Player } from "./state.ts";
import { absurd, amountFault, no, playerOf, unknownPlayer, type Verdict, yes } from "./verdict.ts";

/** Lines on the player's side, and the debt that they leave. */
export interface Moved {
  readonly lines: readonly Line[];
  readonly changes: readonly Thing[];
  readonly owed: bigint;
}

export function owedBy({ extras }: Player, currency: string): bigint {
  return extras?.debts.get(currency) ?? 0n;
}

function debt({ ref: playerRef }: Player, currency: string, owed: bigint): Thing {
  return { case: "debt", value: { playerRef, currency, owed } };
}

/** Money comes to a player: all of it to cash, from which a debt is paid at once. */
export function credited(player: Player, currency: string, minor: bigint): Moved {
  const cash = line(AccountKind.PLAYER_CASH, currency, minor);
  const before = owedBy(player, currency);
  if (before === 0n) return { lines: [cash], changes: [], owed: 0n };
  const pays = before < minor ? before : minor;
  const owed = before - pays;
  return {
    lines: [cash, ...paid(currency, pays)],
    changes: [debt(player, currency, owed)],
    owed,
  };
}

function paid(currency: string, minor: bigint): Line[] {
  return [
    line(AccountKind.PLAYER_CASH, currency, -minor),
    line(AccountKind.ASSET_PLAYER_DEBT, currency, minor),
  ];
}

/** Money is taken from a player: cash as far as there is any, the rest is owed. */
export function taken(player: Player, currency: string, minor: bigint): Moved {
  const has = cashOf(player, currency);
  const cash = has < minor ? has : minor;
  const rest = minor - cash;
  const owed = owedBy(player, currency) + rest;
  return {
    lines: [
      line(AccountKind.PLAYER_CASH, currency, -cash),
      line(AccountKind.ASSET_PLAYER_DEBT, currency, -rest),
    ],
    changes: rest === 0n ? [] : [debt(player, currency, owed)],
    owed,
  };
}

export function judgeWriteOff(
  state: DerivedState,
  entry: Entry,
  { amount }: DebtWrittenOff,
): Verdict {
  return lessDebt(state, entry, amount, false);
}

export function judgeRecovery(
  state: DerivedState,
  entry: Entry,
  { amount }: DebtRecovered,
): Verdict {
  return lessDebt(state, entry, amount, true);
}

function lessDebt(
  state: DerivedState,
  entry: Entry,
  amount: DebtRecovered["amount"],
  isPaid: boolean,
): Verdict {
  const wrong = amountFault(amount, 1n);
  if (wrong !== undefined || amount === undefined) return absurd(String(wrong));
  const { minor, currency } = amount;
  const player = playerOf(state, entry);
  if (player === undefined) return unknownPlayer(entry);
  const owed = owedBy(player, currency);
  if (minor > owed) return no(Code.DEBT_EXCEEDED, `the player owes ${owed}, not ${minor}`);
  const has = cashOf(player, currency);
  if (isPaid && has < minor) {
    return no(Code.FUNDS_INSUFFICIENT, `${has} ${currency} aren't enough for ${minor}`);
  }
  const lines = isPaid
    ? paid(currency, minor)
    : [
        line(AccountKind.EXP_CHARGEBACK_LOSS, currency, -minor),
        line(AccountKind.ASSET_PLAYER_DEBT, currency, minor),
      ];
  return yes({ ref: entry.ref, lines, changes: [debt(player, currency, owed - minor)] });
}
