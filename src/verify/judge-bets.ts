/**
 * Bets, settlements and rollbacks. Most are of cash alone: their way is short.
 *
 * @module
 */
import type { BetPlaced, BetRolledBack, RoundSettled } from "../wire/gen/countroom/v1/event_pb.ts";
import { AccountKind } from "../wire/gen/countroom/v1/money_pb.ts";
import { Code } from "../wire/gen/countroom/v1/record_pb.ts";
import { FACT } from "./claim-table.ts";
import type { Entry } from "./entry.ts";
import { type Line, line } from "./lines.ts";
import { mayStake } from "./standing.ts";
import {
  type Bet,
  bonusesOf,
  cashOf,
  type DerivedState,
  fits,
  type Part,
  type Player,
  type Round,
  sourceKey,
} from "./state.ts";
import { resolutionTxnTaken, winWasTaken } from "./txn-names.ts";
import { absurd, amountFault, no, playerOf, unknownPlayer, type Verdict, yes } from "./verdict.ts";
import { cashAsked, FUNDING, Working } from "./working.ts";

const NO_PARTS: readonly Part[] = Object.freeze([]);

/** Open bets that a round may have at a time. */
const OPEN_BETS_MAX = 96;

export function judgeBet(
  state: DerivedState,
  entry: Entry,
  { amount, funding }: BetPlaced,
  now: number,
): Verdict {
  const wrong = amountFault(amount, 1n);
  if (wrong !== undefined || amount === undefined) return absurd(String(wrong));
  const { operator, source, event, outcome, ref } = entry;
  const { txnId, roundId } = event;
  if (txnId === "" || roundId === "") return absurd("it has no txn_id or no round_id");
  const player = playerOf(state, entry);
  if (player === undefined) return unknownPlayer(entry);
  const key = sourceKey(operator, source, txnId);
  const round = sourceKey(operator, source, roundId);
  const { minor, currency } = amount;
  const used = betUsed(state, entry, key) ?? roundRefuses(state, entry, state.rounds.get(round));
  if (used !== undefined) return used;
  if (player.extras !== undefined || player.status !== 1 || state.velocity.size > 0) {
    const cash = cashAsked(player, currency, minor, funding, now);
    const refusal = mayStake(state, player, { currency, minor, cash, now, told: outcome.code });
    if (refusal !== undefined) return refusal;
  }
  const cash = cashOf(player, currency);
  if (funding <= FUNDING.CASH && cash >= minor) {
    const lines = [
      line(AccountKind.PLAYER_CASH, currency, -minor),
      line(AccountKind.ROUND_ESCROW, currency, minor),
    ];
    const opens: Bet = { key, ref, round, minor, currency, parts: NO_PARTS, free: false };
    return yes({ ref, lines, opens });
  }
  const working = new Working(player, currency, now);
  const stake = working.divide(minor, funding);
  if (stake === undefined) {
    return no(Code.FUNDS_INSUFFICIENT, `${cash} ${currency} aren't enough for ${minor}`);
  }
  if (stake.free && !fits(player, currency, minor)) {
    return no(Code.BALANCE_OVERFLOW, "the balance would overflow");
  }
  working.take(stake);
  const opens: Bet = { key, ref, round, currency, ...stake };
  return yes({ ref, lines: working.lines, changes: working.changes(), opens });
}

/** A bet comes once, whatever key it comes under. */
function betUsed(state: DerivedState, entry: Entry, key: string): Verdict | undefined {
  const { operator, source } = entry;
  const { txnId } = entry.event;
  if (state.bets.has(key)) return no(Code.BET_DUPLICATE, "the bet is open");
  const resolved = resolution(state, entry, source, txnId);
  if (resolved !== undefined) return resolved;
  const moved = state.made(FACT.TXN, operator, source, txnId);
  return moved === undefined
    ? undefined
    : no(Code.TXN_DUPLICATE, `its txn_id was used by record ${moved}`);
}

/** How a bet that isn't open was resolved; undefined when it never came. */
export function resolution(
  state: DerivedState,
  { operator }: Entry,
  source: string,
  txn: string,
): Verdict | undefined {
  const settled = state.made(FACT.RESOLVED, operator, source, txn);
  if (settled !== undefined) {
    return no(Code.BET_ALREADY_SETTLED, `bet ${txn} was settled by ${settled}`);
  }
  const undone = state.made(FACT.TOMBSTONE, operator, source, txn);
  if (undone === undefined) return undefined;
  return no(Code.BET_ROLLED_BACK, `bet ${txn} was rolled back by ${undone}`);
}

function roundRefuses(
  state: DerivedState,
  { operator, source, event, ref }: Entry,
  round: Round | undefined,
): Verdict | undefined {
  if (round === undefined) {
    const closed = state.made(FACT.ROUND_CLOSED, operator, source, event.roundId);
    if (closed === undefined) return undefined;
    return no(Code.ROUND_CLOSED, `the round was closed by ${closed}`);
  }
  if (round.ref !== ref) return no(Code.ROUND_MISMATCH, "the round is another player's");
  if (round.closing) return no(Code.ROUND_CLOSED, "the round takes no more bets");
  // A bet counts with its parts from bonuses.
  let lines = 0;
  for (const key of round.bets) lines += 1 + (state.bets.get(key)?.parts.length ?? 0);
  if (lines < OPEN_BETS_MAX) return undefined;
  return no(Code.ROUND_TOO_MANY_BETS, `the round has ${lines} open bets and parts`);
}

