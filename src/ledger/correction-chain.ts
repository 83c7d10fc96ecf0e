/**
 * What stands of a bet that is settled, found from claims and records alone.
 *
 * RESOLVED leads from a bet to the record that settled it, CORRECTED from a record to the
 * correction that follows it: at most one follows each. The last record of this chain stands: a
 * win taken back leaves the bet settled with a win of zero, a resettlement leaves it settled with
 * another win, a void ends the chain.
 *
 * @module
 */
import { AccountKind } from "./accounts.ts";
import { ClaimKind, type ClaimKind as Kind, claim, claimHash } from "./claims.ts";
import { LedgerError } from "./errors.ts";
import type { Win } from "./stakes.ts";
import { type BonusPart, Funding } from "./state-view.ts";
import type { Stake } from "./purse.ts";
import type { Claim, Command, Context, Outcome, Posting, RecordedCommand } from "./types.ts";

/** A win of nothing. */
export const NO_WIN: Win = Object.freeze({ minor: 0n, jackpotMinor: 0n, jackpotPool: "" });

/** A settled bet, a house round, or a jackpot that was paid, as it stands now. */
export interface Settled {
  readonly kind: "bet" | "house_round" | "jackpot";
  /** The caller's id of the bet, or of the house round or jackpot itself. */
  readonly txnId: string;
  readonly ref: string;
  /** "" when the settlement didn't name it. */
  readonly roundId: string;
  readonly currency: string;
  readonly stake: Stake;
  readonly win: Win;
  /** How the last record of the chain left it. */
  readonly standing: "settled" | "taken" | "void";
  /** The last record of the chain. */
  readonly seq: number;
  readonly corrections: number;
  /** Bonuses that the settlement itself changed, by key. */
  readonly bonuses: readonly string[];
}

type Source = Pick<Command, "operatorId" | "source">;

/** A bet that is settled, or was and is void; undefined when it isn't. */
export function settledBet(context: Context, of: Source, txnId: string): Settled | undefined {
  const seq = claimedBy(context, ClaimKind.RESOLVED, of, txnId);
  if (seq === undefined) return undefined;
  const { command, outcome } = recordAt(context, seq);
  const { payload } = command;
  const isSweep = payload.type === "round_closed";
  const escrow = outcome.postings.find(
    ({ account, qualifier }) =>
      account === AccountKind.ROUND_ESCROW && (!isSweep || qualifier === txnId),
  );
  if (escrow === undefined || (!isSweep && payload.type !== "round_settled")) {
    throw new LedgerError("INVARIANT_BROKEN", `record ${seq} settles no bet ${txnId}`);
  }
  const win = isSweep
    ? NO_WIN
    : winOf(payload.win.minor, payload.jackpotMinor, payload.jackpotPool);
  const stake = stakeOf(context, of, txnId, -escrow.minor);
  return followed(context, seq, outcome, {
    kind: "bet",
    txnId,
    roundId: command.roundId,
    currency: escrow.currency,
    stake,
    win,
  });
}

/** A house round or a jackpot by its own txn_id; undefined when the id isn't one's. */
export function settledByItself(context: Context, of: Source, txnId: string): Settled | undefined {
  const seq = claimedBy(context, ClaimKind.TXN, of, txnId);
  if (seq === undefined) return undefined;
  const { command, outcome } = recordAt(context, seq);
  const { payload, roundId } = command;
  if (payload.type === "house_round") {
    const { minor: amount, currency } = payload.stake;
    const stake = partsOf(outcome, amount);
    const win = winOf(outcome.houseRound?.win ?? 0n);
    const kind = "house_round";
    return followed(context, seq, outcome, { kind, txnId, roundId, currency, stake, win });
  }
  if (payload.type !== "jackpot_won") return undefined;
  const { pool, amount } = payload;
  const stake = { amount: 0n, funding: Funding.CASH };
  const win = winOf(amount.minor, amount.minor, pool);
  const { currency } = amount;
  return followed(context, seq, outcome, { kind: "jackpot", txnId, roundId, currency, stake, win });
}

/** The bet or the jackpot whose win a txn_id names; undefined when it names no win. */
export function settledByWin(context: Context, of: Source, winTxnId: string): Settled | undefined {
  const seq = claimedBy(context, ClaimKind.TXN, of, winTxnId);
  if (seq === undefined) return undefined;
  const { command } = recordAt(context, seq);
  const { payload, operatorId } = command;
  switch (payload.type) {
    case "jackpot_won":
      return settledByItself(context, of, winTxnId);
    case "round_settled":
      return settledBet(context, command, payload.betTxnId);
    case "bet_resettled": {
      const source = payload.betSource === "" ? command.source : payload.betSource;
      return settledBet(context, { operatorId, source }, payload.betTxnId);
    }
    default:
      return undefined;
  }
}

