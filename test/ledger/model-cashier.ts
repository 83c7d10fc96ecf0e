/** Deposits, suspense, debts. */
import {
  Code,
  type Command,
  type Deposit,
  DepositStage,
  type PayloadOf,
} from "../../src/ledger/index.ts";
import { owe } from "./model-corrections.ts";
import { Deed } from "./model-deed.ts";
import { depositRefusal } from "./model-limits.ts";
import { atMost } from "./model-stakes.ts";
import { id, MAX, No, type World } from "./model-world.ts";

type Money = { readonly minor: bigint; readonly currency: string };
const { CREATED, PENDING, AUTHORIZED, PARTIALLY_PAID, CAPTURED, SETTLED } = DepositStage;
const { EXPIRED, FAILED, REFUNDED, CHARGED_BACK } = DepositStage;
const FINAL: readonly DepositStage[] = [CAPTURED, SETTLED, REFUNDED, CHARGED_BACK];
/** Stages that an event without money may follow, by the one that it brings. */
const BEFORE: Partial<Record<DepositStage, readonly DepositStage[]>> = {
  [CREATED]: [],
  [PENDING]: [CREATED],
  [AUTHORIZED]: [CREATED, PENDING],
  [EXPIRED]: [CREATED, PENDING, AUTHORIZED, PARTIALLY_PAID],
  [FAILED]: [CREATED, PENDING, AUTHORIZED, PARTIALLY_PAID],
  [SETTLED]: [PARTIALLY_PAID, CAPTURED],
};

export function railOf(rail: string, { currency }: Money): string {
  return currency === "FUN" ? "play" : rail;
}

interface Named {
  readonly rail: string;
  readonly externalId: string;
  readonly amount: Money;
}

function depositKey({ rail, externalId, amount }: Named): string {
  return `${railOf(rail, amount)}\0${externalId}`;
}

function depositOf(world: World, command: Command, named: Named): Deposit | undefined {
  return world.deposits.get(id(command.operatorId, depositKey(named)));
}

function newDeposit(named: Named, ref: string, stage: DepositStage): Deposit {
  const nothing = { expected: 0n, captured: 0n, returned: 0n, suspended: 0n };
  const { currency } = named.amount;
  return {
    object: "deposit",
    key: depositKey(named),
    version: 0,
    ref,
    currency,
    stage,
    ...nothing,
  };
}

/** Money comes in, and what is owed is paid from it at once. */
function credit(world: World, deed: Deed, { minor, currency }: Money): void {
  deed.post("PLAYER_CASH", minor, currency);
  const owed = world.owed(deed.ref, currency);
  const paid = atMost(owed, minor);
  if (owed > 0n) payDebt(world, deed, { minor: paid, currency });
}

function payDebt(world: World, deed: Deed, { minor, currency }: Money): void {
  deed.post("PLAYER_CASH", -minor, currency);
  deed.post("ASSET_PLAYER_DEBT", minor, currency);
  const owed = world.owed(deed.ref, currency) - minor;
  deed.put({ object: "debt", ref: deed.ref, currency, owed });
}

export function capture(
  world: World,
  command: Command,
  payload: PayloadOf<"deposit_captured">,
  ref: string,
): Deed {
  const { amount, externalId, partial = false } = payload;
  const no = (code: Code) => new No(code, ref, amount.currency);
  const known = externalId === "" ? undefined : depositOf(world, command, payload);
  const before = known ?? newDeposit(payload, ref, CREATED);
  const isSame = before.ref === ref && before.currency === amount.currency;
  if (!isSame) throw no(Code.DEPOSIT_MISMATCH);
  if (FINAL.includes(before.stage)) throw no(Code.DEPOSIT_DUPLICATE);
  const isLate = before.stage === EXPIRED || before.stage === FAILED;
  if (isLate || before.suspended > 0n) throw no(Code.DEPOSIT_STAGE_INVALID);
  const refusal = depositRefusal(world, ref, amount);
  if (refusal !== undefined) throw no(refusal);
  const captured = before.captured + amount.minor;
  const isTooMuch = externalId !== "" && captured > MAX;
  if (!world.fits(ref, amount.currency, amount.minor) || isTooMuch) {
    throw no(Code.BALANCE_OVERFLOW);
  }
  const deed = new Deed(ref);
  deed.post("ASSET_PSP_CLEARING", -amount.minor, amount.currency, railOf(payload.rail, amount));
  credit(world, deed, amount);
  const stage = partial ? PARTIALLY_PAID : CAPTURED;
  if (externalId !== "") deed.put({ ...before, stage, captured });
  return deed;
}

