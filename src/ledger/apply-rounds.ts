/**
 * Records that open, settle and undo bets.
 *
 * @module
 */
import { AccountKind } from "./accounts.ts";
import { bonusMoves, checkPartsLeave, postStake, sumOfParts } from "./apply-stakes.ts";
import { LedgerError } from "./errors.ts";
import { betKey, houseKey, roundKey, txnIdOf } from "./keys.ts";
import { type OpenBetContext, openBetOf } from "./open-bets.ts";
import { Funding, type MutableState, type OpenBet } from "./state-view.ts";
import type {
  BetPlaced,
  BetRolledBack,
  Command,
  HouseRound,
  Outcome,
  RoundSettled,
} from "./types.ts";

export function applyBet(
  state: MutableState,
  command: Command,
  bet: BetPlaced,
  outcome: Outcome,
): void {
  const { operatorId, source, txnId, roundId } = command;
  const { playerRef: ref, seq } = outcome;
  const key = betKey(operatorId, source, txnId);
  if (state.bet(key) !== undefined) {
    throw new LedgerError("RECORD_INCONSISTENT", `bet ${txnId} is open already`, seq);
  }
  const inRound = roundKey(operatorId, source, roundId);
  const round = state.round(inRound);
  if (round !== undefined && (round.ref !== ref || round.closing)) {
    throw new LedgerError("RECORD_INCONSISTENT", `round ${roundId} can't take the bet`, seq);
  }
  if (outcome.roundClosed) throw closesTooEarly(outcome);
  state.putBet(stakeOf(state, command, bet, outcome, { key, ref, roundKey: inRound }));
  const openBets = round === undefined ? [key] : [...round.openBets, key];
  state.putRound({ key: inRound, ref, closing: bet.closesRound, openBets });
}

/** Posts a stake. The bet remembers what came from bonuses: what they gained in open bets. */
function stakeOf(
  state: MutableState,
  command: Command,
  { amount: { minor: amount, currency }, funding: asked = 0 }: BetPlaced,
  outcome: Outcome,
  { key, ref, roundKey: inRound }: Pick<OpenBet, "key" | "ref" | "roundKey">,
): OpenBet {
  if (outcome.changes === undefined && asked !== Funding.FREE) {
    postStake(state, command, outcome, { currency, available: -amount, bonus: 0n, held: amount });
    return { key, ref, roundKey: inRound, amount, currency, funding: Funding.CASH };
  }
  const { money, staked } = bonusMoves(state, outcome, currency);
  const given = sumOfParts(staked);
  const isFree = asked === Funding.FREE;
  if (staked.some(({ minor }) => minor < 0n) || (isFree ? given !== amount : given !== -money)) {
    const message = "bonuses don't stake what they give";
    throw new LedgerError("RECORD_INCONSISTENT", message, outcome.seq);
  }
  const available = isFree ? 0n : given - amount;
  postStake(state, command, outcome, { currency, available, bonus: money, held: amount });
  const funding = isFree ? asked : staked.length === 0 ? Funding.CASH : Funding.BONUS;
  const parts = staked.length === 0 ? undefined : staked;
  return { key, ref, roundKey: inRound, amount, currency, funding, parts };
}

export function applySettlement(
  state: MutableState,
  command: Command,
  settlement: RoundSettled,
  outcome: Outcome,
): void {
  const key = betKey(command.operatorId, command.source, settlement.betTxnId);
  const open = resolvable(state, key, settlement.closesRound, outcome);
  const { amount, currency } = open.bet;
  const { money, staked } = bonusMoves(state, outcome, currency);
  checkPartsLeave(open.bet, staked, outcome.seq);
  const available = settlement.win.minor - money;
  postStake(state, command, outcome, { currency, available, bonus: money, held: -amount });
  const { jackpotMinor = 0n, jackpotPool = "" } = settlement;
  if (jackpotMinor > 0n) checkPool(state, command.operatorId, jackpotPool, currency, outcome);
  resolve(state, open, settlement.closesRound);
}

