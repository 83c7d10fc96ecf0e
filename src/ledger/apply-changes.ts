/**
 * What a record leaves objects as, held against its postings: money in a hold, a bonus or a debt
 * changes by exactly what was posted to its account.
 *
 * @module
 */
import { AccountKind } from "./accounts.ts";
import { LedgerError } from "./errors.ts";
import { objectKey } from "./keys.ts";
import {
  type Bonus,
  BonusStage,
  type Change,
  type Debt,
  type Deposit,
  type Hold,
  type PlayerExtras,
} from "./objects.ts";
import { isOver } from "./object-life.ts";
import { extrasWith } from "./player-extras.ts";
import type { MutablePlayer, MutableState } from "./state-view.ts";
import type { Command, Outcome } from "./types.ts";

const NO_CHANGES: readonly Change[] = Object.freeze([]);
const NO_EXTRAS: PlayerExtras = Object.freeze({ bonuses: [], debts: [] });

/** Accounts whose money lies in objects. */
type Kept = "pending" | "transit" | "bonus" | "debt" | "suspense";
/** By account and currency: what objects gained, less what was posted. */
type Balance = Map<string, bigint>;

/** Puts the changes of a record into the state. */
export function applyChanges(
  state: MutableState,
  command: Command,
  outcome: Outcome,
  player: MutablePlayer | undefined,
): void {
  const changes = outcome.changes ?? NO_CHANGES;
  const balance: Balance = new Map();
  postKept(balance, outcome);
  if (changes.length === 0 && balance.size === 0) return;
  for (const change of changes) {
    switch (change.object) {
      case "hold":
        applyHold(state, command, change, balance, outcome);
        break;
      case "deposit":
        applyDepositObject(state, command, change, balance, outcome);
        break;
      case "velocity":
        applyVelocity(state, command, change, outcome);
        break;
      default:
        applyToPlayer(player, change, balance, outcome);
    }
  }
  for (const [key, minor] of balance) {
    if (minor === 0n) continue;
    const message = `objects don't hold what was posted: ${key} ${minor}`;
    throw new LedgerError("POSTINGS_WRONG", message, outcome.seq);
  }
}

function postKept(balance: Balance, outcome: Outcome): void {
  for (const { account, minor, currency } of outcome.postings) {
    if (account === AccountKind.PLAYER_BONUS) keep(balance, "bonus", currency, -minor);
    else if (account === AccountKind.PLAYER_WITHDRAWAL_PENDING) {
      keep(balance, "pending", currency, -minor);
    } else if (account === AccountKind.ASSET_PSP_PAYOUT_TRANSIT) {
      keep(balance, "transit", currency, -minor);
    } else if (account === AccountKind.ASSET_PLAYER_DEBT) keep(balance, "debt", currency, minor);
    else if (account === AccountKind.LIAB_SUSPENSE) keep(balance, "suspense", currency, -minor);
  }
}

function keep(balance: Balance, kept: Kept, currency: string, minor: bigint): void {
  const key = `${kept} ${currency}`;
  balance.set(key, (balance.get(key) ?? 0n) + minor);
}

function applyHold(
  state: MutableState,
  command: Command,
  hold: Hold,
  balance: Balance,
  outcome: Outcome,
): void {
  const key = objectKey("hold", command.operatorId, hold.key);
  const before = state.object(key) as Hold | undefined;
  checkVersion(before, hold, outcome);
  checkOwner(before, hold, outcome);
  const { requested, remaining, inTransit, settled, returned } = hold;
  const least = [remaining, inTransit, settled, returned].every((minor) => minor >= 0n);
  if (!least || requested !== remaining + inTransit + settled + returned) {
    throw new LedgerError("INVARIANT_BROKEN", `hold ${hold.key} doesn't add up`, outcome.seq);
  }
  keep(balance, "pending", hold.currency, remaining - (before?.remaining ?? 0n));
  keep(balance, "transit", hold.currency, inTransit - (before?.inTransit ?? 0n));
  if (isOver(hold)) state.dropObject(key);
  else state.putObject(key, hold);
}

