/** Random commands of bets, rounds, corrections, jackpots, bonuses. */
import { type Bonus, Funding, type Payload } from "../../src/ledger/index.ts";
import { refOf } from "./book.ts";
import { type Caller, type Sent, CURRENCIES } from "./model-caller.ts";
import { roomOf } from "./model-limits.ts";
import { MAX, type Play } from "./model-world.ts";

export type Make = (caller: Caller) => Sent;

/** Names of something there is: operator, source, own name. */
function partsOf(key: string): readonly [operator: string, source: string, name: string] {
  const parts = JSON.parse(key) as string[];
  return [parts.at(-3)!, parts.at(-2)!, parts.at(-1)!];
}

/** What a stake may be just within and just beyond. */
export function stakeEdges(
  { world }: Caller,
  ref: string,
  currency: string,
): (bigint | undefined)[] {
  const row = world.row(ref, currency);
  const floor = world.rules.get(ref)?.bounds.find((one) => one.currency === currency)?.floor ?? 0n;
  const bonuses = world.standing(ref, currency);
  const bonus = bonuses.reduce((sum, { remaining }) => sum + remaining, 0n);
  const free = bonuses.reduce((sum, { freeLeft }) => sum + freeLeft, 0n);
  const rooms = [2, 3].map((kind) => roomOf(world, ref, kind as 2 | 3, currency));
  return [row.available, row.available + bonus, bonus, free, row.available - floor, ...rooms];
}

function room(caller: Caller, operator: string): bigint[] {
  const { ceiling } = caller.world;
  const rich = caller.world.row(refOf(3), "FUN");
  const left = MAX - rich.available - rich.held - rich.bonus;
  return operator === "demo" ? [ceiling, left] : [ceiling];
}

export const placeBet: Make = (caller) => {
  const { chance, world } = caller;
  const operatorId = caller.operator();
  const ref = caller.player(operatorId);
  let source = caller.source();
  let txnId = caller.fresh("t");
  if (chance.in(12)) {
    const known = caller.play(operatorId);
    if (known !== undefined) [, source, txnId] = partsOf(known[0]);
  } else if (chance.in(6)) txnId = caller.txn(operatorId, source);
  const own = [...world.rounds].filter(([, round]) => round.ref === ref || chance.in(15));
  const closed = [...world.closed];
  const rounds = chance.in(8) ? closed : own.map(([key]) => key);
  let roundId = caller.fresh("r");
  if (rounds.length > 0 && chance.in(60)) [, source, roundId] = partsOf(chance.pick(rounds));
  const { CASH, BONUS, FREE } = Funding;
  const gifts = world.standing(ref);
  const gift = gifts.length > 0 && chance.in(50) ? chance.pick(gifts) : undefined;
  const currency = gift?.currency ?? caller.currency();
  const plain = chance.pick([0, 0, 0, 0, CASH, BONUS, FREE] as const);
  const funding = gift === undefined ? plain : chance.pick([0, BONUS, FREE] as const);
  const minor = caller.much(...stakeEdges(caller, ref, currency));
  const amount = { minor, currency };
  const closesRound = chance.in(12);
  const payload = { type: "bet_placed" as const, amount, closesRound, funding };
  return caller.about(operatorId, ref, payload, { source, txnId, roundId });
};

/** A command that names a bet: player, round and own id right, wrong, or left out. */
function aboutBet(
  caller: Caller,
  kind: Play["kind"] | undefined,
  payload: (txnId: string, betSource: string, play: Play | undefined) => Payload,
  bySource = false,
): Sent {
  const { chance } = caller;
  const operatorId = caller.operator();
  const found = chance.in(95) ? caller.play(operatorId, kind) : undefined;
  const [, betSource, betTxnId] =
    found === undefined ? ["", caller.source(), caller.fresh("t")] : partsOf(found[0]);
  const isOther = bySource && chance.in(30);
  const source = isOther ? "admin" : betSource;
  const play = found?.[1];
  const right = play === undefined || play.round === "" ? "" : partsOf(play.round)[2];
  const roundId = chance.in(70) ? "" : chance.in(80) ? right : caller.fresh("r");
  const playerRef = chance.in(60)
    ? ""
    : chance.in(75)
      ? (play?.ref ?? "")
      : caller.player(operatorId);
  const txnId = chance.in(2) ? betTxnId : caller.txn(operatorId, source);
  const asked = payload(betTxnId, isOther ? betSource : "", play);
  return caller.sent({ operatorId, source, playerRef, roundId, txnId, payload: asked });
}

