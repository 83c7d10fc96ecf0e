/** Withdrawals: what is asked for, reviewed, on its way, out or back. */
import {
  Code,
  type Command,
  type Hold,
  type Payload,
  type PayloadOf,
  WithdrawalStage,
} from "../../src/ledger/index.ts";
import { Deed, type Kind } from "./model-deed.ts";
import { withdrawalRefusal } from "./model-limits.ts";
import { id, No, type World } from "./model-world.ts";

type Money = { readonly minor: bigint; readonly currency: string };

export function request(
  world: World,
  { operatorId, txnId: key }: Command,
  { amount, rail, expiresAt }: PayloadOf<"withdrawal_requested">,
  ref: string,
): Deed {
  const { minor, currency } = amount;
  const no = (code: Code) => new No(code, ref, currency);
  if (world.holds.has(id(operatorId, key))) throw no(Code.HOLD_DUPLICATE);
  if (expiresAt !== 0 && expiresAt <= world.now) throw no(Code.HOLD_EXPIRED);
  const refusal = withdrawalRefusal(world, ref, amount);
  if (refusal !== undefined) throw no(refusal);
  if (minor > world.row(ref, currency).available) throw no(Code.FUNDS_INSUFFICIENT);
  const deed = new Deed(ref);
  deed.post("PLAYER_CASH", -minor, currency);
  deed.post("PLAYER_WITHDRAWAL_PENDING", minor, currency);
  const parts = { requested: minor, remaining: minor, inTransit: 0n, settled: 0n, returned: 0n };
  const stage = WithdrawalStage.REQUESTED;
  const rest = { version: 0, ref, currency, rail, stage, expiresAt };
  deed.put({ object: "hold", key, ...rest, ...parts });
  return deed;
}

function holdOf(
  world: World,
  command: Command,
  { withdrawalId, amount }: { withdrawalId: string; amount?: Money | undefined },
  ref: string | undefined,
): Hold {
  const currency = amount?.currency ?? "";
  const hold = world.holds.get(id(command.operatorId, withdrawalId));
  if (hold === undefined) throw new No(Code.HOLD_UNKNOWN, ref ?? "", currency);
  const isSame = ref === undefined || ref === hold.ref;
  if (isSame && (amount === undefined || currency === hold.currency)) return hold;
  throw new No(Code.HOLD_MISMATCH, ref ?? hold.ref, currency);
}

export function isLate(world: World, { expiresAt }: Pick<Hold, "expiresAt">): boolean {
  return expiresAt !== 0 && world.now >= expiresAt;
}

export function review(
  world: World,
  command: Command,
  payload: PayloadOf<"withdrawal_advanced"> | PayloadOf<"withdrawal_extended">,
  ref: string | undefined,
): Deed {
  const hold = holdOf(world, command, { withdrawalId: payload.withdrawalId }, ref);
  const no = (code: Code) => new No(code, hold.ref, hold.currency);
  const deed = new Deed(hold.ref);
  let isStep: boolean;
  if (payload.type === "withdrawal_advanced") {
    const { stage } = payload;
    isStep = hold.stage === WithdrawalStage.FROZEN ? stage !== hold.stage : stage > hold.stage;
    deed.put({ ...hold, stage });
  } else {
    const { expiresAt } = payload;
    isStep = hold.expiresAt !== 0 && (expiresAt === 0 || expiresAt > hold.expiresAt);
    deed.put({ ...hold, expiresAt });
  }
  if (hold.remaining === 0n || !isStep) throw no(Code.HOLD_STAGE_INVALID);
  if (isLate(world, hold)) throw no(Code.HOLD_EXPIRED);
  return deed;
}

type Part = "remaining" | "inTransit" | "settled" | "returned";
type Moving = Extract<Payload["type"], `withdrawal_${string}`>;
const MOVES: Partial<Record<Moving, readonly [from: Part, to: Part, debit: Kind, credit: Kind]>> = {
  withdrawal_submitted: [
    "remaining",
    "inTransit",
    "PLAYER_WITHDRAWAL_PENDING",
    "ASSET_PSP_PAYOUT_TRANSIT",
  ],
  withdrawal_settled: ["inTransit", "settled", "ASSET_PSP_PAYOUT_TRANSIT", "ASSET_PSP_CLEARING"],
  withdrawal_failed: ["inTransit", "returned", "ASSET_PSP_PAYOUT_TRANSIT", "PLAYER_CASH"],
  withdrawal_released: ["remaining", "returned", "PLAYER_WITHDRAWAL_PENDING", "PLAYER_CASH"],
  withdrawal_expired: ["remaining", "returned", "PLAYER_WITHDRAWAL_PENDING", "PLAYER_CASH"],
  withdrawal_reversed: ["settled", "returned", "ASSET_PSP_CLEARING", "PLAYER_CASH"],
};

export function moveHold(
  world: World,
  command: Command,
  payload: Extract<Payload, { type: Moving; withdrawalId: string }>,
  ref: string | undefined,
): Deed {
  const { type, withdrawalId } = payload;
  const amount = "amount" in payload ? payload.amount : undefined;
  const hold = holdOf(world, command, { withdrawalId, amount }, ref);
  const { currency, rail } = hold;
  const no = (code: Code) => new No(code, hold.ref, currency);
  const [from, to, debit, credit] = MOVES[type]!;
  const isFrozen = hold.stage === WithdrawalStage.FROZEN;
  if (hold[from] === 0n || (type === "withdrawal_submitted" && isFrozen)) {
    throw no(Code.HOLD_STAGE_INVALID);
  }
  const isOver = isLate(world, hold);
  if (type === "withdrawal_submitted" && isOver) throw no(Code.HOLD_EXPIRED);
  if (type === "withdrawal_expired" && !isOver) throw no(Code.HOLD_NOT_DUE);
  const minor = amount?.minor ?? hold[from];
  if (minor > hold[from]) throw no(Code.HOLD_AMOUNT_EXCEEDED);
  const comesBack = type === "withdrawal_failed" || type === "withdrawal_reversed";
  if (comesBack && !world.fits(hold.ref, currency, minor)) throw no(Code.BALANCE_OVERFLOW);
  const deed = new Deed(hold.ref);
  const qualifierOf = (kind: Kind): string => (kind.startsWith("PLAYER_") ? "" : rail);
  deed.post(debit, -minor, currency, qualifierOf(debit));
  deed.post(credit, minor, currency, qualifierOf(credit));
  const fee = payload.type === "withdrawal_settled" ? payload.networkFeeMinor : 0n;
  deed.post("EXP_NETWORK_FEES", -fee, currency);
  deed.post("ASSET_PSP_CLEARING", fee, currency, rail);
  deed.put({ ...hold, [from]: hold[from] - minor, [to]: hold[to] + minor });
  return deed;
}
