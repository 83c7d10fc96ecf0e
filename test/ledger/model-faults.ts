/** What a command must have to become a record: the first that is wrong, in field order. */
import {
  Code,
  type Command,
  DepositStage,
  type IdentityKey,
  LimitKind,
  NOTES,
  type Payload,
  type PayloadType,
} from "../../src/ledger/index.ts";
import {
  invalid,
  minor,
  missing,
  money,
  name,
  type Problem,
  rail,
  text,
  time,
  won,
  worth,
} from "./model-fields.ts";

export type Subject = "named" | "optional" | "none" | "referred";

const WITHOUT: readonly PayloadType[] = [
  "player_registered",
  "jackpot_seeded",
  "fee_accrued",
  "deposit_suspended",
  "psp_fee_charged",
  "psp_remitted",
  "velocity_rule_set",
];
const REFERRED: readonly PayloadType[] = [
  "round_settled",
  "bet_rolled_back",
  "win_rolled_back",
  "bet_voided",
  "bet_resettled",
  "round_closed",
  "round_voided",
  "deposit_advanced",
  "deposit_refunded",
  "deposit_charged_back",
  "withdrawal_advanced",
  "withdrawal_extended",
  "withdrawal_submitted",
  "withdrawal_settled",
  "withdrawal_failed",
  "withdrawal_released",
  "withdrawal_expired",
  "withdrawal_reversed",
];

/** Whom a type is about. */
export function subjectOf(type: PayloadType): Subject {
  if (WITHOUT.includes(type)) return "none";
  if (REFERRED.includes(type)) return "referred";
  if (type === "jackpot_contributed") return "optional";
  const isNote = type in NOTES;
  if (!isNote) return "named";
  const needs: readonly string[] = NOTES[type as keyof typeof NOTES];
  return needs.includes("player_ref") ? "named" : "optional";
}

/** The first problem of a payload; fields are under the type's name. */
function payloadProblem(payload: Payload): Problem {
  const { type } = payload;
  const at = (field: string): string => `${type}.${field}`;
  switch (payload.type) {
    case "bet_placed":
      return money(payload.amount, at("amount"), 1n, true);
    case "house_round":
      return money(payload.stake, at("stake"), 1n, true) ?? dice(payload.game);
    case "round_settled": {
      const { betTxnId, win, jackpotMinor = 0n, jackpotPool = "" } = payload;
      const wrong = name(betTxnId, at("bet_txn_id")) ?? won(win, at("win"));
      if (wrong !== undefined) return wrong;
      if (jackpotMinor > win.minor) return [Code.AMOUNT_INVALID, at("jackpot_minor")];
      const needsPool = jackpotMinor !== 0n || jackpotPool !== "";
      const part = minor(jackpotMinor, at("jackpot_minor"));
      return part ?? (needsPool ? name(jackpotPool, at("jackpot_pool")) : undefined);
    }
    case "bet_rolled_back":
      return name(payload.betTxnId, at("bet_txn_id"));
    case "win_rolled_back":
      return name(payload.winTxnId, at("win_txn_id"));
    case "bet_voided":
      return name(payload.betTxnId, at("bet_txn_id")) ?? text(payload.betSource, at("bet_source"));
    case "bet_resettled":
      return (
        name(payload.betTxnId, at("bet_txn_id")) ??
        won(payload.win, at("win")) ??
        text(payload.betSource, at("bet_source"))
      );
    case "round_closed":
    case "round_voided":
      return text(payload.roundSource, at("round_source"));
    case "jackpot_contributed":
    case "jackpot_seeded":
    case "jackpot_won":
      return (
        name(payload.pool, at("pool")) ??
        money(payload.amount, at("amount"), 1n, type !== "jackpot_won")
      );
    case "bonus_granted":
    case "free_bets_granted": {
      const { bonusId, amount, expiresAt, conversionMinorMax } = payload;
      const wagering = payload.type === "bonus_granted" ? payload.wageringMinor : 0n;
      return (
        name(bonusId, at("bonus_id")) ??
        money(amount, at("amount"), 1n, true) ??
        minor(wagering, at("wagering_minor")) ??
        time(expiresAt, at("expires_at")) ??
        minor(conversionMinorMax, at("conversion_minor_max"))
      );
    }
    case "bonus_converted":
    case "bonus_expired":
    case "bonus_forfeited":
      return name(payload.bonusId, at("bonus_id"));
    case "adjustment_posted": {
      const { amount, debit, approvers, correctionOf } = payload;
      const wrong = money(amount, at("amount"), 1n, !debit);
      if (wrong !== undefined) return wrong;
      if (new Set(approvers).size < 2) return [Code.APPROVAL_MISSING, at("approvers")];
      return time(correctionOf, at("correction_of"));
    }
    case "currency_exchanged": {
      const { sell, buy } = payload;
      const wrong =
        worth(sell, at("sell")) ?? money(buy, at("buy"), 1n, true) ?? worth(buy, at("buy"));
      return wrong ?? (sell.currency === buy.currency ? invalid(at("buy.currency")) : undefined);
    }
    case "fee_accrued":
      return name(payload.payee, at("payee")) ?? money(payload.amount, at("amount"), 1n, true);
    default:
      return cashierProblem(payload) ?? rulesProblem(payload);
  }
}

function dice({ targetX100, over }: { targetX100: number; over: boolean }): Problem {
  const winners = over ? 10_000 - targetX100 : targetX100;
  const pays = winners > 0 && Math.floor((99 * 10_001) / winners) >= 101;
  return pays ? undefined : invalid("house_round.dice.target_x100");
}