/** Claims of a correction on the record that it follows. A record may have settled many bets. */
export function correctedClaim(operatorId: string, outcome: Outcome, betTxnId?: string): Claim[] {
  const { correction } = outcome;
  if (correction === undefined) return [];
  return [claim(ClaimKind.CORRECTED, operatorId, "", nameOf(correction.of, betTxnId))];
}

/** `seq NUL bet txn id`; a win that is taken back names no bet, and `seq` is enough for it. */
function nameOf(seq: number, betTxnId: string | undefined): string {
  return betTxnId === undefined ? `${seq}` : `${seq}\0${betTxnId}`;
}

type Original = Pick<Settled, "kind" | "txnId" | "roundId" | "currency" | "stake" | "win">;

/** Follows the chain of corrections from the record that settled the bet. */
function followed(context: Context, first: number, outcome: Outcome, bet: Original): Settled {
  const { playerRef: ref, operatorId } = outcome;
  let { win } = bet;
  let standing: Settled["standing"] = "settled";
  let seq = first;
  let corrections = 0;
  for (;;) {
    const next = correctionOf(context, operatorId, seq, bet.txnId);
    if (next === undefined) break;
    const { payload } = recordAt(context, next).command;
    standing = payload.type === "bet_voided" ? "void" : "settled";
    if (payload.type === "win_rolled_back") standing = "taken";
    win = payload.type === "bet_resettled" ? winOf(payload.win.minor) : NO_WIN;
    seq = next;
    corrections += 1;
  }
  const bonuses = (outcome.changes ?? []).flatMap((one) => (one.object === "bonus" ? one.key : []));
  return { ...bet, ref, win, standing, seq, corrections, bonuses };
}

function correctionOf(
  context: Context,
  operatorId: string,
  seq: number,
  betTxnId: string,
): number | undefined {
  const { facts } = context;
  const own = claimHash(ClaimKind.CORRECTED, operatorId, "", nameOf(seq, betTxnId));
  const taken = claimHash(ClaimKind.CORRECTED, operatorId, "", nameOf(seq, undefined));
  return facts.claimed(own) ?? facts.claimed(taken);
}

/** The stake of a bet: cash alone, unless its record says what else. */
function stakeOf(context: Context, of: Source, txnId: string, amount: bigint): Stake {
  const placed = claimedBy(context, ClaimKind.TXN, of, txnId);
  if (placed === undefined) return { amount, funding: Funding.CASH };
  return partsOf(recordAt(context, placed).outcome, amount);
}

/**
 * What a stake took from bonuses. Lines of bonus money carry the bonus's id; a free stake's lines
 * are those of the bonuses changed, in their order.
 */
function partsOf({ postings, changes }: Outcome, amount: bigint): Stake {
  const taken = (kind: AccountKind): Posting[] =>
    postings.filter(({ account, minor }) => account === kind && minor < 0n);
  const money = taken(AccountKind.PLAYER_BONUS);
  if (money.length > 0) {
    const parts = money.map(({ qualifier, minor }) => ({ bonus: qualifier, minor: -minor }));
    return { amount, funding: Funding.BONUS, parts };
  }
  const free = taken(AccountKind.EXP_FREEBETS);
  if (free.length === 0) return { amount, funding: Funding.CASH };
  const bonuses = (changes ?? []).filter((change) => change.object === "bonus");
  const parts = free.map(({ minor }, at): BonusPart => {
    return { bonus: bonuses[at]?.key ?? "", minor: -minor };
  });
  return { amount, funding: Funding.FREE, parts };
}

function winOf(minor: bigint, jackpotMinor = 0n, jackpotPool = ""): Win {
  return { minor, jackpotMinor, jackpotPool };
}

function claimedBy(context: Context, kind: Kind, of: Source, name: string): number | undefined {
  return context.facts.claimed(claimHash(kind, of.operatorId, of.source, name));
}

/** The record that a claim names. */
export function recordAt(context: Context, seq: number): RecordedCommand {
  const record = context.facts.record(seq);
  if (record !== undefined) return record;
  throw new LedgerError("INVARIANT_BROKEN", `a claim names record ${seq}, which is not there`);
}
