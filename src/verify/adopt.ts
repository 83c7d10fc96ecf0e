/**
 * Takes a record over into the derived state: what it says it did, whether or not that was right.
 *
 * @module
 */
import { BonusStage } from "../wire/gen/countroom/v1/object_pb.ts";
import type { Entry } from "./entry.ts";
import type { Bonus, Rules, Thing, Velocity } from "./objects.ts";
import { NO_WIN, roundSum, type Settled, type Win } from "./settled.ts";
import {
  type Bet,
  type DerivedState,
  extrasOf,
  nameIn,
  type Player,
  type Round,
  sourceKey,
  type Stake,
} from "./state.ts";
import { dropUnasked, isUnused } from "./usage.ts";
import type { Effect } from "./verdict.ts";

const NO_STAKE: Stake = Object.freeze({ minor: 0n, parts: [], free: false });

/** Takes over what the record leaves objects as. */
export function adoptChanges(state: DerivedState, entry: Entry, player: Player | undefined): void {
  const { operator } = entry;
  for (const { object } of entry.outcome.changes) {
    switch (object.case) {
      case "hold":
        state.holds.set(`${operator}\0${object.value.key}`, object.value);
        break;
      case "deposit":
        state.deposits.set(`${operator}\0${object.value.key}`, object.value);
        break;
      case "velocityRule":
        adoptVelocity(state, operator, object.value);
        break;
      case undefined:
        break;
      default:
        adoptOfPlayer(state, operator, player, object);
    }
  }
}

function adoptVelocity(state: DerivedState, operator: string, rule: Velocity): void {
  const others = (state.velocity.get(operator) ?? []).filter(({ key }) => key !== rule.key);
  const rules = rule.windowSeconds === 0 ? others : [...others, rule];
  if (rules.length === 0) state.velocity.delete(operator);
  else state.velocity.set(operator, rules);
}

function adoptOfPlayer(
  state: DerivedState,
  operator: string,
  player: Player | undefined,
  thing: Extract<Thing, { case: "bonus" | "debt" | "rules" }>,
): void {
  if (player === undefined) return;
  const extras = extrasOf(player);
  switch (thing.case) {
    case "bonus":
      extras.bonuses = withBonus(extras.bonuses, thing.value);
      state.bonuses.set(`${operator}\0${thing.value.key}`, {
        ref: thing.value.playerRef,
        stage: thing.value.stage,
        conversionMax: thing.value.conversionMax,
      });
      return;
    case "debt":
      if (thing.value.owed === 0n) extras.debts.delete(thing.value.currency);
      else extras.debts.set(thing.value.currency, thing.value.owed);
      return;
    default:
      extras.rules = thing.value;
  }
}

function withBonus(bonuses: readonly Bonus[], bonus: Bonus): readonly Bonus[] {
  if (bonus.stage !== BonusStage.ACTIVE) return bonuses.filter(({ key }) => key !== bonus.key);
  const at = bonuses.findIndex(({ key }) => key === bonus.key);
  return at < 0 ? [...bonuses, bonus] : bonuses.with(at, bonus);
}

/** Usage that no limit asks for any more goes with the limit. */
export function adoptLimits({ extras }: Player, rules: Rules): void {
  if (extras?.usage === undefined) return;
  dropUnasked(extras.usage, rules);
  if (isUnused(extras.usage)) extras.usage = undefined;
}

/** Opens the bet of a record. */
export function openBet(state: DerivedState, entry: Entry, effect: Effect | undefined): void {
  const { operator, source, event, ref } = entry;
  if (event.payload.case !== "betPlaced") return;
  const { amount, closesRound, funding } = event.payload.value;
  const key = sourceKey(operator, source, event.txnId);
  const round = sourceKey(operator, source, event.roundId);
  const bet: Bet = effect?.opens ?? {
    key,
    ref,
    round,
    minor: amount?.minor ?? 0n,
    currency: amount?.currency ?? "",
    parts: [],
    free: funding === 3,
  };
  state.bets.set(key, bet);
  const known = state.rounds.get(round);
  if (known === undefined) state.rounds.set(round, { ref, closing: closesRound, bets: [key] });
  else {
    known.bets.push(key);
    known.closing = closesRound;
  }
}

/** Takes a bet out of its round, which leaves with its last one. */
export function resolveBet(state: DerivedState, bet: Bet, closesRound: boolean): void {
  state.bets.delete(bet.key);
  const round: Round | undefined = state.rounds.get(bet.round);
  if (round === undefined) return;
  if (round.bets.length <= 1) {
    state.rounds.delete(bet.round);
    return;
  }
  round.bets = round.bets.filter((key) => key !== bet.key);
  round.closing ||= closesRound;
}

/** Remembers what a record settled, for corrections. */
export function remember(
  state: DerivedState,
  entry: Entry,
  player: Player,
  resolved: readonly Bet[],
  effect: Effect | undefined,
): void {
  const { seq, event, outcome } = entry;
  const { payload, roundId, txnId } = event;
  const { index } = player;
  const add = (kind: Settled["kind"], currency: string, stake: Stake, win: Win, txn?: string) => {
    const bonuses = outcome.changes.flatMap(({ object }) =>
      object.case === "bonus" ? object.value.key : [],
    );
    const round = roundSum(roundId);
    const standing = { standing: "settled", seq, corrections: 0 } as const;
    const of = { kind, player: index, currency, round, stake, bonuses, win, ...standing };
    state.settled.add(of, txn);
  };
  switch (payload.case) {
    case "roundSettled": {
      const { win, jackpotMinor: jackpot, jackpotPool: pool } = payload.value;
      const [bet] = resolved;
      const minor = win?.minor ?? 0n;
      if (bet === undefined) return;
      if (bet.parts.length === 0 && jackpot === 0n && outcome.changes.length === 0) {
        state.settled.addPlain(seq, index, bet.currency, roundId, bet.minor, minor, false);
      } else add("bet", bet.currency, bet, { minor, jackpot, pool });
      return;
    }
    case "houseRound": {
      const { stake } = payload.value;
      const { detail } = outcome;
      if (txnId === "" || stake === undefined || detail.case !== "houseRound") return;
      const { win } = detail.value;
      const { currency, minor } = stake;
      if (outcome.changes.length === 0) {
        state.settled.addPlain(seq, index, currency, roundId, minor, win, true);
      } else {
        const from = effect?.plays ?? { ...NO_STAKE, minor };
        add("house", currency, from, { ...NO_WIN, minor: win });
      }
      return;
    }
    case "jackpotWon": {
      const { amount, pool } = payload.value;
      if (txnId === "" || amount === undefined) return;
      const { minor, currency } = amount;
      add("jackpot", currency, NO_STAKE, { minor, jackpot: minor, pool });
      return;
    }
    case "roundClosed":
      for (const bet of resolved) add("bet", bet.currency, bet, NO_WIN, nameIn(bet.key));
      return;
    default:
      correct(state, entry, effect);
  }
}

/** What stands from here on. */
function correct(state: DerivedState, { seq, event }: Entry, effect: Effect | undefined): void {
  const settled = effect?.corrects?.settled;
  if (settled === undefined) return;
  const { payload } = event;
  settled.seq = seq;
  settled.corrections += 1;
  settled.win = NO_WIN;
  settled.standing = "taken";
  if (payload.case === "betVoided") settled.standing = "void";
  if (payload.case !== "betResettled") return;
  settled.standing = "settled";
  settled.win = { ...NO_WIN, minor: payload.value.win?.minor ?? 0n };
  state.settled.alias(seq, settled);
}
