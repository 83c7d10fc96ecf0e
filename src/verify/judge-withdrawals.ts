/**
 * Withdrawals: holds from the request to the settlement, or back.
 *
 * @module
 */
import {
  type WithdrawalAdvanced,
  type WithdrawalExtended,
  type WithdrawalRequested,
  type WithdrawalSettled,
  WithdrawalStage,
} from "../wire/gen/countroom/v1/event_cashier_pb.ts";
import { AccountKind, type Amount } from "../wire/gen/countroom/v1/money_pb.ts";
import { Code } from "../wire/gen/countroom/v1/record_pb.ts";
import type { Entry } from "./entry.ts";
import { railOf } from "./payments.ts";
import { isPlayers, type Line, line } from "./lines.ts";
import { type Hold, isTimeOver, type Thing } from "./objects.ts";
import { mayWithdraw } from "./standing.ts";
import { cashOf, type DerivedState, fits, type Player } from "./state.ts";
import {
  absurd,
  amountFault,
  FACT_ONLY,
  isOneOf,
  no,
  playerOf,
  unknownPlayer,
  type Verdict,
  yes,
} from "./verdict.ts";

export function judgeRequest(
  state: DerivedState,
  entry: Entry,
  { amount, rail, expiresAt }: WithdrawalRequested,
  now: number,
): Verdict {
  const wrong = amountFault(amount, 1n);
  if (wrong !== undefined || amount === undefined) return absurd(String(wrong));
  const { minor, currency } = amount;
  const { event, ref, operator, outcome } = entry;
  const { txnId: key } = event;
  if (key === "" || currency === "FUN" || railOf(rail, currency) === "") {
    return absurd("it has no txn_id, or its currency or rail can't be withdrawn by");
  }
  const player = playerOf(state, entry);
  if (player === undefined) return unknownPlayer(entry);
  if (state.holds.has(`${operator}\0${key}`)) {
    return no(Code.HOLD_DUPLICATE, `there is a withdrawal ${key}`);
  }
  if (isTimeOver({ expiresAt }, now)) return no(Code.HOLD_EXPIRED, "its time is over");
  const wish = { currency, minor, cash: 0n, now, told: outcome.code };
  const standing = mayWithdraw(state, player, wish);
  if (standing !== undefined) return standing;
  const has = cashOf(player, currency);
  if (has < minor) {
    return no(Code.FUNDS_INSUFFICIENT, `${has} ${currency} aren't enough for ${minor}`);
  }
  const lines = [
    line(AccountKind.PLAYER_CASH, currency, -minor),
    line(AccountKind.PLAYER_WITHDRAWAL_PENDING, currency, minor),
  ];
  const value: Hold = {
    key,
    version: 1n,
    playerRef: ref,
    currency,
    rail,
    stage: WithdrawalStage.REQUESTED,
    requested: minor,
    remaining: minor,
    inTransit: 0n,
    settled: 0n,
    returned: 0n,
    expiresAt,
  };
  return yes({ ref, lines, changes: [{ case: "hold", value }] });
}

/** The hold that an event names, or why it isn't there. */
function foundHold(
  state: DerivedState,
  entry: Entry,
  id: string,
  amount?: Amount | undefined,
): Hold | Verdict {
  const { ref, operator } = entry;
  if (id === "") return absurd("it names no withdrawal");
  const wrong = amount === undefined ? undefined : amountFault(amount, 1n);
  if (wrong !== undefined) return absurd(wrong);
  if (ref !== "" && playerOf(state, entry) === undefined) return unknownPlayer(entry);
  const hold = state.holds.get(`${operator}\0${id}`);
  if (hold === undefined) return no(Code.HOLD_UNKNOWN, `there is no withdrawal ${id}`);
  const isSame =
    (ref === "" || ref === hold.playerRef) &&
    (amount === undefined || amount.currency === hold.currency);
  if (isSame) return hold;
  return no(Code.HOLD_MISMATCH, "the withdrawal is another player's, or in another currency");
}

function changed(hold: Hold, change: Partial<Hold>): Thing {
  return { case: "hold", value: { ...hold, ...change, version: hold.version + 1n } };
}

export function judgeWithdrawalStage(
  state: DerivedState,
  entry: Entry,
  { withdrawalId, stage }: WithdrawalAdvanced,
  now: number,
): Verdict {
  if (!isOneOf(WithdrawalStage, stage)) return absurd("it has no such stage");
  const hold = foundHold(state, entry, withdrawalId);
  if ("code" in hold) return hold;
  const isStep = hold.stage === WithdrawalStage.FROZEN ? stage !== hold.stage : stage > hold.stage;
  if (hold.remaining === 0n || !isStep) {
    return no(Code.HOLD_STAGE_INVALID, "nothing is held, or it isn't a step forward");
  }
  if (isTimeOver(hold, now)) return no(Code.HOLD_EXPIRED, "the time of the hold is over");
  return yes({ ref: hold.playerRef, lines: FACT_ONLY, changes: [changed(hold, { stage })] });
}

