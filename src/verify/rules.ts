/**
 * What an accepted event must have done, derived from the event and the state before it, and when
 * an event may be refused. Written from the documented rules, not from the code that decides.
 *
 * @module
 */
import type { Amount } from "../wire/gen/countroom/v1/money_pb.ts";
import { AccountKind } from "../wire/gen/countroom/v1/money_pb.ts";
import { Code } from "../wire/gen/countroom/v1/record_pb.ts";
import { FACT, type Fact } from "./claim-table.ts";
import type { Entry } from "./entry.ts";
import type { FindingKind } from "./findings.ts";
import { type Line, line } from "./lines.ts";
import { type Bet, type DerivedState, sourceKey } from "./state.ts";

/** Play money comes by a rail of its own, which nothing else may use. */
const PLAY_MONEY = "FUN";
const PLAY_RAIL = "play";

const I64_MAX = 2n ** 63n - 1n;

/** What a record must have done; `fault` when it must not have been accepted at all. */
export interface Effect {
  readonly lines: readonly Line[];
  readonly fault?: Fault;
  /** A bet that the record resolves. */
  readonly resolves?: Bet;
}

const NOTHING: Effect = { lines: [] };

/** Why an event must not have been accepted. */
export interface Fault {
  readonly kind: FindingKind;
  readonly why: string;
}

function fault(why: string, lines: readonly Line[] = [], kind?: FindingKind): Effect {
  return { lines, fault: { kind: kind ?? "acceptance_unjustified", why } };
}

/** What an event with the code OK must have done. */
export function effectOf(state: DerivedState, entry: Entry): Effect {
  const { payload } = entry.event;
  switch (payload.case) {
    case "depositCaptured":
      return depositEffect(payload.value.amount, payload.value.rail);
    case "betPlaced":
      return betEffect(state, entry, payload.value.amount);
    case "roundSettled": {
      const { betTxnId, win } = payload.value;
      return settlementEffect(state, entry, betTxnId, win);
    }
    case "betRolledBack":
      return rollbackEffect(state, entry, payload.value.betTxnId);
    case "houseRound":
      return houseRoundEffect(entry, payload.value.stake);
    default:
      return NOTHING;
  }
}

/** What an amount must be at least, and at most, or why it is wrong. */
function amountFault(amount: Amount | undefined, least: bigint): string | undefined {
  if (amount === undefined) return "it has no amount";
  return amount.minor >= least ? undefined : `${amount.minor} is no amount`;
}

function depositEffect(amount: Amount | undefined, rail: string): Effect {
  const wrong = amountFault(amount, 1n);
  if (wrong !== undefined || amount === undefined) return fault(String(wrong));
  const { currency, minor } = amount;
  const isPlayRail = rail === "" || rail === PLAY_RAIL;
  const clearing = { account: AccountKind.ASSET_PSP_CLEARING, currency, minor: -minor };
  const lines = [
    { ...clearing, qualifier: isPlayRail ? PLAY_RAIL : rail },
    line(AccountKind.PLAYER_CASH, currency, minor),
  ];
  if (isPlayRail !== (currency === PLAY_MONEY)) {
    return fault(`${currency} can't come by the rail "${rail}"`, lines);
  }
  return { lines };
}

function betEffect(state: DerivedState, entry: Entry, amount: Amount | undefined): Effect {
  const wrong = amountFault(amount, 1n);
  if (wrong !== undefined || amount === undefined) return fault(String(wrong));
  const { minor, currency } = amount;
  const { operator, source, event, ref } = entry;
  const lines = [
    line(AccountKind.PLAYER_CASH, currency, -minor),
    line(AccountKind.ROUND_ESCROW, currency, minor),
  ];
  const key = sourceKey(operator, source, event.txnId);
  if (state.bets.has(key)) return fault("the bet is open", lines);
  const made = (fact: Fact, name: string) => factSeq(state, entry, fact, name);
  const settled = made(FACT.RESOLVED, event.txnId);
  if (settled !== undefined) return fault(`the bet was settled by ${settled}`, lines);
  const undone = made(FACT.TOMBSTONE, event.txnId);
  if (undone !== undefined) {
    return fault(`the bet was rolled back by ${undone}`, lines, "bet_tombstone_ignored");
  }
  const closed = made(FACT.ROUND_CLOSED, event.roundId);
  if (closed !== undefined) return fault(`the round was closed by ${closed}`, lines);
  const round = state.rounds.get(sourceKey(operator, source, event.roundId));
  if (round?.closing === true) return fault("the round takes no more bets", lines);
  if (round !== undefined && round.ref !== ref) {
    return fault("the round is another player's", lines);
  }
  return { lines };
}

function settlementEffect(
  state: DerivedState,
  entry: Entry,
  betTxnId: string,
  win: Amount | undefined,
): Effect {
  const wrong = amountFault(win, 0n);
  if (wrong !== undefined || win === undefined) return fault(String(wrong));
  const bet = openBet(state, entry, betTxnId);
  if (typeof bet === "string") return fault(bet);
  const { currency } = bet;
  const lines = [
    line(AccountKind.ROUND_ESCROW, currency, -bet.minor),
    line(AccountKind.REV_BETS, currency, bet.minor),
    line(AccountKind.REV_WINS, currency, -win.minor),
    line(AccountKind.PLAYER_CASH, currency, win.minor),
  ];
  if (win.currency !== "" && win.currency !== currency) {
    return { ...fault(`the bet was in ${currency}, the win is in ${win.currency}`), resolves: bet };
  }
  return { lines, resolves: bet };
}

