/**
 * What a record adds to its player's usage. Counted from recorded postings and the record's time,
 * so a replay counts the same.
 *
 * @module
 */
import { AccountKind } from "./accounts.ts";
import { betKey, roundKey } from "./keys.ts";
import {
  countsDeposits,
  countsPlay,
  countsSessions,
  withBet,
  withDeposit,
  withoutBet,
  withoutStakeOf,
  withPlay,
  withSession,
} from "./limits-count.ts";
import { type Usage, type VelocityRule, VelocitySubject } from "./objects.ts";
import { extrasWith } from "./player-extras.ts";
import type { MutableState, Player, StateView } from "./state-view.ts";
import type { Command, Outcome, Payload, PayloadType } from "./types.ts";
import { NO_USAGE } from "./usage.ts";
import { withVelocity } from "./velocity.ts";

/** How the records of a type count. */
type Counting = "stake" | "result" | "deposit" | "withdrawal";

const COUNTING: Partial<Record<PayloadType, Counting>> = {
  bet_placed: "stake",
  house_round: "stake",
  round_settled: "result",
  bet_rolled_back: "result",
  win_rolled_back: "result",
  bet_voided: "result",
  bet_resettled: "result",
  round_closed: "result",
  round_voided: "result",
  jackpot_won: "result",
  deposit_captured: "deposit",
  suspense_matched: "deposit",
  withdrawal_requested: "withdrawal",
};

/** Of these, open bets get their stakes back. */
const GIVES_BACK: ReadonlySet<PayloadType> = new Set([
  "bet_rolled_back",
  "bet_voided",
  "round_voided",
]);

/**
 * The usage of its player after an accepted record, from the state before it; undefined when it
 * stays as it is.
 */
export function usageAfter(
  state: StateView,
  command: Command,
  outcome: Outcome,
): Usage | undefined {
  const counting = COUNTING[command.payload.type];
  if (counting === undefined) return undefined;
  const player = state.player(outcome.playerRef);
  if (player === undefined) return undefined;
  const { extras } = player;
  const before = extras?.usage ?? NO_USAGE;
  let after: Usage;
  if (counting === "result") {
    // Nothing of the player's play was counted, and nothing is to be.
    if (extras?.rules === undefined && before.bets.length === 0) return undefined;
    after = withResult(before, state, player, command, outcome);
  } else {
    const velocity = state.velocityRules(command.operatorId);
    if (counting === "stake") {
      if (extras?.rules === undefined && velocity.length === 0) return undefined;
      after = withStake(before, player, velocity, command, outcome);
    } else if (counting === "deposit") {
      after = withDeposited(before, player, velocity, command.payload, outcome);
    } else {
      after = withRequest(before, velocity, command.payload, outcome);
    }
  }
  return after === before ? undefined : after;
}

/** Puts the usage into the state, once the record is applied. */
export function keepUsage(state: MutableState, outcome: Outcome, usage: Usage): void {
  const player = state.edit(outcome.playerRef);
  if (player !== undefined) player.extras = extrasWith(player.extras, { usage });
}

function withStake(
  before: Usage,
  player: Player,
  velocity: readonly VelocityRule[],
  command: Command,
  outcome: Outcome,
): Usage {
  const { payload } = command;
  const { recordedAt } = outcome;
  const stake = stakeOf(payload);
  if (stake === undefined) return before;
  const { minor, currency } = stake;
  const rules = player.extras?.rules;
  let usage = countsSessions(rules) ? withSession(before, recordedAt) : before;
  if (countsPlay(rules, currency)) {
    const staked = cashStaked(outcome, currency);
    usage = withPlay(usage, currency, staked, -won(outcome, currency), recordedAt);
    if (staked > 0n && payload.type === "bet_placed") {
      const key = betKey(command.operatorId, command.source, command.txnId);
      usage = withBet(usage, key, currency, recordedAt);
    }
  }
  if (velocity.length === 0) return usage;
  const { BET } = VelocitySubject;
  return withVelocity(usage, velocity, BET, currency, minor, recordedAt);
}