export function advance(
  world: World,
  command: Command,
  payload: PayloadOf<"deposit_advanced">,
  ref: string | undefined,
): Deed {
  const { stage, amount } = payload;
  const no = (code: Code) => new No(code, ref ?? "", amount.currency);
  const known = depositOf(world, command, payload);
  if (known === undefined && stage === SETTLED) throw no(Code.DEPOSIT_UNKNOWN);
  if (known === undefined && ref === undefined) throw no(Code.PLAYER_UNKNOWN);
  const before = known ?? newDeposit(payload, ref!, CREATED);
  const isSame =
    (ref === undefined || ref === before.ref) &&
    before.currency === amount.currency &&
    (before.expected === 0n || before.expected === amount.minor);
  if (!isSame) throw no(Code.DEPOSIT_MISMATCH);
  if (known !== undefined && BEFORE[stage]?.includes(known.stage) !== true) {
    throw no(Code.DEPOSIT_STAGE_INVALID);
  }
  const deed = new Deed(before.ref);
  deed.put({ ...before, stage, expected: amount.minor });
  return deed;
}

/** The deposit that an event names, and its player's or nobody's. */
function found(world: World, command: Command, payload: Named, ref: string | undefined): Deposit {
  const { currency } = payload.amount;
  const no = (code: Code) => new No(code, ref ?? "", currency);
  const deposit = depositOf(world, command, payload);
  if (deposit === undefined) throw no(Code.DEPOSIT_UNKNOWN);
  const isSame = (ref === undefined || ref === deposit.ref) && deposit.currency === currency;
  if (!isSame) throw no(Code.DEPOSIT_MISMATCH);
  return deposit;
}

export function refund(
  world: World,
  command: Command,
  payload: PayloadOf<"deposit_refunded">,
  ref: string | undefined,
): Deed {
  const { minor, currency } = payload.amount;
  const deposit = found(world, command, payload, ref);
  const kept = deposit.captured - deposit.returned;
  const { ref: owner } = deposit;
  const no = (code: Code) => new No(code, owner, currency);
  if (minor > (kept > 0n ? kept : deposit.suspended)) throw no(Code.DEPOSIT_AMOUNT_EXCEEDED);
  if (kept > 0n && world.row(owner, currency).available < minor) throw no(Code.FUNDS_INSUFFICIENT);
  const deed = new Deed(owner);
  const rail = railOf(payload.rail, payload.amount);
  if (kept > 0n) deed.post("PLAYER_CASH", -minor, currency);
  else deed.post("LIAB_SUSPENSE", -minor, currency, rail);
  deed.post("ASSET_PSP_CLEARING", minor, currency, rail);
  const returned = deposit.returned + (kept > 0n ? minor : 0n);
  const suspended = deposit.suspended - (kept > 0n ? 0n : minor);
  const isLast = deposit.captured === returned && suspended === 0n;
  deed.put({ ...deposit, returned, suspended, stage: isLast ? REFUNDED : deposit.stage });
  return deed;
}

