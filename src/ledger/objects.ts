/**
 * Objects of the book beside accounts, bets and rounds. A record carries what it leaves them as.
 *
 * Numbers are those of the contract. Amounts are minor units; times are microseconds since 1970,
 * 0 where there is none. An object's version counts the records that changed it, from 1.
 *
 * @module
 */

/** Where a withdrawal stands while its money is held. */
export const WithdrawalStage = {
  REQUESTED: 1,
  HELD: 2,
  SCREENED: 3,
  APPROVED: 4,
  FROZEN: 5,
} as const;
export type WithdrawalStage = (typeof WithdrawalStage)[keyof typeof WithdrawalStage];

/** A withdrawal: requested = remaining + inTransit + settled + returned. */
export interface Hold {
  readonly object: "hold";
  /** txn_id of the request. */
  readonly key: string;
  readonly version: number;
  readonly ref: string;
  readonly currency: string;
  readonly rail: string;
  readonly stage: WithdrawalStage;
  readonly requested: bigint;
  readonly remaining: bigint;
  /** Submitted, neither settled nor failed. */
  readonly inTransit: bigint;
  readonly settled: bigint;
  /** Released, expired, failed or reversed. */
  readonly returned: bigint;
  readonly expiresAt: number;
}

/** Where a deposit stands. */
export const DepositStage = {
  CREATED: 1,
  PENDING: 2,
  AUTHORIZED: 3,
  PARTIALLY_PAID: 4,
  CAPTURED: 5,
  SETTLED: 6,
  EXPIRED: 7,
  FAILED: 8,
  REFUNDED: 9,
  CHARGED_BACK: 10,
} as const;
export type DepositStage = (typeof DepositStage)[keyof typeof DepositStage];

/** A payment of a rail. */
export interface Deposit {
  readonly object: "deposit";
  /** `rail NUL external_id`. */
  readonly key: string;
  readonly version: number;
  /** "" while nobody may have the money. */
  readonly ref: string;
  readonly currency: string;
  readonly stage: DepositStage;
  /** What was announced, 0 when nothing was. */
  readonly expected: bigint;
  /** What the player was given. */
  readonly captured: bigint;
  /** Refunded or charged back. */
  readonly returned: bigint;
  /** Held as suspense. */
  readonly suspended: bigint;
}

/** Where a bonus stands. */
export const BonusStage = {
  ACTIVE: 1,
  CONVERTED: 2,
  EXPIRED: 3,
  FORFEITED: 4,
  /** Nothing is left of it. */
  LOST: 5,
} as const;
export type BonusStage = (typeof BonusStage)[keyof typeof BonusStage];

/** A bonus of a player. */
export interface Bonus {
  readonly object: "bonus";
  /** bonus_id. */
  readonly key: string;
  readonly version: number;
  readonly ref: string;
  readonly currency: string;
  readonly stage: BonusStage;
  /** The record that granted it. */
  readonly grantedSeq: number;
  readonly expiresAt: number;
  /** Bonus money on the player's account. */
  readonly remaining: bigint;
  /** Bonus money and free stakes in open bets. */
  readonly staked: bigint;
  /** Allowance of free bets. */
  readonly freeLeft: bigint;
  readonly wageringLeft: bigint;
  /** Wagering that a free bet's win asks for, hundredths of the win. */
  readonly winWageringX100: number;
  /** Most that a conversion turns into cash; 0 has no bound. */
  readonly conversionMax: bigint;
}

/** What a player owes in a currency. */
export interface Debt {
  readonly object: "debt";
  readonly ref: string;
  readonly currency: string;
  readonly owed: bigint;
}

/** What a limit bounds. */
export const LimitKind = { DEPOSIT: 1, LOSS: 2, WAGER: 3, SESSION: 4 } as const;
export type LimitKind = (typeof LimitKind)[keyof typeof LimitKind];

/** Rolling windows: 24 hours, 7 and 30 times that. */
export const LimitPeriod = { DAY: 1, WEEK: 2, MONTH: 3 } as const;
export type LimitPeriod = (typeof LimitPeriod)[keyof typeof LimitPeriod];

/** One limit of a player. */
export interface Limit {
  readonly kind: LimitKind;
  /** 0 for sessions. */
  readonly period: LimitPeriod | 0;
  /** "" for sessions. */
  readonly currency: string;
  /** Minor units, or seconds of a session. */
  readonly value: bigint;
  /** What it becomes at pendingAt. */
  readonly pendingValue: bigint;
  readonly pendingAt: number;
  /** It goes away at pendingAt instead. */
  readonly pendingRemoval: boolean;
}

/** Bounds of one account of a player. */
export interface AccountBounds {
  readonly currency: string;
  readonly floor: bigint;
  /** 0 has no ceiling. */
  readonly ceiling: bigint;
}

/** What a player may not. */
export interface PlayerRules {
  readonly object: "rules";
  readonly ref: string;
  readonly limits: readonly Limit[];
  readonly bounds: readonly AccountBounds[];
  readonly timeOutUntil: number;
  readonly excluded: boolean;
  /** 0 indefinite. */
  readonly excludedUntil: number;
  /** When a revocation takes effect, 0 when there is none. */
  readonly exclusionEndsAt: number;
  readonly frozen: boolean;
  readonly withdrawalsFrozen: boolean;
  /** End of a dated exclusion that became indefinite: it doesn't end before. 0 none. */
  readonly notBeforeAt: number;
}

/** What a velocity rule counts. */
export const VelocitySubject = { BET: 1, DEPOSIT: 2, WITHDRAWAL: 3 } as const;
export type VelocitySubject = (typeof VelocitySubject)[keyof typeof VelocitySubject];

/** How often, and how much, each player of an operator may; without a window it is gone. */
export interface VelocityRule {
  readonly object: "velocity";
  /** rule_id. */
  readonly key: string;
  readonly version: number;
  readonly subject: VelocitySubject;
  readonly windowSeconds: number;
  /** 0 has no bound. */
  readonly countMax: number;
  /** "": money isn't counted. */
  readonly currency: string;
  readonly amountMax: bigint;
}

/** What a record leaves an object as. */
export type Change = Hold | Deposit | Bonus | Debt | PlayerRules | VelocityRule;

/** Objects with a place of their own; the others belong to their player. */
export type LedgerObject = Hold | Deposit | VelocityRule;

/** An amount, negative when it was taken back, at its record's time. */
export interface UsageEntry {
  readonly at: number;
  readonly minor: bigint;
}

/** What counts against limits or a velocity rule. Entries rise in time. */
export interface UsageCounter {
  /** See `limits-count.ts` and `velocity.ts`. */
  readonly name: string;
  readonly entries: readonly UsageEntry[];
}

/** An open bet whose cash was counted, and when. */
export interface CountedBet {
  /** See `betKey`. */
  readonly key: string;
  readonly currency: string;
  readonly at: number;
}

/** What a player has used up; counted from postings, never recorded. */
export interface Usage {
  readonly counters: readonly UsageCounter[];
  /** The oldest first. */
  readonly bets: readonly CountedBet[];
  /** First and last stake of the session, 0 before the first. */
  readonly sessionFrom: number;
  readonly sessionLast: number;
}

/** What few players have. It is replaced, never changed in place. */
export interface PlayerExtras {
  readonly rules?: PlayerRules | undefined;
  /** Those that haven't ended, in the order in which they were granted. */
  readonly bonuses: readonly Bonus[];
  /** Those above zero. */
  readonly debts: readonly Debt[];
  readonly usage?: Usage | undefined;
}
