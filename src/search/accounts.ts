/**
 * The accounts that a player's statement tells of.
 *
 * @module
 */
import { AccountKind, type Posting } from "../ledger/index.ts";

/** Names of the accounts, as answers call them. */
export const BUCKETS = ["cash", "bonus", "withdrawal_pending", "escrow", "debt"] as const;
export type Bucket = (typeof BUCKETS)[number];

const NUMBERS: ReadonlyMap<AccountKind, number> = new Map([
  [AccountKind.PLAYER_CASH, 0],
  [AccountKind.PLAYER_BONUS, 1],
  [AccountKind.PLAYER_WITHDRAWAL_PENDING, 2],
  [AccountKind.ROUND_ESCROW, 3],
  [AccountKind.ASSET_PLAYER_DEBT, 4],
]);

/** Accounts of one currency; the stored number is currency · 8 + account. */
const PER_CURRENCY = 8;

/** The stored number of a posting's account; undefined when it isn't the player's. */
export function accountOf(posting: Posting, currency: number): number | undefined {
  const number = NUMBERS.get(posting.account);
  return number === undefined ? undefined : currency * PER_CURRENCY + number;
}

/** What a stored number stands for. */
export function splitAccount(account: number): {
  readonly currency: number;
  readonly bucket: Bucket;
} {
  return {
    currency: Math.floor(account / PER_CURRENCY),
    bucket: BUCKETS[account % PER_CURRENCY] ?? "cash",
  };
}

/** What a record does to a bet. */
export interface BetMoves {
  readonly currency: string;
  /** Into the round's escrow, or out of it when negative. */
  readonly escrow: bigint;
  /** Stake recognised as revenue. */
  readonly turnover: bigint;
  /** Paid as a win, or taken back when negative. */
  readonly won: bigint;
}

/** What a record's postings do to a bet; undefined when they have nothing to do with any. */
export function betMoves(postings: readonly Posting[]): BetMoves | undefined {
  let currency = "";
  let [escrow, turnover, won] = [0n, 0n, 0n];
  for (const { account, minor, currency: code } of postings) {
    const pays = account === AccountKind.LIAB_JACKPOT && minor < 0n;
    const concerns =
      pays ||
      account === AccountKind.ROUND_ESCROW ||
      account === AccountKind.REV_BETS ||
      account === AccountKind.REV_WINS;
    if (!concerns) continue;
    if (currency === "") currency = code;
    if (currency !== code) continue;
    if (account === AccountKind.ROUND_ESCROW) escrow += minor;
    else if (account === AccountKind.REV_BETS) turnover += minor;
    else won -= minor;
  }
  return currency === "" ? undefined : { currency, escrow, turnover, won };
}
