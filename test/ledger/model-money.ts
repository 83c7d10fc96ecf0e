/** Bonuses that begin and end, jackpots, adjustments, exchanges, fees. */
import {
  type Bonus,
  BonusStage,
  Code,
  type Command,
  type PayloadOf,
} from "../../src/ledger/index.ts";
import { isTaken } from "./model-bets.ts";
import { railOf } from "./model-cashier.ts";
import { Deed, type Kind } from "./model-deed.ts";
import { isBelowFloor, rulesOf } from "./model-limits.ts";
import { atMost, isDue } from "./model-stakes.ts";
import { id, No, ownKey, txnKey, type World } from "./model-world.ts";

const BONUSES_MAX = 32;

export function grant(
  world: World,
  { operatorId }: Command,
  payload: PayloadOf<"bonus_granted"> | PayloadOf<"free_bets_granted">,
  ref: string,
): Deed {
  const { bonusId: key, amount, expiresAt, conversionMinorMax: conversionMax } = payload;
  const { minor, currency } = amount;
  const no = (code: Code) => new No(code, ref, currency);
  if (world.bonuses.has(id(operatorId, key))) throw no(Code.BONUS_DUPLICATE);
  if (expiresAt !== 0 && expiresAt <= world.now) throw no(Code.BONUS_STAGE_INVALID);
  if (world.standing(ref).length >= BONUSES_MAX) throw no(Code.BONUS_TOO_MANY);
  const isMoney = payload.type === "bonus_granted";
  if (isMoney && !world.fits(ref, currency, minor)) throw no(Code.BALANCE_OVERFLOW);
  const deed = new Deed(ref);
  if (isMoney) {
    deed.post("EXP_BONUS", -minor, currency);
    deed.post("PLAYER_BONUS", minor, currency, key);
  }
  deed.told.add(currency);
  deed.put({
    object: "bonus",
    key,
    version: 0,
    ref,
    currency,
    stage: BonusStage.ACTIVE,
    grantedSeq: world.seq,
    expiresAt,
    remaining: isMoney ? minor : 0n,
    staked: 0n,
    freeLeft: isMoney ? 0n : minor,
    wageringLeft: isMoney ? payload.wageringMinor : 0n,
    winWageringX100: isMoney ? 0 : payload.winWageringX100,
    conversionMax,
  });
  return deed;
}

type Ended = PayloadOf<"bonus_converted" | "bonus_expired" | "bonus_forfeited">;

/** Why a bonus that stands can't end like this. */
function endRefusal(world: World, { type }: Ended, bonus: Bonus): Code | undefined {
  const over = isDue(world, bonus);
  if (type === "bonus_converted" && over) return Code.BONUS_STAGE_INVALID;
  if (type === "bonus_expired" && !over) return Code.BONUS_NOT_DUE;
  if (bonus.staked > 0n) return Code.BONUS_IN_PLAY;
  const isOpen = type === "bonus_converted" && bonus.wageringLeft > 0n;
  return isOpen ? Code.BONUS_WAGERING_OPEN : undefined;
}

export function endBonus(world: World, { operatorId }: Command, payload: Ended, ref: string): Deed {
  const bonus = world.bonuses.get(id(operatorId, payload.bonusId));
  if (bonus === undefined) throw new No(Code.BONUS_UNKNOWN, ref, "");
  if (bonus.ref !== ref) throw new No(Code.BONUS_MISMATCH, ref, "");
  if (bonus.stage !== BonusStage.ACTIVE) throw new No(Code.BONUS_STAGE_INVALID, ref, "");
  const { currency, remaining, conversionMax, key } = bonus;
  const refusal = endRefusal(world, payload, bonus);
  if (refusal !== undefined) throw new No(refusal, ref, currency);
  const isCash = payload.type === "bonus_converted";
  const most = conversionMax === 0n ? remaining : conversionMax;
  const cash = isCash ? atMost(remaining, most) : 0n;
  const deed = new Deed(ref);
  deed.post("PLAYER_BONUS", -remaining, currency, key);
  deed.post("PLAYER_CASH", cash, currency);
  deed.post("EXP_BONUS", remaining - cash, currency);
  deed.told.add(currency);
  const stage = {
    bonus_converted: BonusStage.CONVERTED,
    bonus_expired: BonusStage.EXPIRED,
    bonus_forfeited: BonusStage.FORFEITED,
  }[payload.type];
  deed.put({ ...bonus, stage, remaining: 0n, freeLeft: 0n });
  return deed;
}