function rollbackEffect(state: DerivedState, entry: Entry, betTxnId: string): Effect {
  const bet = openBet(state, entry, betTxnId);
  if (typeof bet === "string") return fault(bet);
  const lines = [
    line(AccountKind.ROUND_ESCROW, bet.currency, -bet.minor),
    line(AccountKind.PLAYER_CASH, bet.currency, bet.minor),
  ];
  return { lines, resolves: bet };
}

function houseRoundEffect(entry: Entry, stake: Amount | undefined): Effect {
  const wrong = amountFault(stake, 1n);
  if (wrong !== undefined || stake === undefined) return fault(String(wrong));
  const { detail } = entry.outcome;
  const win = detail.case === "houseRound" ? detail.value.win : 0n;
  const { minor, currency } = stake;
  const lines = [
    line(AccountKind.PLAYER_CASH, currency, win - minor),
    line(AccountKind.REV_BETS, currency, minor),
    line(AccountKind.REV_WINS, currency, -win),
  ];
  return detail.case === "houseRound" ? { lines } : fault("it has no result", lines);
}

/** The open bet that a record resolves, or why it can't. */
function openBet(state: DerivedState, entry: Entry, betTxnId: string): Bet | string {
  const { operator, source, event, ref } = entry;
  const bet = state.bets.get(sourceKey(operator, source, betTxnId));
  if (bet === undefined) {
    const settled = factSeq(state, entry, FACT.RESOLVED, betTxnId);
    if (settled !== undefined) return `bet ${betTxnId} was settled by ${settled}`;
    const undone = factSeq(state, entry, FACT.TOMBSTONE, betTxnId);
    if (undone !== undefined) return `bet ${betTxnId} was rolled back by ${undone}`;
    return `bet ${betTxnId} of ${source} is not in the book`;
  }
  if (bet.ref !== ref) return `bet ${betTxnId} is another player's`;
  const otherRound =
    event.roundId !== "" && sourceKey(operator, source, event.roundId) !== bet.round;
  return otherRound ? `bet ${betTxnId} is of another round` : bet;
}

/** Seq of the record that made a fact of the entry's operator and source. */
export function factSeq(
  state: DerivedState,
  entry: Entry,
  fact: Fact,
  name: string,
): number | undefined {
  return state.claims.find(fact, entry.operator, entry.source, name);
}

/**
 * Why a refusal is wrong; undefined when it is right, or rests on what isn't in the book (rights,
 * ceilings, identities).
 */
export function refusalFault(state: DerivedState, entry: Entry): string | undefined {
  const { event, outcome, operator, source, ref } = entry;
  const { payload } = event;
  const amount = amountOf(entry);
  const resolving = payload.case === "roundSettled" || payload.case === "betRolledBack";
  const txn = resolving ? payload.value.betTxnId : event.txnId;
  const bet = state.bets.get(sourceKey(operator, source, txn));
  const row = state.row(ref, amount?.currency || bet?.currency || "");
  const round = state.rounds.get(sourceKey(operator, source, event.roundId));
  switch (outcome.code) {
    case Code.FUNDS_INSUFFICIENT:
      if (row === undefined || amount === undefined || row.available < amount.minor) return;
      return `${row.available} ${row.currency} are enough for ${amount.minor}`;
    case Code.BALANCE_OVERFLOW:
      // The largest win of a house round is at most 9900 times its stake.
      if (payload.case === "houseRound" || amount === undefined) return undefined;
      if (total(row) + amount.minor - (resolving ? (bet?.minor ?? 0n) : 0n) > I64_MAX) return;
      return "the balance would not overflow";
    case Code.BET_DUPLICATE:
      return bet === undefined ? "the bet is not open" : undefined;
    case Code.BET_UNKNOWN:
      return bet === undefined ? undefined : "the bet is open";
    case Code.BET_ALREADY_SETTLED:
      if (factSeq(state, entry, FACT.RESOLVED, txn) !== undefined) return undefined;
      return "the bet was never settled";
    case Code.BET_ROLLED_BACK:
      if (factSeq(state, entry, FACT.TOMBSTONE, txn) !== undefined) return undefined;
      return "the bet was never rolled back";
    case Code.BET_MISMATCH:
      return bet === undefined ? "there is no such open bet" : matchFault(entry, bet, amount);
    case Code.ROUND_CLOSED:
      if (round?.closing === true) return undefined;
      if (factSeq(state, entry, FACT.ROUND_CLOSED, event.roundId) !== undefined) return undefined;
      return "the round is open";
    case Code.ROUND_MISMATCH:
      return round !== undefined && round.ref !== ref ? undefined : "the round is the player's";
    default:
      return undefined;
  }
}

function total(row: { available: bigint; bonus: bigint; held: bigint } | undefined): bigint {
  return row === undefined ? 0n : row.available + row.bonus + row.held;
}

function matchFault(entry: Entry, bet: Bet, amount: Amount | undefined): string | undefined {
  const { operator, source, event, ref } = entry;
  const matches =
    bet.ref === ref &&
    (event.roundId === "" || sourceKey(operator, source, event.roundId) === bet.round) &&
    (amount === undefined || amount.currency === "" || amount.currency === bet.currency);
  return matches ? "player, round and currency are the bet's" : undefined;
}

function amountOf(entry: Entry): Amount | undefined {
  const { payload } = entry.event;
  switch (payload.case) {
    case "depositCaptured":
    case "betPlaced":
      return payload.value.amount;
    case "roundSettled":
      return payload.value.win;
    case "houseRound":
      return payload.value.stake;
    default:
      return undefined;
  }
}
