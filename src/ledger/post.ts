/**
 * Money moves in a state: postings and balances of a record against what its event does.
 *
 * @module
 */
import { I64_MAX, isI64 } from "../money/index.ts";
import { AccountKind } from "./accounts.ts";
import { LedgerError } from "./errors.ts";
import { houseKey } from "./keys.ts";
import { accountOf } from "./state.ts";
import type { Account, MutableAccount, MutablePlayer, MutableState } from "./state-view.ts";
import type { Balance, Command, Outcome } from "./types.ts";
import { emptyAccount } from "./verdict.ts";

/** What an event does to one row, found without looking at the postings. */
export interface RowChange {
  readonly currency: string;
  readonly available: bigint;
  readonly bonus: bigint;
  readonly held: bigint;
}

/**
 * Checks that postings sum to zero and explain the change, that the row stays within its bounds
 * and ends at the recorded balance; then changes the row and the operator's accounts.
 */
export function post(
  state: MutableState,
  command: Command,
  outcome: Outcome,
  change: RowChange,
): MutablePlayer {
  const { seq } = outcome;
  const player = state.edit(outcome.playerRef);
  if (player === undefined || player.operatorId !== command.operatorId) {
    throw new LedgerError("RECORD_INCONSISTENT", "moves money of an unknown player", seq);
  }
  checkPostings(outcome, change);
  const known = accountOf(player.accounts, change.currency);
  const account: MutableAccount = known ?? { ...emptyAccount(change.currency) };
  const available = account.available + change.available;
  const bonus = account.bonus + change.bonus;
  const held = account.held + change.held;
  if (available < 0n || bonus < 0n || held < 0n || available + bonus + held > I64_MAX) {
    throw new LedgerError("INVARIANT_BROKEN", `${player.ref} leaves 0 to 2^63 - 1`, seq);
  }
  const recorded = outcome.balances[0];
  const equal =
    outcome.balances.length === 1 &&
    recorded !== undefined &&
    recorded.currency === change.currency &&
    recorded.available === available &&
    recorded.bonus === bonus &&
    recorded.held === held &&
    recorded.version === account.version + 1;
  if (!equal) throw new LedgerError("BALANCES_WRONG", `not the balance of ${player.ref}`, seq);
  account.available = available;
  account.bonus = bonus;
  account.held = held;
  account.version++;
  account.seq = seq;
  if (known === undefined) player.accounts.push(account);
  postToHouse(state, command, outcome);
  return player;
}

function checkPostings(outcome: Outcome, change: RowChange): void {
  let sum = 0n;
  let available = 0n;
  let bonus = 0n;
  let held = 0n;
  for (const { account, minor, currency } of outcome.postings) {
    if (currency !== change.currency || minor === 0n || !isI64(minor)) {
      throw new LedgerError("POSTINGS_WRONG", `a posting of ${minor} ${currency}`, outcome.seq);
    }
    sum += minor;
    if (account === AccountKind.PLAYER_CASH) available += minor;
    else if (account === AccountKind.PLAYER_BONUS) bonus += minor;
    else if (isHeld(account)) held += minor;
  }
  if (sum !== 0n) throw new LedgerError("POSTINGS_WRONG", `postings sum to ${sum}`, outcome.seq);
  if (available !== change.available || bonus !== change.bonus || held !== change.held) {
    const message = "postings don't explain the change of the player's row";
    throw new LedgerError("POSTINGS_WRONG", message, outcome.seq);
  }
}

function isHeld(account: AccountKind): boolean {
  return account === AccountKind.ROUND_ESCROW || account === AccountKind.PLAYER_WITHDRAWAL_PENDING;
}

/** Adds the postings to the operator's accounts. */
export function postToHouse(state: MutableState, command: Command, outcome: Outcome): void {
  for (const { account, qualifier, minor, currency } of outcome.postings) {
    // Kinds up to escrow are the player's.
    if (account <= AccountKind.ROUND_ESCROW) continue;
    state.addToHouse(houseKey(account, qualifier, currency, command.operatorId), minor);
  }
}

/** A record without effect: nothing posted, nothing closed, and balances as they are. */
export function checkUnchanged(state: MutableState, outcome: Outcome): void {
  const { seq, playerRef, balances } = outcome;
  if (outcome.postings.length > 0) {
    throw new LedgerError("POSTINGS_WRONG", "a record without effect has postings", seq);
  }
  if (outcome.roundClosed || outcome.houseRound !== undefined) {
    throw new LedgerError("RECORD_INCONSISTENT", "a record without effect settles a round", seq);
  }
  if (outcome.changes !== undefined || outcome.correction !== undefined) {
    throw new LedgerError("RECORD_INCONSISTENT", "a record without effect changes objects", seq);
  }
  for (const balance of balances) {
    const account = state.account(playerRef, balance.currency);
    if (account === undefined || !isBalanceOf(account, balance)) {
      throw new LedgerError("BALANCES_WRONG", `not the balance of ${playerRef}`, seq);
    }
  }
}

function isBalanceOf(account: Account, balance: Balance): boolean {
  return (
    account.available === balance.available &&
    account.bonus === balance.bonus &&
    account.held === balance.held &&
    account.version === balance.version
  );
}