export function chargeBack(
  world: World,
  command: Command,
  payload: PayloadOf<"deposit_charged_back">,
  ref: string | undefined,
): Deed {
  const { minor, currency } = payload.amount;
  const deposit = found(world, command, payload, ref);
  const { ref: owner } = deposit;
  const no = (code: Code) => new No(code, owner, currency);
  if (minor > deposit.captured - deposit.returned) throw no(Code.DEPOSIT_AMOUNT_EXCEEDED);
  const cash = atMost(world.row(owner, currency).available, minor);
  if (world.owed(owner, currency) + minor - cash > MAX) throw no(Code.BALANCE_OVERFLOW);
  const deed = new Deed(owner);
  deed.post("PLAYER_CASH", -cash, currency);
  owe(world, deed, currency, minor - cash);
  deed.post("ASSET_PSP_CLEARING", minor, currency, railOf(payload.rail, payload.amount));
  const returned = deposit.returned + minor;
  const isLast = deposit.captured === returned && deposit.suspended === 0n;
  deed.put({ ...deposit, returned, stage: isLast ? CHARGED_BACK : deposit.stage });
  return deed;
}

export function suspend(
  world: World,
  command: Command,
  payload: PayloadOf<"deposit_suspended">,
): Deed {
  const { minor, currency } = payload.amount;
  const no = (code: Code) => new No(code, "", currency);
  const before = depositOf(world, command, payload) ?? newDeposit(payload, "", PENDING);
  if (before.currency !== currency) throw no(Code.DEPOSIT_MISMATCH);
  const isCaptured = FINAL.includes(before.stage);
  if (before.suspended > 0n || isCaptured) throw no(Code.DEPOSIT_DUPLICATE);
  const deed = new Deed("");
  const rail = railOf(payload.rail, payload.amount);
  deed.post("ASSET_PSP_CLEARING", -minor, currency, rail);
  deed.post("LIAB_SUSPENSE", minor, currency, rail);
  deed.put({ ...before, suspended: minor });
  return deed;
}

export function match(
  world: World,
  command: Command,
  payload: PayloadOf<"suspense_matched">,
  ref: string,
): Deed {
  const { amount } = payload;
  const { minor, currency } = amount;
  const no = (code: Code) => new No(code, ref, currency);
  const before = depositOf(world, command, payload);
  if (before === undefined) throw no(Code.DEPOSIT_UNKNOWN);
  const isOthers = before.ref !== "" && before.ref !== ref;
  if (isOthers || before.currency !== currency) throw no(Code.DEPOSIT_MISMATCH);
  if (minor > before.suspended) throw no(Code.DEPOSIT_AMOUNT_EXCEEDED);
  const refusal = depositRefusal(world, ref, amount);
  if (refusal !== undefined) throw no(refusal);
  const captured = before.captured + minor;
  if (!world.fits(ref, currency, minor) || captured > MAX) throw no(Code.BALANCE_OVERFLOW);
  const deed = new Deed(ref);
  deed.post("LIAB_SUSPENSE", -minor, currency, railOf(payload.rail, amount));
  credit(world, deed, amount);
  const suspended = before.suspended - minor;
  const becomes: readonly DepositStage[] = [CREATED, PENDING, AUTHORIZED, EXPIRED, FAILED];
  const isDone = suspended === 0n && becomes.includes(before.stage);
  deed.put({ ...before, ref, captured, suspended, stage: isDone ? CAPTURED : before.stage });
  return deed;
}

export function endDebt(
  world: World,
  _command: Command,
  { type, amount }: PayloadOf<"debt_written_off"> | PayloadOf<"debt_recovered">,
  ref: string,
): Deed {
  const { minor, currency } = amount;
  const no = (code: Code) => new No(code, ref, currency);
  const owed = world.owed(ref, currency);
  if (minor > owed) throw no(Code.DEBT_EXCEEDED);
  const deed = new Deed(ref);
  if (type === "debt_recovered") {
    if (minor > world.row(ref, currency).available) throw no(Code.FUNDS_INSUFFICIENT);
    payDebt(world, deed, amount);
    return deed;
  }
  deed.post("EXP_CHARGEBACK_LOSS", -minor, currency);
  deed.post("ASSET_PLAYER_DEBT", minor, currency);
  deed.put({ object: "debt", ref, currency, owed: owed - minor });
  return deed;
}