export function moveJackpot(
  world: World,
  command: Command,
  { type, pool, amount }: PayloadOf<"jackpot_seeded" | "jackpot_contributed" | "jackpot_won">,
  ref: string | undefined,
): Deed {
  const { minor, currency } = amount;
  const no = (code: Code) => new No(code, ref ?? "", currency);
  if (isTaken(world, command)) throw no(Code.TXN_DUPLICATE);
  const deed = new Deed(ref ?? "");
  if (type !== "jackpot_won") {
    deed.post("EXP_JACKPOT", -minor, currency);
    deed.post("LIAB_JACKPOT", minor, currency, pool);
    return deed;
  }
  if (command.txnId !== "" && world.takenWins.has(txnKey(command))) throw no(Code.WIN_ROLLED_BACK);
  if (minor > world.ceiling) throw no(Code.WIN_ABOVE_CEILING);
  const has = world.sum(command.operatorId, "LIAB_JACKPOT", pool, currency);
  if (minor > has) throw no(Code.JACKPOT_INSUFFICIENT);
  if (!world.fits(deed.ref, currency, minor)) throw no(Code.BALANCE_OVERFLOW);
  deed.post("LIAB_JACKPOT", -minor, currency, pool);
  deed.post("PLAYER_CASH", minor, currency);
  if (command.txnId !== "") {
    const key = ownKey(command, command.txnId);
    const win = { minor, jackpot: minor, pool };
    const stake = { amount: 0n, funding: 1 as const, parts: [] };
    const rest = { seq: world.seq, roundId: command.roundId, bonuses: [], round: "" };
    const { ref: whose } = deed;
    const play = { kind: "jackpot", state: "settled", ref: whose, currency, stake, win } as const;
    world.plays.set(key, { ...play, ...rest });
    deed.paid = key;
  }
  return deed;
}

export function adjust(
  world: World,
  { operatorId }: Command,
  { amount, debit, correctionOf }: PayloadOf<"adjustment_posted">,
  ref: string,
): Deed {
  const { minor, currency } = amount;
  const no = (code: Code) => new No(code, ref, currency);
  if (correctionOf > 0 && world.records[correctionOf - 1] !== operatorId) {
    throw no(Code.RECORD_UNKNOWN);
  }
  if (debit && world.row(ref, currency).available < minor) throw no(Code.FUNDS_INSUFFICIENT);
  if (!debit && !world.fits(ref, currency, minor)) throw no(Code.BALANCE_OVERFLOW);
  const deed = new Deed(ref);
  deed.post("PLAYER_CASH", debit ? -minor : minor, currency);
  deed.post("EXP_ADJUSTMENTS", debit ? minor : -minor, currency);
  if (correctionOf > 0) deed.correctionOf = correctionOf;
  return deed;
}

export function exchange(
  world: World,
  _command: Command,
  { sell, buy }: PayloadOf<"currency_exchanged">,
  ref: string,
): Deed {
  if (rulesOf(world, ref).withdrawalsFrozen) {
    throw new No(Code.PLAYER_FROZEN, ref, sell.currency);
  }
  if (isBelowFloor(world, ref, sell.currency, sell.minor)) {
    throw new No(Code.ACCOUNT_FLOOR_REACHED, ref, sell.currency);
  }
  if (world.row(ref, sell.currency).available < sell.minor) {
    throw new No(Code.FUNDS_INSUFFICIENT, ref, sell.currency);
  }
  if (!world.fits(ref, buy.currency, buy.minor)) {
    throw new No(Code.BALANCE_OVERFLOW, ref, buy.currency);
  }
  const deed = new Deed(ref);
  deed.post("PLAYER_CASH", -sell.minor, sell.currency);
  deed.post("FX_POSITION", sell.minor, sell.currency, sell.currency);
  deed.post("FX_POSITION", -buy.minor, buy.currency, buy.currency);
  deed.post("PLAYER_CASH", buy.minor, buy.currency);
  return deed;
}

/** What has nothing to do with players. */
export function houseOnly(
  _world: World,
  _command: Command,
  payload: PayloadOf<"psp_fee_charged" | "psp_remitted" | "fee_accrued">,
): Deed {
  const { minor, currency } = payload.amount;
  const deed = new Deed("");
  if (payload.type === "fee_accrued") {
    const kinds: readonly [string, Kind][] = [
      ["provider", "PAYABLE_PROVIDER"],
      ["affiliate", "PAYABLE_AFFILIATE"],
      ["tax", "PAYABLE_TAX"],
    ];
    const [name, payable] = kinds[payload.kind - 1]!;
    deed.post("EXP_PROVIDER_FEES", -minor, currency, name);
    deed.post(payable, minor, currency, payload.payee);
    return deed;
  }
  const isFee = payload.type === "psp_fee_charged";
  deed.post(isFee ? "EXP_PSP_FEES" : "ASSET_BANK_SEGREGATED", -minor, currency);
  deed.post("ASSET_PSP_CLEARING", minor, currency, railOf(payload.rail, payload.amount));
  return deed;
}
