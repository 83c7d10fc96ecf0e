/** Bonuses and their bets in a test's book, and what must hold between them. */
import { expect } from "bun:test";
import {
  AccountKind,
  type Bonus,
  type Funding,
  type Outcome,
  type Payload,
  type PayloadType,
} from "../../src/ledger/index.ts";
import { type Book, everything } from "./book.ts";

const KIND_NAMES = new Map(Object.entries(AccountKind).map(([name, kind]) => [kind, name]));

export interface GrantInit {
  readonly wagering?: bigint;
  /** Microseconds after the clock of the book's first record; 0 never. */
  readonly expiresAt?: number;
  readonly max?: bigint;
  readonly winWageringX100?: number;
  readonly currency?: string;
}

/** Grants bonus money. */
export function grant(book: Book, ref: string, id: string, minor: bigint, init: GrantInit = {}) {
  const { wagering = 0n, expiresAt = 0, max = 0n, currency = "FUN" } = init;
  return book.record({
    playerRef: ref,
    payload: {
      type: "bonus_granted",
      bonusId: id,
      campaign: "spring",
      amount: { minor, currency },
      wageringMinor: wagering,
      expiresAt,
      conversionMinorMax: max,
    },
  });
}

/** Grants an allowance of free bets. */
export function grantFree(
  book: Book,
  ref: string,
  id: string,
  minor: bigint,
  init: GrantInit = {},
) {
  const { winWageringX100 = 0, expiresAt = 0, max = 0n, currency = "FUN" } = init;
  return book.record({
    playerRef: ref,
    payload: {
      type: "free_bets_granted",
      bonusId: id,
      campaign: "spring",
      amount: { minor, currency },
      winWageringX100,
      expiresAt,
      conversionMinorMax: max,
    },
  });
}

/** Places a bet; each has a round of its own. */
export function stake(
  book: Book,
  ref: string,
  txnId: string,
  minor: bigint,
  funding: Funding | 0 = 0,
  currency = "FUN",
): Outcome {
  const amount = { minor, currency };
  const payload = { type: "bet_placed", amount, closesRound: false, funding } as const;
  return book.record({ playerRef: ref, roundId: `r-${txnId}`, txnId, payload });
}

/** Ends a bonus. */
export function end(
  book: Book,
  ref: string,
  type: Extract<PayloadType, "bonus_converted" | "bonus_expired" | "bonus_forfeited">,
  bonusId: string,
): Outcome {
  const payload = { type, bonusId, ...(type === "bonus_forfeited" && { reason: "asked" }) };
  return book.record({ playerRef: ref, payload: payload as Payload });
}

/** Postings as `KIND[qualifier] minor`. */
export function lines({ postings }: Outcome): string[] {
  return postings.map(({ account, qualifier, minor }) => {
    return `${KIND_NAMES.get(account)}${qualifier === "" ? "" : `[${qualifier}]`} ${minor}`;
  });
}

/** What a player's row says: available, bonus, held. */
export function row(book: Book, ref: string, currency = "FUN"): (bigint | undefined)[] {
  const account = book.draft.account(ref, currency);
  return [account?.available, account?.bonus, account?.held];
}

/** A bonus that hasn't ended. */
export function bonusOf(book: Book, ref: string, id: string): Bonus | undefined {
  return book.draft.player(ref)?.extras?.bonuses.find((bonus) => bonus.key === id);
}

/** The numbers of a bonus: remaining, staked, free left, wagering left; undefined once ended. */
export function numbers(book: Book, ref: string, id: string): bigint[] | undefined {
  const bonus = bonusOf(book, ref, id);
  if (bonus === undefined) return undefined;
  return [bonus.remaining, bonus.staked, bonus.freeLeft, bonus.wageringLeft];
}

/**
 * What holds between bonuses, rows and open bets; and records alone rebuild the state.
 */
export function checkBonuses(book: Book): void {
  book.commit();
  const staked = new Map<string, bigint>();
  for (const bet of book.state.openBets()) {
    for (const { bonus, minor } of bet.parts ?? []) {
      staked.set(bonus, (staked.get(bonus) ?? 0n) + minor);
    }
  }
  for (const player of book.state.players()) {
    const bonuses = player.extras?.bonuses ?? [];
    for (const account of player.accounts) {
      const mine = bonuses.filter((bonus) => bonus.currency === account.currency);
      const money = mine.reduce((sum, bonus) => sum + bonus.remaining, 0n);
      expect(money).toBe(account.bonus);
    }
    for (const bonus of bonuses) {
      expect(bonus.staked).toBe(staked.get(bonus.key) ?? 0n);
      expect(bonus.remaining + bonus.staked + bonus.freeLeft).toBeGreaterThan(0n);
      staked.delete(bonus.key);
    }
  }
  expect(staked.size).toBe(0);
  expect(everything(book.replay())).toEqual(everything(book.state));
}
