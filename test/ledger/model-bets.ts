/** Bets, settlements, rollbacks, house rounds, ends of rounds. */
import { createHmac } from "node:crypto";
import { Code, type Command, Funding, type PayloadOf } from "../../src/ledger/index.ts";
import { SERVER_SEED } from "./book.ts";
import { Deed } from "./model-deed.ts";
import { stakeRefusal } from "./model-limits.ts";
import { cashOf, divided, NO_WIN, Till } from "./model-stakes.ts";
import {
  betKey,
  MAX,
  No,
  ownKey,
  type Play,
  roundKey,
  type Stake,
  txnKey,
  type World,
} from "./model-world.ts";

/** Open bets of a round, each with its parts from bonuses. */
const ROUND_LINES_MAX = 96;
const NOTHING: Stake = { amount: 0n, funding: Funding.CASH, parts: [] };

/** An id that is a bet's, in whatever state, or another movement's. */
export function isTaken(world: World, command: Command): boolean {
  if (command.txnId === "") return false;
  return world.plays.has(betKey(command, command.txnId)) || world.txns.has(txnKey(command));
}

/** The same where the command resolves another id, which can't be its own. */
export function isTakenBeside(world: World, command: Command, other: string): boolean {
  return (command.txnId !== "" && command.txnId === other) || isTaken(world, command);
}

export function placeBet(
  world: World,
  command: Command,
  { amount, closesRound, funding = 0 }: PayloadOf<"bet_placed">,
  ref: string,
): Deed {
  const { minor, currency } = amount;
  const no = (code: Code) => new No(code, ref, currency);
  const key = betKey(command, command.txnId);
  const round = roundKey(command, command.roundId);
  const known = world.plays.get(key)?.state;
  if (known === "open") throw no(Code.BET_DUPLICATE);
  if (known === "settled") throw no(Code.BET_ALREADY_SETTLED);
  if (known !== undefined) throw no(Code.BET_ROLLED_BACK);
  if (world.txns.has(txnKey(command))) throw no(Code.TXN_DUPLICATE);
  const present = world.rounds.get(round);
  if (present !== undefined && present.ref !== ref) throw no(Code.ROUND_MISMATCH);
  if (world.closed.has(round) || present?.closing === true) throw no(Code.ROUND_CLOSED);
  const lines = world.openBets(round).map(([, { stake }]) => 1 + stake.parts.length);
  const all = lines.reduce((sum, more) => sum + more, 0);
  if (all >= ROUND_LINES_MAX) throw no(Code.ROUND_TOO_MANY_BETS);
  const asked = { amount: minor, funding };
  const refusal = stakeRefusal(world, ref, amount, cashOf(world, ref, currency, asked));
  if (refusal !== undefined) throw no(refusal);
  const stake = divided(world, ref, currency, asked);
  if (stake === undefined) throw no(Code.FUNDS_INSUFFICIENT);
  const gift = stake.funding === Funding.FREE ? minor : 0n;
  if (!world.fits(ref, currency, gift)) throw no(Code.BALANCE_OVERFLOW);
  const deed = new Deed(ref);
  new Till(world, deed, currency).take(stake, true);
  const state = "open";
  const rest = { win: NO_WIN, seq: 0, roundId: "", bonuses: [] };
  world.plays.set(key, { kind: "bet", state, ref, round, currency, stake, ...rest });
  world.rounds.set(round, { ref, closing: closesRound });
  // What isn't cash alone must be found again.
  if (stake.parts.length > 0) world.txns.set(txnKey(command), { play: undefined });
  return deed;
}

/** Takes a bet out of its round, which closes with its last one if that is wanted. */
export function leaveRound(world: World, deed: Deed, key: string, after: Play, closes = false) {
  world.plays.set(key, after);
  const round = world.rounds.get(after.round)!;
  const closing = round.closing || closes;
  if (world.openBets(after.round).length > 0) {
    world.rounds.set(after.round, { ...round, closing });
    return;
  }
  world.rounds.delete(after.round);
  deed.closesRound = closing;
  if (closing) world.closed.add(after.round);
}