/** Whether player and round are the bet's, as far as they are named. */
export function isOfBet({ operator, event, ref }: Entry, bet: Bet, source: string): boolean {
  if (ref !== "" && ref !== bet.ref) return false;
  return event.roundId === "" || sourceKey(operator, source, event.roundId) === bet.round;
}

/** Player and txn_id of an event that resolves a bet, or why it can't. */
function resolverRefuses(state: DerivedState, entry: Entry, txn: string): Verdict | undefined {
  if (txn === "") return absurd("it names no bet");
  if (entry.ref !== "" && playerOf(state, entry) === undefined) return unknownPlayer(entry);
  return resolutionTxnTaken(state, entry, txn);
}

export function judgeSettlement(
  state: DerivedState,
  entry: Entry,
  value: RoundSettled,
  now: number,
): Verdict {
  const { win, betTxnId, closesRound, jackpotMinor, jackpotPool } = value;
  if (win === undefined || win.minor < 0n) return absurd(`${win?.minor ?? "nothing"} is no win`);
  if (jackpotMinor < 0n || jackpotMinor > win.minor || (jackpotMinor > 0n && jackpotPool === "")) {
    return absurd("its jackpot part can't be");
  }
  const refusal = resolverRefuses(state, entry, betTxnId) ?? winWasTaken(state, entry);
  if (refusal !== undefined) return refusal;
  const { operator, source } = entry;
  const bet = state.bets.get(sourceKey(operator, source, betTxnId));
  if (bet === undefined) {
    const resolved = resolution(state, entry, source, betTxnId);
    return resolved ?? no(Code.BET_UNKNOWN, `bet ${betTxnId} of ${source} is not in the book`);
  }
  const { currency, ref, minor } = bet;
  if (!isOfBet(entry, bet, source) || (win.currency !== "" && win.currency !== currency)) {
    return no(Code.BET_MISMATCH, `bet ${betTxnId} is of another player, round or currency`);
  }
  if (entry.outcome.code === Code.WIN_ABOVE_CEILING) return believed();
  const player = state.players.get(ref) as Player;
  const pool = jackpotMinor > 0n ? poolOf(state, operator, jackpotPool, currency) : 0n;
  if (jackpotMinor > pool) {
    return no(Code.JACKPOT_INSUFFICIENT, `the pool has ${pool}, not ${jackpotMinor}`);
  }
  if (!fits(player, currency, win.minor - minor)) {
    return no(Code.BALANCE_OVERFLOW, "the balance would overflow");
  }
  const round = state.rounds.get(bet.round);
  const closes = round?.bets.length === 1 && (round.closing || closesRound);
  if (jackpotMinor > 0n || bet.parts.length > 0 || bonusesOf(player).length > 0) {
    const working = new Working(player, currency, now);
    working.settle(bet, { minor: win.minor, jackpot: jackpotMinor, pool: jackpotPool });
    return yes({ ref, lines: working.lines, changes: working.changes(), closes });
  }
  return yes({ ref, lines: settlementLines(currency, minor, win.minor), closes });
}

/** The caller's ceiling isn't in the book. */
export function believed(): Verdict {
  return no(Code.WIN_ABOVE_CEILING, "the win is above the caller's ceiling");
}

export function poolOf(
  state: DerivedState,
  operator: string,
  pool: string,
  currency: string,
): bigint {
  return state.houseSum(operator, AccountKind.LIAB_JACKPOT, pool, currency);
}

function settlementLines(currency: string, stake: bigint, win: bigint): Line[] {
  return [
    line(AccountKind.ROUND_ESCROW, currency, -stake),
    line(AccountKind.REV_BETS, currency, stake),
    line(AccountKind.REV_WINS, currency, -win),
    line(AccountKind.PLAYER_CASH, currency, win),
  ];
}

export function judgeRollback(
  state: DerivedState,
  entry: Entry,
  { betTxnId }: BetRolledBack,
  now: number,
): Verdict {
  const refusal = resolverRefuses(state, entry, betTxnId);
  if (refusal !== undefined) return refusal;
  const { operator, source } = entry;
  const bet = state.bets.get(sourceKey(operator, source, betTxnId));
  if (bet === undefined) {
    const resolved = resolution(state, entry, source, betTxnId);
    if (resolved === undefined) return no(Code.BET_TOMBSTONED, `bet ${betTxnId} hasn't come`);
    if (resolved.code !== Code.BET_ROLLED_BACK) return resolved;
    return no(Code.BET_ALREADY_ROLLED_BACK, resolved.why);
  }
  if (!isOfBet(entry, bet, source)) {
    return no(Code.BET_MISMATCH, `bet ${betTxnId} is of another player or round`);
  }
  return returned(state, bet, now);
}

/** The stake of an open bet returns to where it came from. */
export function returned(state: DerivedState, bet: Bet, now: number): Verdict {
  const { ref, currency, minor } = bet;
  const round = state.rounds.get(bet.round);
  const closes = round?.bets.length === 1 && round.closing;
  if (bet.parts.length === 0) {
    const lines = [
      line(AccountKind.ROUND_ESCROW, currency, -minor),
      line(AccountKind.PLAYER_CASH, currency, minor),
    ];
    return yes({ ref, lines, closes });
  }
  const working = new Working(state.players.get(ref) as Player, currency, now);
  working.giveBack(bet);
  return yes({ ref, lines: working.lines, changes: working.changes(), closes });
}