export function applyRollback(
  state: MutableState,
  command: Command,
  rollback: BetRolledBack,
  outcome: Outcome,
): void {
  const { operatorId, source } = command;
  applyReturn(state, command, betKey(operatorId, source, rollback.betTxnId), outcome);
}

/** Returns the stake of an open bet. */
export function applyReturn(
  state: MutableState,
  command: Command,
  key: string,
  outcome: Outcome,
): void {
  const open = resolvable(state, key, false, outcome);
  const { amount, currency, funding } = open.bet;
  const { money, staked } = bonusMoves(state, outcome, currency);
  checkPartsLeave(open.bet, staked, outcome.seq);
  const available = funding === Funding.FREE ? 0n : amount - money;
  postStake(state, command, outcome, { currency, available, bonus: money, held: -amount });
  resolve(state, open, false);
}

export function applyHouseRound(
  state: MutableState,
  command: Command,
  round: HouseRound,
  outcome: Outcome,
): void {
  const { houseRound: result, seq } = outcome;
  const { minor: stake, currency } = round.stake;
  const player = state.player(outcome.playerRef);
  const next =
    result !== undefined &&
    player !== undefined &&
    result.nonce === player.nonce &&
    result.seedPair === player.seedPair &&
    result.clientSeed === player.clientSeed;
  if (!next) {
    throw new LedgerError("RECORD_INCONSISTENT", "not the next draw of the player's seeds", seq);
  }
  if (outcome.roundClosed) throw closesTooEarly(outcome);
  const { money, staked } = bonusMoves(state, outcome, currency);
  if (staked.length > 0) {
    throw new LedgerError("RECORD_INCONSISTENT", "a house round leaves nothing staked", seq);
  }
  const available = result.win - stake - money;
  postStake(state, command, outcome, { currency, available, bonus: money, held: 0n }).nonce++;
}

/** A pool never pays more than it holds. */
function checkPool(
  state: MutableState,
  operatorId: string,
  pool: string,
  currency: string,
  outcome: Outcome,
): void {
  if (state.house(houseKey(AccountKind.LIAB_JACKPOT, pool, currency, operatorId)) >= 0n) return;
  throw new LedgerError("INVARIANT_BROKEN", `jackpot ${pool} pays more than it holds`, outcome.seq);
}

/** The open bet of a record, checked before anything changes. */
function resolvable(
  state: MutableState,
  key: string,
  closesRound: boolean,
  outcome: Outcome,
): OpenBetContext {
  const open = openBetOf(state, key);
  if (open === undefined || open.bet.ref !== outcome.playerRef) {
    const message = `resolves bet ${txnIdOf(key)}, which isn't the player's open bet`;
    throw new LedgerError("RECORD_INCONSISTENT", message, outcome.seq);
  }
  const { openBets, closing } = open.round;
  // A closed round holds no escrow, and one that is to close does so with its last open bet.
  if (outcome.roundClosed !== (openBets.length === 1 && (closing || closesRound))) {
    const message = "closes a round with open bets, or leaves one open that was to close";
    throw new LedgerError("RECORD_INCONSISTENT", message, outcome.seq);
  }
  return open;
}

/** Takes a bet out of its round; with its last open bet, closed or not, a round leaves memory. */
function resolve(state: MutableState, { bet, round }: OpenBetContext, closesRound: boolean): void {
  state.dropBet(bet.key);
  if (round.openBets.length === 1) {
    state.dropRound(round.key);
    return;
  }
  const closing = round.closing || closesRound;
  const openBets = round.openBets.filter((key) => key !== bet.key);
  state.putRound({ key: round.key, ref: round.ref, closing, openBets });
}

function closesTooEarly(outcome: Outcome): LedgerError {
  return new LedgerError("RECORD_INCONSISTENT", "closes a round with open bets", outcome.seq);
}