/** Whether a command that may name a player and a round names those of a bet. */
export function isOf(command: Command, ref: string | undefined, bet: Play, source: string) {
  const { roundId } = command;
  if (ref !== undefined && ref !== bet.ref) return false;
  return roundId === "" || roundKey(command, roundId, source) === bet.round;
}

export function settle(
  world: World,
  command: Command,
  payload: PayloadOf<"round_settled">,
  ref: string | undefined,
): Deed {
  const {
    betTxnId,
    win,
    closesRound,
    jackpotMinor: jackpot = 0n,
    jackpotPool: pool = "",
  } = payload;
  const no = (code: Code, who = ref ?? "", currency = win.currency) => new No(code, who, currency);
  if (isTakenBeside(world, command, betTxnId)) throw no(Code.TXN_DUPLICATE);
  if (command.txnId !== "" && world.takenWins.has(txnKey(command))) throw no(Code.WIN_ROLLED_BACK);
  const key = betKey(command, betTxnId);
  const bet = world.plays.get(key);
  if (bet === undefined) throw no(Code.BET_UNKNOWN);
  if (bet.state === "settled") throw no(Code.BET_ALREADY_SETTLED);
  if (bet.state !== "open") throw no(Code.BET_ROLLED_BACK);
  const { currency, stake } = bet;
  const isSame = win.currency === "" || win.currency === currency;
  if (!isOf(command, ref, bet, command.source) || !isSame) {
    throw no(Code.BET_MISMATCH, ref ?? bet.ref);
  }
  if (win.minor > world.ceiling) throw no(Code.WIN_ABOVE_CEILING, bet.ref, currency);
  if (jackpot > 0n && jackpot > world.sum(command.operatorId, "LIAB_JACKPOT", pool, currency)) {
    throw no(Code.JACKPOT_INSUFFICIENT, bet.ref, currency);
  }
  if (!world.fits(bet.ref, currency, win.minor - stake.amount)) {
    throw no(Code.BALANCE_OVERFLOW, bet.ref, currency);
  }
  const deed = new Deed(bet.ref);
  const paid = { minor: win.minor, jackpot, pool };
  new Till(world, deed, currency).settle(stake, paid, "escrow");
  leaveRound(world, deed, key, settled(world, bet, deed, paid, command.roundId), closesRound);
  deed.paid = key;
  return deed;
}

function settled(world: World, bet: Play, deed: Deed, win: Play["win"], roundId: string): Play {
  return { ...bet, state: "settled", win, seq: world.seq, roundId, bonuses: bonusesIn(deed) };
}

export function bonusesIn(deed: Deed): string[] {
  return deed.changes().flatMap((change) => (change.object === "bonus" ? change.key : []));
}

export function rollBack(
  world: World,
  command: Command,
  { betTxnId }: PayloadOf<"bet_rolled_back">,
  ref: string | undefined,
): Deed {
  const no = (code: Code, who = ref ?? "") => new No(code, who, "");
  if (isTakenBeside(world, command, betTxnId)) throw no(Code.TXN_DUPLICATE);
  const key = betKey(command, betTxnId);
  const bet = world.plays.get(key);
  if (bet === undefined) {
    const nobodys = { ref: "", round: "", currency: "", stake: NOTHING, win: NO_WIN };
    const rest = { seq: 0, roundId: "", bonuses: [] };
    world.plays.set(key, { kind: "bet", state: "tombstoned", ...nobodys, ...rest });
    throw no(Code.BET_TOMBSTONED);
  }
  if (bet.state === "settled") throw no(Code.BET_ALREADY_SETTLED);
  if (bet.state !== "open") throw no(Code.BET_ALREADY_ROLLED_BACK);
  if (!isOf(command, ref, bet, command.source)) throw no(Code.BET_MISMATCH, ref ?? bet.ref);
  return returned(world, key, bet, "rolled back");
}

/** An open bet's stake goes back to where it came from. */
export function returned(
  world: World,
  key: string,
  bet: Play,
  state: "rolled back" | "void",
): Deed {
  const deed = new Deed(bet.ref);
  new Till(world, deed, bet.currency).giveBack(bet.stake);
  deed.returned.push(key);
  leaveRound(world, deed, key, { ...bet, state });
  return deed;
}

