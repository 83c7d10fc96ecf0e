/**
 * Bonuses begin and end.
 *
 * @module
 */
import type {
  BonusConverted,
  BonusExpired,
  BonusForfeited,
  BonusGranted,
  FreeBetsGranted,
} from "../wire/gen/countroom/v1/event_wallet_pb.ts";
import { AccountKind } from "../wire/gen/countroom/v1/money_pb.ts";
import { BonusStage } from "../wire/gen/countroom/v1/object_pb.ts";
import { Code } from "../wire/gen/countroom/v1/record_pb.ts";
import type { Entry } from "./entry.ts";
import { line } from "./lines.ts";
import { type Bonus, isTimeOver } from "./objects.ts";
import { bonusesOf, type DerivedState, fits } from "./state.ts";
import {
  absurd,
  amountFault,
  FACT_ONLY,
  no,
  playerOf,
  unknownPlayer,
  type Verdict,
  yes,
} from "./verdict.ts";

/** Bonuses of one player that haven't ended. */
const BONUSES_MAX = 32;

export function judgeGrant(
  state: DerivedState,
  entry: Entry,
  value: BonusGranted,
  now: number,
): Verdict {
  if (value.wageringMinor < 0n) return absurd("its wagering is below zero");
  const refusal = grantRefuses(state, entry, value, now);
  if (refusal !== undefined) return refusal;
  const player = playerOf(state, entry);
  const { amount, bonusId, wageringMinor } = value;
  if (player === undefined || amount === undefined) return unknownPlayer(entry);
  const { minor, currency } = amount;
  if (!fits(player, currency, minor)) {
    return no(Code.BALANCE_OVERFLOW, "the balance would overflow");
  }
  const lines = [
    line(AccountKind.EXP_BONUS, currency, -minor),
    { account: AccountKind.PLAYER_BONUS, qualifier: bonusId, currency, minor },
  ];
  const bonus: Bonus = { ...granted(entry, value), remaining: minor, wageringLeft: wageringMinor };
  return yes({ ref: entry.ref, lines, changes: [{ case: "bonus", value: bonus }] });
}

export function judgeFreeBets(
  state: DerivedState,
  entry: Entry,
  value: FreeBetsGranted,
  now: number,
): Verdict {
  const refusal = grantRefuses(state, entry, value, now);
  if (refusal !== undefined) return refusal;
  const { amount, winWageringX100 } = value;
  const freeLeft = amount?.minor ?? 0n;
  const bonus: Bonus = { ...granted(entry, value), freeLeft, winWageringX100 };
  const changes = [{ case: "bonus", value: bonus } as const];
  return yes({ ref: entry.ref, lines: FACT_ONLY, changes, tells: bonus.currency });
}

function grantRefuses(
  state: DerivedState,
  entry: Entry,
  { bonusId, amount, expiresAt, conversionMinorMax }: BonusGranted | FreeBetsGranted,
  now: number,
): Verdict | undefined {
  const wrong = amountFault(amount, 1n);
  if (wrong !== undefined) return absurd(wrong);
  if (bonusId === "" || expiresAt < 0n || conversionMinorMax < 0n) {
    return absurd("it has no id, or a time or bound below zero");
  }
  const player = playerOf(state, entry);
  if (player === undefined) return unknownPlayer(entry);
  if (state.bonuses.has(`${entry.operator}\0${bonusId}`)) {
    return no(Code.BONUS_DUPLICATE, `bonus ${bonusId} was granted before`);
  }
  if (isTimeOver({ expiresAt }, now)) return no(Code.BONUS_STAGE_INVALID, "its time is over");
  const { length } = bonusesOf(player);
  if (length < BONUSES_MAX) return undefined;
  return no(Code.BONUS_TOO_MANY, `the player has ${length} bonuses`);
}

