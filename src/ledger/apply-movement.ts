/**
 * Records of any type as postings, balances and changed objects: each is held against the others
 * before it enters the state.
 *
 * @module
 */
import { I64_MAX, isI64 } from "../money/index.ts";
import { AccountKind } from "./accounts.ts";
import { applyChanges } from "./apply-changes.ts";
import { LedgerError } from "./errors.ts";
import { postToHouse } from "./post.ts";
import { accountOf } from "./state.ts";
import type { MutableAccount, MutablePlayer, MutableState } from "./state-view.ts";
import type { Balance, Command, Outcome } from "./types.ts";
import { emptyAccount } from "./verdict.ts";

/** What postings do to one of the player's rows. */
interface RowSums {
  readonly currency: string;
  sum: bigint;
  available: bigint;
  bonus: bigint;
  held: bigint;
  /** Some posting is to an account of the player. */
  touched: boolean;
}

/**
 * Applies postings and changes of a record. Answers the player it is about, in place.
 *
 * @throws LedgerError when they contradict each other or the state
 */
export function applyMovement(
  state: MutableState,
  command: Command,
  outcome: Outcome,
): MutablePlayer | undefined {
  const rows = rowSums(outcome);
  const player = outcome.playerRef === "" ? undefined : state.edit(outcome.playerRef);
  if (player !== undefined && player.operatorId !== command.operatorId) {
    throw new LedgerError("RECORD_INCONSISTENT", "another operator's player", outcome.seq);
  }
  let touched = 0;
  for (const row of rows) {
    if (!row.touched) continue;
    touched += 1;
    moveRow(player, row, outcome);
  }
  if (touched > 0 && outcome.balances.length !== touched) {
    throw new LedgerError("BALANCES_WRONG", "not one balance per row that moved", outcome.seq);
  }
  if (touched === 0) checkBalances(state, outcome);
  applyChanges(state, command, outcome, player);
  postToHouse(state, command, outcome);
  return player;
}

function rowSums(outcome: Outcome): RowSums[] {
  const rows: RowSums[] = [];
  for (const { account, minor, currency } of outcome.postings) {
    if (minor === 0n || !isI64(minor)) {
      throw new LedgerError("POSTINGS_WRONG", `a posting of ${minor} ${currency}`, outcome.seq);
    }
    let row = rows.find((one) => one.currency === currency);
    if (row === undefined) {
      row = { currency, sum: 0n, available: 0n, bonus: 0n, held: 0n, touched: false };
      rows.push(row);
    }
    row.sum += minor;
    if (account > AccountKind.ROUND_ESCROW) continue;
    row.touched = true;
    if (account === AccountKind.PLAYER_CASH) row.available += minor;
    else if (account === AccountKind.PLAYER_BONUS) row.bonus += minor;
    else row.held += minor;
  }
  for (const { sum, currency } of rows) {
    if (sum === 0n) continue;
    const message = `postings in ${currency} sum to ${sum}`;
    throw new LedgerError("POSTINGS_WRONG", message, outcome.seq);
  }
  return rows;
}

function moveRow(player: MutablePlayer | undefined, row: RowSums, outcome: Outcome): void {
  const { seq } = outcome;
  if (player === undefined) {
    throw new LedgerError("RECORD_INCONSISTENT", "moves money of an unknown player", seq);
  }
  const known = accountOf(player.accounts, row.currency);
  const account: MutableAccount = known ?? { ...emptyAccount(row.currency) };
  account.available += row.available;
  account.bonus += row.bonus;
  account.held += row.held;
  account.version += 1;
  account.seq = seq;
  const { available, bonus, held } = account;
  if (available < 0n || bonus < 0n || held < 0n || available + bonus + held > I64_MAX) {
    throw new LedgerError("INVARIANT_BROKEN", `${player.ref} leaves 0 to 2^63 - 1`, seq);
  }
  const recorded = outcome.balances.find((balance) => balance.currency === row.currency);
  if (recorded === undefined || !isBalance(account, recorded)) {
    throw new LedgerError("BALANCES_WRONG", `not the balance of ${player.ref}`, seq);
  }
  if (known === undefined) player.accounts.push(account);
}

function checkBalances(state: MutableState, outcome: Outcome): void {
  for (const balance of outcome.balances) {
    const account = state.account(outcome.playerRef, balance.currency);
    if (account !== undefined && isBalance(account, balance)) continue;
    throw new LedgerError("BALANCES_WRONG", `not the balance of ${outcome.playerRef}`, outcome.seq);
  }
}

/** Whether a row is what a record says. */
export function isBalance(
  account: Omit<Balance, "currency">,
  balance: Omit<Balance, "currency">,
): boolean {
  return (
    account.available === balance.available &&
    account.bonus === balance.bonus &&
    account.held === balance.held &&
    account.version === balance.version
  );
}
