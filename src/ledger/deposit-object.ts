/**
 * Deposits as objects: their keys, how they begin, where they may go.
 *
 * @module
 */
import { PLAY_MONEY } from "../money/index.ts";
import { Code } from "./codes.ts";
import { PLAY_RAIL } from "./faults.ts";
import { findDeposit } from "./object-life.ts";
import { type Deposit, DepositStage } from "./objects.ts";
import { namedPlayer, namesPlayer } from "./players.ts";
import type { Player, StateView } from "./state-view.ts";
import type { Command, Context, Money, Outcome } from "./types.ts";
import { unchanged } from "./verdict.ts";

/** Stages in which a rail has said how a payment ended, in the player's favour or not. */
const CAPTURED_STAGES: ReadonlySet<DepositStage> = new Set([
  DepositStage.CAPTURED,
  DepositStage.SETTLED,
  DepositStage.REFUNDED,
  DepositStage.CHARGED_BACK,
]);

/** The rail that money comes by: play money may leave its own out. */
export function railOf(rail: string, currency: string): string {
  return currency === PLAY_MONEY ? PLAY_RAIL : rail;
}

/** What names a deposit within its operator: `rail NUL external_id`. */
export function depositKey(rail: string, externalId: string): string {
  return `${rail}\0${externalId}`;
}

/** A deposit before its first record: version 0, and nothing in it. */
export function newDeposit(key: string, ref: string, currency: string): Deposit {
  return {
    object: "deposit",
    key,
    version: 0,
    ref,
    currency,
    stage: DepositStage.CREATED,
    expected: 0n,
    captured: 0n,
    returned: 0n,
    suspended: 0n,
  };
}

/** A deposit after one more record. */
export function changedDeposit(
  before: Deposit,
  change: Partial<Omit<Deposit, "object" | "key" | "version" | "currency">>,
): Deposit {
  return { ...before, ...change, version: before.version + 1 };
}

/** What the player was given and nobody took back. */
export function keptOf(deposit: Deposit): bigint {
  return deposit.captured - deposit.returned;
}

/** Whether the payment was captured for good: no more of it is expected. */
export function isCaptured(deposit: Deposit): boolean {
  return CAPTURED_STAGES.has(deposit.stage);
}

/** A deposit that a command refers to, and the player who has it; nobody has suspended money. */
export interface FoundDeposit {
  readonly deposit: Deposit;
  readonly owner: Player | undefined;
}

/**
 * The deposit that a command refers to, or the refusal: PLAYER_UNKNOWN when it names a player that
 * isn't the operator's; DEPOSIT_UNKNOWN; DEPOSIT_MISMATCH when it names another player than the
 * deposit's, or any player while the deposit is nobody's, or another currency.
 */
export function foundDeposit(
  view: StateView,
  command: Command,
  context: Context,
  named: { readonly rail: string; readonly externalId: string; readonly amount: Money },
): FoundDeposit | Outcome {
  const { currency } = named.amount;
  const player = namedPlayer(view, command, context.identity);
  if (player === undefined && namesPlayer(command, context.identity)) {
    return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, currency);
  }
  const key = depositKey(railOf(named.rail, currency), named.externalId);
  const deposit = findDeposit(view, context, command.operatorId, key);
  if (deposit === undefined) {
    return unchanged(command, context, Code.DEPOSIT_UNKNOWN, player, currency);
  }
  const otherPlayer = player !== undefined && player.ref !== deposit.ref;
  if (otherPlayer || deposit.currency !== currency) {
    return unchanged(command, context, Code.DEPOSIT_MISMATCH, player, currency);
  }
  const owner = deposit.ref === "" ? undefined : view.player(deposit.ref);
  return { deposit, owner };
}