function granted(entry: Entry, value: BonusGranted | FreeBetsGranted): Bonus {
  return {
    key: value.bonusId,
    version: 1n,
    playerRef: entry.ref,
    currency: value.amount?.currency ?? "",
    stage: BonusStage.ACTIVE,
    grantedSeq: BigInt(entry.seq),
    expiresAt: value.expiresAt,
    remaining: 0n,
    staked: 0n,
    freeLeft: 0n,
    wageringLeft: 0n,
    winWageringX100: 0,
    conversionMax: value.conversionMinorMax,
  };
}

/** The bonus that an event ends, or why it can't. */
function foundBonus(state: DerivedState, entry: Entry, id: string): Bonus | Verdict {
  if (id === "") return absurd("it names no bonus");
  const player = playerOf(state, entry);
  if (player === undefined) return unknownPlayer(entry);
  const bonus = bonusesOf(player).find(({ key }) => key === id);
  if (bonus !== undefined) return bonus;
  const once = state.bonuses.get(`${entry.operator}\0${id}`);
  if (once === undefined) return no(Code.BONUS_UNKNOWN, `bonus ${id} was never granted`);
  if (once.ref !== entry.ref) return no(Code.BONUS_MISMATCH, `bonus ${id} is another player's`);
  return no(Code.BONUS_STAGE_INVALID, `bonus ${id} has ended`);
}

export function judgeConversion(
  state: DerivedState,
  entry: Entry,
  { bonusId }: BonusConverted,
  now: number,
): Verdict {
  const bonus = foundBonus(state, entry, bonusId);
  if ("code" in bonus) return bonus;
  if (isTimeOver(bonus, now)) return no(Code.BONUS_STAGE_INVALID, "the bonus's time is over");
  const inPlay = staked(bonus);
  if (inPlay !== undefined) return inPlay;
  if (bonus.wageringLeft > 0n) {
    return no(Code.BONUS_WAGERING_OPEN, `${bonus.wageringLeft} are still to be wagered`);
  }
  const { remaining, conversionMax } = bonus;
  const isBound = conversionMax > 0n && conversionMax < remaining;
  return ended(entry, bonus, BonusStage.CONVERTED, isBound ? conversionMax : remaining);
}

export function judgeExpiry(
  state: DerivedState,
  entry: Entry,
  { bonusId }: BonusExpired,
  now: number,
): Verdict {
  const bonus = foundBonus(state, entry, bonusId);
  if ("code" in bonus) return bonus;
  if (!isTimeOver(bonus, now)) return no(Code.BONUS_NOT_DUE, "the bonus's time isn't over");
  return staked(bonus) ?? ended(entry, bonus, BonusStage.EXPIRED, 0n);
}

export function judgeForfeit(
  state: DerivedState,
  entry: Entry,
  { bonusId }: BonusForfeited,
): Verdict {
  const bonus = foundBonus(state, entry, bonusId);
  if ("code" in bonus) return bonus;
  return staked(bonus) ?? ended(entry, bonus, BonusStage.FORFEITED, 0n);
}

function staked({ staked: minor }: Bonus): Verdict | undefined {
  return minor === 0n ? undefined : no(Code.BONUS_IN_PLAY, `${minor} are in open bets`);
}

/** The bonus's money becomes cash as far as that goes; the rest is the operator's again. */
function ended(entry: Entry, bonus: Bonus, stage: BonusStage, cash: bigint): Verdict {
  const { key, currency, remaining } = bonus;
  const lines = [
    { account: AccountKind.PLAYER_BONUS, qualifier: key, currency, minor: -remaining },
    line(AccountKind.PLAYER_CASH, currency, cash),
    line(AccountKind.EXP_BONUS, currency, remaining - cash),
  ];
  const version = bonus.version + 1n;
  const value = { ...bonus, version, stage, remaining: 0n, freeLeft: 0n };
  return yes({ ref: entry.ref, lines, changes: [{ case: "bonus", value }], tells: currency });
}
