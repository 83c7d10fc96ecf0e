/**
 * Double-entry lines and what they net to.
 *
 * @module
 */
import { AccountKind, type Posting } from "../wire/gen/countroom/v1/money_pb.ts";

/** One line; credits are positive. */
export interface Line {
  readonly account: AccountKind;
  readonly qualifier: string;
  readonly currency: string;
  readonly minor: bigint;
}

/** A line on an account without a qualifier. */
export function line(account: AccountKind, currency: string, minor: bigint): Line {
  return { account, qualifier: "", currency, minor };
}

const LAST_PLAYER_ACCOUNT: number = AccountKind.ROUND_ESCROW;

/** Whether an account belongs to the record's player. */
export function isPlayers(account: AccountKind): boolean {
  return account <= LAST_PLAYER_ACCOUNT;
}

const BALANCED: readonly string[] = Object.freeze([]);

/** The currencies whose lines don't sum to zero, with their sums. */
export function unbalanced(postings: readonly Posting[]): readonly string[] {
  const first = postings[0]?.currency;
  // Nearly every record is in one currency.
  let sum = 0n;
  let single = true;
  for (const { currency, minor } of postings) {
    single &&= currency === first;
    sum += minor;
  }
  if (single) return sum === 0n ? BALANCED : [`${sum} ${first}`];
  const sums = new Map<string, bigint>();
  for (const { currency, minor } of postings) {
    sums.set(currency, (sums.get(currency) ?? 0n) + minor);
  }
  return [...sums].flatMap(([currency, sum]) => (sum === 0n ? [] : [`${sum} ${currency}`]));
}

/** Whether they are the same line by line, in the same order, lines of nothing aside. */
export function sameLines(a: readonly Line[], b: readonly Line[]): boolean {
  let at = 0;
  for (const left of a) {
    if (left.minor === 0n) continue;
    while (at < b.length && b[at]?.minor === 0n) at += 1;
    const right = b[at];
    if (right === undefined) return false;
    if (left.account !== right.account || left.minor !== right.minor) return false;
    if (left.qualifier !== right.qualifier || left.currency !== right.currency) return false;
    at += 1;
  }
  while (at < b.length && b[at]?.minor === 0n) at += 1;
  return at === b.length;
}
