/**
 * What players owe: what was taken back from them and they no longer had.
 *
 * @module
 */
import { AccountKind } from "./accounts.ts";
import { Code } from "./codes.ts";
import type { Change, Debt } from "./objects.ts";
import { namedPlayer } from "./players.ts";
import { accountOf } from "./state.ts";
import type { Account, Player, StateView } from "./state-view.ts";
import type {
  Balance,
  Command,
  Context,
  DebtRecovered,
  DebtWrittenOff,
  Outcome,
  Posting,
} from "./types.ts";
import { effective, emptyAccount, movedBalance, unchanged } from "./verdict.ts";

const NOTHING: readonly never[] = Object.freeze([]);

/** What a player owes in a currency. */
export function owedBy(player: Player, currency: string): bigint {
  return player.extras?.debts.find((debt) => debt.currency === currency)?.owed ?? 0n;
}

/** A player's debt from here on. */
export function debtOf(player: Player, currency: string, owed: bigint): Debt {
  return { object: "debt", ref: player.ref, currency, owed };
}

/** Money on its way to a player, as postings of the player's side, the balance and the debt. */
export interface Credit {
  readonly postings: readonly Posting[];
  readonly balance: Balance;
  readonly changes: readonly Change[];
}

/**
 * Gives a player money that came in: `player:cash` is credited with all of it. What the player
 * owes in the currency is then paid from it at once, r = min(owed, money): `player:cash` −r,
 * `asset:player_debt` +r. The caller posts what pays for it, first.
 */
export function creditOf(player: Player, currency: string, minor: bigint): Credit {
  const account = accountOf(player.accounts, currency) ?? emptyAccount(currency);
  const arrived = { account: AccountKind.PLAYER_CASH, qualifier: "", minor, currency };
  const owed = owedBy(player, currency);
  if (owed === 0n) {
    return {
      postings: [arrived],
      balance: movedBalance(account, minor, 0n),
      changes: NOTHING,
    };
  }
  const paid = owed < minor ? owed : minor;
  return {
    postings: [arrived, ...recoveryPostings(currency, paid)],
    balance: movedBalance(account, minor - paid, 0n),
    changes: [debtOf(player, currency, owed - paid)],
  };
}

function recoveryPostings(currency: string, minor: bigint): Posting[] {
  return [
    { account: AccountKind.PLAYER_CASH, qualifier: "", minor: -minor, currency },
    { account: AccountKind.ASSET_PLAYER_DEBT, qualifier: "", minor, currency },
  ];
}

/** What is taken from a player: cash as far as there is some, the rest as a debt. */
export interface Taking extends Omit<Credit, "balance"> {
  /** Undefined when the player's row isn't touched. */
  readonly balance: Balance | undefined;
  /** What the player owes then; beyond an int64 it can't be booked. */
  readonly owed: bigint;
}

/**
 * Takes money back from a player: `player:cash` −min(minor, available), `asset:player_debt` −rest.
 * The player's account never goes below zero. A line of zero isn't posted.
 */
export function takingOf(player: Player, currency: string, minor: bigint): Taking {
  const account: Account = accountOf(player.accounts, currency) ?? emptyAccount(currency);
  const cash = account.available < minor ? account.available : minor;
  const rest = minor - cash;
  const postings: Posting[] = [];
  if (cash > 0n) {
    postings.push({ account: AccountKind.PLAYER_CASH, qualifier: "", minor: -cash, currency });
  }
  if (rest > 0n) {
    const debt = AccountKind.ASSET_PLAYER_DEBT;
    postings.push({ account: debt, qualifier: "", minor: -rest, currency });
  }
  const owed = owedBy(player, currency) + rest;
  return {
    postings,
    balance: cash > 0n ? movedBalance(account, -cash, 0n) : undefined,
    changes: rest > 0n ? [debtOf(player, currency, owed)] : NOTHING,
    owed,
  };
}

/**
 * The operator gives a debt up, all of it or a part: `exp:chargeback_loss` −A, `asset:player_debt`
 * +A. No row of the player moves, so there are no balances. Refused in this order: PLAYER_UNKNOWN,
 * DEBT_EXCEEDED when less than A is owed in the currency.
 */
export function decideWriteOff(
  view: StateView,
  command: Command,
  writeOff: DebtWrittenOff,
  context: Context,
): Outcome {
  const { minor, currency } = writeOff.amount;
  const player = namedPlayer(view, command, context.identity);
  if (player === undefined) {
    return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, currency);
  }
  const owed = owedBy(player, currency);
  if (minor > owed) return unchanged(command, context, Code.DEBT_EXCEEDED, player, currency);
  return effective(command, context, Code.OK, player.ref, {
    postings: [
      { account: AccountKind.EXP_CHARGEBACK_LOSS, qualifier: "", minor: -minor, currency },
      { account: AccountKind.ASSET_PLAYER_DEBT, qualifier: "", minor, currency },
    ],
    balances: NOTHING,
    changes: [debtOf(player, currency, owed - minor)],
  });
}

/**
 * A player's cash pays a debt, all of it or a part: `player:cash` −A, `asset:player_debt` +A.
 * Refused in this order: PLAYER_UNKNOWN, DEBT_EXCEEDED when less than A is owed in the currency,
 * FUNDS_INSUFFICIENT when less than A is available.
 */
export function decideRecovery(
  view: StateView,
  command: Command,
  recovery: DebtRecovered,
  context: Context,
): Outcome {
  const { minor, currency } = recovery.amount;
  const player = namedPlayer(view, command, context.identity);
  if (player === undefined) {
    return unchanged(command, context, Code.PLAYER_UNKNOWN, undefined, currency);
  }
  const owed = owedBy(player, currency);
  if (minor > owed) return unchanged(command, context, Code.DEBT_EXCEEDED, player, currency);
  const account = accountOf(player.accounts, currency) ?? emptyAccount(currency);
  if (account.available < minor) {
    return unchanged(command, context, Code.FUNDS_INSUFFICIENT, player, currency);
  }
  return effective(command, context, Code.OK, player.ref, {
    postings: recoveryPostings(currency, minor),
    balances: [movedBalance(account, -minor, 0n)],
    changes: [debtOf(player, currency, owed - minor)],
  });
}