function winEdges(caller: Caller, play: Play | undefined): bigint[] {
  if (play === undefined) return [];
  const row = caller.world.row(play.ref, play.currency);
  const left = MAX - row.available - row.held - row.bonus + play.stake.amount;
  return [play.stake.amount, left, caller.world.ceiling, left];
}

function winCurrency(caller: Caller, play: Play | undefined): string {
  if (caller.chance.in(50)) return "";
  return caller.chance.in(90) ? (play?.currency ?? "") : caller.currency();
}

export const settle: Make = (caller) =>
  aboutBet(caller, caller.chance.in(90) ? "bet" : undefined, (betTxnId, _, play) => {
    const { chance, world } = caller;
    const minor = chance.in(30) ? 0n : caller.much(...winEdges(caller, play));
    const win = { minor, currency: winCurrency(caller, play) };
    const payload = { type: "round_settled", betTxnId, win, closesRound: chance.in(30) } as const;
    if (!chance.in(15)) return payload;
    const pool = chance.pick(["mega", "mini", ""]);
    const has = world.sum("demo", "LIAB_JACKPOT", pool, play?.currency ?? "FUN");
    const part = chance.in(40) ? minor : caller.much(has, minor);
    return { ...payload, jackpotMinor: part, jackpotPool: pool };
  });

export const rollBack: Make = (caller) =>
  aboutBet(caller, caller.chance.in(90) ? "bet" : undefined, (betTxnId) => {
    return { type: "bet_rolled_back", betTxnId };
  });

export const voidBet: Make = (caller) =>
  aboutBet(
    caller,
    caller.chance.pick(["bet", "bet", "house_round", undefined]),
    (betTxnId, betSource) => ({ type: "bet_voided", betTxnId, reason: "", betSource }),
    true,
  );

export const resettle: Make = (caller) =>
  aboutBet(
    caller,
    caller.chance.in(90) ? "bet" : undefined,
    (betTxnId, betSource, play) => {
      const minor = caller.chance.in(20) ? 0n : caller.much(...winEdges(caller, play));
      const win = { minor, currency: winCurrency(caller, play) };
      return { type: "bet_resettled", betTxnId, win, reason: "", betSource };
    },
    true,
  );

export const takeWin: Make = (caller) => {
  const { chance, world } = caller;
  const wins = [...world.txns].filter(([, { play }]) => play !== undefined || chance.in(8));
  const states = [...new Set(wins.map(([, { play }]) => caller.stateOf(play ?? "")))];
  const state = chance.in(30) ? "settled" : chance.pick(states);
  const those = wins.filter(([, { play }]) => caller.stateOf(play ?? "") === state);
  const bets = [...world.plays.keys()];
  const known = chance.in(80)
    ? those.map(([key]) => key)
    : chance.in(50)
      ? bets
      : [...world.takenWins];
  const operatorId = caller.operator();
  const key = known.length === 0 || chance.in(5) ? undefined : chance.pick(known);
  const [operator, source, winTxnId] =
    key === undefined ? [operatorId, caller.source(), caller.fresh("m")] : partsOf(key);
  const play = key === undefined ? undefined : world.txns.get(key)?.play;
  const right = play === undefined ? "" : (world.plays.get(play)?.ref ?? "");
  const playerRef = chance.in(70) ? "" : chance.in(80) ? right : caller.other(operator);
  const txnId = chance.in(3) ? winTxnId : caller.txn(operator, source);
  const roundId = chance.in(92) ? "" : caller.fresh("r");
  const payload = { type: "win_rolled_back", winTxnId } as const;
  return caller.sent({ operatorId: operator, source, playerRef, txnId, roundId, payload });
};

const endRound =
  (type: "round_closed" | "round_voided"): Make =>
  (caller) => {
    const { chance, world } = caller;
    const open = [...world.rounds];
    const closing = open.filter(([, { closing: closes }]) => closes);
    const keys = chance.in(25)
      ? [...world.closed]
      : (chance.in(25) ? closing : open).map(([key]) => key);
    const known = keys.length === 0 || chance.in(8) ? undefined : chance.pick(keys);
    const [operatorId, of, roundId] =
      known === undefined
        ? [caller.operator(), caller.source(), caller.fresh("r")]
        : partsOf(known);
    const isOther = chance.in(30);
    const source = isOther ? "admin" : of;
    const right = world.rounds.get(known ?? "")?.ref ?? "";
    const playerRef = chance.in(60) ? "" : chance.in(70) ? right : caller.other(operatorId);
    const rest = { type, roundSource: isOther ? of : "" };
    const payload = type === "round_voided" ? { ...rest, reason: "" } : rest;
    const txnId = caller.txn(operatorId, source);
    return caller.sent({
      operatorId,
      source,
      playerRef,
      roundId: chance.in(1) ? "" : roundId,
      txnId,
      payload: payload as Payload,
    });
  };