function cashierProblem(payload: Payload): Problem {
  const { type } = payload;
  const at = (field: string): string => `${type}.${field}`;
  switch (payload.type) {
    case "deposit_captured":
      return (
        money(payload.amount, at("amount"), 1n, true) ??
        rail(payload.rail, payload.amount.currency, at("rail")) ??
        text(payload.externalId, at("external_id"))
      );
    case "deposit_advanced":
    case "deposit_refunded":
    case "deposit_charged_back":
    case "deposit_suspended":
    case "suspense_matched": {
      const { amount, externalId } = payload;
      const isAdvance = payload.type === "deposit_advanced";
      // Announcements begin something, ends don't.
      const begins = isAdvance && payload.stage <= DepositStage.AUTHORIZED;
      return (
        rail(payload.rail, amount.currency, at("rail")) ??
        name(externalId, at("external_id")) ??
        money(amount, at("amount"), isAdvance ? 0n : 1n, begins)
      );
    }
    case "psp_fee_charged":
    case "psp_remitted":
    case "withdrawal_requested":
      return (
        worth(payload.amount, at("amount")) ??
        rail(payload.rail, payload.amount.currency, at("rail")) ??
        (payload.type === "withdrawal_requested"
          ? time(payload.expiresAt, at("expires_at"))
          : undefined)
      );
    case "debt_written_off":
    case "debt_recovered":
      return money(payload.amount, at("amount"), 1n);
    case "withdrawal_advanced":
      return name(payload.withdrawalId, at("withdrawal_id"));
    case "withdrawal_extended":
      return (
        name(payload.withdrawalId, at("withdrawal_id")) ?? time(payload.expiresAt, at("expires_at"))
      );
    case "withdrawal_submitted":
    case "withdrawal_settled":
    case "withdrawal_failed":
    case "withdrawal_released":
    case "withdrawal_reversed": {
      const { withdrawalId, amount } = payload;
      const fee = payload.type === "withdrawal_settled" ? payload.networkFeeMinor : 0n;
      return (
        name(withdrawalId, at("withdrawal_id")) ??
        (amount === undefined ? undefined : money(amount, at("amount"), 1n)) ??
        minor(fee, at("network_fee_minor"))
      );
    }
    case "withdrawal_expired":
      return name(payload.withdrawalId, at("withdrawal_id"));
    default:
      return undefined;
  }
}

function rulesProblem(payload: Payload): Problem {
  switch (payload.type) {
    case "limit_set": {
      const { kind, amount, remove, sessionSeconds } = payload;
      if (kind === LimitKind.SESSION || amount === undefined) {
        return remove && sessionSeconds > 0 ? invalid("limit_set.session_seconds") : undefined;
      }
      const wrong = money(amount, "limit_set.amount", 0n, !remove);
      const isOdd = remove && amount.minor !== 0n;
      return wrong ?? (isOdd ? invalid("limit_set.amount.minor") : undefined);
    }
    case "time_out_set":
      return payload.until === 0 ? missing("time_out_set.until") : undefined;
    case "account_bounds_set": {
      const { currency, floorMinor, ceilingMinor } = payload;
      const named = money({ minor: 0n, currency }, "account_bounds_set", 0n);
      if (named !== undefined) return named;
      const most: Problem = [Code.AMOUNT_INVALID, "account_bounds_set.ceiling_minor"];
      const wrong =
        minor(floorMinor, "account_bounds_set.floor_minor") ?? minor(ceilingMinor, most[1]);
      return wrong ?? (ceilingMinor !== 0n && ceilingMinor < floorMinor ? most : undefined);
    }
    case "velocity_rule_set": {
      const { ruleId, remove, amountMax, countMax, windowSeconds } = payload;
      const wrong = name(ruleId, "velocity_rule_set.rule_id");
      if (wrong !== undefined || remove) return wrong;
      if (windowSeconds === 0) return missing("velocity_rule_set.window_seconds");
      if (windowSeconds > 30 * 86_400) return invalid("velocity_rule_set.window_seconds");
      if (amountMax !== undefined) return money(amountMax, "velocity_rule_set.amount_max", 1n);
      return countMax === 0 ? missing("velocity_rule_set.count_max") : undefined;
    }
    default:
      return undefined;
  }
}

const NEEDS: Partial<Record<PayloadType, readonly ("roundId" | "txnId")[]>> = {
  bet_placed: ["roundId", "txnId"],
  round_closed: ["roundId"],
  round_voided: ["roundId"],
  withdrawal_requested: ["txnId"],
};

/** The first problem of a command. */
export function problemOf(command: Command, identity: IdentityKey | undefined): Problem {
  const { payload, playerRef, roundId, txnId } = command;
  const subject = subjectOf(payload.type);
  const needs = NEEDS[payload.type] ?? [];
  const isNobody = playerRef === "" && identity === undefined;
  return (
    name(command.idempotencyKey, "idempotency_key") ??
    (subject === "none" && playerRef !== "" ? invalid("player_ref") : undefined) ??
    (subject === "named" && isNobody ? missing("player_ref") : undefined) ??
    text(playerRef, "player_ref") ??
    text(roundId, "round_id") ??
    text(txnId, "txn_id") ??
    (needs.includes("roundId") && roundId === "" ? missing("round_id") : undefined) ??
    (needs.includes("txnId") && txnId === "" ? missing("txn_id") : undefined) ??
    payloadProblem(payload)
  );
}