function applyDepositObject(
  state: MutableState,
  command: Command,
  deposit: Deposit,
  balance: Balance,
  outcome: Outcome,
): void {
  const key = objectKey("deposit", command.operatorId, deposit.key);
  const before = state.object(key) as Deposit | undefined;
  checkVersion(before, deposit, outcome);
  checkOwner(before, deposit, outcome);
  const { captured, returned, suspended } = deposit;
  if (captured < 0n || returned < 0n || suspended < 0n || returned > captured) {
    throw new LedgerError("INVARIANT_BROKEN", "a deposit doesn't add up", outcome.seq);
  }
  keep(balance, "suspense", deposit.currency, suspended - (before?.suspended ?? 0n));
  if (isOver(deposit)) state.dropObject(key);
  else state.putObject(key, deposit);
}

function applyVelocity(
  state: MutableState,
  command: Command,
  rule: Extract<Change, { object: "velocity" }>,
  outcome: Outcome,
): void {
  const key = objectKey("velocity", command.operatorId, rule.key);
  checkVersion(state.object(key), rule, outcome);
  if (rule.windowSeconds === 0) state.dropObject(key);
  else state.putObject(key, rule);
}

/** An object keeps its currency and its player, who is the record's, if that has one. */
function checkOwner(
  before: Hold | Deposit | undefined,
  after: Hold | Deposit,
  outcome: Outcome,
): void {
  const isPlayers = outcome.playerRef === "" || outcome.playerRef === after.ref;
  const isSame =
    before === undefined ||
    (before.currency === after.currency && (before.ref === "" || before.ref === after.ref));
  if (isPlayers && isSame) return;
  throw new LedgerError("RECORD_INCONSISTENT", "changes another player's object", outcome.seq);
}

/** Objects that are over aren't in memory: what follows them can't be checked here. */
function checkVersion(
  before: { readonly version: number } | undefined,
  after: { readonly version: number },
  outcome: Outcome,
): void {
  const follows = before === undefined ? after.version >= 1 : after.version === before.version + 1;
  if (follows) return;
  throw new LedgerError("RECORD_INCONSISTENT", "an object's version has a gap", outcome.seq);
}

function applyToPlayer(
  player: MutablePlayer | undefined,
  change: Extract<Change, { object: "bonus" | "debt" | "rules" }>,
  balance: Balance,
  outcome: Outcome,
): void {
  if (player === undefined || change.ref !== player.ref) {
    throw new LedgerError("RECORD_INCONSISTENT", "changes another player's object", outcome.seq);
  }
  const extras = player.extras ?? NO_EXTRAS;
  if (change.object === "rules") player.extras = extrasWith(extras, { rules: change });
  else if (change.object === "debt") {
    const debts = withDebt(extras, change, balance, outcome);
    player.extras = extrasWith(extras, { debts });
  } else {
    const bonuses = withBonus(extras, change, balance, outcome);
    player.extras = extrasWith(extras, { bonuses });
  }
}

function withDebt(extras: PlayerExtras, debt: Debt, balance: Balance, outcome: Outcome): Debt[] {
  const before = extras.debts.find((one) => one.currency === debt.currency)?.owed ?? 0n;
  if (debt.owed < 0n) {
    throw new LedgerError("INVARIANT_BROKEN", "a debt below zero", outcome.seq);
  }
  keep(balance, "debt", debt.currency, debt.owed - before);
  const others = extras.debts.filter((one) => one.currency !== debt.currency);
  return debt.owed === 0n ? others : [...others, debt];
}

function withBonus(
  extras: PlayerExtras,
  bonus: Bonus,
  balance: Balance,
  outcome: Outcome,
): Bonus[] {
  const before = extras.bonuses.find((one) => one.key === bonus.key);
  checkVersion(before, bonus, outcome);
  const { remaining, staked, freeLeft, wageringLeft } = bonus;
  if (remaining < 0n || staked < 0n || freeLeft < 0n || wageringLeft < 0n) {
    throw new LedgerError("INVARIANT_BROKEN", `bonus ${bonus.key} below zero`, outcome.seq);
  }
  keep(balance, "bonus", bonus.currency, remaining - (before?.remaining ?? 0n));
  if (bonus.stage !== BonusStage.ACTIVE) {
    if (remaining !== 0n || staked !== 0n) {
      throw new LedgerError("INVARIANT_BROKEN", "an ended bonus holds money", outcome.seq);
    }
    return extras.bonuses.filter((one) => one.key !== bonus.key);
  }
  if (before === undefined) return [...extras.bonuses, bonus];
  return extras.bonuses.map((one) => (one.key === bonus.key ? bonus : one));
}
