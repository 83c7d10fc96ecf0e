/**
 * What a command must have before it may become a record. Such faults are answered, not recorded.
 *
 * @module
 */
import { diceOfferX100 } from "../games/index.ts";
import { I64_MAX, PLAY_MONEY, currency } from "../money/index.ts";
import { Code } from "./codes.ts";
import { ID_LENGTH_MAX } from "./limits.ts";
import { namesPlayer } from "./players.ts";
import type { Command, Context, DepositCaptured, Fault, HouseRound, Money } from "./types.ts";

/** Rail of play money. Nothing else comes by it, and play money by no other. */
export const PLAY_RAIL = "play";

/**
 * The first fault, in field order: envelope, then payload. Without a context, a missing player and
 * an unregistered rail aren't looked for.
 */
export function validate(
  command: Command,
  context?: Pick<Context, "identity" | "rails">,
): Fault | undefined {
  return envelopeFault(command) ?? playerFault(command, context) ?? payloadFault(command, context);
}

function missing(field: string): Fault {
  return { code: Code.EVENT_FIELD_MISSING, field };
}

function invalid(field: string): Fault {
  return { code: Code.EVENT_FIELD_INVALID, field };
}

function envelopeFault(command: Command): Fault | undefined {
  const { operatorId, source, idempotencyKey } = command;
  // The primary's own records belong to no operator.
  if (operatorId === "" && command.payload.type !== "epoch_started") return missing("operator_id");
  if (source === "") return missing("source");
  if (idempotencyKey === "") return missing("idempotency_key");
  if (!isId(operatorId)) return invalid("operator_id");
  if (!isId(source)) return invalid("source");
  if (!isId(idempotencyKey)) return invalid("idempotency_key");
  return undefined;
}

function playerFault(
  command: Command,
  context: Pick<Context, "identity"> | undefined,
): Fault | undefined {
  switch (command.payload.type) {
    case "player_registered":
    case "epoch_started":
      // A reference is minted here, never given.
      return command.playerRef === "" ? undefined : invalid("player_ref");
    case "round_settled":
    case "bet_rolled_back":
      return isId(command.playerRef) ? undefined : invalid("player_ref");
    default:
      if (context !== undefined && !namesPlayer(command, context.identity)) {
        return missing("player_ref");
      }
      return isId(command.playerRef) ? undefined : invalid("player_ref");
  }
}

function payloadFault(
  command: Command,
  context: Pick<Context, "rails"> | undefined,
): Fault | undefined {
  const { payload } = command;
  if (!isId(command.roundId)) return invalid("round_id");
  if (!isId(command.txnId)) return invalid("txn_id");
  switch (payload.type) {
    case "player_registered":
    case "epoch_started":
      return undefined;
    case "deposit_captured":
      return depositFault(payload, context?.rails);
    case "bet_placed":
      if (command.roundId === "") return missing("round_id");
      if (command.txnId === "") return missing("txn_id");
      return moneyFault(payload.amount, "bet_placed.amount", 1n);
    case "round_settled":
      if (payload.betTxnId === "") return missing("round_settled.bet_txn_id");
      if (!isId(payload.betTxnId)) return invalid("round_settled.bet_txn_id");
      // Without a currency it is the bet's.
      return payload.win.currency === ""
        ? minorFault(payload.win, "round_settled.win", 0n)
        : moneyFault(payload.win, "round_settled.win", 0n);
    case "bet_rolled_back":
      if (payload.betTxnId === "") return missing("bet_rolled_back.bet_txn_id");
      return isId(payload.betTxnId) ? undefined : invalid("bet_rolled_back.bet_txn_id");
    case "house_round":
      return houseRoundFault(payload);
    default:
      return payload satisfies never;
  }
}

function depositFault(
  deposit: DepositCaptured,
  rails: ReadonlySet<string> | undefined,
): Fault | undefined {
  const fault = moneyFault(deposit.amount, "deposit_captured.amount", 1n);
  if (fault !== undefined) return fault;
  const isPlayMoney = deposit.amount.currency === PLAY_MONEY;
  if (deposit.rail === "" && !isPlayMoney) return missing("deposit_captured.rail");
  const field = "deposit_captured.rail";
  // Play money must not pay for money, nor money arrive by the rail that anyone may use.
  if (isPlayMoney !== isPlayRail(deposit.rail)) return { code: Code.RAIL_UNKNOWN, field };
  if (isPlayMoney || rails === undefined || rails.has(deposit.rail)) return undefined;
  return { code: Code.RAIL_UNKNOWN, field };
}

function isPlayRail(rail: string): boolean {
  return rail === "" || rail === PLAY_RAIL;
}

function houseRoundFault(round: HouseRound): Fault | undefined {
  const fault = moneyFault(round.stake, "house_round.stake", 1n);
  if (fault !== undefined) return fault;
  const { targetX100, over } = round.game;
  const inRange = Number.isInteger(targetX100) && targetX100 >= 0 && targetX100 <= 10_000;
  const offered = inRange && diceOfferX100(targetX100, over) !== undefined;
  return offered ? undefined : invalid("house_round.dice.target_x100");
}

function moneyFault(money: Money, field: string, least: bigint): Fault | undefined {
  const fault = minorFault(money, field, least);
  if (fault !== undefined) return fault;
  if (money.currency === "") return missing(`${field}.currency`);
  if (currency(money.currency) !== undefined) return undefined;
  return { code: Code.CURRENCY_UNKNOWN, field: `${field}.currency` };
}

function minorFault(money: Money, field: string, least: bigint): Fault | undefined {
  const { minor } = money;
  if (minor >= least && minor <= I64_MAX) return undefined;
  return { code: Code.AMOUNT_INVALID, field: `${field}.minor` };
}

/** Texts are checked where events are read; this is what the keys of this room rest on. */
function isId(text: string): boolean {
  return text.length <= ID_LENGTH_MAX && !text.includes("\0");
}
