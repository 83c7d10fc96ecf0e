/**
 * What a record adds to its player's usage, from its event and its postings.
 *
 * @module
 */
import { VelocitySubject } from "../wire/gen/countroom/v1/event_limits_pb.ts";
import { AccountKind } from "../wire/gen/countroom/v1/money_pb.ts";
import type { Entry } from "./entry.ts";
import { betSourceOf } from "./judge-corrections.ts";
import { endedRound } from "./judge-rounds.ts";
import { type DerivedState, extrasOf, type Player, sourceKey } from "./state.ts";
import {
  addBet,
  addDeposit,
  addPlay,
  addSession,
  addVelocity,
  countsDeposits,
  countsPlay,
  countsSessions,
  forgetBet,
  isUnused,
  newUsage,
  takeBetBack,
  type Usage,
} from "./usage.ts";
import { sumOf } from "./working.ts";

/** Counts an accepted record, before its effect: open bets tell what is given back. */
export function useUp(state: DerivedState, entry: Entry, player: Player, now: number): void {
  const { extras, operator } = player;
  const velocity = state.velocity.get(operator);
  const { payload } = entry.event;
  switch (payload.case) {
    case "betPlaced":
    case "houseRound":
      if (extras?.rules === undefined && velocity === undefined) return;
      break;
    case "depositCaptured":
    case "suspenseMatched":
    case "withdrawalRequested":
      break;
    case "roundSettled":
    case "betRolledBack":
    case "winRolledBack":
    case "betVoided":
    case "betResettled":
    case "roundClosed":
    case "roundVoided":
    case "jackpotWon":
      if (extras?.rules === undefined && (extras?.usage?.bets.length ?? 0) === 0) return;
      break;
    default:
      return;
  }
  const usage = extras?.usage ?? newUsage();
  count(state, entry, player, usage, now);
  if (extras !== undefined) extras.usage = isUnused(usage) ? undefined : usage;
  else if (!isUnused(usage)) extrasOf(player).usage = usage;
}

function count(state: DerivedState, entry: Entry, player: Player, usage: Usage, now: number): void {
  const { payload } = entry.event;
  const velocity = state.velocity.get(player.operator);
  const rules = player.extras?.rules;
  const on = (subject: VelocitySubject, currency: string, minor: bigint): void => {
    if (velocity !== undefined) addVelocity(usage, velocity, subject, currency, minor, now);
  };
  switch (payload.case) {
    case "betPlaced":
    case "houseRound": {
      const stake = payload.case === "betPlaced" ? payload.value.amount : payload.value.stake;
      if (stake === undefined) return;
      countStake(entry, player, usage, stake.currency, now);
      on(VelocitySubject.BET, stake.currency, stake.minor);
      return;
    }
    case "depositCaptured":
    case "suspenseMatched": {
      const { amount } = payload.value;
      if (amount === undefined) return;
      const { currency, minor } = amount;
      if (countsDeposits(rules, currency)) addDeposit(usage, currency, minor, now);
      on(VelocitySubject.DEPOSIT, currency, minor);
      return;
    }
    case "withdrawalRequested": {
      const { amount } = payload.value;
      if (amount !== undefined) on(VelocitySubject.WITHDRAWAL, amount.currency, amount.minor);
      return;
    }
    default:
      countResult(state, entry, player, usage, now);
  }
}

function countStake(
  { operator, source, event, outcome }: Entry,
  player: Player,
  usage: Usage,
  currency: string,
  now: number,
): void {
  const rules = player.extras?.rules;
  if (countsSessions(rules)) addSession(usage, now);
  if (!countsPlay(rules, currency)) return;
  let staked = 0n;
  for (const { account, minor, currency: other } of outcome.postings) {
    if (account !== AccountKind.PLAYER_CASH || other !== currency || minor > 0n) continue;
    staked -= minor;
  }
  addPlay(usage, currency, staked, -gained({ outcome }, currency), now);
  if (staked === 0n || event.payload.case !== "betPlaced") return;
  addBet(usage, { key: sourceKey(operator, source, event.txnId), currency, at: now });
}

/** What a player's cash gained, less what the player owes more. */
function gained({ outcome }: Pick<Entry, "outcome">, currency: string): bigint {
  let sum = 0n;
  for (const { account, minor, currency: other } of outcome.postings) {
    const counts = account === AccountKind.PLAYER_CASH || account === AccountKind.ASSET_PLAYER_DEBT;
    if (counts && other === currency) sum += minor;
  }
  return sum;
}

/**
 * Open bets that are given back take their stakes out of what was counted. Whatever else comes of
 * bets counts as won or lost now.
 */
function countResult(
  state: DerivedState,
  entry: Entry,
  player: Player,
  usage: Usage,
  now: number,
): void {
  const { payload } = entry.event;
  const { case: name } = payload;
  const givesBack = name === "betRolledBack" || name === "betVoided" || name === "roundVoided";
  let isGiven = false;
  for (const key of resolvedKeys(state, entry)) {
    const bet = state.bets.get(key);
    if (bet === undefined) continue;
    const cash = bet.free ? 0n : bet.minor - sumOf(bet.parts);
    if (givesBack) takeBetBack(usage, key, cash, now);
    else forgetBet(usage, key);
    isGiven ||= givesBack;
  }
  if (isGiven) return;
  for (const currency of new Set(entry.outcome.postings.map((line) => line.currency))) {
    if (!countsPlay(player.extras?.rules, currency)) continue;
    addPlay(usage, currency, 0n, -gained(entry, currency), now);
  }
}

/** Keys of the bets that an event may resolve, open or not. */
export function resolvedKeys(state: DerivedState, entry: Entry): readonly string[] {
  const { operator, source, event } = entry;
  const { payload } = event;
  switch (payload.case) {
    case "roundSettled":
    case "betRolledBack":
      return [sourceKey(operator, source, payload.value.betTxnId)];
    case "betVoided":
    case "betResettled": {
      const { betSource, betTxnId } = payload.value;
      return [sourceKey(operator, betSourceOf(entry, betSource), betTxnId)];
    }
    case "roundClosed":
    case "roundVoided":
      return state.rounds.get(endedRound(entry, payload.value.roundSource))?.bets ?? [];
    default:
      return [];
  }
}