export function playDice(
  world: World,
  command: Command,
  { stake: money, game }: PayloadOf<"house_round">,
  ref: string,
): Deed {
  const { minor, currency } = money;
  const no = (code: Code) => new No(code, ref, currency);
  if (isTaken(world, command)) throw no(Code.TXN_DUPLICATE);
  const asked = { amount: minor, funding: 0 as const };
  const refusal = stakeRefusal(world, ref, money, cashOf(world, ref, currency, asked));
  if (refusal !== undefined) throw no(refusal);
  const { targetX100, over } = game;
  const winners = BigInt(over ? 10_000 - targetX100 : targetX100);
  const most = (minor * ((99n * 10_001n) / winners)) / 100n;
  if (most > MAX || most > world.ceiling) throw no(Code.WIN_ABOVE_CEILING);
  const stake = divided(world, ref, currency, asked);
  if (stake === undefined) throw no(Code.FUNDS_INSUFFICIENT);
  if (!world.fits(ref, currency, most - minor)) throw no(Code.BALANCE_OVERFLOW);
  const person = world.players.get(ref)!;
  const roll = rollOf(person.clientSeed, person.nonce);
  const win = (over ? roll > targetX100 : roll < targetX100) ? most : 0n;
  const deed = new Deed(ref);
  const till = new Till(world, deed, currency);
  till.take(stake, false);
  till.settle(stake, { ...NO_WIN, minor: win }, "player");
  Object.assign(deed.played, { roll, win });
  world.players.set(ref, { ...person, nonce: person.nonce + 1 });
  if (command.txnId !== "") {
    const { seq } = world;
    const rest = { seq, roundId: command.roundId, bonuses: bonusesIn(deed), round: "" };
    const paid = { ...NO_WIN, minor: win };
    const play = {
      kind: "house_round",
      state: "settled",
      ref,
      currency,
      stake,
      win: paid,
    } as const;
    world.plays.set(ownKey(command, command.txnId), { ...play, ...rest });
  }
  return deed;
}

/** The published draw, in integers. */
function rollOf(clientSeed: string, nonce: number): number {
  for (let at = 0; ; at++) {
    const message = `${clientSeed}:${nonce}:${Math.floor(at / 8)}`;
    const block = createHmac("sha256", SERVER_SEED).update(message).digest();
    const product = BigInt(block.readUInt32BE((at % 8) * 4)) * 10_001n;
    if ((product & 0xffff_ffffn) >= 2n ** 32n % 10_001n) return Number(product >> 32n);
  }
}

export function endRound(
  world: World,
  command: Command,
  payload: PayloadOf<"round_closed"> | PayloadOf<"round_voided">,
  ref: string | undefined,
): Deed {
  const no = (code: Code) => new No(code, ref ?? "", "");
  const { roundSource } = payload;
  const source = roundSource === "" ? command.source : roundSource;
  const key = roundKey(command, command.roundId, source);
  const isVoid = payload.type === "round_voided";
  if (isTaken(world, command)) throw no(Code.TXN_DUPLICATE);
  if (world.closed.has(key)) throw no(Code.ROUND_ALREADY_CLOSED);
  const round = world.rounds.get(key);
  if (round === undefined && isVoid) throw no(Code.ROUND_UNKNOWN);
  if (round !== undefined && ref !== undefined && round.ref !== ref) throw no(Code.ROUND_MISMATCH);
  const deed = new Deed(round?.ref ?? ref ?? "");
  deed.closesRound = true;
  world.closed.add(key);
  if (round === undefined) {
    deed.told.add("");
    return deed;
  }
  const bets = world.openBets(key);
  for (const [name, { currency, stake }] of bets) {
    const till = new Till(world, deed, currency);
    const txnId = (JSON.parse(name) as string[])[3]!;
    if (isVoid) till.giveBack(stake, txnId);
    else till.settle(stake, NO_WIN, "escrow", txnId);
  }
  for (const [name, bet] of bets) {
    if (isVoid) deed.returned.push(name);
    const lost = settled(world, bet, deed, NO_WIN, command.roundId);
    world.plays.set(name, isVoid ? { ...bet, state: "void" } : lost);
  }
  world.rounds.delete(key);
  return deed;
}