/** The stake that an event asks for. */
export function stakeOf(payload: Payload): { minor: bigint; currency: string } | undefined {
  if (payload.type === "bet_placed") return payload.amount;
  return payload.type === "house_round" ? payload.stake : undefined;
}

function withResult(
  before: Usage,
  state: StateView,
  player: Player,
  command: Command,
  outcome: Outcome,
): Usage {
  const { payload } = command;
  const { recordedAt } = outcome;
  const round = roundOf(command);
  const keys = round === undefined ? betsOf(command) : (state.round(round)?.openBets ?? []);
  const givesBack = GIVES_BACK.has(payload.type);
  let usage = before;
  let givenBack = false;
  for (const key of keys) {
    const bet = state.bet(key);
    if (bet === undefined) continue;
    usage = givesBack ? withoutStakeOf(usage, bet, recordedAt) : withoutBet(usage, key);
    givenBack ||= givesBack;
  }
  if (givenBack) return usage;
  const { postings } = outcome;
  for (const [place, { currency }] of postings.entries()) {
    if (postings.findIndex((one) => one.currency === currency) < place) continue;
    if (!countsPlay(player.extras?.rules, currency)) continue;
    const lost = -won(outcome, currency);
    if (lost !== 0n) usage = withPlay(usage, currency, 0n, lost, recordedAt);
  }
  return usage;
}

function betsOf({ operatorId, source, payload }: Command): readonly string[] {
  if (!("betTxnId" in payload)) return [];
  const betSource = "betSource" in payload && payload.betSource !== "" ? payload.betSource : source;
  return [betKey(operatorId, betSource, payload.betTxnId)];
}

function roundOf({ operatorId, source, roundId, payload }: Command): string | undefined {
  if (!("roundSource" in payload)) return undefined;
  return roundKey(operatorId, payload.roundSource === "" ? source : payload.roundSource, roundId);
}

function withDeposited(
  before: Usage,
  player: Player,
  velocity: readonly VelocityRule[],
  payload: Payload,
  outcome: Outcome,
): Usage {
  if (payload.type !== "deposit_captured" && payload.type !== "suspense_matched") return before;
  // All of it, also what pays a debt of the player at once.
  const { minor, currency } = payload.amount;
  const { recordedAt } = outcome;
  const isCounted = countsDeposits(player.extras?.rules, currency);
  const usage = isCounted ? withDeposit(before, currency, minor, recordedAt) : before;
  if (velocity.length === 0) return usage;
  const { DEPOSIT } = VelocitySubject;
  return withVelocity(usage, velocity, DEPOSIT, currency, minor, recordedAt);
}

function withRequest(
  before: Usage,
  velocity: readonly VelocityRule[],
  payload: Payload,
  outcome: Outcome,
): Usage {
  if (payload.type !== "withdrawal_requested" || velocity.length === 0) return before;
  const { minor, currency } = payload.amount;
  const { WITHDRAWAL } = VelocitySubject;
  return withVelocity(before, velocity, WITHDRAWAL, currency, minor, outcome.recordedAt);
}

/** What was taken from the player's cash. */
function cashStaked(outcome: Outcome, currency: string): bigint {
  let sum = 0n;
  for (const posting of outcome.postings) {
    if (posting.account !== AccountKind.PLAYER_CASH || posting.currency !== currency) continue;
    if (posting.minor < 0n) sum -= posting.minor;
  }
  return sum;
}

/** What the player's cash gained, less what the player owes more than before. */
function won(outcome: Outcome, currency: string): bigint {
  let sum = 0n;
  for (const { account, minor, currency: other } of outcome.postings) {
    if (other !== currency) continue;
    if (account === AccountKind.PLAYER_CASH || account === AccountKind.ASSET_PLAYER_DEBT) {
      sum += minor;
    }
  }
  return sum;
}
