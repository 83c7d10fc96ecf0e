/**
 * Corrections of settled bets: void, settled anew, the win taken back.
 *
 * @module
 */
import type {
  BetResettled,
  BetVoided,
  WinRolledBack,
} from "../wire/gen/countroom/v1/event_wallet_pb.ts";
import { Code } from "../wire/gen/countroom/v1/record_pb.ts";
import { FACT } from "./claim-table.ts";
import type { Entry } from "./entry.ts";
import { believed, isOfBet, returned } from "./judge-bets.ts";
import { isPlayers } from "./lines.ts";
import { type Aim, Mirror } from "./mirror.ts";
import { roundSum, type Settled } from "./settled.ts";
import { type DerivedState, type Player, rowOf, sourceKey } from "./state.ts";
import { resolutionTxnTaken, txnTaken, winWasTaken } from "./txn-names.ts";
import { absurd, no, playerOf, unknownPlayer, type Verdict, yes } from "./verdict.ts";

const I64_MAX = 2n ** 63n - 1n;
/** Corrections of one bet by other wins. */
const CORRECTIONS_MAX = 64;

/** Source of the bet that a correction names. */
export function betSourceOf({ source }: Entry, betSource: string): string {
  return betSource === "" ? source : betSource;
}

function txnRefuses(
  state: DerivedState,
  entry: Entry,
  betSource: string,
  betTxn: string,
): Verdict | undefined {
  if (betTxn === "") return absurd("it names no bet");
  if (entry.ref !== "" && playerOf(state, entry) === undefined) return unknownPlayer(entry);
  if (betSource !== entry.source) return txnTaken(state, entry);
  return resolutionTxnTaken(state, entry, betTxn);
}

/** How a bet that was never settled came to nothing. */
function undone(
  state: DerivedState,
  { operator }: Entry,
  source: string,
  txn: string,
): Verdict | undefined {
  const seq = state.made(FACT.TOMBSTONE, operator, source, txn);
  if (seq === undefined) return undefined;
  const isVoid = state.voids.has(seq);
  const why = `bet ${txn} was undone by ${seq}`;
  return no(isVoid ? Code.BET_VOIDED : Code.BET_ROLLED_BACK, why);
}

function settledBet(
  state: DerivedState,
  { operator }: Entry,
  source: string,
  txn: string,
): Settled | undefined {
  const seq = state.made(FACT.RESOLVED, operator, source, txn);
  return seq === undefined ? undefined : state.settled.find(seq, txn);
}

export function judgeVoid(
  state: DerivedState,
  entry: Entry,
  { betTxnId, betSource }: BetVoided,
  now: number,
): Verdict {
  const source = betSourceOf(entry, betSource);
  const refusal = txnRefuses(state, entry, source, betTxnId);
  if (refusal !== undefined) return refusal;
  const open = state.bets.get(sourceKey(entry.operator, source, betTxnId));
  if (open !== undefined) {
    if (isOfBet(entry, open, source)) return returned(state, open, now);
    return no(Code.BET_MISMATCH, `bet ${betTxnId} is of another player or round`);
  }
  const gone = undone(state, entry, source, betTxnId);
  if (gone !== undefined) {
    return gone.code === Code.BET_VOIDED ? no(Code.BET_ALREADY_VOIDED, gone.why) : gone;
  }
  let settled = settledBet(state, entry, source, betTxnId);
  if (settled === undefined) {
    const seq = state.made(FACT.TXN, entry.operator, source, betTxnId);
    const other = seq === undefined ? undefined : state.settled.bySeq(seq);
    if (other?.kind === "house") settled = other;
  }
  if (settled === undefined) return no(Code.BET_UNKNOWN, `bet ${betTxnId} is not in the book`);
  if (settled.standing === "void") {
    return no(Code.BET_ALREADY_VOIDED, `bet ${betTxnId} was made void by ${settled.seq}`);
  }
  return corrected(state, entry, settled, { kind: "void" });
}

