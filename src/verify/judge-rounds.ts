/**
 * Ends of rounds, and jackpot pools.
 *
 * @module
 */
import type {
  JackpotContributed,
  JackpotSeeded,
  JackpotWon,
  RoundClosed,
  RoundVoided,
} from "../wire/gen/countroom/v1/event_wallet_pb.ts";
import { AccountKind } from "../wire/gen/countroom/v1/money_pb.ts";
import { Code } from "../wire/gen/countroom/v1/record_pb.ts";
import { FACT } from "./claim-table.ts";
import type { Entry } from "./entry.ts";
import { believed, poolOf } from "./judge-bets.ts";
import { type Line, line } from "./lines.ts";
import type { Thing } from "./objects.ts";
import { NO_WIN } from "./settled.ts";
import { type Bet, type DerivedState, fits, nameIn, type Player, sourceKey } from "./state.ts";
import { txnTaken, winWasTaken } from "./txn-names.ts";
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
import { Working } from "./working.ts";

/** Key of the round that an event ends. */
export function endedRound({ operator, source, event }: Entry, roundSource: string): string {
  return sourceKey(operator, roundSource === "" ? source : roundSource, event.roundId);
}

/** Open bets of a round in the order in which its end resolves them. */
export function openBetsOf(state: DerivedState, round: string): Bet[] {
  const keys = state.rounds.get(round)?.bets ?? [];
  return [...keys].sort().map((key) => state.bets.get(key) as Bet);
}

export function judgeRoundClosed(
  state: DerivedState,
  entry: Entry,
  { roundSource }: RoundClosed,
  now: number,
): Verdict {
  return roundEnd(state, entry, roundSource, false, now);
}

export function judgeRoundVoided(
  state: DerivedState,
  entry: Entry,
  { roundSource }: RoundVoided,
  now: number,
): Verdict {
  return roundEnd(state, entry, roundSource, true, now);
}

function roundEnd(
  state: DerivedState,
  entry: Entry,
  roundSource: string,
  isVoid: boolean,
  now: number,
): Verdict {
  const { operator, source, ref, event } = entry;
  if (event.roundId === "") return absurd("it names no round");
  if (ref !== "" && playerOf(state, entry) === undefined) return unknownPlayer(entry);
  const taken = txnTaken(state, entry);
  if (taken !== undefined) return taken;
  const of = roundSource === "" ? source : roundSource;
  const closed = state.made(FACT.ROUND_CLOSED, operator, of, event.roundId);
  if (closed !== undefined) {
    return no(Code.ROUND_ALREADY_CLOSED, `the round was closed by ${closed}`);
  }
  const key = endedRound(entry, roundSource);
  const round = state.rounds.get(key);
  if (round === undefined) {
    if (isVoid) return no(Code.ROUND_UNKNOWN, "the round has no open bets");
    return yes({ ref, lines: FACT_ONLY, closes: true });
  }
  if (ref !== "" && ref !== round.ref) {
    return no(Code.ROUND_MISMATCH, "the round is another player's");
  }
  const bets = openBetsOf(state, key);
  const player = state.players.get(round.ref) as Player;
  const lines: Line[] = [];
  const changes: Thing[] = [];
  for (const currency of new Set(bets.map((bet) => bet.currency))) {
    const working = new Working(player, currency, now);
    for (const bet of bets) {
      if (bet.currency !== currency) continue;
      if (isVoid) working.giveBack(bet, nameIn(bet.key));
      else working.settle(bet, NO_WIN, nameIn(bet.key));
    }
    lines.push(...working.lines);
    changes.push(...working.changes());
  }
  return yes({ ref: round.ref, lines, changes, closes: true });
}

export function judgeJackpotFunded(
  state: DerivedState,
  entry: Entry,
  { pool, amount }: JackpotContributed | JackpotSeeded,
): Verdict {
  const wrong = pool === "" ? "it names no pool" : amountFault(amount, 1n);
  if (wrong !== undefined || amount === undefined) return absurd(String(wrong));
  if (entry.ref !== "" && playerOf(state, entry) === undefined) return unknownPlayer(entry);
  const taken = txnTaken(state, entry);
  if (taken !== undefined) return taken;
  const { minor, currency } = amount;
  const lines = [
    line(AccountKind.EXP_JACKPOT, currency, -minor),
    { account: AccountKind.LIAB_JACKPOT, qualifier: pool, currency, minor },
  ];
  return yes({ ref: entry.ref, lines });
}

export function judgeJackpotWon(
  state: DerivedState,
  entry: Entry,
  { pool, amount }: JackpotWon,
): Verdict {
  const wrong = pool === "" ? "it names no pool" : amountFault(amount, 1n);
  if (wrong !== undefined || amount === undefined) return absurd(String(wrong));
  const player = playerOf(state, entry);
  if (player === undefined) return unknownPlayer(entry);
  const refusal = txnTaken(state, entry) ?? winWasTaken(state, entry);
  if (refusal !== undefined) return refusal;
  if (entry.outcome.code === Code.WIN_ABOVE_CEILING) return believed();
  const { minor, currency } = amount;
  const has = poolOf(state, entry.operator, pool, currency);
  if (minor > has) return no(Code.JACKPOT_INSUFFICIENT, `the pool has ${has}, not ${minor}`);
  if (!fits(player, currency, minor)) {
    return no(Code.BALANCE_OVERFLOW, "the balance would overflow");
  }
  const lines = [
    { account: AccountKind.LIAB_JACKPOT, qualifier: pool, currency, minor: -minor },
    line(AccountKind.PLAYER_CASH, currency, minor),
  ];
  return yes({ ref: entry.ref, lines });
}