export const closeRound = endRound("round_closed");
export const voidRound = endRound("round_voided");

export const playDice: Make = (caller) => {
  const { chance } = caller;
  const operatorId = caller.operator();
  const [ref, currency, source] = [caller.player(operatorId), caller.currency(), caller.source()];
  const stake = { minor: caller.much(...stakeEdges(caller, ref, currency)), currency };
  const over = chance.in(50);
  const targetX100 = chance.in(2) ? chance.pick([0, 10_000, 197, 9803]) : 198 + chance.upTo(9605);
  const game = { type: "dice" as const, targetX100, over };
  const txnId = chance.in(40) ? caller.fresh("h") : caller.txn(operatorId, source);
  const roundId = chance.in(80) ? "" : caller.fresh("r");
  const payload = { type: "house_round" as const, stake, game };
  return caller.about(operatorId, ref, payload, { source, txnId, roundId });
};

export const jackpot: Make = (caller) => {
  const { chance, world } = caller;
  const types = ["jackpot_contributed", "jackpot_seeded", "jackpot_won"] as const;
  const type = chance.pick(types);
  const operatorId = caller.operator();
  const source = caller.source();
  const pool = chance.in(1) ? "" : chance.pick(["mega", "mini"]);
  const currency = caller.currency();
  const has = world.sum(operatorId, "LIAB_JACKPOT", pool, currency);
  const edges = type === "jackpot_won" ? [has, has, ...room(caller, operatorId)] : [];
  const payload = { type, pool, amount: { minor: caller.much(...edges), currency } };
  const txnId = caller.txn(operatorId, source);
  if (type === "jackpot_seeded" || (type === "jackpot_contributed" && chance.in(60))) {
    return caller.sent({ operatorId, source, txnId, payload });
  }
  return caller.about(operatorId, caller.player(operatorId), payload, { source, txnId });
};

function placeOfBonus({ stage, staked }: Bonus): string {
  return `${stage} ${staked > 0n}`;
}

export const grant: Make = (caller) => {
  const { chance, world } = caller;
  const operatorId = caller.operator();
  const ref = caller.player(operatorId);
  const known = [...world.bonuses.values()];
  const isOld = known.length > 0 && chance.in(25);
  const place = chance.pick([...new Set(known.map(placeOfBonus))]);
  const those = known.filter((one) => placeOfBonus(one) === place);
  const bonusId = isOld ? chance.pick(those).key : caller.fresh("b");
  const minor = caller.much(...room(caller, operatorId));
  const amount = { minor, currency: chance.pick(CURRENCIES) };
  const conversionMinorMax = chance.in(60) ? 0n : BigInt(1 + chance.upTo(9));
  const rest = { bonusId, campaign: "c", amount, expiresAt: caller.end(), conversionMinorMax };
  if (chance.in(50)) {
    const winWageringX100 = chance.pick([0, 0, 50, 133, 100_000, 2 ** 32 - 1]);
    const payload = { type: "free_bets_granted" as const, ...rest, winWageringX100 };
    return caller.about(operatorId, ref, payload);
  }
  const most = chance.in(10) ? MAX - BigInt(chance.upTo(9)) : caller.much(amount.minor);
  const wageringMinor = chance.in(50) ? 0n : most;
  return caller.about(operatorId, ref, { type: "bonus_granted", ...rest, wageringMinor });
};

const ENDS = ["bonus_converted", "bonus_expired", "bonus_forfeited"] as const;

export const endBonus: Make = (caller) => {
  const { chance, world } = caller;
  const known = [...world.bonuses];
  const place = chance.pick([...new Set(known.map(([, bonus]) => placeOfBonus(bonus)))]);
  const those = known.filter(([, bonus]) => placeOfBonus(bonus) === place);
  const found = those.length > 0 && chance.in(95) ? chance.pick(those) : undefined;
  const operatorId =
    found === undefined ? caller.operator() : (JSON.parse(found[0]) as string[])[0]!;
  const bonusId = found?.[1].key ?? caller.fresh("b");
  const ref = found !== undefined && chance.in(90) ? found[1].ref : caller.other(operatorId);
  const type = chance.pick(ENDS);
  const payload = type === "bonus_forfeited" ? { type, bonusId, reason: "" } : { type, bonusId };
  return caller.about(operatorId, ref, payload as Payload);
};