export function judgeResettlement(
  state: DerivedState,
  entry: Entry,
  { betTxnId, betSource, win }: BetResettled,
): Verdict {
  if (win === undefined || win.minor < 0n) return absurd(`${win?.minor ?? "nothing"} is no win`);
  const source = betSourceOf(entry, betSource);
  const refusal = txnRefuses(state, entry, source, betTxnId) ?? winWasTaken(state, entry);
  if (refusal !== undefined) return refusal;
  if (state.bets.has(sourceKey(entry.operator, source, betTxnId))) {
    return no(Code.BET_OPEN, `bet ${betTxnId} is open`);
  }
  const gone = undone(state, entry, source, betTxnId);
  if (gone !== undefined) return gone;
  const settled = settledBet(state, entry, source, betTxnId);
  if (settled === undefined) return no(Code.BET_UNKNOWN, `bet ${betTxnId} is not in the book`);
  if (settled.standing === "void") {
    return no(Code.BET_VOIDED, `bet ${betTxnId} was made void by ${settled.seq}`);
  }
  if (win.currency !== "" && win.currency !== settled.currency) {
    return no(Code.BET_MISMATCH, `the bet was in ${settled.currency}`);
  }
  const other = mismatch(state, entry, settled);
  if (other !== undefined) return other;
  if (settled.corrections >= CORRECTIONS_MAX) {
    return no(Code.CORRECTION_TOO_MANY, `it was corrected ${settled.corrections} times`);
  }
  if (entry.outcome.code === Code.WIN_ABOVE_CEILING) return believed();
  const paid = { minor: win.minor, jackpot: 0n, pool: "" };
  return corrected(state, entry, settled, { kind: "win", win: paid });
}

export function judgeWinRollback(
  state: DerivedState,
  entry: Entry,
  { winTxnId }: WinRolledBack,
): Verdict {
  const { operator, source } = entry;
  const refusal = txnRefuses(state, entry, source, winTxnId);
  if (refusal !== undefined) return refusal;
  const taken = state.made(FACT.WIN_TAKEN, operator, source, winTxnId);
  if (taken !== undefined) {
    return no(Code.WIN_ALREADY_ROLLED_BACK, `the win was taken back by ${taken}`);
  }
  const seq = state.made(FACT.TXN, operator, source, winTxnId);
  const settled = seq === undefined ? undefined : state.settled.bySeq(seq);
  if (settled === undefined || settled.kind === "house") {
    const isOther =
      seq !== undefined ||
      state.made(FACT.RESOLVED, operator, source, winTxnId) !== undefined ||
      state.bets.has(sourceKey(operator, source, winTxnId));
    if (isOther) return no(Code.WIN_UNKNOWN, `${winTxnId} is the name of no win`);
    return no(Code.WIN_TOMBSTONED, `the win ${winTxnId} hasn't come`);
  }
  if (settled.standing === "taken") {
    return no(Code.WIN_ALREADY_ROLLED_BACK, `the win was taken back by ${settled.seq}`);
  }
  if (settled.standing === "void") {
    return no(Code.BET_VOIDED, `its bet was made void by ${settled.seq}`);
  }
  return corrected(state, entry, settled, { kind: "taken" });
}

function mismatch(state: DerivedState, entry: Entry, settled: Settled): Verdict | undefined {
  const { event, ref } = entry;
  const { player, round } = settled;
  const isPlayers = ref === "" || state.numbered[player]?.ref === ref;
  const isRounds = event.roundId === "" || round === 0 || roundSum(event.roundId) === round;
  if (isPlayers && isRounds) return undefined;
  return no(Code.BET_MISMATCH, "the bet is of another player or round");
}

function corrected(state: DerivedState, entry: Entry, settled: Settled, aim: Aim): Verdict {
  const other = mismatch(state, entry, settled);
  if (other !== undefined) return other;
  const player = state.numbered[settled.player] as Player;
  const { currency } = settled;
  const { lines, mirrored, changes, debt } = new Mirror(state, player, settled).workOut(aim);
  const row = rowOf(player, currency);
  let sum = row === undefined ? 0n : row.available + row.bonus + row.held;
  for (const { account, minor } of lines) if (isPlayers(account)) sum += minor;
  const owed = (player.extras?.debts.get(currency) ?? 0n) + debt;
  if (sum > I64_MAX || owed > I64_MAX) {
    return no(Code.BALANCE_OVERFLOW, "balance or debt would overflow");
  }
  const { ref: playerRef } = player;
  const debts =
    debt === 0n ? [] : [{ case: "debt", value: { playerRef, currency, owed } } as const];
  return yes({
    ref: playerRef,
    lines,
    changes: [...changes, ...debts],
    tells: currency,
    corrects: { of: settled.seq, mirrored, settled },
  });
}