export function judgeExtension(
  state: DerivedState,
  entry: Entry,
  { withdrawalId, expiresAt }: WithdrawalExtended,
  now: number,
): Verdict {
  const hold = foundHold(state, entry, withdrawalId);
  if ("code" in hold) return hold;
  const isLater = hold.expiresAt !== 0n && (expiresAt === 0n || expiresAt > hold.expiresAt);
  if (hold.remaining === 0n || !isLater) {
    return no(Code.HOLD_STAGE_INVALID, "nothing is held, or the time isn't later");
  }
  if (isTimeOver(hold, now)) return no(Code.HOLD_EXPIRED, "the time of the hold is over");
  return yes({ ref: hold.playerRef, lines: FACT_ONLY, changes: [changed(hold, { expiresAt })] });
}

const { PLAYER_CASH, PLAYER_WITHDRAWAL_PENDING: PENDING } = AccountKind;
const { ASSET_PSP_CLEARING: CLEARING, ASSET_PSP_PAYOUT_TRANSIT: TRANSIT } = AccountKind;

type Part = "remaining" | "inTransit" | "settled" | "returned";
type Move = "submitted" | "settled" | "failed" | "released" | "expired" | "reversed";

/** From part to part, debit and credit. */
const MOVES: Readonly<Record<Move, readonly [Part, Part, AccountKind, AccountKind]>> = {
  submitted: ["remaining", "inTransit", PENDING, TRANSIT],
  settled: ["inTransit", "settled", TRANSIT, CLEARING],
  failed: ["inTransit", "returned", TRANSIT, PLAYER_CASH],
  released: ["remaining", "returned", PENDING, PLAYER_CASH],
  expired: ["remaining", "returned", PENDING, PLAYER_CASH],
  reversed: ["settled", "returned", CLEARING, PLAYER_CASH],
};

/** A hold's money moves on: `move` says how. */
export function judgeHoldMove(move: Move) {
  return (
    state: DerivedState,
    entry: Entry,
    value: { readonly withdrawalId: string; readonly amount?: Amount | undefined },
    now: number,
  ): Verdict => {
    const hold = foundHold(state, entry, value.withdrawalId, value.amount);
    if ("code" in hold) return hold;
    const [from, to, debit, credit] = MOVES[move];
    const minor = value.amount?.minor ?? hold[from];
    const refusal = moveRefuses(state, hold, move, minor, now);
    if (refusal !== undefined) return refusal;
    const { currency, rail, playerRef: ref } = hold;
    const on = (account: AccountKind, amount: bigint): Line => {
      return { account, qualifier: isPlayers(account) ? "" : rail, currency, minor: amount };
    };
    const lines = [on(debit, -minor), on(credit, minor)];
    if (move === "settled") {
      const { networkFeeMinor: fee } = value as WithdrawalSettled;
      if (fee < 0n) return absurd("its fee is below zero");
      lines.push(line(AccountKind.EXP_NETWORK_FEES, currency, -fee), on(CLEARING, fee));
    }
    const change = changed(hold, { [from]: hold[from] - minor, [to]: hold[to] + minor });
    return yes({ ref, lines, changes: [change] });
  };
}

function moveRefuses(
  state: DerivedState,
  hold: Hold,
  move: Move,
  minor: bigint,
  now: number,
): Verdict | undefined {
  const [from, , debit, credit] = MOVES[move];
  const has = hold[from];
  const isFrozen = move === "submitted" && hold.stage === WithdrawalStage.FROZEN;
  if (has === 0n || isFrozen) {
    return no(Code.HOLD_STAGE_INVALID, "it is frozen, or there is nothing of that");
  }
  const isOver = isTimeOver(hold, now);
  if (move === "submitted" && isOver) return no(Code.HOLD_EXPIRED, "the hold's time is over");
  if (move === "expired" && !isOver) return no(Code.HOLD_NOT_DUE, "the hold's time isn't over");
  if (minor > has) return no(Code.HOLD_AMOUNT_EXCEEDED, `there are ${has}, not ${minor}`);
  if (credit !== PLAYER_CASH || debit === PENDING) return undefined;
  if (fits(state.players.get(hold.playerRef) as Player, hold.currency, minor)) return undefined;
  return no(Code.BALANCE_OVERFLOW, "the balance would overflow");
}
